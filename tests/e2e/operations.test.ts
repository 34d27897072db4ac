/* What an operator does on the server's machine: check, backup, migrate, and starts that must be refused. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { assert_all_stored, at_second, build, deploy, event_of, list_all, matrix_row } from "./api";
import { NO_FILE } from "./engine";
import { NO_SQLITE, sqlite } from "./sqlite";
import { refused_start, run_binary, Server, sleep, unique, with_server } from "./server";

/* Something of everything, so that a check has what to look at. */
async function live_a_little(server: Server): Promise<void> {
	const product = unique("lived");
	for (const [i, version] of ["1", "2", "1", "3"].entries()) {
		await build(server, { product_name: product, version, scm_sha: version.repeat(40) });
		for (const environment_name of ["staging", "production"])
			await deploy(server, { product_name: product, version, environment_name, invoke_id: `${i}`, completed_at: at_second(i * 10) });
	}
	await deploy(server, { product_name: product, version: "3", environment_name: "production", invoke_id: "3", status: "failed", completed_at: at_second(35) });
	await deploy(server, { product_name: product, version: "0", environment_name: "production", completed_at: at_second(-100) });
	await deploy(server, { product_name: product, version: "4", environment_name: "production", status: "started" });
	await deploy(server, { product_name: product, version: "1", environment_name: "staging", invoke_id: "0", status: "pending", occurred_at: at_second(-5) });
}

describe("versioner check", () => {
	test("is content with a server that runs, and with one that has stopped", async () => {
		await with_server({}, async (server) => {
			server.assert_check_is_green();
			await live_a_little(server);
			server.assert_check_is_green();
			await server.stop();
			server.assert_check_is_green();
		});
	});

	test("replays the log: corrections, late, backfilled and catalog changes included", async () => {
		await with_server({}, async (server) => {
			for (let i = 0; i < 5; i++) await live_a_little(server);
			const [product] = await list_all(server, "/products/");
			await server.request("DELETE", `/products/${product.id}`);
			await deploy(server, { product_name: product.name });
			await server.request("PATCH", `/products/${(await list_all(server, "/products/"))[0].id}`, { body: { name: unique("renamed") } });
			server.assert_check_is_green();
		});
	});

	const damages: [string, string][] = [
		["a current version that is not the one of the log", "UPDATE environment_state SET current_version_id = latest_version_id, current_version = '4711'"],
		["a place that is not in the matrix", "DELETE FROM environment_state"],
		["a deployment in another state than the log says", "UPDATE deployment SET state = 'aborted' WHERE state = 'completed'"],
		["a lost event", "DELETE FROM event WHERE effect = 'new'"],
	];
	for (const [name, sql] of damages) {
		test(`finds ${name}`, { skip: NO_SQLITE }, async () => {
			await with_server({}, async (server) => {
				await live_a_little(server);
				await server.stop();
				sqlite(server.db, `PRAGMA foreign_keys = OFF; ${sql}`);
				const result = server.run("check", "--db", server.db);
				assert.equal(result.status, 1, result.stdout + result.stderr);
				assert.ok((result.stdout + result.stderr).trim().length > 10, "it says what is wrong");
			});
		});
	}

	test("finds a damaged file", { skip: NO_SQLITE }, async () => {
		await with_server({}, async (server) => {
			for (let i = 0; i < 10; i++) await live_a_little(server);
			await server.stop();
			sqlite(server.db, "PRAGMA wal_checkpoint(TRUNCATE)");
			const file = fs.openSync(server.db, "r+");
			const size = fs.fstatSync(file).size;
			for (let at = 4096 * 12; at < size; at += 4096 * 7) fs.writeSync(file, Buffer.alloc(600, 0xa5), 0, 600, at);
			fs.closeSync(file);
			assert.notEqual(server.run("check", "--db", server.db).status, 0);
		});
	});

	test("refuses a file that is not there, without making it", () => {
		const server = new Server();
		assert.notEqual(server.run("check", "--db", server.db).status, 0);
		assert.ok(!fs.existsSync(server.db));
		fs.rmSync(server.dir, { recursive: true, force: true });
	});
});

