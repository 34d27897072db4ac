/* Reading from a real standby: it answers, the primary does when it is gone, and it again when it is back. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, metric } from "./api";
import { DatabaseCluster, NO_CLUSTER, with_cluster } from "./cluster";
import { NO_FILE } from "./engine";
import { refused_start, Server, sleep, unique, with_server } from "./server";

const PATIENCE = 20_000;

const from = (server: Server, where: "primary" | "replica"): Promise<number> => metric(server, `versioner_reads_total{from="${where}"}`);

/* Every read on the way there is answered. */
async function read_until(server: Server, done: () => Promise<boolean>): Promise<void> {
	for (const deadline = Date.now() + PATIENCE; !(await done()); await sleep(20)) {
		assert.ok(Date.now() < deadline, server.log.slice(-1000));
		const answer = await server.get("/products/");
		assert.equal(answer.status, 200, answer.text);
	}
}

async function with_replica(test_it: (server: Server, cluster: DatabaseCluster) => Promise<void>, options = ""): Promise<void> {
	await with_cluster({}, async (cluster) => {
		const standby = await cluster.add_standby();
		await with_server({ db: cluster.primary.url, args: ["--db-read", standby.url + options] }, async (server) => {
			await read_until(server, async () => (await metric(server, "versioner_replica_up")) === 1);
			await test_it(server, cluster);
		});
	});
}

describe("a replica", { skip: NO_CLUSTER }, () => {
	test("answers reads; what must be current comes from the primary", async () => {
		await with_replica(async (server, cluster) => {
			const [, standby] = cluster.nodes;
			const product_name = unique("product");
			await deploy(server, { product_name, status: "success" });
			await cluster.primary.wait_until_shown_by(standby);
			const before = { replica: await from(server, "replica"), primary: await from(server, "primary") };
			for (let i = 0; i < 10; i++) assert.match((await server.get("/deployments/")).text, new RegExp(product_name));
			assert.equal(await from(server, "replica"), before.replica + 10);
			assert.equal(await from(server, "primary"), before.primary);
			assert.equal((await server.get("/ready")).status, 200);
			assert.equal(await from(server, "primary"), before.primary + 1);
		});
	});

	test("that stands still shows what it has; the primary is not asked", async () => {
		await with_replica(async (server, cluster) => {
			cluster.nodes[1].query("SELECT pg_wal_replay_pause()");
			const product_name = unique("product");
			await deploy(server, { product_name, status: "success" });
			assert.doesNotMatch((await server.get("/deployments/")).text, new RegExp(product_name));
			cluster.nodes[1].query("SELECT pg_wal_replay_resume()");
			await cluster.primary.wait_until_shown_by(cluster.nodes[1]);
			assert.match((await server.get("/deployments/")).text, new RegExp(product_name));
		});
	});

	test("that dies is replaced by the primary at once, and returned to", async () => {
		await with_replica(async (server, cluster) => {
			const [, standby] = cluster.nodes;
			for (let round = 0; round < 2; round++) {
				await standby.kill();
				const primary = await from(server, "primary");
				for (let i = 0; i < 20; i++) assert.equal((await server.get("/products/")).status, 200);
				assert.equal(await from(server, "primary"), primary + 20);
				assert.equal(await metric(server, "versioner_replica_up"), 0);
				standby.start_again();
				await read_until(server, async () => (await metric(server, "versioner_replica_up")) === 1);
				const replica = await from(server, "replica");
				await read_until(server, async () => (await from(server, "replica")) > replica);
			}
			const told = server.log.split("\n").filter((line) => /replica/.test(line) && /level=(warn|info)/.test(line));
			assert.ok(told.length <= 6, `a line for each way, not for each read:\n${told.join("\n")}`);
		});
	});

	test("that is away when the server starts is found later", async () => {
		await with_cluster({}, async (cluster) => {
			const standby = await cluster.add_standby();
			await standby.kill();
			await with_server({ db: cluster.primary.url, args: ["--db-read", standby.url] }, async (server) => {
				assert.equal((await server.get("/products/")).status, 200);
				standby.start_again();
				await read_until(server, async () => (await from(server, "replica")) > 0);
			});
		});
	});

	test("of several hosts, the standby is read and not the primary", async () => {
		await with_cluster({}, async (cluster) => {
			const standby = await cluster.add_standby();
			await with_server({ db: cluster.primary.url, args: ["--db-read", cluster.url_of(cluster.primary, standby)] }, async (server) => {
				await read_until(server, async () => (await from(server, "replica")) > 0);
				assert.deepEqual(standby.query("SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'versioner'"), ["t"]);
				await standby.kill();
				assert.equal((await server.get("/products/")).status, 200);
				standby.start_again();
				await read_until(server, async () => (await metric(server, "versioner_replica_up")) === 1);
			});
		});
	});

	test("that cancels a query for its recovery: the primary answers", async () => {
		await with_replica(async (server, cluster) => {
			const [, standby] = cluster.nodes;
			standby.set("max_standby_streaming_delay", "0");
			await read_until(server, async () => standby.query("SHOW max_standby_streaming_delay")[0] === "0");
			/* Each of these takes a lock that is replayed at once, whoever reads. */
			const deadline = Date.now() + PATIENCE;
			let going = true;
			const reading = (async () => {
				while (going) assert.equal((await server.get("/products/")).status, 200);
			})();
			try {
				while ((await metric(server, "versioner_reads_repeated_total")) === 0 && Date.now() < deadline) {
					cluster.primary.query("BEGIN; LOCK TABLE product IN ACCESS EXCLUSIVE MODE; COMMIT; ".repeat(40));
					await sleep(1);
				}
			} finally {
				going = false;
				await reading;
			}
			assert.ok((await metric(server, "versioner_reads_repeated_total")) > 0, "a query was cancelled");
		});
	});
});

describe("--db-read", () => {
	test("is refused beside SQLite, and when it is no address of PostgreSQL", { skip: NO_FILE === false ? false : "with SQLite" }, () => {
		const server = new Server({ args: ["--db-read", "postgresql://127.0.0.1/x"] });
		const { status, said } = refused_start(server);
		assert.equal(status, 1);
		assert.match(said, /--db-read is for PostgreSQL/);
	});

	test("with a password as a flag is warned of, and the password is told nowhere", { skip: NO_CLUSTER }, async () => {
		const secret = unique("clandestine");
		await with_server({ args: ["--db-read", `postgresql://versioner:${secret}@127.0.0.1:1/x`] }, async (server) => {
			server.keep_secret(secret);
			assert.equal((await server.get("/products/")).status, 200);
			assert.match(server.log, /--db-read with a password can be seen/);
		});
	});
});
