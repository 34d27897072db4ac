/* Behind PgBouncer in transaction mode, where each transaction may run in another session of the database. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, effects_of, event_of, get_ok, Kind, list_all, matrix_row, read_table, record, send } from "./api";
import { assert_whole, Load } from "./load";
import { settled, with_world } from "./notifications";
import { NO_PGBOUNCER, PgBouncer, PoolOptions, with_pgbouncer } from "./pgbouncer";
import { new_key, run_binary, Server, ServerOptions, sleep, unique } from "./server";

const SKIP = { skip: NO_PGBOUNCER };

/* Servers on the database behind PgBouncer; the first one makes the tables and the key. */
async function with_servers(count: number, db: string, options: ServerOptions, test_it: (servers: Server[]) => Promise<void>): Promise<void> {
	const servers: Server[] = [];
	let failed = true;
	try {
		for (let i = 0; i < count; i++) {
			servers.push(new Server({ ...options, db, key: servers[0]?.key ?? options.key, bootstrap: i === 0 && options.bootstrap }));
			await servers[i].start();
		}
		await test_it(servers);
		failed = false;
	} finally {
		for (const server of servers) await server.close().catch((failure) => assert.ok(failed, failure));
	}
}

const behind = (pool: PoolOptions, options: ServerOptions, test_it: (servers: Server[], pooler: PgBouncer) => Promise<void>, count = 2): Promise<void> =>
	with_pgbouncer(pool, (pooler) => with_servers(count, pooler.url(), options, (servers) => test_it(servers, pooler)));

async function assert_whole_and_green(load: Load, servers: Server[]): Promise<void> {
	await load.stop();
	const stored = await load.compare(servers[0]);
	assert.ok(stored.acknowledged > 0);
	assert_whole(stored);
	for (const server of servers) server.assert_check_is_green();
}

describe("PgBouncer in transaction mode", SKIP, () => {
	const pooler = NO_PGBOUNCER ? undefined : new PgBouncer();
	const servers: Server[] = [];

	before(async () => {
		await pooler!.start();
		for (let i = 0; i < 2; i++) {
			servers.push(new Server({ db: pooler!.url(), key: servers[0]?.key, bootstrap: i === 0 }));
			await servers[i].start();
		}
	});
	after(async () => {
		for (const server of servers) await server.close();
		await pooler!.stop();
	});

	test("migrate finds the tables of the first start", () => {
		const result = servers[0].run("migrate");
		assert.equal(result.status, 0, result.stderr);
		assert.match(result.stdout + result.stderr, / 0 migrations applied/);
	});

	test("events of every status word, read by the other server", async () => {
		for (const row of read_table("status-map.tsv")) {
			const sent = await record(servers[0], row.kind as Kind, { status: row.submitted });
			assert.equal(sent.status, row.canonical);
			assert.equal((await get_ok(servers[1], `/${row.kind}s/${sent.id}`)).status, row.canonical);
		}
	});

	test("one event that both servers get at once is one deployment, of one product", async () => {
		const fields = { product_name: unique("race"), environment_name: "production", version: "1", invoke_id: "run" };
		const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => send(servers[i % 2], "deployment", fields)));
		for (const answer of answers) assert.equal(answer.status, 200, answer.text);
		assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
		assert.equal((await list_all(servers[0], "/products/", { name: fields.product_name })).length, 1);
		assert.equal((await effects_of(servers[1], fields.product_name)).filter((effect) => effect === "new").length, 1);
		assert.equal((await matrix_row(servers[1], fields.product_name))!.cells.production.version, "1");
	});

	test("one Idempotency-Key on both servers at once is one event", async () => {
		const body = event_of("build"), headers = { "Idempotency-Key": unique("key") };
		const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => servers[i % 2].post("/build-events/", body, { headers })));
		for (const answer of answers) assert.equal(answer.status, 200, answer.text);
		assert.equal(new Set(answers.map(({ json }) => json.event_id)).size, 1);
		assert.equal(answers.filter((answer) => answer.headers["idempotency-replayed"] === undefined).length, 1);
	});

	test("names that are taken are a conflict and do no harm to others in the same moment", async () => {
		const name = unique("taken");
		const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => servers[i % 2].post("/products/", { name: i < 6 ? name : unique("free") })));
		assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 201, 201, 409, 409, 409, 409, 409]);
	});

	test("export, import into an empty database, and check", async () => {
		await deploy(servers[0], { product_name: "moved", environment_name: "production" });
		const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-pooled-"));
		try {
			const exported = servers[0].run("export", path.join(dir, "all.ndjson"));
			assert.equal(exported.status, 0, exported.stderr);
			await with_pgbouncer({}, async (other) => {
				const imported = run_binary(["import", "--db", other.url(), path.join(dir, "all.ndjson")]);
				assert.equal(imported.status, 0, imported.stdout + imported.stderr);
				assert.match(imported.stdout, /no problems/);
				await with_servers(1, other.url(), { key: servers[0].key, bootstrap: false }, async ([server]) => {
					assert.deepEqual(await list_all(server, "/events/"), await list_all(servers[0], "/events/"));
					server.assert_check_is_green();
				});
			});
		} finally {
			fs.rmSync(dir, { recursive: true, force: true });
		}
		for (const server of servers) server.assert_check_is_green();
	});
});

