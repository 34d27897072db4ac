-- wrk script: single deployment events, the stream of load/event_stream.h. Each thread has the places whose number is its own
-- modulo the threads, so no two connections ever send for the same place within 500 requests, and order is kept.
--
-- wrk … -s events.lua URL -- RUN THREADS     environment: BENCH_KEY, the API key
-- The last line of its output is for the harness: the word "figures", then name=value pairs.

local environments = { "dev", "test", "staging", "production", "production-eu" }
local statuses = { "pending", "started", "success" }
local places = 200 * #environments

local threads = 0
function setup(thread)
	thread:set("lane", threads)
	threads = threads + 1
end

local run, lanes, head, sent
function init(args)
	run, lanes, sent = args[1] or "run", tonumber(args[2] or "1"), 0
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
	local place = (sent % mine) * lanes + lane
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
