/* status, history and diff: what they show, to people and to programs. */
import { strict as assert } from "node:assert";
import { before, describe, test } from "node:test";
import * as os from "node:os";
import { at_second, build, deploy, get_ok, list_all, query } from "./api";
import { Ran, RunOptions, use_front, use_home } from "./cli";
import { BINARY, Server, sleep, unique, use_server } from "./server";
import { HAS_PYTHON, plain, Terminal } from "./terminal";

const NO_PYTHON = HAS_PYTHON ? false : "python3 is not there";

/* Columns of a terminal, for the characters of these tests. */
function width(line: string): number {
	return [...line].reduce((sum, c) => sum + (/[\u3000-\u9fff\uac00-\ud7a3\uff01-\uff60]/.test(c) ? 2 : 1), 0);
}

function assert_fits(shown: string, columns: number): void {
	for (const line of plain(shown).split("\n")) assert.ok(width(line) <= columns, `${width(line)} > ${columns}: ${line}`);
}

async function fill(server: Server): Promise<void> {
	const versions: [string, string, string, string][] = [
		["shop", "dev", "1.6.0", "success"], ["shop", "staging", "1.5.0", "success"], ["shop", "production", "1.4.2", "success"],
		["shop", "production", "1.6.0", "failed"], ["shop", "staging", "1.7.0", "started"], ["billing", "dev", "2.1.0", "success"],
		["billing", "staging", "2.1.0", "success"], ["billing", "production", "2.1.0", "success"], ["search", "dev", "0.0.1", "pending"],
		["naïve 日本語", "production", "2026.05.24-build.1234567890", "success"],
	];
	for (const [i, [product_name, environment_name, version, status]] of versions.entries())
		await deploy(server, { product_name, environment_name, version, status, deployed_by: "ada", occurred_at: at_second(i * 60) });
}

const TABLE = `  PRODUCT       dev              staging          production
  billing       2.1.0            2.1.0            2.1.0
  naïve 日本語                                    2026.05.24-build.1234567890
  search
  └ latest      ○ 0.0.1 pending
≠ shop          1.6.0            1.5.0            1.4.2
  └ latest                       ▸ 1.7.0 running  ✗ 1.6.0 failed

≠ differs between environments
`;

describe("versioner status, of a server that nobody changes", () => {
	const server = use_server();
	const home = use_home();
	before(() => fill(server));
	async function fine(...args: string[]): Promise<string> {
		const ran = await home.run(args, { env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url } });
		assert.deepEqual([ran.status, ran.err], [0, ""]);
		return ran.out;
	}

	test("status: the whole matrix, plain, with drift, failed, running and pending attempts", async () => {
		assert.equal(await fine("status"), TABLE);
	});

	test("status --json is the server's answer", async () => {
		assert.deepEqual(JSON.parse(await fine("status", "--json")), await get_ok(server, "/environment-state/"));
		const wanted = await get_ok(server, "/environment-state/" + query({ product: "shop,billing", environment: "production", at: at_second(500) }));
		const filters = ["--product", "shop,billing", "--environment=production", "--at", at_second(500)];
		assert.deepEqual(JSON.parse(await fine("status", "--json", ...filters)), wanted);
	});
});

