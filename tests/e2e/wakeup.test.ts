/* What one server process commits, another acts on soon: a key that is revoked, a notification for a channel that the other one sends for. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, metric } from "./api";
import { NO_CLUSTER } from "./cluster";
import { settled, with_world, World } from "./notifications";
import { until } from "./receivers";
import { Server, sleep, unique } from "./server";
import { listening } from "./stream";

const BOUND = 1_000; /* milliseconds that a revoked key may still work on another server */
const PROMPT = 2_000; /* the sweep that finds what nobody told of comes every five seconds */

const hears = async (server: Server): Promise<void> => until(async () => (await metric(server, "versioner_calls_heard")) === 1, () => server.log.slice(-1000));

async function with_two(test_it: (world: World, other: Server) => Promise<void>): Promise<void> {
	await with_world({ mail: false }, async (world) => {
		const other = new Server({ db: world.server.db, key: world.server.key, bootstrap: false, args: ["--allow-private-destinations", "127.0.0.0/8"] });
		await other.start();
		try {
			await Promise.all([hears(world.server), hears(other)]);
			await test_it(world, other);
		} finally {
			await other.close();
		}
	});
}

function admin(server: Server, ...words: string[]): string {
	const result = server.run("admin", ...words, "--db", server.db);
	assert.equal(result.status, 0, result.stderr);
	assert.doesNotMatch(result.stderr, /could not be told/);
	return result.stdout.trim();
}

/* How long it takes until the server answers the key with this status. */
async function time_to(server: Server, key: string, status: number): Promise<number> {
	const begun = Date.now();
	while ((await server.get("/products/", { key })).status !== status) {
		assert.ok(Date.now() - begun < 10_000, `never ${status}`);
		await sleep(5);
	}
	return Date.now() - begun;
}

/* Events on each server, until stopped. */
function load(servers: Server[]): () => Promise<void> {
	let going = true;
	const product_name = unique("busy");
	const one = async (server: Server): Promise<void> => {
		while (going) await deploy(server, { product_name, status: "success" });
	};
	const all = Promise.all(servers.flatMap((server) => Array.from({ length: 8 }, () => one(server))));
	all.catch(() => (going = false));
	return async () => {
		going = false;
		await all;
	};
}

describe("two servers on one database of PostgreSQL", { skip: NO_CLUSTER }, () => {
	test("both know a new key and refuse a revoked one within a second, under load too", async () => {
		await with_two(async (world, other) => {
			const stop = load([world.server, other]);
			try {
				for (let round = 0; round < 3; round++) {
					const key = admin(world.server, "create-key", "--scope", "read");
					for (const server of [world.server, other]) assert.ok((await time_to(server, key, 200)) <= BOUND);
					admin(world.server, "revoke-key", key.split("_")[2]);
					const begun = Date.now();
					for (const server of [world.server, other]) await time_to(server, key, 401);
					assert.ok(Date.now() - begun <= BOUND, `${Date.now() - begun} ms`);
				}
			} finally {
				await stop();
			}
			for (const server of [world.server, other]) assert.ok((await metric(server, "versioner_calls_received_total")) >= 6);
		});
	});

	test("what one queues for the other's channel is delivered promptly", async () => {
		await with_two(async (world, other) => {
			const target = await world.webhook("*");
			await deploy(world.server, { product_name: unique("first"), status: "success" });
			await settled(world.server, target.id);
			/* The first server holds the channel for as long as something comes: what comes from the other is its, too. */
			for (let round = 0; round < 8; round++) {
				const product_name = unique("told");
				await deploy(world.server, { product_name: unique("own"), status: "success" });
				const begun = Date.now();
				await deploy(other, { product_name, status: "success" });
				await until(() => world.receiver.at(target.path).some((r) => r.json.product_name === product_name || r.text.includes(product_name)), () => "not delivered", PROMPT);
				assert.ok(Date.now() - begun < PROMPT);
			}
			assert.ok((await metric(other, "versioner_calls_sent_total")) > 0, "the other one called");
			assert.ok((await metric(world.server, "versioner_calls_received_total")) > 0, "the holder heard it");
		});
	});

	test("a server that joins is told who listens already, and then tells of events", async () => {
		await with_world({ mail: false }, async (world) => {
			await hears(world.server);
			await listening(async (listen) => {
				const listener = await listen(world.server);
				const other = new Server({ db: world.server.db, key: world.server.key, bootstrap: false });
				await other.start();
				try {
					/* That it was asked; without having joined it would be within five seconds. */
					await until(async () => (await metric(other, "versioner_calls_received_total")) >= 1, () => "nobody asked", PROMPT);
					const sent = await metric(other, "versioner_calls_sent_total");
					const { event_id } = await deploy(other, { product_name: unique("joined"), status: "success" });
					await until(async () => (await metric(other, "versioner_calls_sent_total")) > sent, () => "not told", PROMPT);
					await listener.has([event_id]);
				} finally {
					await other.close();
				}
			});
		});
	});

	test("a server alone calls nobody", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.webhook("*");
			await hears(world.server);
			await until(async () => (await metric(world.server, "versioner_calls_sent_total")) === 1, () => "has not joined");
			for (let i = 0; i < 20; i++) await deploy(world.server, { product_name: unique("alone"), status: "success" });
			await settled(world.server, target.id);
			/* Once, that it has come. */
			assert.equal(await metric(world.server, "versioner_calls_sent_total"), 1);
		});
	});
});
