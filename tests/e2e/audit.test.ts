/* The audit log over HTTP: whatever is changed by hand has one entry that says what, and nothing else has one. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key } from "./admin";
import { deploy, get_ok } from "./api";
import { entries_after, Entry, newest_number, NO_HASH } from "./audit";
import { change, channel_of, create_channel, only_row, prefer, remove, use_world } from "./notifications";
import { until } from "./receivers";
import { Answer, random_alnum, RequestOptions, Server, unique, use_server } from "./server";

type Expected = Pick<Entry, "action" | "before" | "after"> & { name: string | null };

describe("what is changed by hand", () => {
	const world = use_world({ mail: false });
	const { server } = world;

	/* What it leaves in the log: one entry, or none. */
	async function assert_noted(expected: Expected | null, run: () => Promise<any>): Promise<any> {
		const number = await newest_number(server);
		const done = await run();
		const entries = await entries_after(server, number);
		assert.deepEqual(entries.map(({ action, subject, before, after }) => ({ action, name: subject.name, before, after })), expected ? [expected] : []);
		for (const entry of entries) {
			assert.deepEqual([entry.actor, entry.credential], ["api_key:k1", "api_key:k1"]);
			assert.equal(entry.subject.type, entry.action.split(".")[0]);
			if (done?.id) assert.equal(entry.subject.id, done.id);
		}
		return done;
	}
	const made = async (path: string, body: unknown): Promise<any> => {
		const answer = await server.post(path, body);
		assert.equal(answer.status, 201, answer.text);
		return answer.json;
	};

	test("products", async () => {
		const name = unique("shop"), renamed = unique("store");
		const { id } = await assert_noted({ action: "product.created", name, before: null, after: { name, extra_metadata: { n: 1.5, a: ["ü\u2028"] } } }, () => made("/products", { name, extra_metadata: { n: 1.5, a: ["ü\u2028"] } }));
		const target = `/products/${id}`;
		await assert_noted({ action: "product.updated", name: renamed, before: { name, description: null }, after: { name: renamed, description: "a\nb" } }, () => change(server, target, { name: renamed, description: "a\nb" }));
		await assert_noted({ action: "product.updated", name: renamed, before: { extra_metadata: { n: 1.5, a: ["ü\u2028"] } }, after: { extra_metadata: null } }, () => change(server, target, { extra_metadata: null }));
		await assert_noted(null, () => change(server, target, { name: renamed, extra_metadata: null }));
		await assert_noted({ action: "product.deleted", name: renamed, before: { name: renamed, description: "a\nb" }, after: null }, () => remove(server, target));
	});

	test("environments", async () => {
		const name = unique("stage");
		const { id } = await assert_noted({ action: "environment.created", name, before: null, after: { name, type: "staging", position: 7 } }, () => made("/environments", { name, type: "staging", position: 7 }));
		const target = `/environments/${id}`;
		await assert_noted({ action: "environment.updated", name, before: { type: "staging", position: 7 }, after: { type: "production", position: null } }, () => change(server, target, { type: "production", position: null }));
		await assert_noted(null, () => change(server, target, { type: "production" }));
		await assert_noted({ action: "environment.deleted", name, before: { name, type: "production" }, after: null }, () => remove(server, target));
	});

	test("channels: of their config only which fields", async () => {
		const name = unique("releases"), headers = { "X-Token": random_alnum(20) };
		const config = { url: world.receiver.url(`/${random_alnum(20)}`), secret: random_alnum(30), headers };
		const { id } = await assert_noted({ action: "channel.created", name, before: null, after: { name, channel_type: "webhook", enabled: true, config_changed: ["url", "secret", "headers"] } }, () => create_channel(server, "webhook", config, { name }));
		const target = `/notification-channels/${id}`;
		await assert_noted({ action: "channel.updated", name, before: { enabled: true }, after: { enabled: false } }, () => change(server, target, { enabled: false }));
		await assert_noted({ action: "channel.updated", name, before: {}, after: { config_changed: ["url", "secret"] } }, () => change(server, target, { config: { url: world.receiver.url(`/${random_alnum(20)}`), secret: null } }));
		await assert_noted({ action: "channel.updated", name, before: {}, after: { config_changed: ["headers"] } }, () => change(server, target, { config: { headers: { ...headers, "X-More": "yes" } } }));
		await assert_noted(null, () => change(server, target, { config: { headers: { ...headers, "X-More": "yes" } }, enabled: false }));
		await assert_noted({ action: "channel.tested", name, before: null, after: { delivered: true } }, async () => {
			const answer = await server.request("POST", `${target}/test`);
			assert.deepEqual([answer.status, answer.json.delivered, answer.json.status], [200, true, 200], answer.text);
		});
		const gone = [await prefer(server, id, "*"), await prefer(server, id, "build.failed")].map((p) => p.id).reverse();
		await assert_noted({ action: "channel.deleted", name, before: { name, channel_type: "webhook", enabled: false, preferences: gone }, after: null }, () => remove(server, target));
		await assert_noted(null, () => server.request("POST", `${target}/test`));
	});

	test("preferences", async () => {
		const { id: channel_id, name: channel_name } = await create_channel(server, "webhook", world.config("webhook", unique("p")));
		const all = { event_type: "deployment.failed", channel_id, channel_name, filters: { products: ["a*"] }, enabled: true };
		const { id } = await assert_noted({ action: "preference.created", name: "deployment.failed", before: null, after: all }, () => prefer(server, channel_id, "deployment.failed", { products: ["a*"] }));
		const target = `/notification-preferences/${id}`;
		await assert_noted({ action: "preference.updated", name: "build.failed", before: { event_type: "deployment.failed", filters: { products: ["a*"] } }, after: { event_type: "build.failed", filters: {} } }, () => change(server, target, { event_type: "build.failed", filters: null }));
		await assert_noted(null, () => change(server, target, { enabled: true }));
		await assert_noted({ action: "preference.deleted", name: "build.failed", before: { ...all, event_type: "build.failed", filters: {} }, after: null }, () => remove(server, target));
	});

	test("a dead notification that is sent again; and a channel that is switched off because its destination is gone, by nobody", async () => {
		const refused = await world.webhook("deployment.*");
		world.receiver.always(refused.path, { status: 400 });
		await deploy(server, {});
		const dead = await only_row(server, refused.id, ({ state }) => state === "dead");
		const retry = (): Promise<Answer> => server.request("POST", `/notification-history/${dead.id}/retry`);
		await assert_noted({ action: "notification.retried", name: "deployment.completed", before: { state: "dead" }, after: { state: "waiting" } }, async () => (await retry()).json);
		const number = await newest_number(server);
		world.receiver.always(refused.path, { status: 410, body: `${refused.path} is gone` });
		await deploy(server, {});
		await until(async () => !(await channel_of(server, refused.id)).enabled, () => "the channel is still on");
		const [entry, ...more] = await entries_after(server, number);
		assert.deepEqual(more, []);
		assert.deepEqual([entry.action, entry.actor, entry.credential, entry.request_id], ["channel.switched_off", "versioner", "versioner", null]);
		assert.deepEqual([entry.subject.id, entry.before, entry.after], [refused.id, { enabled: true }, { enabled: false }]);
		await assert_noted(null, () => server.request("POST", `/notification-history/${dead.id}/retry-that-is-no-route`));
	});

	test("what is refused, and what pipelines send, has none", async () => {
		const name = unique("taken"), read = await create_key(server, "read"), events = await create_key(server, "events");
		const { id } = await made("/products", { name }), other = await made("/products", { name: unique("other") });
		const none = "01a20af6-ba32-7000-bb96-bdbdbd5d753e";
		const refused: [number, string, string, unknown, RequestOptions?][] = [
			[401, "POST", "/products", { name: "x" }, { key: null }],
			[403, "POST", "/products", { name: "x" }, { key: read }],
			[403, "DELETE", `/products/${id}`, undefined, { key: events }],
			[404, "PATCH", `/products/${none}`, { name: "x" }],
			[404, "DELETE", `/environments/${none}`, undefined],
			[404, "DELETE", `/notification-channels/${none}`, undefined],
			[404, "DELETE", `/notification-preferences/${none}`, undefined],
			[404, "POST", `/notification-history/${none}/retry`, undefined],
			[404, "POST", `/notification-channels/${none}/test`, undefined],
			[409, "POST", "/products", { name }],
			[409, "PATCH", `/products/${other.id}`, { name, description: "also" }],
			[415, "POST", "/products", "name=x", { headers: { "content-type": "text/plain" } }],
			[422, "POST", "/products", { name: "" }],
			[422, "POST", "/notification-preferences", { event_type: "*", channel_id: none }],
			[422, "PATCH", `/environments/${none}`, { type: "moon" }],
		];
		await assert_noted(null, async () => {
			for (const [status, method, target, body, o] of refused) assert.equal((await server.request(method, target, { body, ...o })).status, status, `${method} ${target}`);
			await deploy(server, { product_name: unique("evented"), environment_name: unique("evented") });
		});
	});

	test("an answer under an Idempotency-Key has no second one; the request's id is in the first", async () => {
		const name = unique("once"), headers = { "idempotency-key": unique("key"), "x-request-id": unique("request") };
		const create = (): Promise<Answer> => server.post("/products", { name }, { headers });
		await assert_noted({ action: "product.created", name, before: null, after: { name } }, async () => (await create()).json);
		assert.equal((await entries_after(server, (await newest_number(server)) - 1))[0].request_id, headers["x-request-id"]);
		await assert_noted(null, async () => assert.equal((await create()).headers["idempotency-replayed"], "true"));
	});

	test("each follows on the one before", async () => {
		let previous = NO_HASH, number = 0;
		for (const entry of await entries_after(server, 0)) {
			assert.deepEqual([entry.number, entry.previous_hash], [++number, previous]);
			previous = entry.hash;
		}
		assert.ok(number > 20);
		server.assert_check_is_green();
	});
});

