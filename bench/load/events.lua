-- wrk script: single deployment events, the stream of load/event_stream.h. Each thread has the places whose number is its own
-- modulo the threads, so no two connections ever send for the same place within 500 requests, and order is kept. What comes
-- next goes to the connection that is free, so the events of one connection concern all products.
--
-- wrk … -s events.lua URL -- RUN THREADS [fleet]     environment: BENCH_KEY, the API key
--
-- Five events that follow each other are one product's, in its five environments. With "fleet", places come shuffled (each round
-- alike): what is under way at one time then belongs to nearly as many products.
-- The last line of its output is for the harness: the word "figures", then name=value pairs.

local environments = { "dev", "test", "staging", "production", "production-eu" }
local statuses = { "pending", "started", "success" }
local places = 200 * #environments

local threads = 0
function setup(thread)
	thread:set("lane", threads)
	threads = threads + 1
end

-- The numbers below n. The generator is our own, so that the order is the same everywhere.
local function places_in_order(n, shuffled)
	local order, seed = {}, 1
	for i = 1, n do order[i] = i - 1 end
	for i = shuffled and n or 0, 2, -1 do
		seed = seed * 16807 % 2147483647
		local j = seed % i + 1
		order[i], order[j] = order[j], order[i]
	end
	return order
end

local run, lanes, head, sent, order
function init(args)
	run, lanes, sent = args[1] or "run", tonumber(args[2] or "1"), 0
	order = places_in_order(math.floor(places / lanes), args[3] == "fleet")
	head = "POST /deployment-events/ HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
		"\r\nAuthorization: Bearer " .. (os.getenv("BENCH_KEY") or "") ..
		"\r\nContent-Type: application/json\r\nContent-Length: "
end

local format, floor = string.format, math.floor
local body = '{"product_name":"service-%03d","version":"1.%d.0-%s","environment_name":"%s","status":"%s",' ..
	'"scm_repository":"example/service-%03d","scm_sha":"%08x%08x%08x%08x%08x","scm_branch":"main","build_number":"%d",' ..
	'"invoke_id":"%s-%d-%d-%d","build_url":"https://github.com/example/service-%03d/actions/runs/%d",' ..
	'"source_system":"github","deployed_by":"octocat","deployed_by_email":"octocat@example.com",' ..
	'"extra_metadata":{"vi_gh_workflow":"deploy","vi_gh_run_attempt":"1","vi_gh_event":"push","region":"eu-central-1","replicas":%d}}'

function request()
	local mine = floor(places / lanes)
	local place = order[sent % mine + 1] * lanes + lane
	local step = floor(sent / mine)
	sent = sent + 1
	local p, e = floor(place / #environments), place % #environments
	local b = floor(step / #statuses)
	local text = format(body, p, b, run, environments[e + 1], statuses[step % #statuses + 1], p,
		p, b, p * 7919 + b, b * 13 + 17, p * 31 + 7, b, run, p, e, b, p, b, 3 + e)
	return head .. #text .. "\r\n\r\n" .. text
end

function done(summary, latency)
	local e = summary.errors
	io.write(format("figures requests=%d micros=%d failed=%d p50_micros=%d p99_micros=%d max_micros=%d\n", summary.requests,
		summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99),
		latency.max))
end
