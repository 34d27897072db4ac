/* The key of the API stands in the request's header, and nowhere else: not in what is printed, not in the list of processes, not in a file. */
import { strict as assert } from "node:assert";
import { ChildProcess } from "node:child_process";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as path from "node:path";
import { Fate, Home, Ran, RECORDED, use_front, with_home } from "./cli";
import { random_alnum, sleep } from "./server";

const SECRET = random_alnum(40);
const KEY = `sk_default_k1_${SECRET}`;

/* All files below a folder. */
function files(folder: string): string[] {
	return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const at = path.join(folder, entry.name);
		return entry.isDirectory() ? files(at) : [at];
	});
}

function assert_not_told(ran: Ran, home: Home, except: string[] = []): void {
	assert.ok(!ran.said.includes(SECRET), ran.said);
	for (const file of files(home.dir)) if (!except.includes(file)) assert.ok(!fs.readFileSync(file, "utf8").includes(SECRET), file);
}

describe("the key of the API", () => {
	const front = use_front();
	const env = (): Record<string, string> => ({ VERSIONER_API_KEY: KEY, VERSIONER_API_URL: front.url, VERSIONER_DEADLINE: "100ms" });
	const loud = ["track", "build", "--product", "p", "--version", "1", "--debug", "--verbose", "--spool"];
	const FATES: [string, Fate][] = [
		["a record", RECORDED],
		["a refusal that repeats it", { status: 401, body: JSON.stringify({ detail: `no such key: ${KEY}` }) }],
		["a 422 that repeats it", { status: 422, body: JSON.stringify({ detail: [{ loc: ["header", KEY], msg: `bad ${KEY}`, type: "x" }] }) }],
		["a block that repeats it", { status: 423, body: JSON.stringify({ message: KEY, code: KEY, retry_after: KEY, details: { rule_name: KEY, more: [KEY] } }) }],
		["a record that repeats it", { status: 200, body: JSON.stringify({ id: KEY, version_id: KEY, warnings: [`your key is ${KEY}`] }) }],
		["a page that repeats it", { status: 200, headers: { "content-type": "text/html" }, body: `<html>${KEY}</html>` }],
		["a redirect that repeats it", { status: 302, headers: { location: `https://x.test/?key=${KEY}`, "x-request-id": KEY } }],
		["a server that is away", "reset"],
		["503", { status: 503, body: KEY }],
	];
	for (const system of [{}, { GITHUB_ACTIONS: "true" }, { GITLAB_CI: "true" }])
		for (const [name, fate] of FATES)
			test(`${name}: not in the output, the summary or the spool ${JSON.stringify(system)}`, () =>
				with_home(async (home) => {
					front.script(fate);
					const ran = await home.run(loud, { env: { ...env(), ...system, GITHUB_STEP_SUMMARY: path.join(home.dir, "summary") } });
					assert.equal(front.seen[0].headers.authorization, `Bearer ${KEY}`);
					assert.ok(!front.seen[0].body.includes(SECRET));
					assert_not_told(ran, home);
					assert.ok(ran.err.includes("→ Authorization: Bearer sk_default_k1_****"), ran.err);
				}));

	test("--debug masks it wherever it stands, its neighbours stay", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			const ran = await home.run([...loud, "--extra-metadata", JSON.stringify({ note: `before ${KEY} after` })], { env: env() });
			assert_not_told(ran, home);
			assert.ok(ran.err.includes("before sk_default_k1_**** after"), ran.err);
		}));

	test("of the configuration file", () =>
		with_home(async (home) => {
			const config = home.file("config.yaml", `api_key: ${KEY}\napi_url: ${front.url}\n`);
			front.script(RECORDED);
			const ran = await home.run(loud, {});
			assert.equal(front.seen[0].headers.authorization, `Bearer ${KEY}`);
			assert_not_told(ran, home, [config]);
		}));

	test("a key that is none is not repeated", () =>
		with_home(async (home) => {
			for (const wrong of [`${KEY} x`, `${KEY}\nx`, `${KEY}é`]) {
				const ran = await home.run(loud, { env: { ...env(), VERSIONER_API_KEY: wrong } });
				assert.equal(ran.status, 1);
				assert_not_told(ran, home);
			}
			front.script(RECORDED);
			assert.equal((await home.run(loud, { env: { ...env(), VERSIONER_API_KEY: ` ${KEY}\n` } })).status, 0, "a line break at the end is no part of it");
			assert.equal(front.seen[0].headers.authorization, `Bearer ${KEY}`);
		}));

	test("a user and password in the URL are refused, and not repeated", () =>
		with_home(async (home) => {
			const ran = await home.run(["track", "build", "--product", "p", "--version", "1"], { env: { ...env(), VERSIONER_API_URL: `http://ada:${SECRET}@127.0.0.1:9` } });
			assert.equal(ran.status, 1);
			assert_not_told(ran, home);
		}));

	for (const from of ["variable", "file"])
		test(`of a ${from} is not in the list of processes`, { skip: process.platform === "linux" ? false : "needs /proc" }, () =>
			with_home(async (home) => {
				front.script("hang");
				if (from === "file") home.file("config.yaml", `api_key: ${KEY}\napi_url: ${front.url}\n`);
				const listed: string[] = [];
				const look = async (child: ChildProcess): Promise<void> => {
					while (front.seen.length === 0 && child.exitCode === null) {
						listed.push(fs.readFileSync(`/proc/${child.pid}/cmdline`, "utf8"));
						await sleep(2);
					}
					listed.push(fs.readFileSync(`/proc/${child.pid}/cmdline`, "utf8"));
				};
				let looked: Promise<void> | undefined;
				const ran = await home.run(["track", "build", "--product", "p", "--version", "1", "--timeout", "300ms", "--deadline", "300ms"], {
					env: from === "file" ? {} : env(),
					started: (child) => (looked = look(child)),
				});
				await looked;
				assert.equal(ran.status, 1);
				assert.equal(front.seen.length, 1);
				assert.ok(listed.some((line) => line.includes("track")));
				for (const line of listed) assert.ok(!line.includes(SECRET));
			}));
});
