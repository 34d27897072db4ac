/* What may be shown once is written down nowhere: after people have done all that there is to do, no secret stands in the log, in the store, in an export,
 * or in any answer that lists something. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { list_all, read_table } from "./api";
import { NO_FILE } from "./engine";
import { again, Browser, make_key, make_token, make_user, new_password, Person, person, token_of } from "./people";
import { random_alnum, unique, use_server } from "./server";

describe("no secret is written down", () => {
	const server = use_server({ args: ["--log-level", "debug"] });
	const secrets = new Map<string, string>(); /* by what they are */
	const keep = (what: string, secret: string): string => (secrets.set(`${what} ${secrets.size}`, secret), secret);
	let admin: Person;

	const keep_session = (browser: Browser): void => {
		keep("cookie", browser.cookie.split("=")[1]);
		keep("CSRF token", browser.csrf);
	};

	before(async () => {
		admin = await person(server, "admin");
		keep("first password", admin.password);
		keep_session(admin);
		keep_session(await again(admin));
		const idempotent = (): { headers: Record<string, string> } => ({ headers: { "idempotency-key": unique("key") } });
		const changed = new_password();
		keep("new password", changed);
		assert.equal((await admin.patch("/session", { current_password: admin.password, password: changed }, idempotent())).status, 200);
		assert.equal((await admin.patch("/session", { current_password: keep("wrong password", new_password()), password: keep("refused password", new_password()) }, idempotent())).status, 422);
		assert.equal((await new Browser(server).login(admin.email, keep("mistyped password", new_password()))).status, 401);
		assert.equal((await new Browser(server).login(keep("password as address", random_alnum(20)), "x")).status, 401);
		assert.equal((await server.post("/session", `{"email":"${admin.email}","password":"${keep("cut off", random_alnum(20))}`, { key: null })).status, 400);
		assert.equal((await server.post("/session", { email: [], password: keep("beside a wrong field", random_alnum(20)) }, { key: null })).status, 422);
		const made = await server.post("/users", { email: `${unique("u")}@example.com`, role: "viewer" }, idempotent());
		const link = await server.post(`/users/${made.json.id}/password-link`, undefined, idempotent());
		for (const one of [made.json.password_link, link.json]) keep("link", token_of(one).split(".")[1]);
		const used = new Browser(server);
		assert.equal((await used.post("/session/password", { token: token_of(link.json), password: keep("by link", new_password()) }, idempotent())).status, 200);
		keep_session(used);
		keep("unused link", token_of((await make_user(server)).password_link).split(".")[1]);
		const token = (await admin.post("/personal-tokens", { name: "t" }, idempotent())).json.token;
		keep("token", token.slice(4));
		keep("revoked token", (await make_token(admin)).token.slice(4));
		const key = (await admin.post("/api-keys", { name: "k", scopes: ["admin"] }, idempotent())).json.key;
		keep("key", key.split("_")[3]);
		const gone = await make_key(server, ["read"]);
		keep("revoked key", gone.key.split("_")[3]);
		assert.equal((await server.request("DELETE", `/api-keys/${gone.id}`)).status, 204);
		for (const one of [token, key]) {
			assert.equal((await server.post("/products", { name: unique("p") }, { key: one })).status, 201);
			assert.equal((await server.get("/nowhere", { key: one })).status, 404);
			assert.equal((await server.get("/products?nonsense=1", { key: one })).status, 400);
		}
		assert.equal((await used.request("DELETE", "/session")).status, 204);
		assert.equal((await server.get("/session", { key: null, headers: { cookie: `versioner_session=${keep("unknown cookie", random_alnum(43))}` } })).status, 401);
		assert.equal((await server.get("/session", { key: `pat_${keep("unknown token", random_alnum(43))}` })).status, 401);
		assert.equal((await server.run("admin", "reset-password", "--email", admin.email)).status, 0);
	});

	const assert_without = (text: string | Buffer, where: string): void => {
		for (const [what, secret] of secrets) assert.ok(!text.includes(secret), `${where} has the ${what}`);
	};

	test("not in the log, at its most talkative", () => {
		assert.ok(secrets.size > 20 && server.log.includes("login failed"));
		assert_without(server.log + server.out, "the log");
	});

	test("not in the database's files", { skip: NO_FILE }, () => {
		const files = fs.readdirSync(server.dir).filter((name) => name.startsWith("versioner.db"));
		assert.ok(files.length > 0);
		for (const name of files) assert_without(fs.readFileSync(path.join(server.dir, name)), name);
	});

	test("not in any row: answers that are kept for an Idempotency-Key, the audit log and all else", () => {
		const file = path.join(server.dir, "rows.ndjson");
		assert.equal(server.run("export", file).status, 0);
		const text = fs.readFileSync(file, "utf8");
		for (const table of ["idempotency", "audit_entry", "app_user", "api_key"]) assert.ok(text.includes(`"${table}"`), `the export has ${table}`);
		assert_without(text, "the export");
	});

	test("not in any answer that lists or shows something", async () => {
		for (const { method, path: target, permission } of read_table("routes.tsv")) {
			if (method !== "GET" || permission === "page" || target.includes("{") || target === "/session" || target === "/events/stream") continue;
			for (const text of [(await admin.get(target)).text, (await server.get(target)).text]) assert_without(text, target);
		}
		for (const target of ["/users", "/api-keys", "/notification-channels"]) for (const { id } of await list_all(server, target)) assert_without((await server.get(`${target}/${id}`)).text, target);
		assert_without(JSON.stringify(await list_all(server, "/audit-log")), "the audit log");
		const { csrf_token, ...rest } = (await admin.get("/session")).json;
		assert.equal(csrf_token, admin.csrf);
		assert_without(JSON.stringify(rest), "/session");
	});

	test("and no hash of a password is told", async () => {
		for (const target of ["/users", "/audit-log", "/session"]) assert.doesNotMatch((await admin.get(target)).text, /argon2|password_hash|token_digest|secret_digest/);
		assert.doesNotMatch(server.log, /argon2/);
	});
});
