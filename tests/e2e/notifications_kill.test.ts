/* The short form of killing the server while it delivers; tests/faults/deliver_kill.ts is the long one. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy } from "./api";
import { deliver_kill_rounds } from "./deliver_kill";
import { only_row, with_world } from "./notifications";

const ROUNDS = Number(process.env.VERSIONER_DELIVER_ROUNDS ?? 3);

describe("kill -9", () => {
	test(`${ROUNDS} times in the middle of a thousand deliveries: each one arrives, in order, doubled only where it was in flight`, async () => {
		assert.equal((await deliver_kill_rounds(ROUNDS)).kills, ROUNDS * 2);
	});

	test("right after the answer to an event: its notification is delivered by the next start", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.webhook("*");
			for (let i = 0; i < 3; i++) {
				await world.receiver.down();
				const { id } = await deploy(world.server, {});
				await world.server.stop("SIGKILL");
				await world.receiver.start();
				await world.server.start();
				const found = await world.receiver.wait(target.path, i + 1, 120_000);
				assert.equal(found[i].json.id, id);
			}
		});
	});

	test("while a request hangs: it is made again", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.webhook("*");
			world.receiver.script(target.path, { act: "hang" });
			await deploy(world.server, {});
			await world.receiver.wait(target.path, 1);
			await world.server.stop("SIGKILL");
			await world.server.start();
			assert.equal((await only_row(world.server, target.id, ({ state }) => state !== "waiting", 120_000)).state, "delivered");
			assert.equal(world.receiver.at(target.path).length, 2);
		});
	});
});
