/* Sessions: logging in and out, the cookie, which pages may write with it, how long it lives, and on several servers. */
import { after, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { assert_error, events_of, FORBIDDEN, get_ok, UNAUTHENTICATED } from "./api";
import { HAS_OPENSSL, make_certificate } from "./certificate";
import { Clock, NO_CLOCK } from "./clock";
import { ON_POSTGRESQL } from "./engine";
import { again, assert_logged_in, Browser, cookies_of, make_token, make_user, new_password, OTHER_ORIGIN, Person, person, WRONG_CSRF, WRONG_LOGIN } from "./people";
import { raw } from "./raw";
import { until } from "./receivers";
import { Answer, random_alnum, Server, unique, use_server, with_server } from "./server";

const PROXY = ["--trusted-proxy", "127.0.0.1"];
const write = (browser: Browser, headers: Record<string, string> = {}): Promise<Answer> => browser.post("/products", { name: unique("product") }, { headers });

describe("logging in", () => {
	const server = use_server();

	test("tells who one is, and sets a cookie that no script can read", async () => {
		const one = await person(server, "developer", { name: "Ada" });
		const browser = new Browser(server);
		const answer = await browser.login(one.email, one.password);
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(Object.keys(answer.json), ["kind", "account", "user", "key", "permissions", "csrf_token", "expires_at"]);
		assert.deepEqual([answer.json.kind, answer.json.account.slug, answer.json.key], ["session", "default", null]);
		assert.deepEqual([answer.json.user.id, answer.json.user.email, answer.json.user.name, answer.json.user.role, answer.json.user.active], [one.id, one.email, "Ada", "developer", true]);
		assert.equal(answer.headers["cache-control"], "no-store");
		const [cookie, ...others] = cookies_of(answer);
		assert.deepEqual([cookie.name, others], ["versioner_session", []]);
		assert.match(cookie.value, /^[A-Za-z0-9_-]{43}$/);
		assert.deepEqual(cookie.attributes, { path: "/", "max-age": String(30 * 86_400), httponly: "", samesite: "Lax" });
		const seen = await browser.get("/session");
		assert.deepEqual(seen.json, answer.json);
		assert.equal(seen.headers["cache-control"], "no-store");
	});

	test("takes the address in any case, and the password in none but its own", async () => {
		const one = await person(server, "viewer");
		assert.equal((await new Browser(server).login(one.email.toUpperCase(), one.password)).status, 200);
		for (const wrong of [one.password.toUpperCase(), ` ${one.password}`, `${one.password} `, one.password.slice(0, -1), `${one.password}\0`])
			assert_error(await new Browser(server).login(one.email, wrong), 401, WRONG_LOGIN);
	});

	test("who is unknown, has no password or is not active is told the same as who is wrong", async () => {
		const one = await person(server, "viewer");
		const gone = await person(server, "viewer");
		const waiting = await make_user(server);
		assert.equal((await server.request("PATCH", `/users/${gone.id}`, { body: { active: false } })).status, 200);
		const failed = async (): Promise<number> => Number(/versioner_logins_total\{result="failed"\} (\d+)/.exec((await server.get("/metrics")).text)![1]);
		const before = await failed();
		for (const [email, password] of [[one.email, new_password()], [gone.email, gone.password], [waiting.email, new_password()], ["nobody@example.com", one.password], ["no address", one.password]]) {
			const answer = await new Browser(server).login(email, password);
			assert_error(answer, 401, WRONG_LOGIN);
			assert.deepEqual([answer.headers["www-authenticate"], answer.headers["set-cookie"]], [undefined, undefined]);
		}
		assert.equal(await failed(), before + 5, "each was checked, and counted");
		const lines = server.log.split("\n").filter((line) => line.includes("login failed"));
		for (const { email } of [one, waiting, gone]) assert.ok(lines.some((line) => line.includes(email) && line.includes("peer=127.0.0.1")), email);
		assert.ok(!lines.some((line) => line.includes("nobody@example.com")), "what was typed may be a password");
	});

	test("names an account, or gets the first one", async () => {
		const one = await person(server, "viewer");
		assert.equal((await new Browser(server).login(one.email, one.password, { account: "default" })).status, 200);
		for (const account of ["other", "Default", "default2"]) assert_error(await new Browser(server).login(one.email, one.password, { account }), 401, WRONG_LOGIN);
	});

	test("is not done by another site's page", async () => {
		const one = await person(server, "viewer");
		const body = JSON.stringify({ email: one.email, password: one.password });
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
			assert.equal((await server.post("/session", body, { key: null, headers: { "content-type": type } })).status, 415, type);
		for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
			const answer = await server.post("/session", Buffer.from(body), { key: null, headers: { origin } });
			assert_error(answer, 403, OTHER_ORIGIN);
			assert.equal(answer.headers["set-cookie"], undefined);
		}
		assert.equal((await server.post("/session", body, { key: null, headers: { origin: server.url } })).status, 200);
	});

	test("names what is wrong with the body", async () => {
		for (const [body, fields] of [[{}, ["email", "password"]], [{ email: 1, password: 2 }, ["email", "password"]], [{ email: "a@b.c", password: "x".repeat(257) }, ["password"]], [{ email: "x".repeat(255), password: "x" }, ["email"]]] as const) {
			const answer = await new Browser(server).post("/session", body);
			assert.equal(answer.status, 422);
			assert.deepEqual(answer.json.detail.map((error: any) => error.loc[1]), fields);
		}
	});
});

