/* Each code of the table of errors: when it comes, its whole body, its headers. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { create_key } from "./admin";
import { assert_error, assert_field_errors, build, event_of, FORBIDDEN, INVALID_JSON, missing, NOT_FOUND, send, UNAUTHENTICATED, UNAVAILABLE } from "./api";
import { lock_for_writing, NO_SQLITE, sqlite } from "./sqlite";
import { Answer, unique, use_server, with_server } from "./server";

function assert_plain(answer: Answer): void {
	assert.equal(answer.headers["content-type"]?.replace("; ", ";").toLowerCase().split(";")[0], "application/json");
	assert.equal(Number(answer.headers["content-length"]), answer.bytes.length);
	assert.ok(answer.headers["x-request-id"]);
	assert.equal(answer.headers.etag, undefined);
}

describe("errors", () => {
	const server = use_server();

	test("400: not JSON, wrong encoding", async () => {
		for (const body of [Buffer.from("{"), Buffer.from([0x7b, 0xff, 0x7d])]) {
			const answer = await server.post("/deployment-events/", body);
			assert_error(answer, 400, INVALID_JSON);
			assert_plain(answer);
		}
	});

	test("400: a bad query parameter", async () => {
		const answer = await server.get("/events/?limit=none");
		assert.equal(answer.status, 400);
		assert.deepEqual(Object.keys(answer.json), ["detail"]);
		assert.match(answer.json.detail, /limit/);
		assert_plain(answer);
	});

	test("401: no, unknown or malformed credentials", async () => {
		const wrong = [null, "", "x", `sk_default_k1_${"x".repeat(40)}`, `${server.key}x`, server.key.slice(0, -1), server.key.toUpperCase(), `pat_${"a".repeat(40)}`];
		for (const key of wrong) {
			for (const [method, target] of [["POST", "/deployment-events/"], ["GET", "/events/"], ["POST", "/events/bulk"], ["GET", "/metrics"]]) {
				const answer = await server.request(method, target, { key, ...(method === "POST" ? { body: event_of("deployment"), headers: { "content-type": target.endsWith("bulk") ? "application/x-ndjson" : "application/json" } } : {}) });
				assert_error(answer, 401, UNAUTHENTICATED);
				assert.equal(answer.headers["www-authenticate"], "Bearer");
				assert_plain(answer);
			}
		}
	});

	test("403: not allowed", async () => {
		const events_key = await create_key(server, "events");
		const read_key = await create_key(server, "read");
		const refused: [string, string, string, unknown][] = [
			["GET", "/events/", events_key, undefined], ["GET", "/environment-state/", events_key, undefined], ["POST", "/products/", events_key, { name: "x" }],
			["POST", "/deployment-events/", read_key, event_of("deployment")], ["POST", "/products/", read_key, { name: "x" }],
			["DELETE", `/products/${randomUUID()}`, read_key, undefined], ["PATCH", `/environments/${randomUUID()}`, read_key, {}],
		];
		for (const [method, target, key, body] of refused) {
			const answer = await server.request(method, target, { key, body });
			assert_error(answer, 403, FORBIDDEN);
			assert_plain(answer);
		}
	});

	test("404: an unknown path, an unknown object", async () => {
		for (const target of ["/nowhere", "/events/bulk/more", `/products/${randomUUID()}`, `/deployments/${randomUUID()}/timeline`, "/Events/", "/deployment_events/"]) {
			const answer = await server.get(target);
			assert_error(answer, 404, NOT_FOUND);
			assert_plain(answer);
		}
	});

	test("405: a known path by another method, with what is allowed", async () => {
		const cases: [string, string, string[]][] = [
			["GET", "/deployment-events/", ["POST"]], ["PUT", "/build-events", ["POST"]], ["DELETE", "/events/", ["GET", "HEAD"]], ["PATCH", "/version-events/", ["POST"]],
			["POST", `/products/${randomUUID()}`, ["GET", "PATCH", "DELETE"]], ["DELETE", "/products/", ["GET", "POST"]], ["POST", "/health", ["GET", "HEAD"]],
		];
		for (const [method, target, allowed] of cases) {
			const answer = await server.request(method, target);
			assert_error(answer, 405, { detail: "Method not allowed" });
			const listed = (answer.headers.allow ?? "").split(/,\s*/);
			for (const word of allowed) assert.ok(listed.includes(word), `${target}: ${answer.headers.allow}`);
			assert.ok(!listed.includes(method), `${target}: ${answer.headers.allow}`);
			assert_plain(answer);
		}
	});

	test("409: a version that exists with another commit", async () => {
		const product = unique("conflict");
		await build(server, { product_name: product, version: "1.2.3", scm_sha: "a".repeat(40) });
		const answer = await send(server, "build", { product_name: product, version: "1.2.3", scm_sha: "b".repeat(40) });
		const text = "Version 1.2.3 already exists with different SHA";
		assert_error(answer, 409, { detail: text, message: text, error: "VERSION_SHA_CONFLICT" });
		assert_plain(answer);
	});

	test("409: a name that is taken", async () => {
		const name = unique("taken");
		await server.post("/products/", { name });
		const answer = await server.post("/products/", { name });
		assert_error(answer, 409, { detail: answer.json.detail, message: answer.json.detail, error: "NAME_TAKEN" });
		assert.ok(answer.json.detail.includes(name), answer.json.detail);
		assert_plain(answer);
	});

	test("413: too large", async () => {
		for (const headers of [{ "content-type": "application/json" }, { "content-type": "application/json", "transfer-encoding": "chunked" }]) {
			const answer = await server.post("/deployment-events/", Buffer.alloc(1024 * 1024 + 1, " "), { headers });
			assert.equal(answer.status, 413);
			assert.deepEqual(Object.keys(answer.json), ["detail"]);
			assert.equal(typeof answer.json.detail, "string");
			assert_plain(answer);
		}
	});

	test("415: another content type; JSON with parameters and without any is taken", async () => {
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json", "application/jsonx", "text/json, application/json"]) {
			const answer = await server.post("/deployment-events/", JSON.stringify(event_of("deployment")), { headers: { "content-type": type } });
			assert.equal(answer.status, 415, type);
			assert.deepEqual(Object.keys(answer.json), ["detail"]);
			assert_plain(answer);
		}
		for (const type of ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "APPLICATION/JSON", "application/vnd.ci+json"]) {
			const answer = await server.post("/deployment-events/", JSON.stringify(event_of("deployment")), { headers: { "content-type": type } });
			assert.equal(answer.status, 200, type);
		}
		assert.equal((await server.post("/deployment-events/", Buffer.from(JSON.stringify(event_of("deployment"))))).status, 200, "no content type");
	});

	test("422: fields missing or wrong, all of them", async () => {
		const answer = await server.post("/deployment-events/", { status: "success" });
		assert_error(answer, 422, {
			detail: ["product_name", "version", "environment_name"].map((field) => ({ loc: ["body", field], msg: "field required", type: "value_error.missing" })),
		});
		assert_plain(answer);
		assert_field_errors(await server.post("/products/", { name: null }), [missing("name")]);
	});
});