describe("GET /audit-log", () => {
	const server: Server = use_server();
	const get = (query: string): Promise<any> => get_ok(server, `/audit-log${query}`);
	const numbers = async (query: string): Promise<number[]> => (await get(query)).items.map(({ number }: Entry) => number);
	let first = 0, second: string, ids: string[];

	before(async () => {
		second = await create_key(server, "admin");
		first = await newest_number(server);
		ids = [];
		for (const i of [0, 1, 2]) ids.push((await server.post("/products", { name: `p${i}` }, { key: i === 1 ? second : undefined })).json.id);
		await server.request("PATCH", `/products/${ids[0]}`, { body: { description: "x" } });
		await server.request("DELETE", `/products/${ids[1]}`);
		assert.equal(await newest_number(server), first + 5);
	});

	test("newest first, page by page, with the link to the next one", async () => {
		const seen: number[] = [];
		for (let query = "?limit=2"; ;) {
			const answer = await server.get(`/audit-log${query}`);
			seen.push(...answer.json.items.map(({ number }: Entry) => number));
			if (!answer.json.next_cursor) break;
			query = `?limit=2&cursor=${answer.json.next_cursor}`;
			assert.ok(String(answer.headers.link).includes(`/audit-log${query}`));
		}
		assert.deepEqual(seen, Array.from({ length: first + 5 }, (_, i) => first + 5 - i));
	});

	test("filters", async () => {
		const n = (...of: number[]): number[] => of.map((i) => first + i);
		const at = (await get("?limit=1&action=product.updated")).items[0].at;
		assert.deepEqual(await numbers("?action=product.created"), n(3, 2, 1));
		assert.deepEqual(await numbers("?action=product.updated,product.deleted"), n(5, 4));
		assert.deepEqual(await numbers(`?subject=${ids[0]}`), n(4, 1));
		assert.deepEqual(await numbers(`?subject=${ids[1]}&action=product.deleted`), n(5));
		assert.deepEqual(await numbers("?actor=api_key:k2"), n(2));
		assert.deepEqual(await numbers(`?actor=api_key:k1,api_key:k2&action=product.created`), n(3, 2, 1));
		assert.deepEqual(await numbers("?actor=nobody"), []);
		assert.deepEqual(await numbers(`?since=${at}`), n(5, 4));
		assert.deepEqual(await numbers(`?until=${at}&action=product.created`), n(3, 2, 1));
		for (const wrong of ["action=product", "action=x", "cursor=x", "cursor=0", `cursor=${ids[0]}`, "cursor=9223372036854775808", "limit=0", "limit=201", "since=yesterday", "product=x"]) {
			const answer = await server.get(`/audit-log?${wrong}`);
			assert.equal(answer.status, 400, wrong);
			assert.ok(answer.json.detail.startsWith(`Invalid query parameter: ${wrong.split("=")[0]}: `), answer.text);
		}
	});

	test("who may read it, and that it has not changed", async () => {
		assert.equal((await server.get("/audit-log", { key: await create_key(server, "read") })).status, 200);
		assert.equal((await server.get("/audit-log", { key: await create_key(server, "events") })).status, 403);
		assert.equal((await server.get("/audit-log", { key: null })).status, 401);
		for (const method of ["POST", "DELETE", "PATCH"]) assert.equal((await server.request(method, "/audit-log")).status, 405);
		const headers = { "if-none-match": (await server.get("/audit-log")).headers.etag };
		assert.equal((await server.get("/audit-log", { headers })).status, 304);
		await server.post("/products", { name: unique("more") });
		assert.equal((await server.get("/audit-log", { headers })).status, 200);
	});
});
