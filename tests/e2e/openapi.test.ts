/* api/openapi.yaml against a running server: its routes are those of the program, its examples fit its schemas, and so does every answer. */
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key } from "./admin";
import { build, deploy, event_of, Fields, read_table } from "./api";
import { CHANNEL_TYPES, only_row, prefer, use_world } from "./notifications";
import { Description, Operation } from "./openapi";
import { again, Browser, make_token, make_user, new_password, Person, person, token_of } from "./people";
import { Answer, random_alnum, RequestOptions, Server, unique, with_server } from "./server";
import { listening } from "./stream";

const NOBODY = "01900000-0000-7000-8000-000000000000";
const NDJSON = { "content-type": "application/x-ndjson" };
const described = new Description();
const named = (method: string, path: string): Operation => described.operation(method, path);

/* Asks, and holds the answer against the operation. */
async function call(server: Server, o: Operation, status: number, id?: string, more: RequestOptions & { query?: string } = {}): Promise<any> {
	const target = o.path.replace("{id}", id ?? NOBODY) + (more.query ?? "");
	const answer = await server.request(o.method, target, more);
	assert.equal(answer.status, status, `${o.method} ${target}: ${answer.text}`);
	described.assert_answer(o, answer);
	return answer.json;
}

/* A body that is described is held against the description before it is sent. */
function write(server: Server, o: Operation, status: number, body: Fields, id?: string, more: RequestOptions = {}): Promise<any> {
	described.assert_request(o, body);
	return call(server, o, status, id, { body, ...more });
}

describe("the description", () => {
	test("has the routes of the program, and no others", () => {
		const routes = read_table("routes.tsv").filter(({ permission }) => permission !== "page").map(({ method, path }) => `${method} ${path}`);
		assert.deepEqual(described.operations.map((o) => `${o.method} ${o.path}`).sort(), routes.sort());
	});

	test("names each operation once", () => {
		const names = described.operations.map((o) => o.definition.operationId);
		assert.equal(new Set(names).size, names.length);
	});

	test("has examples that fit their schemas", () => {
		assert.ok(described.assert_examples() > 60);
	});
});

