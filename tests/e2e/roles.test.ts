/* Who may do what: every route of the program is asked by each role in a session and with a personal token, by each scope of a key, by nobody, with
 * garbage, and by another account; the outcome is compared with tests/data/roles.tsv. Nothing is changed: writing routes are asked with a body that is
 * refused once the permission has been checked. */
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { read_table, FORBIDDEN, UNAUTHENTICATED } from "./api";
import { make_key, make_token, Person, person, ROLES } from "./people";
import { Answer, new_key, random_alnum, RequestOptions, Server } from "./server";

const NOBODY = "01900000-0000-7000-8000-000000000000";
const PERMISSIONS = new Map(read_table("roles.tsv").map((row) => [row.permission, row]));
const ROUTES = read_table("routes.tsv").filter(({ permission }) => permission !== "page");
const SCOPES = ["events", "read", "admin"];

/* What a person may do only in a session: a token or a key is refused though it has the permission. */
const SESSION_ONLY = ["PATCH /session", "DELETE /session", "POST /personal-tokens"];
/* Logging out would end the session that the next request needs. */
const ENDS_THE_SESSION = "DELETE /session";

/* Bodies that no route takes: refused with 400, 415 or 422 once the permission is known. */
const garbage_for = (path: string): RequestOptions => (path === "/events/bulk" ? { body: "", headers: { "content-type": "application/x-ndjson" } } : { body: "[]" });

type Ask = (method: string, path: string) => Promise<Answer>;
interface Asker {
	name: string;
	column: string; /* of roles.tsv */
	session: boolean;
	ask: Ask;
}

describe("roles", () => {
	const server = new Server();
	const askers: Asker[] = [];
	let people: Person[];

	const target_of = (path: string): string => path.replace("{id}", NOBODY) + (path === "/events/stream" ? "?limit=none" : "");
	const by_key = (key: string | null): Ask => (method, path) => server.request(method, target_of(path), { key, ...(method === "GET" ? {} : garbage_for(path)) });

	before(async () => {
		await server.start();
		people = await Promise.all(ROLES.map((role) => person(server, role)));
		for (const [i, role] of ROLES.entries()) {
			const one = people[i];
			askers.push({ name: `a session of role ${role}`, column: role, session: true, ask: (method, path) => one.request(method, target_of(path), method === "GET" ? {} : garbage_for(path)) });
			if (!PERMISSIONS.get("token.own")![role]) continue;
			const { token } = await make_token(one);
			askers.push({ name: `a token of role ${role}`, column: role, session: false, ask: by_key(token) });
		}
		for (const scope of SCOPES) askers.push({ name: `a key of scope ${scope}`, column: `key:${scope}`, session: false, ask: by_key((await make_key(server, [scope])).key) });
	});
	after(() => server.close());

	test("the table has a row for each permission of a route, and a column for each role", () => {
		for (const { method, path, permission } of ROUTES) assert.ok(permission === "open" || PERMISSIONS.has(permission), `${method} ${path}: ${permission}`);
		const columns = Object.keys(read_table("roles.tsv")[0]).slice(1);
		assert.deepEqual(columns, [...ROLES, ...SCOPES.map((scope) => `key:${scope}`)]);
	});

	for (const { method, path, permission } of ROUTES) {
		test(`${method} ${path} (${permission})`, async () => {
			const route = `${method} ${path}`;
			for (const asker of askers) {
				if (route === ENDS_THE_SESSION && asker.session) continue;
				const answer = await asker.ask(method, path), what = `${asker.name}: ${answer.status} ${answer.text.slice(0, 200)}`;
				const allowed = permission === "open" || PERMISSIONS.get(permission)![asker.column] === "x";
				const refused = SESSION_ONLY.includes(route) && !asker.session;
				if (allowed && !refused) assert.ok(![401, 403].includes(answer.status), what);
				else assert.equal(answer.status, 403, what);
				if (answer.status === 403) assert.deepEqual(answer.json, FORBIDDEN, what);
			}
		});
	}

	test("without credentials, with garbage and with those of another account: 401, whatever the route", async () => {
		const pat = (await make_token(people[0])).token;
		const strangers: [string, RequestOptions][] = [
			["nobody", { key: null }],
			["a key that is none", { key: "garbage" }],
			["a key of the right form", { key: new_key("k1") }],
			["a key of another account", { key: server.key.replace("_default_", "_other_") }],
			["a token of the right form", { key: `pat_${random_alnum(43)}` }],
			["a token, cut", { key: pat.slice(0, -1) }],
			["a token, longer", { key: `${pat}x` }],
			["a cookie of the right form", { key: null, headers: { cookie: `versioner_session=${random_alnum(43)}` } }],
			["a cookie under another name", { key: null, headers: { cookie: people[0].cookie.replace("versioner_session", "session") } }],
			["a token as a cookie", { key: null, headers: { cookie: `versioner_session=${pat}` } }],
			["a session as a key", { key: people[0].cookie.split("=")[1] }],
			["a wrong key beside a right cookie", { key: "garbage", headers: people[0].headers }],
			["an empty key beside a right cookie", { key: null, headers: { ...people[0].headers, authorization: "" } }],
		];
		for (const { method, path, permission } of ROUTES)
			for (const [name, o] of strangers) {
				const body = method === "GET" ? {} : garbage_for(path);
				const answer = await server.request(method, target_of(path), { ...body, ...o, headers: { ...body.headers, ...o.headers } });
				const what = `${method} ${path} by ${name}: ${answer.status} ${answer.text.slice(0, 200)}`;
				if (permission === "open") {
					assert.ok(![401, 403].includes(answer.status), what);
					continue;
				}
				assert.equal(answer.status, 401, what);
				assert.deepEqual(answer.json, UNAUTHENTICATED, what);
				assert.equal(answer.headers["www-authenticate"], "Bearer", what);
			}
	});

	test("the sessions have come through it, and what they may do is what they were told", async () => {
		for (const [i, role] of ROLES.entries()) {
			const answer = await people[i].get("/session");
			assert.equal(answer.status, 200, `${role}: ${answer.text}`);
			const of_routes = ["read", "catalog.write", "environment.write", "events", "integration.write", "key.write", "user.write", "token.own"];
			const allowed = of_routes.filter((permission) => PERMISSIONS.get(permission)![role] === "x");
			assert.deepEqual(answer.json.permissions.filter((word: string) => of_routes.includes(word)).sort(), allowed.sort());
		}
	});

	test("logging out is for every role", async () => {
		for (const one of people) assert.equal((await one.request("DELETE", "/session")).status, 204);
	});
});
