/* The short form of the crash test; tests/faults/crash.ts is the long one. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { crash_rounds } from "./crash";
import { event_of } from "./api";
import { with_server } from "./server";

const ROUNDS = Number(process.env.VERSIONER_CRASH_ROUNDS ?? 5);

describe("crashes", () => {
	test(`${ROUNDS} times kill -9 under load: nothing acknowledged is lost`, async () => {
		assert.ok((await crash_rounds(ROUNDS)) > ROUNDS * 5);
	});

	test("an event is on the disk when its answer comes: kill -9 right after it", async () => {
		await with_server({}, async (server) => {
			for (let i = 0; i < 5; i++) {
				const { json } = await server.post("/deployment-events/", event_of("deployment"));
				await server.stop("SIGKILL");
				await server.start();
				assert.equal((await server.get(`/events/${json.event_id}`)).status, 200);
				assert.equal((await server.get(`/deployments/${json.id}`)).json.status, "completed");
			}
		});
	});

	test("kill -9 during a bulk body: the lines that were acknowledged before are there, and the rest is whole", async () => {
		await with_server({}, async (server) => {
			const lines = Array.from({ length: 10_000 }, () => JSON.stringify({ kind: "build", ...event_of("build") })).join("\n");
			const sent = server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } }).catch(() => undefined);
			await new Promise((done) => setTimeout(done, 250));
			await server.stop("SIGKILL");
			await sent;
			await server.start();
			server.assert_check_is_green();
			assert.equal((await server.post("/build-events/", event_of("build"))).status, 200);
		});
	});
});
