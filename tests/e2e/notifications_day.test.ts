/* A destination that is down for a day, in a few minutes: the server's wall clock is moved. */
import { after, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy } from "./api";
import { Clock, NO_CLOCK } from "./clock";
import { history, settled, webhook_at, with_world } from "./notifications";
import { until } from "./receivers";

const HOUR = 3600_000;
const LONGEST_PAUSE = 60_000; /* of a channel whose destination fails, from one message to the next */
const NOTICED = 90_000; /* that time has leapt, is seen at the next look at the outbox */

describe("a destination that is down for a day", { skip: NO_CLOCK }, () => {
	test("is tried with growing pauses; what is a day old is dead, what came later is delivered when it is back", async () => {
		const clock = new Clock();
		after(() => clock.remove());
		await with_world({ mail: false, env: clock.env }, async ({ server, receiver }) => {
			const target = await webhook_at(server, receiver.url("/down"));
			await receiver.down();
			const begun = clock.now();
			const early = await deploy(server, { version: "early" });
			const early_row = async (): Promise<any> => (await history(server, { channel: target, deployment: early.id }))[0];
			const pauses: number[] = []; /* seconds */
			let late: any;
			for (let tries = 0, row = await early_row(); row.state === "waiting"; tries = row.attempts) {
				const tried = async (): Promise<boolean> => {
					if (late) clock.forward(1); /* both wait for the same channel's pause */
					return (row = await early_row()).attempts > tries || row.state !== "waiting";
				};
				await until(tried, () => `no attempt at ${new Date(clock.now()).toISOString()}: ${JSON.stringify(row)}`, NOTICED);
				if (row.state !== "waiting") break;
				pauses.push((Date.parse(row.due_at) - Date.parse(row.last_attempt_at)) / 1000);
				const hours = (clock.now() - begun) / HOUR;
				if (!late && hours > 12) late = await deploy(server, { version: "late" });
				/* The first minutes go step by step, the rest in leaps. */
				clock.forward_to(Date.parse(row.due_at) + LONGEST_PAUSE + (hours > 0.25 ? 3 * HOUR : 0));
			}
			const hours = (clock.now() - begun) / HOUR;
			assert.equal((await early_row()).state, "dead");
			assert.ok(hours >= 24 && hours < 30, `dead after ${hours} hours`);
			assert.ok(pauses[0] >= 0.9 && pauses[0] < 3 && pauses[1] >= 1.8 && pauses[1] < 5, `1 s, 2 s, …: ${pauses}`);
			pauses.slice(1, 8).forEach((pause, i) => assert.ok(pause > pauses[i], `they grow: ${pauses}`));
			assert.ok(Math.max(...pauses) <= 3601 && Math.max(...pauses) > 2400, `to an hour at most: ${pauses}`);
			assert.equal((await history(server, { channel: target, deployment: late.id }))[0].state, "waiting");

			await receiver.start();
			clock.forward_to(clock.now() + 2 * HOUR);
			const requests = await receiver.wait("/down", 1, NOTICED);
			assert.deepEqual(requests.map((r) => r.json.version), ["late"]);
			const retried = await server.post(`/notification-history/${(await early_row()).id}/retry`, undefined);
			assert.equal(retried.status, 200, retried.text);
			assert.equal((await receiver.wait("/down", 2, NOTICED))[1].json.version, "early");
			assert.deepEqual((await settled(server, target)).map(({ state }) => state), ["delivered", "delivered"]);
		});
	});
});