describe("a session", () => {
	const server = use_server({ args: ["--cors-origin", "https://dash.example"] });

	test("writes with its CSRF token, and with no other", async () => {
		const [one, other] = [await person(server, "admin"), await person(server, "admin")];
		assert.equal((await write(one)).status, 201);
		for (const csrf of [undefined, "", "x", other.csrf, one.csrf.slice(0, -1), `${one.csrf}x`, one.cookie.split("=")[1]]) {
			const headers: Record<string, string> = { cookie: one.cookie };
			if (csrf !== undefined) headers["x-csrf-token"] = csrf;
			for (const [method, target] of [["POST", "/products"], ["PATCH", "/session"], ["DELETE", "/session"], ["POST", "/deployment-events/"], ["DELETE", `/users/${other.id}`]])
				assert_error(await server.request(method, target, { key: null, headers, body: method === "DELETE" ? undefined : {} }), 403, WRONG_CSRF);
			for (const method of ["GET", "HEAD", "OPTIONS"]) assert.ok((await server.request(method, "/products", { key: null, headers })).status < 300, method);
		}
		await assert_logged_in(one, true);
	});

	test("writes for its own pages, and for no others", async () => {
		const one = await person(server, "admin");
		for (const origin of [server.url, "http://versioner.test"]) assert.equal((await write(one, { origin })).status, 201, origin);
		for (const origin of ["https://dash.example", "https://evil.example", "null", "https://versioner.test", "http://versioner.test.evil.example", `http://127.0.0.1:${server.port + 1}`, ""])
			assert_error(await write(one, { origin }), 403, OTHER_ORIGIN);
		assert_error(await write(one, { origin: "https://evil.example", "x-forwarded-host": "evil.example" }), 403, OTHER_ORIGIN);
		const by_key = await server.post("/products", { name: unique("p") }, { headers: { origin: "https://dash.example" } });
		assert.equal(by_key.status, 201, "a key is nobody's cookie");
		assert.equal(by_key.headers["access-control-allow-credentials"], undefined, "pages of other origins are given no answer to a cookie");
	});

	test("counts for nothing beside an Authorization header", async () => {
		const one = await person(server, "admin");
		assert_error(await one.get("/products", { key: "garbage" }), 401, UNAUTHENTICATED);
		const read = await server.post("/api-keys", { name: "r", scopes: ["read"] });
		assert_error(await one.get("/users", { key: read.json.key }), 403, FORBIDDEN);
		assert.equal((await one.get("/session", { key: read.json.key })).json.kind, "api_key");
		assert.equal((await server.post("/products", { name: unique("p") }, { headers: { cookie: one.cookie } })).status, 201, "and asks for no CSRF token");
	});

	test("is found among other cookies, and only when it is whole", async () => {
		const one = await person(server, "viewer");
		const [name, value] = one.cookie.split("=");
		const status = async (cookie: string): Promise<number> => (await server.get("/session", { key: null, headers: { cookie } })).status;
		for (const cookie of [`a=1; ${one.cookie}; b=2`, `a=1;${one.cookie}`, `json={"a":[1]}; ${one.cookie}`, `${"x=y; ".repeat(200)}${one.cookie}`]) assert.equal(await status(cookie), 200, cookie.slice(0, 60));
		for (const cookie of [`${one.cookie}; ${one.cookie}`, `${name}=x; ${one.cookie}`, `${name}="${value}"`, `${name.toUpperCase()}=${value}`, `__Host-${one.cookie}`, `${name}`, `${name}=`, `${name}=${value}x`, `${name}=${value.slice(1)}`, `x=${one.cookie}`, "=", ";;;"])
			assert.equal(await status(cookie), 401, cookie);
		const line = `Cookie: ${one.cookie}\r\n`;
		const { answers } = await raw(server.port, [`GET /session HTTP/1.1\r\nHost: x\r\n${line}${line}Connection: close\r\n\r\n`]);
		assert.equal(answers[0].status, 400, "two fields are one too many");
	});

	test("ends by logging out, and no other does", async () => {
		const one = await person(server, "viewer");
		const two = await again(one);
		const old = one.cookie;
		const answer = await one.request("DELETE", "/session");
		assert.equal(answer.status, 204);
		const [cookie] = cookies_of(answer);
		assert.deepEqual([cookie.name, cookie.value, cookie.attributes["max-age"], cookie.attributes.path], ["versioner_session", "", "0", "/"]);
		assert.equal((await server.get("/session", { key: null, headers: { cookie: old } })).status, 401);
		await assert_logged_in(two, true);
	});

	test("is for persons: neither a token nor a key logs out or changes its user", async () => {
		const one = await person(server, "admin");
		const { token } = await make_token(one);
		for (const key of [token, server.key]) {
			assert_error(await server.request("DELETE", "/session", { key }), 403, FORBIDDEN);
			assert_error(await server.request("PATCH", "/session", { key, body: { name: "x" } }), 403, FORBIDDEN);
		}
		const [by_token, by_key] = [await get_ok(server, "/session", { key: token }), await get_ok(server, "/session")];
		assert.deepEqual([by_token.kind, by_token.user.id, by_token.key, by_token.csrf_token, by_token.expires_at], ["token", one.id, null, null, null]);
		assert.deepEqual([by_key.kind, by_key.user, by_key.key.name, by_key.key.scopes, by_key.csrf_token], ["api_key", null, "first key", ["admin"], null]);
	});

	test("sends events in its user's name", async () => {
		const one = await person(server, "sre");
		const product_name = unique("by-hand");
		const sent = await one.post("/deployment-events/", { product_name, version: "1", environment_name: "dev", status: "success" });
		assert.equal(sent.status, 200, sent.text);
		const token = (await make_token(one)).token;
		assert.equal((await server.post("/build-events/", { product_name, version: "1", status: "success" }, { key: token })).status, 200);
		const line = JSON.stringify({ kind: "build", product_name, version: "2", status: "success" });
		assert.equal((await one.post("/events/bulk", line, { headers: { "content-type": "application/x-ndjson" } })).status, 200);
		assert.deepEqual((await events_of(server, product_name)).map(({ actor }) => actor), Array(3).fill(`user:${one.email}`));
	});

	test("keeps answers of state to its browser, which asks again each time", async () => {
		const one = await person(server, "viewer");
		const first = await one.get("/products");
		assert.equal(first.headers["cache-control"], "private, no-cache");
		assert.equal((await one.get("/products", { headers: { "if-none-match": first.headers.etag! } })).status, 304);
		await one.request("DELETE", "/session");
		assert.equal((await server.get("/products", { key: null, headers: { "if-none-match": first.headers.etag! } })).status, 401, "the tag opens nothing");
	});
});