describe("errors that need a server of their own", () => {
	test("429: too many requests", async () => {
		await with_server({ rate_limit: 2 }, async (server) => {
			const answers: Answer[] = [];
			for (let i = 0; i < 3; i++) answers.push(await server.get("/events/"));
			assert.deepEqual(answers.map((a) => a.status), [200, 200, 429]);
			const last = answers[2];
			const seconds = Number(last.headers["retry-after"]);
			assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60);
			assert_error(last, 429, { detail: `Rate limit exceeded. Try again in ${seconds} seconds.` });
			assert.equal(last.headers["x-ratelimit-limit"], "2");
			assert.equal(last.headers["x-ratelimit-remaining"], "0");
			assert.match(last.headers["x-ratelimit-reset"] as string, /^\d+$/);
			assert_plain(last);
		});
	});

	test("500: our fault; nothing about the inside", { skip: NO_SQLITE }, async () => {
		await with_server({}, async (server) => {
			server.expect_errors(/./);
			await build(server, {});
			sqlite(server.db, "PRAGMA foreign_keys=OFF; ALTER TABLE product RENAME TO lost;");
			const answer = await server.get("/products/", { headers: { "x-request-id": "our-fault-1" } });
			assert_error(answer, 500, { detail: "Internal server error", request_id: "our-fault-1" });
			assert_plain(answer);
			await server.wait_for_log(/our-fault-1/);
			sqlite(server.db, "ALTER TABLE lost RENAME TO product;");
			assert.equal((await server.get("/products/")).status, 200, "and it goes on when the cause is gone");
		});
	});

	test("503: the store is away; nothing is half-done, and it goes on when the store is back", { skip: NO_SQLITE }, async () => {
		await with_server({}, async (server) => {
			server.expect_errors(/./);
			const unlock = await lock_for_writing(server.db);
			const body = event_of("deployment");
			const answer = await server.post("/deployment-events/", body, { timeout: 120_000 });
			assert_error(answer, 503, UNAVAILABLE);
			assert.match(answer.headers["retry-after"] ?? "", /^\d+$/);
			assert_plain(answer);
			assert.equal((await server.get("/environment-state/")).status, 200, "reading goes on");
			await unlock();
			assert.deepEqual((await server.get(`/events/?product=${body.product_name}`)).json.items, []);
			assert.equal((await server.post("/deployment-events/", body)).status, 200);
		});
	});

	test("503: the queue is full, said at once", { skip: NO_SQLITE }, async () => {
		await with_server({ args: ["--queue-size", "4"] }, async (server) => {
			server.expect_errors(/./);
			const unlock = await lock_for_writing(server.db);
			let released = false;
			const waiting = Array.from({ length: 40 }, async () => {
				const answer = await server.post("/build-events/", event_of("build"), { timeout: 120_000, agent: false });
				return { answer, early: !released };
			});
			const first = await Promise.race(waiting);
			assert_error(first.answer, 503, UNAVAILABLE);
			assert.match(first.answer.headers["retry-after"] ?? "", /^\d+$/);
			await new Promise((done) => setTimeout(done, 500));
			released = true;
			await unlock();
			const all = await Promise.all(waiting);
			assert.ok(all.some((w) => w.early && w.answer.status === 503), "those without a place are told before the store is back");
			assert.ok(all.every((w) => w.answer.status === 200 || w.answer.status === 503));
			const stored = (await server.get("/events/?limit=200")).json.items.length;
			assert.equal(stored, all.filter((w) => w.answer.status === 200).length, "exactly the acknowledged ones are stored");
		});
	});
});