describe("versioner backup", { skip: NO_FILE }, () => {
	test("is consistent while others write, passes the check, and a server goes on from it", async () => {
		await with_server({}, async (server) => {
			await live_a_little(server);
			const acknowledged: string[] = [];
			let writing = true;
			const writers = Array.from({ length: 8 }, async () => {
				while (writing) {
					const answer = await server.post("/deployment-events/", event_of("deployment"));
					assert.equal(answer.status, 200);
					acknowledged.push(answer.json.event_id);
				}
			});
			await sleep(300);
			const before = [...acknowledged];
			const copy = path.join(server.dir, "copy.db");
			/* run() would block this process and with it the writers: the program runs beside them. */
			const result = await run_beside(server, "backup", "--db", server.db, copy);
			writing = false;
			await Promise.all(writers);
			assert.equal(result.code, 0, result.said);
			assert.equal(run_binary(["check", "--db", copy], { env: server.environment() }).status, 0);
			await with_server({ db: copy, key: server.key }, async (restored) => {
				await assert_all_stored(restored, before);
				await deploy(restored, {});
			});
		});
	});

	test("does not write over a file that is there, and says when it cannot write", async () => {
		await with_server({}, async (server) => {
			const taken = path.join(server.dir, "taken");
			fs.writeFileSync(taken, "precious");
			assert.notEqual(server.run("backup", "--db", server.db, taken).status, 0);
			assert.equal(fs.readFileSync(taken, "utf8"), "precious");
			const nowhere = server.run("backup", "--db", server.db, path.join(server.dir, "no", "such", "folder"));
			assert.notEqual(nowhere.status, 0);
			assert.ok(nowhere.stderr.length > 0);
			assert.notEqual(server.run("backup", "--db", server.db).status, 0, "it needs a file");
		});
	});
});

async function run_beside(server: Server, ...args: string[]): Promise<{ code: number | null; said: string }> {
	const { spawn } = await import("node:child_process");
	const { BINARY } = await import("./server");
	const child = spawn(BINARY, args, { env: server.environment(), stdio: ["ignore", "pipe", "pipe"] });
	let said = "";
	child.stdout.on("data", (text: Buffer) => (said += text));
	child.stderr.on("data", (text: Buffer) => (said += text));
	const code = await new Promise<number | null>((done) => child.on("close", done));
	return { code, said };
}

describe("starts that must be refused", () => {
	const refusal = (prepare: (server: Server) => void, args: string[] = []): string => {
		const server = new Server({ args });
		prepare(server);
		const result = refused_start(server);
		fs.rmSync(server.dir, { recursive: true, force: true });
		assert.ok(result.status !== null && result.status > 0 && result.status < 128, `exit ${result.status}: ${result.said}`);
		return result.said;
	};

	test("a database with a newer schema than the program knows", { skip: NO_SQLITE }, async () => {
		await with_server({}, async (server) => {
			await live_a_little(server);
			await server.stop();
			const columns = sqlite(server.db, "SELECT group_concat(name) FROM pragma_table_info('schema_migration')").split(",");
			const number = columns.find((c) => /number|version|id/.test(c))!;
			const others = columns.filter((c) => c !== number);
			sqlite(server.db, `INSERT INTO schema_migration (${[number, ...others].join(",")}) SELECT 9999,${others.join(",")} FROM schema_migration LIMIT 1`);
			const result = refused_start(server);
			assert.notEqual(result.status, 0);
			assert.match(result.said, /newer/i);
			sqlite(server.db, `DELETE FROM schema_migration WHERE ${number} = 9999`);
			await server.start();
			assert.ok((await list_all(server, "/events/")).length > 0, "nothing was touched");
		});
	});

	test("a database whose migration was another one", { skip: NO_SQLITE }, async () => {
		await with_server({}, async (server) => {
			await server.stop();
			sqlite(server.db, "UPDATE schema_migration SET checksum = replace(checksum, substr(checksum, 1, 4), '0000')");
			const result = refused_start(server);
			assert.notEqual(result.status, 0);
			assert.match(result.said, /checksum|migration/i);
		});
	});

	test("a file that is no database, and stays as it was", { skip: NO_FILE }, () => {
		const bytes = Buffer.from("this is a letter, not a database\n".repeat(100));
		const said = refusal((server) => fs.writeFileSync(server.db, bytes));
		assert.match(said, /versioner\.db|database/i);
	});

	test("a folder that is not there", () => {
		const server = new Server({ db: path.join("/nonexistent", "folder", "x.db") });
		const result = refused_start(server);
		fs.rmSync(server.dir, { recursive: true, force: true });
		assert.notEqual(result.status, 0);
		assert.match(result.said, /nonexistent/);
	});

	test("an address that is taken", async () => {
		await with_server({}, async (server) => {
			const said = refusal(() => undefined, ["--listen", `127.0.0.1:${server.port}`]);
			assert.match(said, new RegExp(String(server.port)));
		});
	});

	const settings: [string[], RegExp][] = [
		[["--no-such-flag"], /no-such-flag/],
		[["--rate-limt", "5"], /rate-limit/],
		[["--rate-limit", "many"], /rate-limit/],
		[["--rate-limit", "-1"], /rate-limit/],
		[["--http-threads", "1000"], /http-threads/],
		[["--idle-timeout", "soon"], /idle-timeout/],
		[["--log-format", "xml"], /logfmt/],
		[["--log-level", "loud"], /log-level/],
		[["--listen", "nowhere"], /listen|nowhere/],
		[["--config", "/nonexistent.yaml"], /nonexistent/],
		[["stray-word"], /stray-word/],
	];
	for (const [args, expected] of settings) {
		test(`serve ${args.join(" ")}`, () => assert.match(refusal(() => undefined, args), expected));
	}
});

