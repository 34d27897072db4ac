/* versioner demo: a store that is worth looking at, and that is as whole as one that pipelines filled. */
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, test } from "node:test";
import { get_ok, list_all } from "./api";
import { run_binary, Server, with_server } from "./server";

const ENVIRONMENTS = ["dev", "test", "staging", "production", "production-eu"];
const DAY = 24 * 3600 * 1000;

describe("versioner demo", () => {
	const server = new Server();
	let said = "";
	before(async () => {
		const filled = server.run("demo", "--db", server.db);
		assert.equal(filled.status, 0, filled.stderr);
		said = filled.stdout;
		server.assert_check_is_green();
		await server.start();
	});
	after(() => server.close());

	test("it says what it did, and how to look at it", () => {
		const counted = /(\d+) events of deployments and (\d+) of builds/.exec(said);
		assert.ok(counted, said);
		const events = Number(counted[1]) + Number(counted[2]);
		assert.ok(events >= 3000 && events <= 6000, said);
		assert.match(said, /^ {2}versioner serve --db /m);
		assert.match(said, /^ {2}VERSIONER_API_KEY=\S+ versioner status /m);
		assert.match(server.run("check", "--db", server.db).stdout, new RegExp(` ${events} events, 150 cells compared: no problems`));
	});

	test("the matrix is full, with drift, failures and deployments under way", async () => {
		const matrix = await get_ok(server, "/environment-state/");
		assert.deepEqual(matrix.environments.map((e: any) => e.name), ENVIRONMENTS);
		assert.equal(matrix.items.length, 30);
		const cells: any[] = matrix.items.flatMap((item: any) => Object.values(item.cells));
		assert.equal(cells.filter((cell) => cell.version).length, 150);
		assert.ok(matrix.items.filter((item: any) => item.drift).length >= 8, "drift");
		const latest = (status: string): number => cells.filter((cell) => cell.latest_attempt?.status === status).length;
		for (const [status, least] of [["failed", 4], ["started", 3], ["pending", 1], ["aborted", 1]] as const) assert.ok(latest(status) >= least, `${status}: ${latest(status)}`);
	});

	test("everything happened within the month, and nothing in the future", async () => {
		const now = Date.now();
		for (const list of ["/deployments/", "/builds/"]) {
			const times = (await list_all(server, list)).flatMap((row: any) => [row.started_at, row.completed_at]).filter(Boolean).map((time: string) => Date.parse(time));
			assert.ok(Math.min(...times) >= now - 31 * DAY && Math.max(...times) <= now, list);
			assert.ok(times.some((time: number) => time > now - DAY) && times.some((time: number) => time < now - 25 * DAY), list);
		}
	});

	test("failures say why, some versions were taken back, and addresses lead nowhere", async () => {
		const all = await list_all(server, "/deployments/");
		const failed = all.filter((row: any) => row.status === "failed");
		assert.ok(failed.length >= 30 && failed.every((row: any) => row.error_message && row.error_code), String(failed.length));
		assert.ok(all.filter((row: any) => row.kind === "rollback").length >= 5, "rollbacks");
		for (const row of all) assert.match(row.build_url, /^https:\/\/[a-z]+\.example\.com\//);
	});

	test("a store with events is refused, and stays as it is", () => {
		const before_it = server.run("check", "--db", server.db).stdout;
		const again = server.run("demo", "--db", server.db);
		assert.equal(again.status, 1);
		assert.match(again.stderr, /has events already/);
		assert.equal(server.run("check", "--db", server.db).stdout, before_it);
	});

	test("it fills the store that its flag names and none that was meant for a server", () => {
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-e2e-"));
		try {
			const production = path.join(folder, "production.db"), config = path.join(folder, "versioner.yaml");
			fs.writeFileSync(config, `db: ${production}\n`);
			const filled = run_binary(["demo"], { cwd: folder, env: { VERSIONER_DB: production, VERSIONER_CONFIG: config } });
			assert.equal(filled.status, 0, filled.stderr);
			assert.match(filled.stdout, /^\.\/versioner-demo\.db: /);
			assert.deepEqual(fs.readdirSync(folder).filter((name) => name.startsWith("production")), []);
			assert.match(run_binary(["demo", "--help"]).stdout, /this flag only/);
		} finally {
			fs.rmSync(folder, { recursive: true });
		}
	});

	test("wrong usage", () => {
		assert.equal(server.run("demo", "word").status, 2);
		assert.equal(server.run("demo", "--seed", "x").status, 2);
		assert.match(server.run("demo", "--db", "/nonexistent/x.db").stderr, /nonexistent/);
	});
});

describe("versioner demo and the first start", () => {
	test("the first start after it prints a key, which works", async () => {
		const server = new Server({ bootstrap: false });
		try {
			assert.equal(server.run("demo", "--db", server.db, "--seed", "42").status, 0);
			await server.start();
			const key = /sk_default_k1_\w+/.exec(server.out);
			assert.ok(key, server.out);
			assert.equal((await server.get("/products/", { key: key[0] })).status, 200);
		} finally {
			await server.close();
		}
	});

	test("a store that a server made and that has no events is filled as well", async () => {
		await with_server({}, async (server) => {
			assert.equal(server.run("demo", "--db", server.db).status, 0);
			assert.equal((await list_all(server, "/products/")).length, 30);
			server.assert_check_is_green();
		});
	});
});
