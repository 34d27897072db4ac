/* The history of notifications by HTTP: what it shows, and sending a dead one again. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, deploy, get_ok, NOT_FOUND, TIME, UUID7 } from "./api";
import { channel_of, history, HISTORY, NOBODY, only_row, run_of, settled, use_world } from "./notifications";

describe("the history of notifications", () => {
	const world = use_world({ mail: false });
	const { server, receiver } = world;

	test("shows each one with its attempts, times, answers and payload", async () => {
		const target = await world.webhook("deployment.completed");
		receiver.script(target.path, { status: 500, body: "not yet" });
		receiver.always(target.path, { status: 201, body: "thank you" });
		const sent = await run_of(server, ["success"]);
		const row = await only_row(server, target.id, ({ state }) => state === "delivered");
		assert.match(row.id, UUID7);
		assert.deepEqual([row.channel_type, row.event_id, row.event_type, row.answer_status, row.answer, row.folded_into], ["webhook", sent.event_id, "deployment.completed", 201, "thank you", null]);
		assert.equal(row.channel_name, (await channel_of(server, target.id)).name);
		assert.deepEqual([row.attempts, row.deployment_id, row.build_id, row.due_at], [2, sent.id, null, null]);
		for (const name of ["created_at", "last_attempt_at", "finished_at"]) assert.match(row[name], TIME);
		assert.deepEqual([row.payload.product_name, row.payload.version, row.payload.state], [sent.product_name, sent.version, "completed"]);
		const single = await get_ok(server, HISTORY + row.id);
		for (const name of Object.keys(row)) assert.deepEqual(single[name], row[name], name);
		assert.deepEqual(single.attempt_list.map((a: any) => [a.number, a.status, a.answer]), [[1, 500, "not yet"], [2, 201, "thank you"]]);
		for (const attempt of single.attempt_list) assert.ok(TIME.test(attempt.at) && attempt.duration_ms > 0, JSON.stringify(attempt));
	});

	test("filters: channel, state, deployment, build", async () => {
		const target = await world.webhook("*");
		const dead = await world.webhook("*");
		receiver.always(dead.path, { status: 404, body: "gone" });
		const { id, product_name } = await run_of(server, ["started", "success"]);
		const built = await server.post("/build-events/", { product_name, version: "1", status: "success" });
		await settled(server, target.id);
		await settled(server, dead.id);
		assert.equal((await history(server, { channel: target.id })).length, 3);
		assert.deepEqual((await history(server, { channel: target.id, deployment: id })).map((r) => r.event_type), ["deployment.started", "deployment.completed"]);
		assert.deepEqual((await history(server, { channel: dead.id, build: built.json.id })).map((r) => [r.event_type, r.state]), [["build.completed", "dead"]]);
		assert.equal((await history(server, { channel: dead.id, state: "dead" })).length, 3);
		assert.equal((await history(server, { channel: target.id, state: "dead" })).length, 0);
		assert.equal((await history(server, { channel: target.id, state: "dead,delivered" })).length, 3);
		assert.equal((await server.get(`${HISTORY}?state=sleeping`)).status, 400);
		assert.equal((await server.get(`${HISTORY}?colour=red`)).status, 400);
		const names = (await channel_of(server, target.id)).name;
		assert.equal((await history(server, { channel: names })).length, 3, "a name does as well");
	});

	test("has pages, newest first", async () => {
		const target = await world.webhook("*");
		for (let i = 0; i < 7; i++) await deploy(server, {});
		await settled(server, target.id);
		const ids: string[] = [];
		for (let cursor = "", page = 0; page < 4; page++) {
			const answer = await get_ok(server, `${HISTORY}?channel=${target.id}&limit=2${cursor}`);
			ids.push(...answer.items.map((row: any) => row.id));
			cursor = `&cursor=${answer.next_cursor}`;
			if (answer.next_cursor === null) break;
		}
		assert.equal(ids.length, 7);
		assert.deepEqual(ids, [...ids].sort().reverse());
	});

	test("a dead one is sent again on request", async () => {
		const target = await world.webhook("*");
		receiver.script(target.path, { status: 404, body: "no such place" });
		await deploy(server, {});
		const dead = await only_row(server, target.id, ({ state }) => state === "dead");
		assert.deepEqual([dead.answer_status, dead.answer], [404, "no such place"]);
		const retried = await server.post(`${HISTORY}${dead.id}/retry`, undefined);
		assert.ok(retried.status >= 200 && retried.status < 300, retried.text);
		const row = await only_row(server, target.id, ({ state }) => state === "delivered");
		assert.equal(row.id, dead.id);
		const [first, second] = receiver.at(target.path);
		assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
	});

	test("one that is not dead is 409, one that is not there 404", async () => {
		const target = await world.webhook("*");
		await deploy(server, {});
		const row = await only_row(server, target.id, ({ state }) => state === "delivered");
		const answer = await server.post(`${HISTORY}${row.id}/retry`, undefined);
		assert.equal(answer.status, 409, answer.text);
		assert.equal(answer.json.detail, answer.json.message);
		assert_error(await server.post(`${HISTORY}${NOBODY}/retry`, undefined), 404, NOT_FOUND);
	});
});