describe("the cookie over TLS", { skip: HAS_OPENSSL ? false : "the program openssl is not installed" }, () => {
	if (!HAS_OPENSSL) return;
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-tls-"));
	after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const server = use_server({ tls: make_certificate(dir, "one") });
	const behind = use_server({ args: PROXY });

	const assert_secure = async (one: Person, o: { headers?: Record<string, string> } = {}): Promise<void> => {
		const browser = new Browser(one.server);
		const [{ name, attributes }] = cookies_of(await browser.login(one.email, one.password, {}, o));
		assert.equal(name, "__Host-versioner_session");
		assert.deepEqual(attributes, { path: "/", "max-age": String(30 * 86_400), httponly: "", samesite: "Lax", secure: "" });
		assert.equal((await browser.get("/session", o)).status, 200);
		const plain = { ...o.headers, cookie: browser.cookie.replace("__Host-", "") };
		assert.equal((await one.server.get("/session", { key: null, headers: plain })).status, 401, "a neighbouring host could have set that one");
	};

	test("is of this host alone", async () => assert_secure(await person(server, "viewer")));

	test("also where a trusted proxy says that it was TLS, and under the name by which the proxy was reached", async () => {
		const one = await person(behind, "admin");
		await assert_secure(one, { headers: { "x-forwarded-proto": "https" } });
		assert.equal((await write(one, { origin: "https://v.example", "x-forwarded-host": "v.example" })).status, 201);
		assert.equal((await write(one, { origin: "https://v.example", "x-forwarded-host": "evil.example, v.example" })).status, 201);
		assert_error(await write(one, { origin: "https://evil.example", "x-forwarded-host": "evil.example, v.example" }), 403, OTHER_ORIGIN);
	});
});

