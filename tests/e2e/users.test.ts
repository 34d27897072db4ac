/* Users: made, listed, changed, deactivated and deleted by who may; the last admin stays; what a user had ends with them. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, get_ok, list_all, NOT_FOUND, TIME, UUID7 } from "./api";
import { create_key } from "./admin";
import { ON_POSTGRESQL } from "./engine";
import { again, assert_logged_in, Browser, make_token, make_user, Person, person, ROLES, token_of, WRONG_LOGIN } from "./people";
import { Answer, Server, unique, use_server, with_server } from "./server";

const NOBODY = "01900000-0000-7000-8000-000000000000";
const LAST_ADMIN = { detail: "The last admin cannot be removed", error: "LAST_ADMIN" };
const OWN_ROLE = { detail: "Nobody changes their own role", error: "OWN_ROLE" };
const change = (server: Server, id: string, body: object): Promise<Answer> => server.request("PATCH", `/users/${id}`, { body });
const remove = (server: Server, id: string): Promise<Answer> => server.request("DELETE", `/users/${id}`);

function assert_conflict(answer: Answer, expected: { detail: string; error: string }): void {
	assert.equal(answer.status, 409, answer.text);
	assert.deepEqual([answer.json.detail, answer.json.error], [expected.detail, expected.error]);
}

describe("users", () => {
	const server = use_server();

	test("the first start makes an admin", async () => {
		const [admin] = await list_all(server, "/users");
		assert.deepEqual([admin.email, admin.role, admin.active, admin.has_password], ["admin@localhost", "admin", true, false]);
	});

	test("are made with an address and a role, shown, and listed newest first", async () => {
		for (const role of ROLES) {
			const email = `${unique("Mixed.Case")}@Example.com`;
			const made = await make_user(server, { email, role, name: "  Ada  " });
			assert.match(made.id, UUID7);
			assert.match(made.created_at, TIME);
			const { password_link, ...user } = made;
			assert.deepEqual(user, { id: made.id, email: email.toLowerCase(), name: "Ada", role, active: true, has_password: false, created_at: made.created_at, last_login_at: null });
			assert.deepEqual(await get_ok(server, `/users/${made.id}`), user);
		}
		const listed = await list_all(server, "/users", { limit: 3 });
		const ids = listed.map(({ id }) => id);
		assert.deepEqual(ids, [...ids].sort().reverse());
		assert.ok(listed.length >= ROLES.length + 1);
		assert.deepEqual(listed.slice(0, ROLES.length).map(({ role }) => role), [...ROLES].reverse());
	});

	test("a list has an ETag", async () => {
		const first = await server.get("/users");
		assert.equal((await server.get("/users", { headers: { "if-none-match": first.headers.etag! } })).status, 304);
		await make_user(server);
		assert.equal((await server.get("/users", { headers: { "if-none-match": first.headers.etag! } })).status, 200);
	});

	test("what is wrong is named, field by field", async () => {
		const good = { email: "someone@example.com", role: "viewer" };
		const rows: [object, string[]][] = [
			[{}, ["email", "role"]],
			[{ ...good, role: "root" }, ["role"]],
			[{ ...good, role: "Admin" }, ["role"]],
			[{ ...good, role: 5 }, ["role"]],
			[{ ...good, name: "x".repeat(256) }, ["name"]],
			[{ ...good, name: "a\u0000b" }, ["name"]],
			[{ ...good, name: "a\nb" }, ["name"]],
			...["", "x", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b\n", "a\r\nBcc: x@y.z@c.d", "Ada <ada@example.com>", "a@b,c@d", `${"x".repeat(250)}@b.c`, "ада@пример.рф", "a@-b", 5, null, ["a@b.c"]].map((email): [object, string[]] => [{ ...good, email }, ["email"]]),
		];
		for (const [body, fields] of rows) {
			const answer = await server.post("/users", body);
			if (answer.status === 201 && JSON.stringify(body).includes("a@b\\n")) continue; /* trimmed, as every text */
			assert.equal(answer.status, 422, `${JSON.stringify(body)}: ${answer.text}`);
			assert.deepEqual(answer.json.detail.map((error: any) => error.loc[1]), fields, JSON.stringify(body));
		}
		const { id } = await make_user(server);
		for (const body of [{ email: null }, { role: null }, { active: null }, { active: "yes" }, { active: 1 }, { email: "x" }, { role: "" }]) assert.equal((await change(server, id, body)).status, 422, JSON.stringify(body));
	});

	test("any name is taken as it is", async () => {
		for (const name of ["<script>alert(1)</script>", "'; DROP TABLE app_user; --", "Ünï 密码 🔑", "\u202eevil", "%s%n", "{{7*7}}", "x".repeat(255)]) {
			const { id } = await make_user(server, { name });
			assert.equal((await get_ok(server, `/users/${id}`)).name, name);
		}
	});

	test("an address belongs to one user, in whatever case, until they are deleted", async () => {
		const email = `${unique("taken")}@example.com`;
		const first = await make_user(server, { email });
		const second = await make_user(server);
		const taken = { detail: `User ${email} already exists`, error: "EMAIL_TAKEN" };
		assert_conflict(await server.post("/users", { email: email.toUpperCase(), role: "viewer" }), taken);
		assert_conflict(await change(server, second.id, { email: email.toUpperCase() }), taken);
		assert.equal((await change(server, first.id, { email: email.toUpperCase() })).json.email, email, "one's own");
		assert.equal((await change(server, first.id, { active: false })).status, 200);
		assert_conflict(await server.post("/users", { email, role: "viewer" }), taken);
		assert.equal((await remove(server, first.id)).status, 204);
		assert.equal((await make_user(server, { email })).email, email);
	});

	test("of many who make the same user at once, one does", async () => {
		const body = { email: `${unique("race")}@example.com`, role: "viewer" };
		const statuses = (await Promise.all(Array.from({ length: 8 }, () => server.post("/users", body)))).map(({ status }) => status);
		assert.deepEqual(statuses.sort(), [201, ...Array(7).fill(409)]);
	});

	test("changes are what is given, and nothing else", async () => {
		const made = await make_user(server, { role: "viewer", name: "Ada" });
		const { password_link, ...user } = made;
		for (const [body, expected] of [[{}, {}], [{ name: "Bea" }, { name: "Bea" }], [{ role: "qa" }, { role: "qa" }], [{ name: null }, { name: null }], [{ active: false }, { active: false }], [{ active: true }, { active: true }], [{ id: NOBODY, has_password: true, password: "x", created_at: null }, {}]] as const) {
			const answer = await change(server, made.id, body);
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual(answer.json, Object.assign(user, expected));
			assert.deepEqual(await get_ok(server, `/users/${made.id}`), user);
		}
	});

	test("who is not there is not found", async () => {
		const gone = await make_user(server);
		assert.equal((await remove(server, gone.id)).status, 204);
		for (const id of [NOBODY, gone.id, "x", "%00", "..%2f", `${gone.id}x`]) {
			for (const answer of [await server.get(`/users/${id}`), await change(server, id, { name: "x" }), await remove(server, id), await server.post(`/users/${id}/password-link`, undefined)]) assert.ok([400, 404].includes(answer.status), `${id}: ${answer.text}`);
		}
		assert_error(await remove(server, gone.id), 404, NOT_FOUND);
	});

	test("a new role works with the next request", async () => {
		const one = await person(server, "viewer");
		const { token } = await (async () => {
			assert.equal((await change(server, one.id, { role: "developer" })).status, 200);
			return make_token(one);
		})();
		const may = async (key?: string): Promise<boolean> => (await (key ? server.post("/products", {}, { key }) : one.post("/products", {}))).status !== 403;
		for (const [role, expected] of [["release_manager", true], ["viewer", false], ["admin", true], ["billing", false]] as const) {
			assert.equal((await change(server, one.id, { role })).status, 200);
			assert.deepEqual([await may(), await may(token)], [expected, expected], role);
			assert.equal((await one.get("/session")).json.user.role, role);
		}
	});

	test("a new address is the name of what is done from then on", async () => {
		const one = await person(server, "developer");
		const email = `${unique("renamed")}@example.com`;
		assert.equal((await change(server, one.id, { email })).status, 200);
		assert.equal((await new Browser(server).login(email, one.password)).status, 200);
		assert_error(await new Browser(server).login(one.email, one.password), 401, WRONG_LOGIN);
		const product = unique("renamed");
		const sent = await one.post("/build-events/", { product_name: product, version: "1", status: "success" });
		assert.equal((await get_ok(server, `/events/${sent.json.event_id}`)).actor, `user:${email}`);
	});

	test("who is deactivated or deleted is out at once, with all sessions, tokens and links, and does not come back with them", async () => {
		for (const end of [(id: string) => change(server, id, { active: false }), (id: string) => remove(server, id)]) {
			const one = await person(server, "developer");
			const [two, { token }, link] = [await again(one), await make_token(one), (await server.post(`/users/${one.id}/password-link`, undefined)).json];
			assert.ok((await end(one.id)).status < 300);
			const all_out = async (): Promise<void> => {
				await assert_logged_in(one, false);
				await assert_logged_in(two, false);
				assert.equal((await server.get("/products", { key: token })).status, 401);
				assert.equal((await new Browser(server).post("/session/password", { token: token_of(link), password: "a good password" })).status, 401);
			};
			await all_out();
			assert_error(await new Browser(server).login(one.email, one.password), 401, WRONG_LOGIN);
			if ((await change(server, one.id, { active: true })).status === 404) continue;
			await all_out();
			assert.equal((await new Browser(server).login(one.email, one.password)).status, 200, "but with the password");
		}
	});
});

