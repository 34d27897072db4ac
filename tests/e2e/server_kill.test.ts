/* The short form of killing one of two servers; tests/faults/server_kill.ts is the long one. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { NO_CLUSTER } from "./cluster";
import { server_kill_rounds } from "./server_kill";

const ROUNDS = Number(process.env.VERSIONER_SERVER_KILL_ROUNDS ?? 3);

describe("two servers on one PostgreSQL", { skip: NO_CLUSTER }, () => {
	test(`${ROUNDS} times kill -9 of one of them under load: the other goes on, nothing acknowledged is lost, everything is told`, async () => {
		const all = await server_kill_rounds(ROUNDS);
		assert.equal(all.length, ROUNDS);
		assert.ok(all.every(({ broken, stored }) => broken > 0 && stored.acknowledged >= 200));
	});
});
