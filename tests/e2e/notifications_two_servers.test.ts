/* Two server processes on one database: they share the work, each channel is one's at a time, and one takes over from the other. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { event_of } from "./api";
import { settled, Target, with_world, World } from "./notifications";
import { Server, unique } from "./server";

const STATUSES = ["pending", "started", "success"];
const RUNS = 20;

const lines_of = (product: string): string =>
	STATUSES.flatMap((status) => Array.from({ length: RUNS }, (_, i) => JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name: `${product}-${i}`, status, invoke_id: "1" }) }))).join("\n");

const send = async (server: Server): Promise<void> => {
	const answer = await server.post("/events/bulk", lines_of(unique("two")), { headers: { "content-type": "application/x-ndjson" } });
	assert.equal(answer.status, 200);
};

async function with_two(test_it: (world: World, other: Server, targets: Target[]) => Promise<void>): Promise<void> {
	await with_world({ mail: false }, async (world) => {
		world.receiver.always("", () => ({ status: 200, delay: Math.random() * 8 }));
		const other = new Server({ db: world.server.db, key: world.server.key, bootstrap: false, args: ["--allow-private-destinations", "127.0.0.0/8"] });
		await other.start();
		try {
			await test_it(world, other, await Promise.all([1, 2, 3, 4].map(() => world.webhook("*"))));
		} finally {
			await other.close();
		}
	});
}

/* Each one arrived, in its deployment's order; gives how many arrived again. */
async function assert_arrived({ server, receiver }: World, target: Target, count: number): Promise<number> {
	const rows = await settled(server, target.id);
	assert.deepEqual([rows.length, rows.filter(({ state }) => state !== "delivered").length], [count, 0]);
	const requests = receiver.at(target.path);
	assert.equal(new Set(requests.map((r) => r.headers["webhook-id"])).size, count);
	for (const id of new Set(requests.map((r) => r.json.id))) {
		const events = requests.filter((r) => r.json.id === id).map((r) => r.json.event_id);
		assert.deepEqual(events, [...events].sort(), "in order");
	}
	return requests.length - count;
}

describe("two servers on one database", () => {
	test("deliver each notification once, in order, with one in flight for a channel", async () => {
		await with_two(async (world, other, targets) => {
			for (let i = 0; i < 3; i++) await Promise.all([send(world.server), send(other)]);
			for (const target of targets) {
				assert.equal(await assert_arrived(world, target, 6 * RUNS * STATUSES.length), 0, "none came twice");
				assert.equal(world.receiver.most_under_way(target.path), 1);
			}
		});
	});

	test("one that is stopped leaves its work to the other, and nothing comes twice", async () => {
		await with_two(async (world, other, targets) => {
			await Promise.all([send(world.server), send(other)]);
			world.server.assert_clean_exit(await other.stop());
			await send(world.server);
			for (const target of targets) assert.equal(await assert_arrived(world, target, 3 * RUNS * STATUSES.length), 0);
		});
	});

	test("one that is killed leaves its work to the other: at most one for each channel comes twice", async () => {
		await with_two(async (world, other, targets) => {
			await Promise.all([send(world.server), send(other)]);
			await other.stop("SIGKILL");
			await send(world.server);
			for (const target of targets) assert.ok((await assert_arrived(world, target, 3 * RUNS * STATUSES.length)) <= 1);
		});
	});
});