describe("answers are as they are described", () => {
	const world = use_world();
	const { server } = world;
	const ids = new Map<string, string[]>(); /* of the objects below a path */
	const succeeded = new Set<string>();
	let read_key: string, events_key: string, admin: Person, token: string;
	/* Personal tokens are a person's: a key has none. */
	const as = (o: Operation): RequestOptions => (o.path.startsWith("/personal-tokens") ? { key: token } : {});
	const fine = async (answer: Promise<any>, o: Operation): Promise<any> => {
		const json = await answer;
		succeeded.add(o.definition.operationId);
		return json;
	};
	const good = (method: string, path: string, status: number, body: Fields, id?: string): Promise<any> => fine(write(server, named(method, path), status, body, id), named(method, path));
	const keep = (path: string, ...some: string[]): void => void ids.set(path, [...(ids.get(path) ?? []), ...some]);

	/* Deployments of every state and kind, drift, full and empty fields, each type of channel, notifications of several ends. */
	before(async () => {
		[read_key, events_key] = [await create_key(server, "read"), await create_key(server, "events")];
		admin = await person(server, "admin", { name: "Ada" });
		({ token } = await make_token(admin, { expires_in_days: 3 }));
		keep("/users", admin.id, (await make_user(server)).id);
		const channels = await Promise.all(CHANNEL_TYPES.map((type) => world.channel(type)));
		keep("/notification-channels", ...channels.map(({ id }) => id));
		const refused = await world.webhook("*", { environments: ["prod*"], statuses: "failed" }, { secret: random_alnum(24), headers: { "X-Team": "money" } });
		world.receiver.always(refused.path, { status: 404, body: "no such hook" });
		keep("/notification-channels", refused.id);
		const told = await world.webhook("deployment.*");
		const full = {
			product_name: unique("full"), version: 1.5, environment_name: "production", status: "started", scm_repository: "acme/full", scm_sha: "9f2c1e7a4b",
			scm_branch: "main", build_number: 118, invoke_id: unique("run"), build_url: "https://ci.example/1", deploy_url: "https://cd.example/1",
			source_system: "github", deployed_by: "1", deployed_by_email: "a@example.com", deployed_by_name: "Ada", started_at: "2026-05-01T10:00:00+02:00",
			occurred_at: "2026-05-01T08:00:01Z", error_message: "none", error_code: "E0", skip_preflight_checks: true, extra_metadata: { a: [1, { b: null }] },
		};
		const started = await good("POST", "/deployment-events", 200, full);
		await good("POST", "/deployment-events", 200, { ...full, status: "success", started_at: null, completed_at: "2026-05-01T11:00:00+02:00" });
		const built = await good("POST", "/build-events", 200, {
			product_name: full.product_name, version: "1.5", status: "success", built_by: "ada", built_by_email: "a@example.com", built_by_name: "Ada", scm_sha: "9f2c1e7a4b",
			started_at: "2026-05-01T07:00:00Z", completed_at: "2026-05-01T07:09:00Z", extra_metadata: {}, error_code: "1", error_message: "2",
		});
		keep("/deployments", started.id);
		keep("/builds", built.id);
		keep("/versions", built.version_id);
		keep("/products", built.product_id);
		keep("/environments", started.environment_id);
		const least = await good("POST", "/version-events", 200, event_of("build", { status: "pending" }));
		keep("/builds", least.id);
		const product_name = unique("kinds");
		for (const [version, status] of [["1", "success"], ["2", "success"], ["1", "success"], ["1", "success"], ["3", "failed"], ["3", "success"], ["4", "aborted"], ["5", "pending"]]) {
			const record = await good("POST", "/deployment-events", 200, { product_name, version, status, environment_name: "production", invoke_id: unique("run") });
			keep("/deployments", record.id);
			keep("/products", record.product_id);
			keep("/versions", record.version_id);
		}
		await deploy(server, { product_name, version: "1", environment_name: "staging", status: "started" });
		await deploy(server, { product_name, version: "1", environment_name: "dev" });
		const late = await good("POST", "/deployment-events", 200, { product_name, version: "9", status: "completed", environment_name: "dev", started_at: "2026-05-02T00:00:00Z", completed_at: "2026-05-01T00:00:00Z" });
		assert.ok(late.warnings.length > 0);
		const dead = await only_row(server, refused.id, (row) => row.state === "dead");
		keep("/notification-history", dead.id, ...(await server.get(`/notification-history/?channel=${told.id}`)).json.items.map(({ id }: any) => id));
		keep("/notification-preferences", (await prefer(server, refused.id, "build.*", {}, { enabled: false })).id);
		keep("/events", started.event_id, built.event_id, late.event_id, least.event_id);
	});

	test("every GET, with a key and without", async () => {
		for (const o of described.operations.filter((one) => one.method === "GET")) {
			const objects = o.path.endsWith("/{id}") ? ids.get(o.path.slice(0, -"/{id}".length))! : [undefined];
			for (const id of objects) {
				const query = o.path.endsWith("/diff") ? "?from=production&to=staging" : "";
				const answer = await fine(call(server, o, 200, id, { query, ...as(o) }), o);
				if (answer?.items) assert.ok(answer.items.length > 0, `${o.path} has something to show`);
			}
			if (o.path.endsWith("{id}")) await call(server, o, 404);
			if (o.definition.security?.length === 0) continue;
			await call(server, o, 401, undefined, { key: null });
			if (o.definition.responses["403"]) await call(server, o, 403, undefined, { key: events_key });
		}
	});

	test("lists: each page, a parameter that is wrong, one that nobody takes, and what has not changed", async () => {
		for (const o of described.operations.filter((one) => one.method === "GET" && one.parameter("limit"))) {
			const first = await call(server, o, 200, undefined, { query: "?limit=1", ...as(o) });
			if (first.next_cursor) await call(server, o, 200, undefined, { query: `?limit=1&cursor=${first.next_cursor}`, ...as(o) });
			await call(server, o, 400, undefined, { query: "?limit=none", ...as(o) });
			await call(server, o, 400, undefined, { query: "?nobody=1", ...as(o) });
			if (!o.parameter("If-None-Match")) continue;
			const { etag } = (await server.get(o.path, as(o))).headers;
			const same = await server.get(o.path, { ...as(o), headers: { "if-none-match": etag } });
			assert.equal(same.status, 304, o.path);
			described.assert_answer(o, same);
		}
	});

	/* A parameter that is described and not known would be 400 by its name. The actor's two names are understood in both places. */
	const ACTOR = ["deployed_by", "built_by"];
	test("each query parameter that is described is taken, and no other", async () => {
		const all = new Set(described.operations.flatMap((o) => o.query_parameters()));
		for (const o of described.operations.filter((one) => one.method === "GET" && one.query_parameters().length > 0)) {
			for (const name of all) {
				if (ACTOR.includes(name) && ACTOR.some((other) => o.parameter(other))) continue;
				const answer: Answer = await server.get(`${o.path}?${name}=x`, as(o));
				const unknown = answer.text.includes(`${name}: not a parameter of this path`);
				assert.equal(!unknown, o.query_parameters().includes(name), `${o.path}?${name}=: ${answer.text}`);
			}
		}
	});

	test("the matrix of another time, and of nothing", async () => {
		for (const query of ["?at=2026-05-01T12:00:00Z", "?product=nobody", "?environment=staging"]) await call(server, named("GET", "/environment-state"), 200, undefined, { query });
		await call(server, named("GET", "/environment-state/diff"), 404, undefined, { query: "?from=production&to=nobody" });
		await call(server, named("GET", "/environment-state/diff"), 400);
	});

	const NOUNS: [path: string, body: () => Fields, changes: Fields[], wrong: Fields][] = [
		["/products", () => ({ name: unique("p"), description: "Invoices", extra_metadata: { team: "money" } }), [{ description: null }, { extra_metadata: null }], { name: 5 }],
		["/environments", () => ({ name: unique("e"), type: "test", position: 7, description: "x" }), [{ position: null, type: "other" }, { name: unique("e") }], { position: -1 }],
		["/notification-channels", () => ({ name: unique("c"), channel_type: "webhook", config: world.config("webhook", unique("c")), enabled: false }), [{ enabled: true }, { config: { headers: { "X-A": "b" } } }], { config: { zzz: 1 } }],
		["/notification-preferences", () => ({ event_type: "deployment.*", channel_id: ids.get("/notification-channels")![0], filters: { environments: "prod*", statuses: ["success"], environment_types: ["dev"] } }), [{ filters: null, enabled: false }], { filters: { regions: [] } }],
	];
	for (const [path, body, changes, wrong] of NOUNS) {
		test(`${path}: made, changed, deleted, and refused`, async () => {
			const one = `${path}/{id}`, made = body();
			const { id } = await good("POST", path, 201, made);
			if (made.name) await write(server, named("POST", path), 409, made);
			for (const fields of changes) await good("PATCH", one, 200, fields, id);
			await call(server, named("GET", one), 200, id);
			for (const [o, at] of [[named("POST", path), undefined], [named("PATCH", one), id]] as const) {
				await call(server, o, 422, at, { body: wrong });
				await call(server, o, 422, at, { body: [] });
				await call(server, o, 400, at, { body: "{" });
				await call(server, o, 415, at, { body: "x", headers: { "content-type": "text/plain" } });
				await call(server, o, 413, at, { body: Buffer.alloc(1024 * 1024 + 1, " "), headers: { "content-type": "application/json" } });
				await call(server, o, 401, at, { body: made, key: null });
				await call(server, o, 403, at, { body: made, key: read_key });
			}
			await call(server, named("PATCH", one), 404, undefined, { body: changes[0] });
			await fine(call(server, named("DELETE", one), 204, id), named("DELETE", one));
			await call(server, named("DELETE", one), 404, id);
			await call(server, named("DELETE", one), 401, id, { key: null });
			await call(server, named("DELETE", one), 403, id, { key: read_key });
		});
	}

	/* In a person's name, by a session. */
	const by = async (browser: Browser, method: string, path: string, status: number, body?: Fields, id?: string, more: RequestOptions = {}): Promise<any> => {
		const o = named(method, path);
		if (body && status < 300) described.assert_request(o, body);
		const answer = await browser.request(method, path.replace("{id}", id ?? NOBODY), { body, ...more });
		assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
		described.assert_answer(o, answer);
		if (status < 300) succeeded.add(o.definition.operationId);
		return answer.json;
	};
	const assert_refusals = async (method: string, path: string, wrong: Fields): Promise<void> => {
		await by(admin, method, path, 422, wrong);
		await call(server, named(method, path), 400, undefined, { body: "{", key: null, headers: admin.headers });
		await call(server, named(method, path), 415, undefined, { body: "x", key: null, headers: { ...admin.headers, "content-type": "text/plain" } });
		await call(server, named(method, path), 413, undefined, { body: Buffer.alloc(1024 * 1024 + 1, " "), key: null, headers: { ...admin.headers, "content-type": "application/json" } });
		await by(admin, method, path, 403, {}, undefined, { headers: { origin: "https://evil.example" } });
	};

	test("logging in and out, and the answers to who may not", async () => {
		const nobody = new Browser(server), password = new_password();
		const { password_link, email } = await make_user(server);
		const link = { token: token_of(password_link), password };
		await by(nobody, "POST", "/session/password", 200, link);
		await by(new Browser(server), "POST", "/session/password", 401, link);
		await by(new Browser(server), "POST", "/session", 200, { email, password, account: "default" });
		for (let i = 0; i < 5; i++) await by(new Browser(server), "POST", "/session", 401, { email: "nobody@example.com", password });
		await by(new Browser(server), "POST", "/session", 429, { email: "nobody@example.com", password });
		for (const path of ["/session", "/session/password"]) await assert_refusals("POST", path, { email: 5 });
		await assert_refusals("PATCH", "/session", { name: 5 });
		await by(nobody, "PATCH", "/session", 200, { name: "Bea", current_password: password, password: new_password() });
		for (const method of ["PATCH", "DELETE"]) {
			await call(server, named(method, "/session"), 403, undefined, { body: {} });
			await call(server, named(method, "/session"), 401, undefined, { body: {}, key: null });
			await call(server, named(method, "/session"), 403, undefined, { body: {}, key: null, headers: { cookie: nobody.cookie } });
		}
		for (const one of [token, read_key, events_key]) await call(server, named("GET", "/session"), 200, undefined, { key: one });
		await by(await again(admin), "DELETE", "/session", 204);
	});

	test("users, keys and tokens: made, changed, ended, and refused", async () => {
		const email = `${unique("u")}@example.com`;
		const user = await by(admin, "POST", "/users", 201, { email, role: "qa", name: null });
		await by(admin, "POST", "/users", 409, { email, role: "qa" });
		for (const body of [{}, { name: null, role: "sre", active: false }, { active: true, email: `x${email}` }]) await by(admin, "PATCH", "/users/{id}", 200, body, user.id);
		await by(admin, "PATCH", "/users/{id}", 409, { role: "viewer" }, admin.id);
		await by(admin, "DELETE", "/users/{id}", 409, undefined, admin.id);
		await by(admin, "POST", "/users/{id}/password-link", 201, undefined, user.id);
		await by(admin, "DELETE", "/users/{id}", 204, undefined, user.id);
		const key = await by(admin, "POST", "/api-keys", 201, { name: "k", scopes: ["events", "read"] });
		await by(admin, "DELETE", "/api-keys/{id}", 204, undefined, key.id);
		const made = await by(admin, "POST", "/personal-tokens", 201, { name: "t", expires_in_days: null });
		await by(admin, "DELETE", "/personal-tokens/{id}", 204, undefined, made.id);
		for (let i = 0; i < 49; i++) await make_token(admin);
		await by(admin, "POST", "/personal-tokens", 409, { name: "one more" });
		await assert_refusals("POST", "/users", { role: "root" });
		await assert_refusals("PATCH", "/users/{id}", { active: null });
		await assert_refusals("POST", "/api-keys", { scopes: [] });
		await assert_refusals("POST", "/personal-tokens", { expires_in_days: 0 });
		for (const [method, path] of [["PATCH", "/users/{id}"], ["DELETE", "/users/{id}"], ["POST", "/users/{id}/password-link"], ["DELETE", "/api-keys/{id}"], ["DELETE", "/personal-tokens/{id}"]]) {
			await by(admin, method, path, 404, method === "PATCH" ? {} : undefined);
			await call(server, named(method, path), 401, undefined, { key: null });
			await call(server, named(method, path), 403, undefined, { key: read_key });
		}
	});

	test("events: refused, contradicting, and said twice under one key", async () => {
		for (const [path, kind] of [["/deployment-events", "deployment"], ["/build-events", "build"], ["/version-events", "build"]] as const) {
			const o = named("POST", path);
			await call(server, o, 422, undefined, { body: { status: "perhaps", started_at: "noon" } });
			await call(server, o, 400, undefined, { body: "{" });
			await call(server, o, 400, undefined, { body: event_of(kind), query: "?limit=1" });
			await call(server, o, 401, undefined, { body: event_of(kind), key: null });
			await call(server, o, 403, undefined, { body: event_of(kind), key: read_key });
			const headers = { "idempotency-key": unique("key") }, body = event_of(kind);
			for (let i = 0; i < 2; i++) await write(server, o, 200, body, undefined, { headers });
			await call(server, o, 422, undefined, { body: event_of(kind), headers });
			if (kind === "deployment") continue;
			const product_name = unique("conflict");
			await build(server, { product_name, version: "1", scm_sha: "a".repeat(40) });
			await write(server, o, 409, event_of(kind, { product_name, version: "1", scm_sha: "b".repeat(40) }));
		}
	});

	test("many events: each line", async () => {
		const o = named("POST", "/events/bulk"), product_name = unique("bulk");
		const taken = [
			{ kind: "build", product_name, version: "1", status: "success", scm_sha: "a".repeat(40) },
			{ kind: "deployment", product_name, version: "1", status: "success", environment_name: "production" },
			{ kind: "build", product_name, version: "1", status: "success", scm_sha: "b".repeat(40) },
		];
		for (const line of taken) described.assert_line(o.definition.requestBody, line);
		const lines = [...taken.map((line) => JSON.stringify(line)), "", "oops", '{"kind":"build"}', "5", '{"kind":"other"}', `"${"x".repeat(1024 * 1024)}"`];
		const answer = await server.post(o.path, lines.join("\n") + "\n", { headers: NDJSON });
		assert.equal(answer.status, 200, answer.text);
		described.assert_answer(o, answer);
		const results = answer.text.trimEnd().split("\n").map((line) => JSON.parse(line));
		for (const result of results) described.assert_line(o.response(200), result);
		for (const status of [200, 400, 409, 422]) assert.ok(results.some((result) => result.status === status), `${status}: ${answer.text}`);
		succeeded.add(o.definition.operationId);
		await call(server, o, 401, undefined, { body: "{}", headers: NDJSON, key: null });
		await call(server, o, 403, undefined, { body: "{}", headers: NDJSON, key: read_key });
		await call(server, o, 415, undefined, { body: {} });
	});

	test("the live stream, and its refusals", async () => {
		const o = named("GET", "/events/stream");
		await listening(async (listen) => {
			const listener = await listen(server, { query: "type=build.failed" });
			const { event_id } = await good("POST", "/build-events", 200, event_of("build", { status: "failed" }));
			await listener.has([event_id]);
			described.assert_is("Event", listener.told[0].event);
		});
		await call(server, o, 400, undefined, { headers: { "last-event-id": "noon" } });
		await call(server, o, 400, undefined, { query: "?last_event_id=noon" });
		await call(server, o, 401, undefined, { key: null });
		await call(server, o, 403, undefined, { key: events_key });
	});

	test("a sample to each channel, and a notification sent again", async () => {
		const sample = named("POST", "/notification-channels/{id}/test"), retry = named("POST", "/notification-history/{id}/retry");
		for (const id of ids.get("/notification-channels")!) await fine(call(server, sample, 200, id), sample);
		const [dead, told] = ids.get("/notification-history")!;
		await fine(call(server, retry, 200, dead), retry);
		await call(server, retry, 409, told);
		for (const o of [sample, retry]) {
			await call(server, o, 404);
			await call(server, o, 401, undefined, { key: null });
			await call(server, o, 403, undefined, { key: read_key });
		}
	});

	after(() => {
		const never = described.operations.map((o) => o.definition.operationId).filter((name) => !succeeded.has(name));
		assert.deepEqual(never, [], "each operation has succeeded once");
	});
});

test("too many requests are as they are described", async () => {
	await with_server({ rate_limit: 1 }, async (server) => {
		await call(server, named("GET", "/events"), 200);
		await call(server, named("GET", "/events"), 429);
	});
});
