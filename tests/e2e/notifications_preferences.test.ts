/* Notification preferences by HTTP: what is accepted, refused and shown. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, Fields, get_ok, list_all, NOT_FOUND, UUID7 } from "./api";
import { Answer } from "./server";
import { change, CHANNELS, NOBODY, places, prefer, PREFERENCES, remove, use_world } from "./notifications";

describe("notification preferences", () => {
	const world = use_world({ mail: false });
	const { server } = world;
	const post = (channel_id: unknown, fields: Fields = {}): Promise<Answer> => server.post(PREFERENCES, { event_type: "deployment.failed", channel_id, filters: {}, enabled: true, ...fields });

	test("is shown as it was given", async () => {
		const { id } = await world.channel("webhook");
		const filters = { environments: ["production", "eu-*"], products: ["shop"], statuses: ["failed"], environment_types: ["production"] };
		const created = await prefer(server, id, "deployment.*", filters);
		assert.match(created.id, UUID7);
		assert.deepEqual([created.event_type, created.channel_id, created.filters, created.enabled], ["deployment.*", id, filters, true]);
		assert.deepEqual(await get_ok(server, PREFERENCES + created.id), created);
	});

	test("every known type, family and * is accepted", async () => {
		const { id } = await world.channel("webhook");
		const states = ["pending", "started", "completed", "failed", "aborted"];
		const governance = ["created", "activated", "deactivated", "approved", "rejected", "completed", "cancelled"].map((word) => `dr.${word}`);
		const types = [...states.flatMap((s) => [`deployment.${s}`, `build.${s}`]), "deployment.preflight_failed", "deployment.recovered", "deployment.rolled_back",
			...governance, "version.approved", "deployment.*", "build.*", "dr.*", "version.*", "*"];
		for (const event_type of types) assert.equal((await prefer(server, id, event_type)).event_type, event_type);
	});

	test("an unknown type is named", async () => {
		const { id } = await world.channel("webhook");
		for (const event_type of ["deployment.exploded", "deployment", "deployment.", "Deployment.failed", "**", "deploy*", "", 5, null, ["*"], "other.*"]) {
			const answer = await post(id, { event_type });
			assert.deepEqual(places(answer), ["event_type"], JSON.stringify(event_type));
			if (event_type === "deployment.exploded") assert.ok(answer.text.includes("deployment.failed"), "with those that are known");
		}
	});

	test("an unknown channel is named", async () => {
		for (const channel_id of [NOBODY, "x", 5, null]) assert.deepEqual(places(await post(channel_id)), ["channel_id"], JSON.stringify(channel_id));
		const gone = await world.channel("webhook");
		await remove(server, CHANNELS + gone.id);
		assert.deepEqual(places(await post(gone.id)), ["channel_id"]);
	});

	test("unknown keys and wrong values of filters are named", async () => {
		const { id } = await world.channel("webhook");
		const cases: [unknown, string][] = [
			[{ colours: ["red"] }, "filters.colours"], [{ environment: ["x"] }, "filters.environment"], [{ environments: 5 }, "filters.environments"], [{ environments: {} }, "filters.environments"],
			[{ products: [5] }, "filters.products"], [{ statuses: ["exploded"] }, "filters.statuses"], [{ environment_types: ["moon"] }, "filters.environment_types"],
			[{ statuses: [null] }, "filters.statuses"], [[], "filters"], ["x", "filters"], [{ products: ["x".repeat(300)] }, "filters.products"],
			[{ products: Array(1001).fill("x") }, "filters.products"],
		];
		for (const [filters, named] of cases) {
			const found = places(await post(id, { filters })).map((place) => place.replace(/\.\d+$/, ""));
			assert.deepEqual(found, [named], JSON.stringify(filters).slice(0, 100));
		}
	});

	test("several mistakes are all named, in the order of the fields", async () => {
		const answer = await server.post(PREFERENCES, { event_type: "x", filters: { a: 1, b: 2 }, enabled: 5 });
		assert.deepEqual(places(answer), ["event_type", "channel_id", "filters.a", "filters.b", "enabled"]);
		assert.deepEqual(places(await server.post(PREFERENCES, {})), ["event_type", "channel_id"]);
	});

	test("a change: what is given", async () => {
		const { id } = await world.channel("webhook");
		const other = await world.channel("webhook");
		const created = await prefer(server, id, "*", { products: ["a"] });
		const stripped = (p: any): any => ({ ...p, updated_at: null, channel_name: null });
		assert.deepEqual(stripped(await change(server, PREFERENCES + created.id, { enabled: false })), stripped({ ...created, enabled: false }));
		assert.deepEqual((await change(server, PREFERENCES + created.id, { filters: { products: ["b"] } })).filters.products, ["b"]);
		assert.equal((await change(server, PREFERENCES + created.id, { event_type: "build.*" })).event_type, "build.*");
		assert.deepEqual((await get_ok(server, PREFERENCES + created.id)).enabled, false);
		const moved = await server.request("PATCH", PREFERENCES + created.id, { body: { channel_id: other.id } });
		assert.ok([200, 422].includes(moved.status));
		if (moved.status === 200) assert.equal((await get_ok(server, PREFERENCES + created.id)).channel_id, moved.json.channel_id);
	});

	test("a wrong change names what is wrong, and changes nothing", async () => {
		const { id } = await world.channel("webhook");
		const created = await prefer(server, id, "*");
		const answer = await server.request("PATCH", PREFERENCES + created.id, { body: { event_type: "x.y", filters: { colour: [] }, enabled: "no" } });
		assert.deepEqual(places(answer), ["event_type", "filters.colour", "enabled"]);
		assert.deepEqual(await get_ok(server, PREFERENCES + created.id), created);
	});

	test("what is not there is 404", async () => {
		for (const method of ["GET", "PATCH", "DELETE"]) assert_error(await server.request(method, PREFERENCES + NOBODY, { body: method === "PATCH" ? {} : undefined }), 404, NOT_FOUND);
	});

	test("lists have pages, newest first", async () => {
		const { id } = await world.channel("webhook");
		const made = [];
		for (let i = 0; i < 5; i++) made.push((await prefer(server, id, "*")).id);
		const all = (await list_all(server, PREFERENCES)).map((p) => p.id);
		assert.deepEqual(all.slice(0, 5), [...made].reverse());
		const first = await get_ok(server, `${PREFERENCES}?limit=2`);
		assert.deepEqual(first.items.map((p: any) => p.id), [made[4], made[3]]);
	});
});