describe("PgBouncer in transaction mode, in trouble", SKIP, () => {
	test("notifications of two servers are delivered, once each and in order", async () => {
		await with_pgbouncer({}, (pooler) =>
			with_world({ mail: false, db: pooler.url() }, async (world) => {
				const other = new Server({ db: pooler.url(), key: world.server.key, bootstrap: false, args: ["--allow-private-destinations", "127.0.0.0/8"] });
				await other.start();
				try {
					const targets = [await world.webhook("*"), await world.webhook("deployment.*")], product = unique("told");
					for (const status of ["pending", "started", "success"])
						await Promise.all(Array.from({ length: 20 }, (_, i) => deploy(i % 2 ? other : world.server, { product_name: `${product}-${i}`, status, invoke_id: "1" })));
					for (const target of targets) {
						const rows = await settled(world.server, target.id);
						assert.deepEqual([rows.length, rows.filter(({ state }) => state !== "delivered").length], [60, 0]);
						const requests = world.receiver.at(target.path);
						assert.equal(requests.length, 60);
						for (const id of new Set(requests.map(({ json }) => json.id))) {
							const events = requests.filter(({ json }) => json.id === id).map(({ json }) => json.event_id);
							assert.deepEqual(events, [...events].sort());
						}
					}
					other.assert_check_is_green();
				} finally {
					await other.close();
				}
			}),
		);
	});

	test("killed and started again under load: 503 at once, then it goes on, and nothing acknowledged is lost", async () => {
		await behind({}, {}, async (servers, pooler) => {
			for (const server of servers) server.expect_errors(/could not be stored|connection to the database|database is away|does not answer/);
			const load = new Load(servers, unique("killed"));
			load.start();
			for (let i = 0; i < 3; i++) {
				await load.acknowledges(100);
				await pooler.kill();
				const begun = load.tries.length;
				await load.until(() => load.tries.slice(begun).filter(({ status }) => status === 503).length >= 20, "requests are answered with 503");
				assert.equal((await servers[1].get("/events/")).status, 503);
				await pooler.start();
			}
			await load.acknowledges(100);
			await assert_whole_and_green(load, servers);
		});
	});

	test("fewer connections than readers and writers: requests wait, none is lost, none hangs", async () => {
		await behind({ pool_size: 2 }, { args: ["--readers", "6"] }, async (servers) => {
			const load = new Load(servers, unique("small"), { clients: 16 });
			load.start();
			let reads = 0;
			const reading = Array.from({ length: 16 }, async (_, i) => {
				for (; reads < 600; reads++) {
					const answer = await servers[i % 2].get(["/events/?limit=200", "/environment-state/", "/deployments/?status=completed"][i % 3]);
					assert.ok(answer.status === 200 || answer.status === 503, answer.text);
				}
			});
			await Promise.all(reading);
			await load.acknowledges(100);
			await assert_whole_and_green(load, servers);
		});
	});
});

describe("PgBouncer in transaction mode without versioner_prepared=off", SKIP, () => {
	test("is found out: everything works, and the log says what to write into the URI", async () => {
		await with_pgbouncer({ pool_size: 3 }, (pooler) =>
			with_servers(2, pooler.url(""), {}, async (servers) => {
				const load = new Load(servers, unique("unsaid"));
				load.start();
				await load.acknowledges(300);
				await assert_whole_and_green(load, servers);
				for (const server of servers) assert.equal(server.log.split("versioner_prepared=off").length, 2, "said once by each process");
			}),
		);
	});

	test("who insists on prepared statements is told in one sentence what is wrong", async () => {
		await with_pgbouncer({ pool_size: 1 }, async (pooler) => {
			const key = new_key();
			await with_servers(1, pooler.url(), { key }, () => Promise.resolve()); /* the tables */
			const server = new Server({ db: pooler.url("versioner_prepared=on"), key, bootstrap: false, args: ["--readers", "4"] });
			server.expect_errors(/versioner_prepared=off/);
			await server.start();
			try {
				const SENTENCE = /status=500.*a connection pooler mixes our prepared statements with others': the database URI needs versioner_prepared=off/;
				for (const deadline = Date.now() + 20_000; !SENTENCE.test(server.log); await sleep(5)) {
					assert.ok(Date.now() < deadline, `never said: ${server.log.slice(-2000)}`);
					await Promise.all(Array.from({ length: 8 }, () => server.get("/events/")));
				}
			} finally {
				await server.close();
			}
		});
	});

	test("a database without a pooler is not taken for one", async () => {
		await with_pgbouncer({}, (pooler) =>
			with_servers(1, pooler.direct, {}, async ([server]) => {
				await deploy(server, {});
				assert.doesNotMatch(server.log, /pooler/);
			}),
		);
	});
});
