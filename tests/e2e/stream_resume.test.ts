/* The ways back into GET /events/stream: every later event once, whatever happened to connections, servers and stores in between. */
import { spawn, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as path from "node:path";
import { build, deploy, event_of, list_all } from "./api";
import { Clock, NO_CLOCK } from "./clock";
import { DatabaseNode, NO_CLUSTER, with_cluster } from "./cluster";
import { ON_POSTGRESQL } from "./engine";
import { WHEN_LOST } from "./failover";
import { Server, sleep, unique, with_server } from "./server";
import { Listener, listening } from "./stream";

const SLOW = process.env.VERSIONER_SANITIZED ? 4 : 1;
const FROM_THE_BEGINNING = "elsewhere-0-00000000-0000-7000-8000-000000000000";

/* Many at a time, on several products, until stopped. Gives what was acknowledged. */
function load(servers: Server[], senders = 12): () => Promise<string[]> {
	const acknowledged: string[] = [];
	let going = true;
	const one = async (server: Server, n: number): Promise<void> => {
		for (let i = 0; going; i++) {
			const answer = await server.post("/deployment-events/", event_of("deployment", { product_name: `load-${n % 7}`, version: `${n}.${i}`, status: i % 3 === 0 ? "failed" : "success" }));
			if (answer.status === 200) acknowledged.push(answer.json.event_id);
			else await sleep(20);
		}
	};
	const all = Promise.all(Array.from({ length: senders }, (_, n) => one(servers[n % servers.length], n)));
	all.catch(() => (going = false));
	return async () => {
		going = false;
		await all;
		return acknowledged;
	};
}

function assert_once(listener: Listener, expected: string[], what: string): void {
	const told = listener.ids();
	assert.equal(new Set(told).size, told.length, `${what}: something was told twice`);
	assert.deepEqual([...told].sort(), [...expected].sort(), what);
}

async function on_two_servers(test_it: (first: Server, second: Server) => Promise<void>): Promise<void> {
	await with_server({}, async (first) => {
		const second = new Server({ db: first.db, key: first.key, bootstrap: false });
		await second.start();
		try {
			await test_it(first, second);
		} finally {
			await second.close();
		}
	});
}

/* Listeners that lose their connections at random, each time at the next server, while the load goes on. */
async function through_lost_connections(servers: Server[]): Promise<void> {
	await listening(async (listen) => {
		const restless = await Promise.all(Array.from({ length: 6 }, (_, i) => listen(servers[i % servers.length])));
		const [steady, narrow] = [await listen(servers[0]), await listen(servers[servers.length - 1], { query: "type=deployment.failed" })];
		const stop = load(servers);
		let at = 0, losses = 0;
		for (const end = Date.now() + 4_000 * SLOW; Date.now() < end; losses++) {
			const listener = restless[losses % restless.length];
			await sleep(Math.random() * 40);
			listener.close();
			if (Math.random() < 0.3) await sleep(Math.random() * 200);
			await listener.open(servers[++at % servers.length]);
			assert.equal(listener.status, 200, listener.body);
		}
		const acknowledged = await stop();
		assert.ok(acknowledged.length > 200 && losses > 20, `${acknowledged.length} events, ${losses} losses`);
		for (const listener of [...restless, steady]) {
			await listener.has_at_last(acknowledged);
			assert_once(listener, acknowledged, "all");
		}
		/* The same order for everybody. */
		for (const listener of restless) assert.deepEqual(listener.ids(), steady.ids());
		const failed = steady.told.filter(({ type }) => type === "deployment.failed").map(({ event }) => event.id);
		await narrow.has_at_last(failed);
		assert_once(narrow, failed, "failed ones");
		const again = await listen(servers[0], { last_id: FROM_THE_BEGINNING });
		await again.has_at_last(acknowledged);
		assert.deepEqual(again.ids(), steady.ids(), "from the beginning");
		for (const server of servers) assert.match((await server.get("/metrics")).text, /^versioner_stream_dropped_total\{reason="revoked"\} 0$/m);
	});
}

describe("after a lost connection", () => {
	test("each event once, while many write", async () => {
		await with_server({}, (server) => through_lost_connections([server]));
	});

	test("also on another server of the same store", { skip: NO_CLUSTER }, async () => {
		await on_two_servers((first, second) => through_lost_connections([first, second]));
	});

	test("before anything was told", async () => {
		await with_server({}, async (server) => {
			await listening(async (listen) => {
				const listener = await listen(server);
				listener.close();
				const ids = [(await deploy(server, {})).event_id, (await build(server, {})).event_id];
				await listener.open();
				await listener.has(ids);
				assert_once(listener, ids, "what came meanwhile");
			});
		});
	});

	test("the server was killed and started again", async () => {
		await with_server({}, async (server) => {
			await listening(async (listen) => {
				const listener = await listen(server);
				const ids: string[] = [];
				for (let round = 0; round < 3; round++) {
					for (let i = 0; i < 10; i++) ids.push((await deploy(server, {})).event_id);
					if (round % 2) await listener.has(ids);
					await server.stop("SIGKILL");
					await server.start();
					ids.push((await deploy(server, {})).event_id);
					await listener.open();
				}
				await listener.has(ids);
				assert_once(listener, ids, "all");
			});
		});
	});

	const MANY = (ON_POSTGRESQL ? 20_000 : 100_000) / SLOW;
	test(`${MANY} events behind, in little memory, and one that takes its time`, async () => {
		await with_server({}, async (server) => {
			const ids: string[] = [];
			for (let i = 0; i < MANY; i += 5_000) {
				const lines = Array.from({ length: 5_000 }, (_, n) => JSON.stringify({ kind: "build", ...event_of("build", { product_name: `many-${(i + n) % 50}`, version: `1.${i + n}`, error_message: "x".repeat(200) }) }));
				const answer = await server.post("/events/bulk?notify=false", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
				ids.push(...answer.text.trimEnd().split("\n").map((line) => JSON.parse(line).event_id));
			}
			const memory = async (): Promise<number> => Number(/^process_resident_memory_bytes (.*)$/m.exec((await server.get("/metrics")).text)![1]);
			await listening(async (listen) => {
				const before = await memory();
				const all = await Promise.all(Array.from({ length: 5 }, () => listen(server, { last_id: FROM_THE_BEGINNING })));
				all[0].pause();
				const late = (await deploy(server, {})).event_id;
				for (const listener of all.slice(1)) {
					await listener.has([...ids, late], 60_000 * SLOW);
					assert_once(listener, [...ids, late], "all");
				}
				const most = await memory();
				if (!process.env.VERSIONER_SANITIZED) assert.ok(most - before < 40 * 1024 * 1024, `${(most - before) >> 20} MiB more`);
				all[0].resume();
				await all[0].until(() => all[0].ended || all[0].told.length > ids.length, "the slow one", 60_000 * SLOW);
				if (all[0].ended) await all[0].open();
				await all[0].has([...ids, late], 60_000 * SLOW);
				assert_once(all[0], [...ids, late], "the slow one");
			});
		});
	});

	test("the clock was set back meanwhile", { skip: NO_CLOCK }, async () => {
		const clock = new Clock();
		clock.forward(86_400);
		const ahead = new Server({ env: clock.env });
		const true_time = new Server({ db: ahead.db, key: ahead.key, bootstrap: false });
		try {
			await listening(async (listen) => {
				await ahead.start();
				const listener = await listen(ahead);
				const first = (await deploy(ahead, {})).event_id;
				await listener.has([first]);
				ahead.assert_clean_exit(await ahead.stop());
				await true_time.start();
				await listener.open(true_time);
				const later: string[] = [];
				for (let i = 0; i < 5; i++) later.push((await deploy(true_time, {})).event_id);
				await listener.has([first, ...later]);
				assert_once(listener, [first, ...later], "all");
				listener.last_id = listener.told[2].id;
				listener.told.length = 0;
				await listener.open(true_time);
				await listener.has(later.slice(2));
				assert_once(listener, later.slice(2), "behind the third");
			});
		} finally {
			await true_time.close();
			await ahead.close();
			clock.remove();
		}
	});
});

describe("in another store", () => {
	test("an export, imported: on it goes by time, and a comment says so", async () => {
		await with_server({}, async (server) => {
			const ids: string[] = [];
			await listening(async (listen) => {
				const listener = await listen(server);
				for (let i = 0; i < 12; i++) ids.push((await deploy(server, {})).event_id);
				await listener.has(ids);
				const file = path.join(server.dir, "export.ndjson");
				assert.equal(server.run("export", file).status, 0);
				const other = new Server({ key: server.key, bootstrap: false });
				try {
					const imported = other.run("import", file);
					assert.equal(imported.status, 0, imported.stderr);
					await other.start();
					listener.last_id = listener.told[4].id;
					listener.told.length = 0;
					await listener.open(other);
					const later = (await deploy(other, {})).event_id;
					await listener.has([...ids.slice(5), later]);
					assert_once(listener, [...ids.slice(5), later], "behind the fifth");
					if (ON_POSTGRESQL) assert.match(listener.comments.join("\n"), /another store/);
					const place = listener.last_id;
					listener.told.length = 0;
					await listener.open(other);
					const last = (await deploy(other, {})).event_id;
					await listener.has([last]);
					assert_once(listener, [last], `behind ${place}`);
				} finally {
					await other.close();
				}
			});
		});
	});

	/* Numbers of transactions are smaller there, and the events have those of the old cluster. */
	test("a dump, restored into a new cluster", { skip: NO_CLUSTER }, async () => {
		await with_cluster({}, async (old) => {
			await with_cluster({}, async (young) => {
				const spend = "DO $$ BEGIN FOR i IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
				old.primary.query(spend);
				const server = new Server({ db: old.primary.url });
				const restored = new Server({ db: young.primary.url, key: server.key, bootstrap: false });
				try {
					await server.start();
					await listening(async (listen) => {
						const listener = await listen(server);
						const ids: string[] = [];
						for (let i = 0; i < 10; i++) ids.push((await deploy(server, {})).event_id);
						await listener.has(ids);
						const dump = spawnSync("pg_dump", ["--no-owner", old.primary.url], { maxBuffer: 1 << 28 });
						assert.equal(dump.status, 0, dump.stderr.toString());
						/* After the dump: the client has seen them, the new store never will, and gives their numbers to others. */
						const lost: string[] = [];
						for (let i = 0; i < 50; i++) lost.push((await deploy(server, {})).event_id);
						await listener.has([...ids, ...lost]);
						await server.stop();
						const load_it = spawnSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", young.primary.url], { input: dump.stdout });
						assert.equal(load_it.status, 0, load_it.stderr.toString());
						await restored.start();
						const [behind_the_fifth, behind_the_lost] = [await listen(restored, { last_id: listener.told[4].id }), await listen(restored, { last_id: listener.told[59].id })];
						const later: string[] = [];
						for (let i = 0; i < 5; i++) later.push((await deploy(restored, {})).event_id);
						await behind_the_fifth.has([...ids.slice(5), ...later]);
						assert_once(behind_the_fifth, [...ids.slice(5), ...later], "behind the fifth");
						await behind_the_lost.has(later);
						assert_once(behind_the_lost, later, "behind what was lost");
						const all = await listen(restored, { last_id: FROM_THE_BEGINNING });
						await all.has([...ids, ...later]);
						assert.deepEqual(all.ids(), [...ids, ...later]);
					});
				} finally {
					await restored.close();
					await server.close();
				}
			});
		});
	});
});

describe("with several servers on PostgreSQL", { skip: NO_CLUSTER }, () => {
	test("one tells at once what the other has taken", async () => {
		await on_two_servers(async (first, second) => {
			await listening(async (listen) => {
				const [here, there] = [await listen(first), await listen(second)];
				const ids: string[] = [];
				await sleep(2_000); /* in the beginning it looks often by itself */
				const begun = Date.now();
				for (let i = 0; i < 20; i++) {
					ids.push((await deploy(second, {})).event_id);
					await here.has(ids);
				}
				assert.ok(Date.now() - begun < 4_000 * SLOW, `${Date.now() - begun} ms; looking without being called would take half a second each`);
				for (let i = 0; i < 20; i++) {
					ids.push((await deploy(i % 2 ? first : second, {})).event_id);
					await Promise.all([here.has(ids), there.has(ids)]);
				}
				assert_once(here, ids, "here");
				assert.deepEqual(there.ids(), here.ids());
			});
		});
	});

	/* psql with a transaction that stays open, and has been given a number. */
	async function with_open_transaction(url: string, begin: string, test_it: () => Promise<void>): Promise<void> {
		const session = spawn("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url], { stdio: ["pipe", "pipe", "inherit"] });
		let said = "";
		session.stdout.on("data", (bytes) => (said += bytes));
		session.stdin.write(`BEGIN; ${begin}; SELECT 'open ' || pg_current_xact_id();\n`);
		try {
			for (const deadline = Date.now() + 10_000; !said.includes("open "); await sleep(10)) assert.ok(Date.now() < deadline, "the transaction is open");
			await test_it();
		} finally {
			session.stdin.end("ROLLBACK;\n");
			await new Promise((done) => session.on("close", done));
		}
	}

	test("transactions of others do not hold it up, and one of ours does until it ends", async () => {
		await with_cluster({}, async ({ primary }) => {
			const server = new Server({ db: primary.url });
			try {
				await server.start();
				primary.query("CREATE DATABASE reports");
				primary.query("CREATE SCHEMA night; CREATE TABLE night.report (n INT)");
				const reports = new URL(primary.url);
				reports.pathname = "/reports";
				await listening(async (listen) => {
					const listener = await listen(server);
					const ids: string[] = [];
					const promptly = async (what: string): Promise<void> => {
						for (let i = 0; i < 3; i++) {
							ids.push((await deploy(server, {})).event_id);
							await listener.has(ids, 3_000 * SLOW);
						}
						const late = await listen(server); /* begins now, and not when the transaction did */
						ids.push((await deploy(server, {})).event_id);
						await late.has(ids.slice(-1), 3_000 * SLOW);
						assert.deepEqual(late.ids(), ids.slice(-1), what);
						late.close();
					};
					await with_open_transaction(reports.href, "CREATE TABLE t (n INT)", () => promptly("another database"));
					await with_open_transaction(primary.url, "INSERT INTO night.report VALUES (1)", () => promptly("another schema"));
					let held: string | undefined;
					await with_open_transaction(primary.url, "UPDATE account SET name = name", async () => {
						held = (await deploy(server, {})).event_id;
						await sleep(600);
						assert.ok(!listener.ids().includes(held!), "it may still bring an event");
					});
					await listener.has([...ids, held!], 3_000 * SLOW);
				});
			} finally {
				await server.close();
			}
		});
	});

	/* Some seconds of transactions that the standby has never seen: their numbers are given again. */
	test("a failover that loses what the client has seen: all that comes after it is told", async () => {
		await with_cluster({}, async (cluster) => {
			const standby: DatabaseNode = await cluster.add_standby();
			const server = new Server({ db: cluster.url_of(cluster.primary, standby) });
			server.expect_errors(WHEN_LOST);
			server.expect_errors(/does not exist|could not be stored|the stream/);
			try {
				await server.start();
				await listening(async (listen) => {
					const listener = await listen(server);
					const kept: string[] = [], lost: string[] = [], later: string[] = [];
					for (let i = 0; i < 5; i++) kept.push((await deploy(server, { product_name: unique("kept") })).event_id);
					await listener.has(kept);
					await cluster.primary.wait_until_shown_by(standby);
					standby.set("primary_conninfo", "");
					await cluster.primary.wait_for("SELECT count(*) = 0 FROM pg_stat_replication", "the standby goes on to follow");
					for (let i = 0; i < 30; i++) lost.push((await deploy(server, { product_name: unique("lost") })).event_id);
					await listener.has([...kept, ...lost]);
					await cluster.primary.kill();
					standby.promote();
					for (const deadline = Date.now() + 30_000; later.length < 10; ) {
						const answer = await server.post("/deployment-events/", event_of("deployment"));
						if (answer.status === 200) later.push(answer.json.event_id);
						else await sleep(50);
						assert.ok(Date.now() < deadline, answer.text);
					}
					const stored = new Set((await list_all(server, "/events/")).map(({ id }) => id));
					assert.ok(lost.some((id) => !stored.has(id)), "something was lost");
					assert.ok(later.every((id) => stored.has(id)));
					await listener.has(later, 10_000 * SLOW);
					await listener.open();
					const one_more = (await deploy(server, {})).event_id;
					await listener.has([...later, one_more]);
					const behind = listener.ids().slice(kept.length + lost.length);
					assert.deepEqual(behind, [...later, one_more], "each once");
				});
			} finally {
				await server.close();
			}
		});
	});
});