describe("reading from the command line", { concurrency: true }, () => {
	const server = use_server();
	const home = use_home();
	before(() => fill(server));

	const env = (more: Record<string, string> = {}): Record<string, string> => ({
		HOME: home.dir, VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url, ...more });
	const run = (args: string[], o: RunOptions = {}): Promise<Ran> => home.run(args, { ...o, env: { ...env(), ...o.env } });
	async function fine(...args: string[]): Promise<string> {
		const ran = await run(args);
		assert.equal(ran.status, 0, ran.said);
		assert.equal(ran.err, "");
		return ran.out;
	}
	const terminal = (args: string[], columns = 80, more: Record<string, string> = {}, rows = 24): Terminal =>
		new Terminal([BINARY, ...args], { columns, rows, env: env(more), cwd: home.dir });

	test("status: filters, each given twice or by commas, and names that a URL has to escape", async () => {
		const product_name = unique("a&b=c d+e/%41#é");
		await deploy(server, { product_name, environment_name: "q a?", version: "7" });
		const one = await fine("status", "--product", product_name, "--environment", "q a?");
		assert.equal(one, `  PRODUCT${" ".repeat(product_name.length - 7)}  q a?\n  ${product_name}  7\n`);
		const two = await fine("status", "--product=billing", "--product=shop", "--environment=dev,staging");
		assert.equal(two.split("\n")[0], "  PRODUCT   dev    staging");
	});

	test("status: a name that is nowhere is pointed out", async () => {
		const ran = await run(["status", "--product", "shop,shpo", "--environment", "production,prodution"]);
		assert.equal(ran.status, 0, ran.said);
		assert.equal(ran.err, 'versioner status: nothing is deployed there of "shpo"\nversioner status: there is no environment "prodution"\n');
		assert.match(ran.out, /shop +1\.4\.2\n/);
	});

	test("status --at: as it was", async () => {
		const then = await fine("status", "--product=shop", "--at", at_second(90));
		assert.match(then, /shop +1\.6\.0 +1\.5\.0\n/);
		assert.doesNotMatch(then, /1\.4\.2|failed/);
		assert.equal(await fine("status", "--at", "2001-01-01T00:00:00Z"), "Nothing is deployed.\n");
	});

	test("status: names do not steer the terminal", async () => {
		const product_name = unique("evil\u202eolleh\u200b");
		await deploy(server, { product_name, environment_name: unique("x\u2066"), version: "1\u202d2" });
		const out = await fine("status", "--product", product_name);
		assert.doesNotMatch(out, /[\u202a-\u202e\u2066-\u2069\u200b]/);
		assert.ok(out.includes("evil·olleh·") && out.includes("1·2"));
	});

	for (const columns of [24, 40, 60, 80, 200])
		test(`status fits a terminal of ${columns} columns and loses no product`, { skip: NO_PYTHON }, async () => {
			const shown = terminal(["status", "--product=shop,billing,search,naïve 日本語", "--environment=dev,staging,production"], columns);
			assert.deepEqual(await shown.end(), { exit: 0 });
			assert_fits(shown.shown, columns);
			for (const word of ["shop", "billing", "search", "naïve", "1.4.2", "≠", "✗", "▸", "○"]) assert.ok(plain(shown.shown).includes(word), shown.shown);
		});

	test("colours: on a terminal only, not with NO_COLOR, not with TERM=dumb", { skip: NO_PYTHON }, async () => {
		for (const [more, coloured] of [[{}, true], [{ NO_COLOR: "1" }, false], [{ NO_COLOR: "" }, true], [{ TERM: "dumb" }, false]] as const) {
			const shown = terminal(["status", "--product=shop"], 80, more);
			await shown.end();
			assert.equal(/\x1b\[3\dm/.test(shown.shown), coloured, JSON.stringify(more));
			assert.equal(shown.shown.includes("\x1b"), coloured);
		}
		assert.doesNotMatch(await fine("history", "--product=shop"), /\x1b/);
	});

	const LEFT = /\x1b\[\?25h\x1b\[\?1049l$/;
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		test(`status --watch gives the terminal back and ends by ${signal}`, { skip: NO_PYTHON }, async () => {
			const shown = terminal(["status", "--watch", "--product=shop"]);
			await shown.wait_for(/1\.4\.2/);
			assert.ok(shown.shown.startsWith("\x1b[?1049h\x1b[?25l"));
			if (signal === "SIGINT") shown.keys("\x03");
			else shown.signal(signal);
			assert.deepEqual(await shown.end(), { signal: os.constants.signals[signal] });
			assert.match(shown.shown.replace(/\^C/, ""), LEFT);
		});

	test("status --watch shows what changes, without ever clearing the screen", { skip: NO_PYTHON }, async () => {
		const product_name = unique("w"), environment_name = "production";
		await deploy(server, { product_name, environment_name, version: "1.0.0" });
		const shown = terminal(["status", "--watch=200ms", "--product", product_name]);
		await shown.wait_for(/1\.0\.0/);
		await deploy(server, { product_name, environment_name, version: "2.0.0" });
		await shown.wait_for(/2\.0\.0/);
		shown.keys("\x03");
		await shown.end();
		assert.doesNotMatch(shown.shown, /\x1b\[[23]J|\x1bc/);
		assert.ok((shown.shown.match(/\x1b\[H/g) ?? []).length >= 2);
	});

	test("status --watch follows the size of the terminal, in both directions", { skip: NO_PYTHON }, async () => {
		const shown = terminal(["status", "--watch=1h", "--product=shop,billing", "--environment=dev,staging,production"], 100, { NO_COLOR: "1" }, 8);
		await shown.wait_for(/shop/);
		let from = shown.shown.length;
		shown.resize(30, 7);
		await shown.wait_for(/\x1b\[J/, from);
		assert_fits(shown.shown.slice(from), 30);
		assert.ok(shown.shown.slice(from).split("\n").length <= 7);
		assert.match(shown.shown.slice(from), /…\x1b\[J$/);
		from = shown.shown.length;
		shown.resize(120, 40);
		await shown.wait_for(/differs between[^]*\x1b\[J/, from);
		shown.keys("\x03");
		await shown.end();
	});

	test("status --watch is stopped and continued with a whole terminal", { skip: NO_PYTHON }, async () => {
		const shell = new Terminal(["bash", "--norc", "-i"], { columns: 100, env: env(), cwd: home.dir });
		await shell.wait_for(/[$#] $/);
		shell.keys(`${BINARY} status --watch=1h --product=shop\n`);
		await shell.wait_for(/1\.4\.2[^]*\x1b\[J/);
		let from = shell.shown.length;
		shell.keys("\x1a");
		await shell.wait_for(/\x1b\[\?1049l[^]*Stopped[^]*[$#] $/, from);
		from = shell.shown.length;
		shell.keys("fg\n");
		await shell.wait_for(/\x1b\[\?1049h[^]*1\.4\.2[^]*\x1b\[J/, from);
		shell.keys("\x03");
		await shell.wait_for(/\x1b\[\?1049l[^]*[$#] $/, from);
		shell.keys("exit\n");
		await shell.end();
	});

	test("status --watch --json: a line each time, until it is ended", async () => {
		let lines = 0;
		const ran = await run(["status", "--watch=100ms", "--json", "--product=billing"], {
			started: (child) => child.stdout!.on("data", (text: string) => (lines += text.split("\n").length - 1) >= 3 && child.kill("SIGTERM")) });
		assert.equal(ran.signal, "SIGTERM");
		for (const line of ran.out.trim().split("\n")) assert.equal(JSON.parse(line).items[0].product_name, "billing");
	});

	/* ---- history ---- */

	test("history: newest first, with status, kind, person and duration", async () => {
		const product_name = unique("h"), environment_name = "production", deployed_by = "grace";
		const at = { started_at: at_second(0), completed_at: at_second(200) };
		await deploy(server, { product_name, environment_name, version: "1", status: "success", deployed_by, deployed_by_name: "Grace H", ...at });
		await deploy(server, { product_name, environment_name, version: "2", status: "failed", deployed_by, occurred_at: at_second(300) });
		const stored = await list_all(server, "/deployments/", { product: product_name });
		const when = (i: number): string => stored[i].deployed_at.replace("T", " ").replace(/\.\d+Z/, "Z");
		const lines = (await fine("history", "--product", product_name)).split("\n").map((line) => line.split(/ {2,}/));
		assert.deepEqual(lines[0], ["WHEN", "PRODUCT", "ENVIRONMENT", "VERSION", "STATUS", "KIND", "BY", "TOOK"]);
		assert.deepEqual(lines[1], [when(0), product_name, "production", "2", "✗ failed", "grace"]);
		assert.deepEqual(lines[2], [when(1), product_name, "production", "1", "✓ completed", "initial", "Grace H", "3m 20s"]);
	});

	test("history: each filter", async () => {
		const rows: [string[], Record<string, string>][] = [
			[["--product=shop,billing"], { product: "shop,billing" }],
			[["--environment=staging", "--product=shop"], { environment: "staging", product: "shop" }],
			[["--version=1.6.0,2.1.0"], { version: "1.6.0,2.1.0" }],
			[["--status=success,running", "--product=shop"], { status: "completed,started", product: "shop" }],
			[["--status=Failed"], { status: "failed" }],
			[["--deployed-by=ada"], { deployed_by: "ada" }],
			[["--since", at_second(100), "--until", at_second(400)], { since: at_second(100), until: at_second(400) }],
		];
		for (const [flags, wanted] of rows) {
			const shown = JSON.parse(await fine("history", "--json", "--limit=200", ...flags));
			const stored = await list_all(server, "/deployments/", wanted);
			assert.ok(stored.length > 0, flags.join(" "));
			assert.deepEqual(shown.items.map((item: any) => item.id), stored.map((item) => item.id), flags.join(" "));
			assert.equal(shown.next_cursor, null);
		}
	});

	test("history --limit goes over many pages, and says that there is more", async () => {
		const product_name = unique("many");
		const lines = Array.from({ length: 450 }, (_, i) =>
			JSON.stringify({ kind: "deployment", product_name, environment_name: "dev", version: `${i}`, status: "success", extra_metadata: { n: i, f: 1.5 } }));
		await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
		const stored = await list_all(server, "/deployments/", { product: product_name });
		assert.equal(stored.length, 450);
		const all = JSON.parse(await fine("history", "--json", "--limit=1000", "--product", product_name));
		assert.deepEqual(all, { items: stored, next_cursor: null });
		const some = JSON.parse((await run(["history", "--json", "--limit=401", "--product", product_name])).out);
		assert.deepEqual(some.items, stored.slice(0, 401));
		assert.equal(some.next_cursor, stored[400].id);
		const table = await run(["history", "--limit=210", "--product", product_name]);
		assert.equal(table.out.split("\n").length, 212);
		assert.equal(table.err, "versioner history: these are the newest 210; --limit shows more\n");
	});

	test("history: nothing is no failure", async () => {
		assert.equal(await fine("history", "--product", unique("none")), "No deployment is like that.\n");
		assert.deepEqual(JSON.parse(await fine("history", "--json", "--product", unique("none"))), { items: [], next_cursor: null });
	});

	test("history fits a terminal", { skip: NO_PYTHON }, async () => {
		for (const columns of [30, 80, 120]) {
			const shown = terminal(["history", "--product=naïve 日本語,shop"], columns);
			assert.deepEqual(await shown.end(), { exit: 0 });
			assert_fits(shown.shown, columns);
		}
	});

	/* ---- diff ---- */

	test("diff: what differs, which side is ahead, by how many builds", async () => {
		const product_name = unique("d"), only = unique("only"), same = unique("same");
		for (const version of ["1", "2", "3"]) await build(server, { product_name, version });
		const two = [product_name, only, same].join(",");
		await deploy(server, { product_name, environment_name: "staging", version: "3" });
		await deploy(server, { product_name, environment_name: "production", version: "1" });
		await deploy(server, { product_name: only, environment_name: "staging", version: "9" });
		for (const environment_name of ["staging", "production"]) await deploy(server, { product_name: same, environment_name, version: "5" });
		const out = await fine("diff", "staging", "production", "--product", two);
		const rows = out.trim().split("\n").map((line) => line.split(/ {2,}/));
		assert.deepEqual(rows[0], ["PRODUCT", "staging", "production", "AHEAD"]);
		assert.deepEqual(rows.slice(1).sort(), [[product_name, "3", "1", "staging by 2 builds"], [only, "9", "only in staging"]].sort());
		const back = await fine("diff", "production", "staging", "--product", product_name);
		assert.match(back, /staging by 2 builds\n$/);
		const json = JSON.parse(await fine("diff", "staging", "production", "--json", "--product", two));
		assert.deepEqual(json, await get_ok(server, "/environment-state/diff" + query({ from: "staging", to: "production", product: two })));
		assert.equal(await fine("diff", "staging", "production", "--product", same), "No differences.\n");
	});

	test("diff --exit-code: 3 when there are differences, 0 when there are none", async () => {
		const differ = ["diff", "staging", "production", "--product=shop"], same = ["diff", "staging", "production", "--product=billing"];
		const codes = await Promise.all([differ, [...differ, "--exit-code"], [...differ, "--exit-code", "--json"], [...same, "--exit-code"]].map((args) => run(args)));
		assert.deepEqual(codes.map((ran) => ran.status), [0, 3, 3, 0]);
	});

	test("diff: an environment that is not there is named", async () => {
		const ran = await run(["diff", "stagin", "production"]);
		assert.deepEqual([ran.status, ran.out, ran.err], [4, "", 'versioner diff: there is no environment "stagin"\n']);
		const elsewhere = await run(["diff", "staging", "production"], { env: { VERSIONER_API_URL: `${server.url}/elsewhere` } });
		assert.equal(elsewhere.status, 4);
		assert.match(elsewhere.err, /check the address/);
	});

	/* ---- trouble ---- */

	for (const args of [["status"], ["history"], ["diff", "staging", "production"]]) {
		test(`${args[0]}: each trouble has its exit code, and a sentence on stderr alone`, async () => {
			const rows: [string[], Record<string, string>, number, RegExp][] = [
				[[], { VERSIONER_API_KEY: "sk_default_k1_" + "x".repeat(40) }, 4, /Invalid authentication credentials/],
				[[], { VERSIONER_API_URL: "http://127.0.0.1:1", VERSIONER_DEADLINE: "500ms" }, 1, /refused the connection/],
				[[], { VERSIONER_API_KEY: "" }, 1, /there is no API key/],
				[["--foo"], {}, 1, /--foo/],
				[["word", "more"], {}, 1, /word|two environments/],
			];
			for (const [more, changed, status, words] of rows) {
				const ran = await run([...args, ...more], { env: changed });
				assert.equal(ran.status, status, ran.said);
				assert.equal(ran.out, "");
				assert.match(ran.err, words);
			}
		});
	}

	test("times that are none are said before anything is asked", async () => {
		for (const args of [["status", "--at=yesterday"], ["history", "--since=2026-01-01"], ["history", "--until=12:00"]]) {
			const ran = await run(args, { env: { VERSIONER_API_URL: "http://127.0.0.1:1" } });
			assert.equal(ran.status, 1);
			assert.match(ran.err, /is no time such as/);
		}
	});

	test("a full disk is not a success", async () => {
		const ran = await run(["version"]);
		assert.equal(ran.status, 0);
		const full = new Terminal(["sh", "-c", `'${BINARY}' status > /dev/full; echo "code $?"`], { env: env(), cwd: home.dir });
		await full.end();
		assert.match(full.shown, /No space left on device[^]*code 1/);
	});
});

describe("status --watch and a server in trouble", () => {
	const server = use_server();
	const home = use_home();
	const front = use_front(server);

	test("what was known stays, with a line that says why there is nothing newer", { skip: NO_PYTHON }, async () => {
		await deploy(server, { product_name: "shop", environment_name: "dev", version: "1.0.0" });
		const env = { HOME: home.dir, VERSIONER_API_KEY: server.key, VERSIONER_API_URL: front.url };
		const shown = new Terminal([BINARY, "status", "--watch=100ms"], { env, cwd: home.dir });
		await shown.wait_for(/1\.0\.0/);
		front.usual = { status: 503, body: '{"detail":"Service temporarily unavailable"}' };
		await shown.wait_for(/no newer answer: [^]*HTTP 503[^]*1\.0\.0/);
		const from = shown.shown.length;
		front.usual = "pass";
		await sleep(300);
		await shown.wait_for(/\x1b\[H(?:(?!newer)[^])*\x1b\[J/, from);
		shown.keys("\x03");
		assert.deepEqual(await shown.end(), { signal: 2 });
	});
});
