/* API keys over HTTP: made and shown once, listed without their secret, revoked at once; by whom they were made. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { KEY_FORM } from "./admin";
import { assert_error, event_of, get_ok, list_all, NOT_FOUND, TIME, UNAUTHENTICATED, UUID7 } from "./api";
import { ON_POSTGRESQL } from "./engine";
import { make_key, make_token, person } from "./people";
import { until } from "./receivers";
import { Server, unique, use_server } from "./server";

const NOBODY = "01900000-0000-7000-8000-000000000000";
const MEMBERS = ["id", "number", "name", "scopes", "created_at", "created_by", "last_used_at", "revoked_at"];

describe("API keys", () => {
	const server = use_server();
	const listed = async (id: string): Promise<any> => (await list_all(server, "/api-keys")).find((key) => key.id === id);

	test("a key is shown in the answer that makes it, works at once, and is never shown again", async () => {
		const name = unique("ci");
		const made = await make_key(server, ["events"], { name });
		assert.deepEqual(Object.keys(made), [...MEMBERS, "key"]);
		assert.match(made.id, UUID7);
		assert.match(made.created_at, TIME);
		assert.match(made.key, KEY_FORM);
		assert.equal(made.key.split("_")[2], made.number);
		assert.deepEqual([made.name, made.scopes, made.created_by, made.last_used_at, made.revoked_at], [name, ["events"], "api_key:k1", null, null]);
		assert.equal((await server.post("/build-events/", event_of("build"), { key: made.key })).status, 200);
		const { key, ...rest } = made;
		const shown = await listed(made.id);
		assert.deepEqual({ ...shown, last_used_at: null }, rest);
		assert.ok(!JSON.stringify(await list_all(server, "/api-keys")).includes(key.split("_")[3]));
	});

	test("the answer that shows it is kept nowhere: an Idempotency-Key counts for nothing", async () => {
		const headers = { "idempotency-key": unique("same") };
		const [one, two] = [await server.post("/api-keys", { name: "same", scopes: ["read"] }, { headers }), await server.post("/api-keys", { name: "same", scopes: ["read"] }, { headers })];
		assert.notEqual(one.json.key, two.json.key);
		assert.deepEqual([one.headers["cache-control"], two.headers["idempotency-replayed"]], ["no-store", undefined]);
	});

	test("who made it is written down", async () => {
		const admin = await person(server, "admin");
		const by_session = await admin.post("/api-keys", { name: "s", scopes: ["read"] });
		assert.equal(by_session.json.created_by, `user:${admin.email}`);
		const by_token = await server.post("/api-keys", { name: "t", scopes: ["read"] }, { key: (await make_token(admin)).token });
		assert.equal(by_token.json.created_by, `user:${admin.email}`);
		assert.equal((await listed(by_token.json.id)).created_by, `user:${admin.email}`);
	});

	test("scopes: one at least, and known", async () => {
		for (const [scopes, expected] of [[["read", "events"], ["events", "read"]], [["admin", "admin"], ["admin"]], [["events", "read", "admin"], ["events", "read", "admin"]]]) assert.deepEqual((await make_key(server, scopes)).scopes, expected);
		for (const scopes of [undefined, null, [], "read", ["root"], ["Read"], ["events,read"], [""], [5], [null], [["read"]], { read: true }, ["read", "x"]]) {
			const answer = await server.post("/api-keys", { name: "x", scopes });
			assert.equal(answer.status, 422, JSON.stringify(scopes));
			assert.deepEqual(answer.json.detail.map((error: any) => error.loc), [["body", "scopes"]]);
		}
		for (const name of [undefined, null, "", " ", 5, "x".repeat(256), "a\nb"]) assert.equal((await server.post("/api-keys", { name, scopes: ["read"] })).status, 422, String(name));
	});

	test("numbers count up, and newest comes first", async () => {
		const numbers: number[] = [];
		for (let i = 0; i < 3; i++) numbers.push(Number((await make_key(server, ["read"])).number.slice(1)));
		assert.deepEqual(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
		const all = (await list_all(server, "/api-keys", { limit: 2 })).map(({ number }) => Number(number.slice(1)));
		assert.deepEqual(all, Array.from({ length: numbers[2] }, (_, i) => numbers[2] - i));
	});

	test("a revoked key stops at once and stays in the list", async () => {
		for (let i = 0; i < 5; i++) {
			const { id, key } = await make_key(server, ["read"]);
			assert.equal((await server.get("/products", { key })).status, 200);
			assert.equal((await server.request("DELETE", `/api-keys/${id}`)).status, 204);
			assert_error(await server.get("/products", { key }), 401, UNAUTHENTICATED);
			assert.match((await listed(id)).revoked_at, TIME);
			assert_error(await server.request("DELETE", `/api-keys/${id}`), 404, NOT_FOUND);
		}
		for (const id of [NOBODY, "x", "k1"]) assert_error(await server.request("DELETE", `/api-keys/${id}`), 404, NOT_FOUND);
	});

	test("a key may revoke itself", async () => {
		const { id, key } = await make_key(server, ["admin"]);
		assert.equal((await server.request("DELETE", `/api-keys/${id}`, { key })).status, 204);
		assert_error(await server.get("/session", { key }), 401, UNAUTHENTICATED);
	});

	test("a key says what it is", async () => {
		const made = await make_key(server, ["read", "events"], { name: "whoami" });
		const session = await get_ok(server, "/session", { key: made.key });
		assert.deepEqual(session.key, { id: made.id, name: "whoami", scopes: ["events", "read"] });
		assert.deepEqual([session.kind, session.user, session.permissions], ["api_key", null, ["events", "read"]]);
	});

	test("many that are made at once have numbers of their own", async () => {
		const made = await Promise.all(Array.from({ length: 12 }, () => make_key(server, ["read"])));
		assert.equal(new Set(made.map(({ number }) => number)).size, 12);
		for (const { key } of made) assert.equal((await server.get("/products", { key })).status, 200);
	});
});

describe("API keys on two servers", { skip: ON_POSTGRESQL ? false : "SQLite has one server" }, () => {
	const server = use_server();
	const other = new Server({ db: server.db, key: server.key, bootstrap: false });

	test("a key made or revoked on one is known to the other soon", async () => {
		await other.start();
		try {
			const { id, key } = await make_key(server, ["read"]);
			const status = async (): Promise<number> => (await other.get("/products", { key })).status;
			await until(async () => (await status()) === 200, () => "the key is not known");
			assert.equal((await other.request("DELETE", `/api-keys/${id}`)).status, 204);
			assert.equal(await status(), 401);
			await until(async () => (await server.get("/products", { key })).status === 401, () => "the key still works");
		} finally {
			await other.close();
		}
	});
});
