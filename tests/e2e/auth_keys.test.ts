/* Keys: their forms, their scopes, making, listing and revoking them beside a running server; what is never written down. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { create_key, key_id, KEY_FORM, wait_until_key } from "./admin";
import { assert_error, deploy, event_of, FORBIDDEN, UNAUTHENTICATED } from "./api";
import { raw } from "./raw";
import { new_key, random_alnum, refused_start, Server, unique, use_server, with_server } from "./server";

const status_with = async (server: Server, authorization: string | string[]): Promise<number> =>
	(await server.get("/events/?limit=1", { key: null, headers: { authorization: authorization as string } })).status;

describe("credentials", () => {
	const server = use_server();

	test("the scheme is Bearer, in any case, and nothing else", async () => {
		for (const good of [`Bearer ${server.key}`, `bearer ${server.key}`, `BEARER ${server.key}`]) assert.equal(await status_with(server, good), 200, good.slice(0, 8));
		const basic = `Basic ${Buffer.from(`x:${server.key}`).toString("base64")}`;
		for (const bad of [server.key, `Token ${server.key}`, basic, "Bearer", "Bearer ", `Bearer ${server.key} x`, `Bearer "${server.key}"`, `Bearer ${server.key},`, `Bearer Bearer ${server.key}`])
			assert.equal(await status_with(server, bad), 401, bad.slice(0, 12));
	});

	test("each part of a key counts", async () => {
		const [sk, account, id, secret] = server.key.split("_");
		const wrong = [`${sk}_other_${id}_${secret}`, `${sk}_${account}_k2_${secret}`, `${sk}_${account}_k999999999999999999999_${secret}`, `${sk}_${account}_k-1_${secret}`, `${sk}_${account}_${secret}`,
			`${sk}_${account}_${id}_${random_alnum(40)}`, `${sk}_${account}_${id}_`, `pk_${account}_${id}_${secret}`, `${sk}__${id}_${secret}`, `${server.key}_`, `${server.key.slice(0, -1)}`,
			`${sk}_${account}_${id}_${secret}${"x".repeat(5000)}`, "sk_", "_".repeat(50)];
		for (const key of wrong) assert.equal(await status_with(server, `Bearer ${key}`), 401, key.slice(0, 40));
	});

	test("the key is not taken from the query, a cookie or another header", async () => {
		for (const [target, headers] of [[`/events/?api_key=${server.key}`, {}], ["/events/", { cookie: `session=${server.key}` }], ["/events/", { "x-api-key": server.key }]] as const)
			assert.equal((await server.get(target, { key: null, headers })).status, 401);
	});

	test("two Authorization headers are not a way in", async () => {
		for (const order of [["wrong", server.key], [server.key, "wrong"], [server.key, server.key]]) {
			const lines = order.map((key) => `Authorization: Bearer ${key}\r\n`).join("");
			const { answers } = await raw(server.port, [`GET /events/ HTTP/1.1\r\nHost: x\r\n${lines}Connection: close\r\n\r\n`]);
			assert.ok([400, 401].includes(answers[0].status));
		}
	});

	test("who is not known is told so before the body is read", async () => {
		const answer = await server.post("/deployment-events/", "{", { key: null });
		assert_error(answer, 401, UNAUTHENTICATED);
	});

	test("health and readiness need nobody, metrics need scope read", async () => {
		const health = await server.get("/health", { key: null });
		assert.equal(health.status, 200);
		assert.equal(health.json.status, "ok");
		const ready = await server.get("/ready", { key: null });
		assert.equal(ready.status, 200);
		assert.equal(ready.json.status, "ready");
		assert_error(await server.get("/metrics", { key: null }), 401, UNAUTHENTICATED);
		assert_error(await server.get("/metrics", { key: await create_key(server, "events") }), 403, FORBIDDEN);
		assert.equal((await server.get("/metrics", { key: await create_key(server, "read") })).status, 200);
	});

	test("metrics are Prometheus text", async () => {
		const answer = await server.get("/metrics");
		assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
		const lines = answer.text.split("\n").filter(Boolean);
		for (const line of lines) assert.match(line, /^(# (HELP|TYPE) \w+ .+|[a-zA-Z_:][\w:]*(\{[^}]*\})? [-+]?([0-9.e+-]+|Inf|NaN))$/, line);
		assert.ok(lines.some((line) => line.startsWith("versioner_")));
		const types = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
		assert.equal(new Set(types).size, types.length, "each metric has one TYPE");
	});
});

describe("scopes", () => {
	const server = use_server();
	const can = async (key: string): Promise<Record<string, boolean>> => {
		const ask = async (method: string, target: string, body?: unknown): Promise<boolean> => {
			const answer = await server.request(method, target, { key, body });
			if (answer.status === 403) assert.deepEqual(answer.json, FORBIDDEN);
			else assert.ok(answer.status < 300, `${target}: ${answer.text}`);
			return answer.status !== 403;
		};
		return {
			send: (await ask("POST", "/deployment-events/", event_of("deployment"))) && (await ask("POST", "/build-events/", event_of("build"))) && (await ask("POST", "/version-events/", event_of("build"))),
			read: (await ask("GET", "/events/")) && (await ask("GET", "/environment-state/")) && (await ask("GET", "/products/")) && (await ask("GET", "/metrics")),
			catalog: (await ask("POST", "/products/", { name: unique("p") })) && (await ask("POST", "/environments/", { name: unique("e") })),
		};
	};

	for (const [scopes, allowed] of Object.entries({
		events: { send: true, read: false, catalog: false },
		read: { send: false, read: true, catalog: false },
		"events,read": { send: true, read: true, catalog: false },
		admin: { send: true, read: true, catalog: true },
	})) {
		test(`a key of scope ${scopes}`, async () => {
			assert.deepEqual(await can(await create_key(server, scopes)), allowed);
		});
	}

	test("an events key may send in bulk, a read key may not", async () => {
		const body = JSON.stringify({ kind: "build", ...event_of("build") });
		const headers = { "content-type": "application/x-ndjson" };
		assert.equal((await server.post("/events/bulk", body, { headers, key: await create_key(server, "events") })).status, 200);
		assert_error(await server.post("/events/bulk", body, { headers, key: await create_key(server, "read") }), 403, FORBIDDEN);
	});
});

describe("versioner admin", () => {
	const server = use_server();

	test("create-key prints the key once; list-keys names it without its secret; the scope is events by default", async () => {
		const name = unique("named");
		const made = server.run("admin", "create-key", "--name", name);
		assert.equal(made.status, 0, made.stderr);
		const keys = made.stdout.match(new RegExp(KEY_FORM, "g"));
		assert.equal(keys?.length, 1, made.stdout);
		const key = keys![0];
		assert.equal((await wait_until_key(server, key, true)).status, 403);
		await deploy(server, {}, { key });
		const listed = server.run("admin", "list-keys");
		assert.equal(listed.status, 0, listed.stderr);
		const line = listed.stdout.split("\n").find((l) => l.includes(name));
		assert.ok(line?.includes(key_id(key)), listed.stdout);
		assert.match(line!, /events/);
		assert.ok(!listed.stdout.includes(key.split("_")[3]));
		assert.ok(!listed.stdout.includes(server.key.split("_")[3]));
	});

	test("ids count up and are not used again", async () => {
		const ids: string[] = [];
		for (let i = 0; i < 3; i++) ids.push(key_id(await create_key(server, "read")));
		const numbers = ids.map((id) => Number(id.slice(1)));
		assert.deepEqual(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
		assert.equal(server.run("admin", "revoke-key", ids[2]).status, 0);
		assert.equal(key_id(await create_key(server, "read")), `k${numbers[2] + 1}`);
	});

	test("a new key works at once, and a revoked one stops at once, while the server runs", async () => {
		for (let i = 0; i < 5; i++) {
			const key = await create_key(server, "read");
			assert.equal((await server.get("/events/", { key })).status, 200);
			assert.equal(server.run("admin", "revoke-key", key_id(key)).status, 0);
			assert_error(await wait_until_key(server, key, false), 401, UNAUTHENTICATED);
		}
		assert.equal((await server.get("/events/")).status, 200, "others are not touched");
	});

	test("wrong words are refused with a sentence", () => {
		for (const args of [["create-key", "--scope", "everything"], ["create-key", "--scope", ""], ["revoke-key", "k4711"], ["revoke-key", "nonsense"], ["revoke-key"], ["dance"], []]) {
			const result = server.run("admin", ...args);
			assert.notEqual(result.status, 0, args.join(" "));
			assert.ok(result.stderr.trim().length > 0, args.join(" "));
		}
	});

	test("no secret stands in the database file or the log, only hashes", async () => {
		const key = await create_key(server, "read");
		await server.get("/events/", { key });
		await server.get("/events/", { key: `${key}x` });
		await server.post("/deployment-events/", "{", { key });
		const secrets = [key.split("_")[3], server.key.split("_")[3]];
		for (const file of fs.readdirSync(server.dir)) {
			const bytes = fs.readFileSync(path.join(server.dir, file));
			for (const secret of secrets) assert.ok(!bytes.includes(secret), `${file} holds a secret`);
		}
		for (const secret of secrets) assert.ok(!server.log.includes(secret) && !server.out.includes(secret));
	});
});

describe("the first start", () => {
	test("makes a key of scope admin, prints it once with a curl line that works, and writes it nowhere else", async () => {
		await with_server({ bootstrap: false }, async (server) => {
			for (let i = 0; i < 100 && !KEY_FORM.test(server.out + server.log); i++) await new Promise((done) => setTimeout(done, 20));
			const key = KEY_FORM.exec(server.out)?.[0];
			assert.ok(key, `printed on standard output: ${server.out}`);
			assert.match(server.out, /curl /);
			assert.match(server.out, new RegExp(`Bearer ${key}`));
			assert.equal((await server.post("/products/", { name: "p" }, { key })).status, 201);
			assert.ok(!server.log.includes(key.split("_")[3]), "not in the log");
			await server.stop();
			const printed = server.out.length;
			await server.start();
			assert.equal((await server.get("/products/", { key })).status, 200);
			assert.ok(!KEY_FORM.test(server.out.slice(printed)), "the second start prints no key");
		});
	});

	test("VERSIONER_BOOTSTRAP_API_KEY sets it, is not printed, and a later other one changes nothing", async () => {
		await with_server({}, async (server) => {
			assert.equal((await server.get("/products/")).status, 200);
			await server.stop();
			const first = server.key;
			const second = new_key();
			server.options.env = { VERSIONER_BOOTSTRAP_API_KEY: second };
			await server.start();
			assert.equal((await server.get("/products/", { key: first })).status, 200);
		});
	});

	test("a bootstrap key of another form is refused without being shown", () => {
		for (const bad of ["secret123", "sk_default_k1_short", "sk_default_k1", `sk_default_1_${random_alnum(40)}`, `sk_default_k1_${random_alnum(40)} x`]) {
			const server = new Server();
			const result = refused_start(server, { VERSIONER_BOOTSTRAP_API_KEY: bad });
			assert.ok(result.status !== 0, bad);
			assert.match(result.said, /VERSIONER_BOOTSTRAP_API_KEY|API key/);
			assert.ok(!result.said.includes(bad), "it is a secret all the same");
			fs.rmSync(server.dir, { recursive: true, force: true });
		}
	});
});

describe("--metrics-public", () => {
	const server = use_server({ args: ["--metrics-public"] });
	test("gives the metrics to all, and nothing else", async () => {
		assert.equal((await server.get("/metrics", { key: null })).status, 200);
		assert.equal((await server.get("/events/", { key: null })).status, 401);
	});
});