describe("the end of a session", { skip: NO_CLOCK }, () => {
	const HOUR = 3600, DAY = 24 * HOUR;
	async function with_clock(args: string[], test_it: (server: Server, clock: Clock) => Promise<void>): Promise<void> {
		const clock = new Clock();
		try {
			await with_server({ env: clock.env, args }, (server) => test_it(server, clock));
		} finally {
			clock.remove();
		}
	}

	test("after seven days without a request, or thirty days in any case", async () => {
		await with_clock([], async (server, clock) => {
			const [busy, idle] = [await person(server, "viewer"), await person(server, "viewer")];
			for (let day = 0; day < 28; day += 4) {
				clock.forward(4 * DAY);
				await assert_logged_in(busy, true);
				if (day === 0) await assert_logged_in(idle, true);
			}
			await assert_logged_in(idle, false);
			clock.forward(2 * DAY);
			await assert_logged_in(busy, false);
			assert.equal((await again(busy)).session.kind, "session");
		});
	});

	test("by the settings, also across a restart", async () => {
		await with_clock(["--session-idle", "1h", "--session-lifetime", "3h"], async (server, clock) => {
			const one = await person(server, "viewer");
			assert.equal(cookies_of(await new Browser(server).login(one.email, one.password))[0].attributes["max-age"], String(3 * HOUR));
			clock.forward(HOUR - 60);
			await assert_logged_in(one, true);
			await server.stop();
			await server.start();
			clock.forward(HOUR - 120);
			await assert_logged_in(one, true);
			clock.forward(HOUR + 1);
			await assert_logged_in(one, false);
		});
	});
});

describe("many at once", () => {
	/* Each from an address of its own, so that none is held up for another's failures. */
	const login_from = (server: Server, i: number): Promise<Answer> =>
		server.post("/session", { email: `nobody${i}@example.com`, password: random_alnum(20) }, { key: null, headers: { "x-forwarded-for": `10.1.${i >> 8}.${i & 255}` }, agent: false });

	test("each is answered once: wrong, or later", async () => {
		await with_server({ args: PROXY }, async (server) => {
			const statuses = (await Promise.all(Array.from({ length: 200 }, (_, i) => login_from(server, i)))).map(({ status }) => status);
			assert.deepEqual([...new Set(statuses)].sort(), [401, 503], "the queue is bounded");
			assert.equal((await login_from(server, 300)).status, 401, "and it goes on");
		});
	});

	test("a client that goes away, and a server that stops, leave nothing hanging", async () => {
		await with_server({ args: PROXY }, async (server) => {
			const body = JSON.stringify({ email: "nobody@example.com", password: random_alnum(20) });
			const request = `POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
			await Promise.all(Array.from({ length: 10 }, () => raw(server.port, [request], { ms: 1 })));
			await until(async () => /versioner_http_in_flight 1$/m.test((await server.get("/metrics")).text), () => server.log.slice(-1000));
			const waiting = Array.from({ length: 40 }, (_, i) => login_from(server, i).then(({ status }) => status, () => 0));
			await until(async () => /versioner_http_in_flight ([5-9]|\d\d)/m.test((await server.get("/metrics", { agent: false })).text), () => server.log.slice(-1000));
			server.assert_clean_exit(await server.stop());
			for (const status of await Promise.all(waiting)) assert.ok([401, 503, 0].includes(status), String(status));
		});
	});
});

describe("two servers on one database", { skip: ON_POSTGRESQL ? false : "SQLite has one server" }, () => {
	const server = use_server({ bootstrap: true });
	const other = new Server({ db: server.db, key: server.key, bootstrap: false });

	test("who logs in, out, or is shut out on one is known to the other", async () => {
		await other.start();
		after(() => other.close());
		const known = (browser: Browser, expected: boolean): Promise<void> => until(async () => ((await browser.get("/session")).status === 200) === expected, () => "the other server does not know");
		const [one, left, stopped] = [await person(server, "admin"), await person(server, "viewer"), await person(server, "viewer")];
		for (const browser of [one, left, stopped]) await known(browser.at(other), true);
		assert.equal((await left.request("DELETE", "/session")).status, 204);
		await known(left.at(other), false);
		assert.equal((await one.at(other).patch(`/users/${stopped.id}`, { active: false })).status, 200);
		await known(stopped, false);
		assert.equal((await one.at(other).patch(`/users/${left.id}`, { role: "sre" })).status, 200);
		const back = await again(left);
		assert.ok(back.session.permissions.includes("environment.write"));
	});
});
