/* versioner track when things go wrong: what is sent how often, the exit code, and the words, on the right stream. */
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { events_of, get_ok } from "./api";
import { Fate, printed_id, Ran, RECORDED, RunOptions, SENT, use_front, use_home } from "./cli";
import { unique, use_server } from "./server";

const down = (status: number, body = '{"detail":"Internal server error"}', headers: Record<string, string> = {}): Fate => ({ status, body, headers });
const ONE_AFTER_THE_OTHER = { concurrency: 1 }; /* they share what stands in front of the server */
const BLOCKED = {
	error: "deployment_blocked", message: "Production is closed on Fridays", code: "NO_DEPLOY_WINDOW", retry_after: "2026-05-25T06:00:00Z",
	details: { rule_id: "1", rule_name: "Friday freeze", rule_type: "schedule" },
};
const blocked = (status: number): Fate => down(status, JSON.stringify({ detail: BLOCKED, ...BLOCKED }));

describe("versioner track", { concurrency: true }, () => {
	const server = use_server();
	const home = use_home();

	/* What was said must hold each of these, in the stream that is for it. */
	function assert_said(ran: Ran, status: number, ...words: (string | RegExp)[]): void {
		assert.equal(ran.status, status, ran.said);
		const stream = status === 0 ? ran.said : ran.err;
		for (const word of words) assert.ok(typeof word === "string" ? stream.includes(word) : word.test(stream), `${word} is not in:\n${ran.said}`);
		if (status !== 0) assert.equal(ran.out, "", "nothing on stdout that is no result");
	}

	const front = (): ReturnType<typeof use_front> => use_front(server);
	function track(args: string[], o: RunOptions & { url?: string; key?: string } = {}): Promise<Ran> {
		const env = { VERSIONER_API_KEY: o.key ?? server.key, VERSIONER_API_URL: o.url ?? server.url, ...o.env };
		return home.run(["track", ...args], { ...o, env });
	}
	const deployment = (product: string, ...more: string[]): string[] =>
		["deployment", "--product", product, "--environment", "production", "--version", "1.2.3", ...more];
	const DOTTED = ["--flag value", "--flag=value"];

	for (const [i, spelling] of DOTTED.entries())
		test(`${spelling}`, async () => {
			const product = unique("p");
			const given = { product, environment: "staging", version: "2.0=x", status: "started" };
			const flags = Object.entries(given).flatMap(([name, value]) => (i ? [`--${name}=${value}`] : [`--${name}`, value]));
			const ran = await track(["deployment", ...flags]);
			assert.match(ran.out, SENT);
			assert.equal(ran.err, "");
			const stored = await get_ok(server, `/deployments/${printed_id(ran)}`);
			assert.deepEqual([stored.product_name, stored.environment_name, stored.version, stored.status], [product, "staging", "2.0=x", "started"]);
		});

	test("the URL may end in slashes", async () => {
		assert.match((await track(deployment(unique("p")), { url: `${server.url}//` })).out, SENT);
	});

	test("a wrong key", async () => {
		const ran = await track(deployment(unique("p")), { key: "sk_default_k1_" + "x".repeat(40) });
		assert_said(ran, 4, "API error: Invalid authentication credentials (HTTP 401)", "VERSIONER_API_KEY");
	});

	test("no key, no product, a wrong status, metadata that is none: nothing is sent", async () => {
		const alone = await home.run(["track", ...deployment("p")], { env: { VERSIONER_API_URL: server.url } });
		assert_said(alone, 1, "there is no API key: set VERSIONER_API_KEY");
		assert_said(await track(["deployment", "--version", "1"]), 1, "--product is required", "--environment is required");
		assert_said(await track(deployment("p", "--extra-metadata", "[1]")), 1, "--extra-metadata must be a JSON object");
		assert_said(await track(deployment("p", "--extra-metadata", "{")), 1, "--extra-metadata is no valid JSON");
		assert_said(await track(deployment("p", "--extra-metadata", JSON.stringify({ a: "x".repeat(102_393) }))), 1, "at most 102400");
		assert_said(await track(deployment("p", "--started-at", "yesterday")), 1, '--started-at "yesterday" is no time');
		assert_said(await track(deployment("p", "--produkt", "x")), 1, "did you mean --product?");
		assert_said(await track(["deploiment"]), 1, 'there is no command "track deploiment"');
		assert_said(await track(deployment("p", "--deploy-url")), 1, "--deploy-url needs a value");
		assert.match((await track(deployment(unique("p"), "--extra-metadata", JSON.stringify({ a: "x".repeat(102_392) })))).out, SENT);
	});

	test("a status that the server does not know", async () => {
		assert_said(await track(deployment(unique("p"), "--status", "jumping")), 4, "API error: status: ", "completed", "(HTTP 422)");
	});

	test("nobody listens", async () => {
		const ran = await track(deployment("p"), { url: "http://127.0.0.1:9" });
		assert_said(ran, 1, "Error: http://127.0.0.1:9 refused the connection", "(4 attempts)");
		assert.ok(ran.milliseconds > 5_400 && ran.milliseconds < 12_000, `1, 2 and 4 seconds between attempts: ${ran.milliseconds}`);
	});

	test("a name that is not there", async () => {
		assert_said(await track(deployment("p", "--deadline", "1s"), { url: "http://nowhere.invalid" }), 1, "nowhere.invalid cannot be found (DNS)");
	});

	test("no address at all", async () => {
		for (const url of ["versioner.test", "ftp://versioner.test", "http://", "http://x/?a=b"])
			assert_said(await track(deployment("p"), { url }), 1, "is no address of a server");
	});

	describe("500 three times, then the record", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		test("is a success, with one idempotency key", async () => {
			between.script(down(500), down(503), down(502, "<html>no JSON</html>"));
			const product = unique("p");
			const ran = await track(deployment(product), { url: between.url });
			assert.match(ran.out, SENT);
			assert.equal(between.seen.length, 4);
			assert.equal(new Set(between.seen.map((s) => s.headers["idempotency-key"])).size, 1);
			assert.equal(new Set(between.seen.map((s) => s.body)).size, 1);
			assert.equal((await events_of(server, product)).length, 1);
		});
	});

	describe("500 four times", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		test("is given up", async () => {
			between.script(down(500), down(500), down(500), down(500));
			assert_said(await track(deployment("p"), { url: between.url }), 4, "API error: Internal server error (HTTP 500, request front)", "(4 attempts)");
			assert.equal(between.seen.length, 4);
		});
	});

	describe("429", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		test("waits as long as Retry-After says", async () => {
			between.script(down(429, '{"detail":"Rate limit exceeded. Try again in 2 seconds."}', { "retry-after": "2" }));
			const ran = await track(deployment(unique("p")), { url: between.url });
			assert.match(ran.out, SENT);
			assert.ok(ran.milliseconds >= 2_000 && ran.milliseconds < 6_000, `${ran.milliseconds}`);
		});
		test("does not wait past the deadline", async () => {
			between.script(down(429, '{"detail":"Rate limit exceeded."}', { "retry-after": "3600" }));
			const ran = await track(deployment("p"), { url: between.url });
			assert_said(ran, 4, "Rate limit exceeded. (HTTP 429)", "asks to wait 3600 s", "--deadline");
			assert.ok(ran.milliseconds < 3_000, `${ran.milliseconds}`);
			assert.equal(between.seen.length, 1);
		});
	});

	describe("a slow server", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		test("is waited for", async () => {
			between.script({ ...(RECORDED as object), status: 200, delay: 1_500 });
			assert.match((await track(deployment("p"), { url: between.url })).out, SENT);
			assert.equal(between.seen.length, 1);
		});
		test("is not waited for longer than --timeout, and the deadline ends it", async () => {
			between.script("hang", "hang", "hang", "hang");
			const ran = await track(deployment("p", "--timeout", "300ms", "--deadline", "2s"), { url: between.url });
			assert_said(ran, 1, "no answer from", "in time", "may have been stored", "(2 attempts)");
			assert.ok(ran.milliseconds < 4_000, `${ran.milliseconds}`);
		});
	});

	describe("a connection that is cut when the event was stored", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		for (const kind of ["build", "deployment"])
			test(`a ${kind} is there once`, async () => {
				const product = unique("p");
				between.script("cut");
				const ran = await track(kind === "build" ? ["build", "--product", product, "--version", "1"] : deployment(product), { url: between.url });
				assert.match(ran.out, SENT);
				assert.equal(between.seen.length, 2);
				const events = await events_of(server, product);
				assert.deepEqual(events.map((e) => e.effect), ["new"]);
			});
		test("each time: it says that it may be stored", async () => {
			const product = unique("p");
			between.script("cut", "cut", "cut", "cut");
			assert_said(await track(deployment(product), { url: between.url }), 1, "may have been stored although no answer came");
			assert.equal((await events_of(server, product)).length, 1);
		});
		test("a reset before anything was read is tried again", async () => {
			between.script("reset");
			assert.match((await track(deployment(unique("p")), { url: between.url })).out, SENT);
		});
	});

	describe("a blocked deployment", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		for (const status of [409, 423, 428])
			for (const forgiven of [[], ["--fail-on-api-error=false"]])
				test(`${status} is 5 ${forgiven.join(" ")}`, async () => {
					between.script(blocked(status));
					const ran = await track(deployment("p", "--status", "started", ...forgiven), { url: between.url });
					assert_said(ran, 5, "✗ Deployment blocked: Friday freeze", "Error: NO_DEPLOY_WINDOW", "Rule: Friday freeze", "Production is closed on Fridays",
						"Retry after: 2026-05-25T06:00:00Z");
					assert.equal(between.seen.length, 1, "not tried again");
				});
		test("a version that exists with another commit", async () => {
			const product = unique("p");
			const build = (sha: string): Promise<Ran> => track(["build", "--product", product, "--version", "1", "--scm-sha", sha]);
			assert.equal((await build("a".repeat(40))).status, 0);
			assert_said(await build("b".repeat(40)), 5, "Version 1 already exists with different SHA", "VERSION_SHA_CONFLICT");
		});
		test("a 409 with nothing but a sentence", async () => {
			between.script(down(409, '{"detail":"taken"}', { "retry-after": "30" }));
			assert_said(await track(deployment("p"), { url: between.url }), 5, "Deployment blocked", "taken", "Retry after: 30");
		});
	});

	describe("--fail-on-api-error", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		const FORMS: [string[], Record<string, string>, boolean][] = [
			[[], {}, true],
			[["--fail-on-api-error"], {}, true],
			[["--fail-on-api-error=true"], {}, true],
			[["--fail-on-api-error=false"], {}, false],
			[[], { VERSIONER_FAIL_ON_API_ERROR: "false" }, false],
			[[], { VERSIONER_FAIL_ON_API_ERROR: "0" }, false],
			[[], { VERSIONER_FAIL_ON_API_ERROR: "true" }, true],
			[["--fail-on-api-error"], { VERSIONER_FAIL_ON_API_ERROR: "false" }, true],
			[["--fail-on-api-error=false"], { VERSIONER_FAIL_ON_API_ERROR: "true" }, false],
			[["--fail-on-api-error", "false"], {}, true], /* as ever: the word is no value of a switch, and is said to be ignored */
		];
		for (const [flags, env, fails] of FORMS)
			test(`${flags.join(" ")} ${JSON.stringify(env)}: ${fails ? "fails" : "does not fail"}`, async () => {
				between.script(down(403, '{"detail":"You do not have permission to perform this action"}'));
				const ran = await track(deployment("p", ...flags), { url: between.url, env });
				assert.equal(ran.status, fails ? 4 : 0, ran.said);
				assert.match(ran.err, fails ? /^API error: |\nAPI error: / : /^Warning: the event was not recorded: You do not have permission/);
				assert.equal(ran.out, "");
				if (flags[1]) assert.match(ran.err, /Warning: "false" is ignored/);
			});
		test("a value that is none is an error", async () => {
			assert_said(await track(deployment("p", "--fail-on-api-error=maybe")), 1, "--fail-on-api-error");
		});
		test("covers the network too, but not wrong arguments", async () => {
			const ran = await track(deployment("p", "--fail-on-api-error=false", "--deadline", "100ms"), { url: "http://127.0.0.1:9" });
			assert_said(ran, 0, "Warning: the event was not recorded: http://127.0.0.1:9 refused the connection");
			assert_said(await track(["deployment", "--fail-on-api-error=false"]), 1, "--product is required");
		});
	});

	describe("answers that are none of Versioner's", ONE_AFTER_THE_OTHER, () => {
		const between = front();
		const STRANGE: [string, Fate, number, string][] = [
			["a page", { status: 200, headers: { "content-type": "text/html" }, body: "<html>Welcome</html>" }, 4, "is not one of Versioner's API"],
			["a redirect", { status: 302, headers: { location: "https://other.test/login" } }, 4, "https://other.test/login"],
			["404", { status: 404, body: '{"detail":"Not found"}' }, 4, "--api-url"],
			["a refusal without words", { status: 400, body: "" }, 4, "refused without a reason"],
			["words that steer a terminal", { status: 400, body: '{"detail":"\\u001b[2J\\u009bx\\r\\n::add-mask::x ##[y]"}' }, 4, "API error:"],
		];
		for (const [name, fate, status, words] of STRANGE)
			test(name, async () => {
				between.script(fate);
				const ran = await track(deployment("p"), { url: between.url });
				assert_said(ran, status, words);
				assert.equal(between.seen.length, 1);
				assert.doesNotMatch(ran.said, /[\x00-\x09\x0b-\x1f\x7f-\x9f]|^\s*::|##/m);
			});
		test("credentials do not follow a redirect", async () => {
			between.script({ status: 307, headers: { location: `${server.url}/deployment-events/` } });
			assert_said(await track(deployment(unique("p")), { url: between.url }), 4, "sends us to");
		});
	});

	test("warnings of the server are shown, and are no failure", async () => {
		const product = unique("p");
		await track(["build", "--product", product, "--version", "1.2.3", "--scm-sha", "a".repeat(40)]);
		const ran = await track(deployment(product, "--scm-sha", "b".repeat(40)));
		assert.equal(ran.status, 0);
		assert.match(ran.err, /^Warning: .*SHA/);
		assert.match(ran.out, SENT);
	});

	test("--api-key works, and warns", async () => {
		const ran = await home.run(["track", ...deployment(unique("p")), "--api-key", server.key, "--api-url", server.url], {});
		assert.match(ran.out, SENT);
		assert.match(ran.err, /^Warning: --api-key is visible/);
	});

	test("colours are for terminals", async () => {
		assert.ok(!(await track(deployment("p"), { url: "http://127.0.0.1:9", env: { VERSIONER_DEADLINE: "100ms" } })).said.includes("\x1b"));
	});
});