describe("the last admin", () => {
	const server = use_server();
	let admin: Person;

	before(async () => {
		admin = await person(server, "admin");
		const [first] = (await list_all(server, "/users")).filter(({ email }) => email === "admin@localhost");
		assert.equal((await remove(server, first.id)).status, 204, "there is another");
	});

	test("stays, whoever asks", async () => {
		for (const answer of [await remove(server, admin.id), await change(server, admin.id, { role: "sre" }), await change(server, admin.id, { active: false })]) assert_conflict(answer, LAST_ADMIN);
		assert.equal((await change(server, admin.id, { name: "Still here", role: "admin", active: true })).status, 200);
		const waiting = await make_user(server, { role: "admin" });
		assert.equal((await change(server, waiting.id, { active: false })).status, 200);
		assert_conflict(await remove(server, admin.id), LAST_ADMIN);
		await assert_logged_in(admin, true);
	});

	test("nobody takes away their own role, also not one of several admins", async () => {
		const other = await person(server, "admin");
		for (const answer of [await other.patch(`/users/${other.id}`, { role: "viewer" }), await other.patch(`/users/${other.id}`, { active: false }), await other.request("DELETE", `/users/${other.id}`)]) assert_conflict(answer, OWN_ROLE);
		const { token } = await make_token(other);
		assert_conflict(await server.request("DELETE", `/users/${other.id}`, { key: token }), OWN_ROLE);
		assert.equal((await other.patch(`/users/${other.id}`, { name: "Me", role: "admin" })).status, 200);
		assert.equal((await admin.request("DELETE", `/users/${other.id}`)).status, 204);
	});

	test("of two admins who remove each other at once, one stays", async () => {
		for (let round = 0; round < 6; round++) {
			const [one, two] = [admin, await person(server, "admin")];
			const end = (by: Person, whom: Person): Promise<Answer> => (round % 2 ? by.request("DELETE", `/users/${whom.id}`) : by.patch(`/users/${whom.id}`, { role: "viewer" }));
			const statuses = (await Promise.all([end(one, two), end(two, one)])).map(({ status }) => status);
			const left = (await list_all(server, "/users")).filter(({ role, active }) => role === "admin" && active);
			assert.equal(left.length, 1, statuses.join());
			assert.equal(statuses.filter((status) => status < 300).length, 1, statuses.join());
			admin = left[0].id === one.id ? one : two;
		}
	});
});

describe("the last two admins, on two servers", { skip: ON_POSTGRESQL ? false : "SQLite has one server" }, () => {
	test("one stays", async () => {
		await with_server({}, async (server) => {
			const other = new Server({ db: server.db, key: server.key, bootstrap: false });
			await other.start();
			for (let round = 0; round < 8; round++) {
				await make_user(server, { role: "admin" });
				const admins = (await list_all(server, "/users")).filter(({ role }) => role === "admin").map((user) => user.id);
				assert.equal(admins.length, 2);
				const answers = await Promise.all([remove(server, admins[0]), change(other, admins[1], { role: "viewer" })]);
				assert.deepEqual(answers.map(({ status }) => status < 300).sort(), [false, true], answers.map(({ text }) => text).join());
			}
			await other.close();
			server.assert_check_is_green();
		});
	});
});

describe("who may", () => {
	const server = use_server();
	test("is an admin, by session, token or key: nobody below makes users", async () => {
		const before_count = (await list_all(server, "/users")).length;
		const read = await create_key(server, "events,read");
		assert.equal((await server.post("/users", { email: "x@example.com", role: "admin" }, { key: read })).status, 403);
		assert.equal((await list_all(server, "/users")).length, before_count);
	});
});