describe("settings", () => {
	test("a file, the environment and flags: the later one wins", async () => {
		const limit_of = async (server: Server): Promise<string> => {
			let answer = await server.get("/events/");
			for (let i = 0; i < 20 && answer.status !== 429; i++) answer = await server.get("/events/");
			return answer.headers["x-ratelimit-limit"] as string;
		};
		const seed = new Server();
		const file = path.join(seed.dir, "versioner.yaml");
		fs.writeFileSync(file, "# settings\nrate_limit: 3\nlog_level: info\ncors_origin:\n  - https://dash.example\n");
		const base = { rate_limit: "standard" as const };
		await with_server({ ...base, args: ["--config", file] }, async (server) => assert.equal(await limit_of(server), "3"));
		await with_server({ ...base, env: { VERSIONER_CONFIG: file, VERSIONER_RATE_LIMIT: "4" } }, async (server) => assert.equal(await limit_of(server), "4"));
		await with_server({ ...base, args: ["--rate-limit=5"], env: { VERSIONER_CONFIG: file, VERSIONER_RATE_LIMIT: "4" } }, async (server) => assert.equal(await limit_of(server), "5"));
		fs.writeFileSync(file, "rate_limt: 3\n");
		const broken = new Server({ args: ["--config", file] });
		const result = refused_start(broken);
		assert.notEqual(result.status, 0);
		assert.match(result.said, /rate_limit/);
		for (const dir of [seed.dir, broken.dir]) fs.rmSync(dir, { recursive: true, force: true });
	});

	test("--log-format json gives one JSON object a line", async () => {
		await with_server({ args: ["--log-format", "json", "--log-level", "debug"] }, async (server) => {
			await deploy(server, { product_name: 'a "quoted"\u2028name' });
			await server.get("/nowhere?x=%22%0a%1b");
			await server.stop();
			const lines = server.log.split("\n").filter(Boolean);
			assert.ok(lines.length >= 3);
			for (const line of lines) assert.equal(typeof JSON.parse(line).msg, "string", line);
		});
	});

	test("logfmt: one line an event, whatever a client sends", async () => {
		await with_server({}, async (server) => {
			await server.get("/x%0alevel=error%20msg=forged", { key: null });
			await server.get("/events/?product=%0d%0alevel=error", { headers: { "user-agent": "a\"b\\c level=error" } });
			await server.stop();
			for (const line of server.log.split("\n").filter(Boolean)) assert.match(line, /^(level|time)=\S+ (level|time)=\S+ msg=/, line);
		});
	});
});

describe("the program", () => {
	test("without arguments prints its commands", () => {
		const result = run_binary([]);
		for (const word of ["serve", "check", "backup", "admin", "version"]) assert.ok((result.stdout + result.stderr).includes(word), word);
	});

	test("says its version", () => {
		const result = run_binary(["version"]);
		assert.equal(result.status, 0);
		assert.match(result.stdout, /\d+\.\d+/);
	});

	test("--help everywhere is no error and names the flags", () => {
		for (const args of [["--help"], ["serve", "--help"], ["check", "--help"], ["backup", "--help"], ["admin", "--help"]]) {
			const result = run_binary(args);
			assert.equal(result.status, 0, args.join(" "));
			assert.ok(result.stdout.length > 20, args.join(" "));
		}
		for (const flag of ["--db", "--listen", "--rate-limit", "--tls-cert", "--max-connections", "--queue-size", "--config"]) assert.ok(run_binary(["serve", "--help"]).stdout.includes(flag), flag);
	});

	test("an unknown command is an error with a hint", () => {
		const result = run_binary(["serv"]);
		assert.notEqual(result.status, 0);
		assert.match(result.stderr, /serv/);
	});
});

describe("the state after backfill", () => {
	test("is the same whatever the order in which events came", async () => {
		await with_server({}, async (server) => {
			const events = ["1", "2", "3", "2", "4"].map((version, i) => ({ version, completed_at: at_second(i * 10), invoke_id: `${i}` }));
			const orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]];
			const states: unknown[] = [];
			for (const order of orders) {
				const product_name = unique("order");
				for (const i of order) await deploy(server, { product_name, ...events[i] });
				const seen = await Promise.all([5, 15, 25, 35, 45].map(async (s) => (await matrix_row(server, product_name, at_second(s)))!.cells.production.version));
				const now = (await matrix_row(server, product_name))!.cells.production;
				states.push([seen, now.version, now.since]);
			}
			assert.deepEqual(states[0], [["1", "2", "3", "2", "4"], "4", at_second(40).replace("Z", ".000000Z")]);
			assert.deepEqual(states[1], states[0]);
			assert.deepEqual(states[2], states[0]);
			server.assert_check_is_green();
		});
	});
});
