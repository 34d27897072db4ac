/* HTTP itself: request ids, HEAD, OPTIONS, CORS, slashes, 100-continue, chunks, pipelines, and requests that are no requests. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, deploy, event_of, NOT_FOUND, query } from "./api";
import { answers_come, open_still, raw } from "./raw";
import { Answer, Server, sleep, unique, use_server } from "./server";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const head = (server: Server, first: string, more: string[] = []): string =>
	[first, "Host: versioner.test", `Authorization: Bearer ${server.key}`, ...more, "", ""].join("\r\n");
const post = (server: Server, body: string, more: string[] = []): string =>
	head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`, ...more]) + body;
const chunked = (text: string, size: number): string =>
	text.match(new RegExp(`[^]{1,${size}}`, "g"))!.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join("") + "0\r\n\r\n";
const good_body = (): string => JSON.stringify(event_of("build"));

describe("request ids", () => {
	const server = use_server();

	test("a sane one is kept, in the answer and in the log", async () => {
		for (const id of ["a", "req-1.2_3", "x".repeat(128), "0f0e0d"]) assert.equal((await server.get("/health", { headers: { "x-request-id": id } })).headers["x-request-id"], id);
		const id = unique("traced");
		await deploy(server, {}, { headers: { "x-request-id": id } });
		await server.wait_for_log(new RegExp(id));
	});

	test("any other is replaced by a new one", async () => {
		for (const id of ["x".repeat(129), "a b", "a\"b", "a;b", "é", "a\tb", "<x>", "level=error"]) {
			const answer = await server.get("/health", { headers: { "x-request-id": id } });
			assert.match(answer.headers["x-request-id"] as string, UUID, id);
		}
		const without = [await server.get("/health"), await server.get("/health")].map((a) => a.headers["x-request-id"]);
		assert.notEqual(without[0], without[1]);
	});

	test("errors carry it too, those before authentication and before routing included", async () => {
		const headers = { "x-request-id": "kept" };
		for (const answer of [await server.get("/nowhere", { headers }), await server.get("/events/", { headers, key: null }), await server.post("/build-events/", "{", { headers }),
			await server.request("PUT", "/events/", { headers }), await server.get("/events/?limit=%zz", { headers })])
			assert.equal(answer.headers["x-request-id"], "kept", String(answer.status));
	});
});

describe("methods", () => {
	const server = use_server({ args: ["--cors-origin", "https://dash.example", "--cors-origin", "https://second.example"] });
	before(() => deploy(server, {}));

	for (const target of ["/events/", "/environment-state/", "/products/", "/health", "/ready", "/metrics", "/nowhere", "/events/?limit=0"]) {
		test(`HEAD ${target} is GET without its body`, async () => {
			const got = await server.get(target);
			const answer = await server.request("HEAD", target);
			assert.equal(answer.status, got.status);
			assert.equal(answer.bytes.length, 0);
			assert.equal(answer.headers["content-type"], got.headers["content-type"]);
			assert.equal(answer.headers.etag, got.headers.etag);
			if (target !== "/metrics" && target !== "/health" && target !== "/ready") assert.equal(answer.headers["content-length"], got.headers["content-length"]);
		});
	}

	test("HEAD leaves the connection in order", async () => {
		const result = await raw(server.port, [head(server, "HEAD /events/ HTTP/1.1") + head(server, "GET /health HTTP/1.1")], { enough: (text) => text.includes('"ok"') });
		assert.match(result.text, /^HTTP\/1\.1 200[^]*?\r\n\r\nHTTP\/1\.1 200/);
	});

	test("OPTIONS says what is allowed, without credentials", async () => {
		for (const [target, words] of [["/events/", ["GET", "HEAD", "OPTIONS"]], ["/deployment-events/", ["POST", "OPTIONS"]], ["/products/", ["GET", "HEAD", "POST"]]] as const) {
			const answer = await server.request("OPTIONS", target, { key: null });
			assert.ok([200, 204].includes(answer.status), answer.text);
			const allowed = (answer.headers.allow ?? "").split(/,\s*/);
			for (const word of words) assert.ok(allowed.includes(word), `${target}: ${answer.headers.allow}`);
		}
		assert_error(await server.request("OPTIONS", "/nowhere", { key: null }), 404, NOT_FOUND);
	});

	test("CORS: a listed origin is allowed, in the preflight and in the answer", async () => {
		for (const origin of ["https://dash.example", "https://second.example"]) {
			const preflight = await server.request("OPTIONS", "/deployment-events/", { key: null, headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type" } });
			assert.ok([200, 204].includes(preflight.status));
			assert.equal(preflight.headers["access-control-allow-origin"], origin);
			assert.match(preflight.headers["access-control-allow-methods"] ?? "", /POST/);
			assert.match(preflight.headers["access-control-allow-headers"] ?? "", /authorization/i);
			assert.match(preflight.headers["access-control-allow-headers"] ?? "", /content-type/i);
			for (const answer of [await server.get("/events/", { headers: { origin } }), await server.get("/events/", { headers: { origin }, key: null })]) {
				assert.equal(answer.headers["access-control-allow-origin"], origin);
				assert.match(answer.headers.vary ?? "", /origin/i);
			}
		}
	});

	test("CORS: another origin gets nothing", async () => {
		for (const origin of ["https://evil.example", "https://dash.example.evil.example", "http://dash.example", "https://dash.example:8443", "null", "https://DASH.example.", "*"]) {
			for (const answer of [await server.get("/events/", { headers: { origin } }),
				await server.request("OPTIONS", "/events/", { key: null, headers: { origin, "access-control-request-method": "GET" } })])
				assert.equal(answer.headers["access-control-allow-origin"], undefined, origin);
		}
	});
});

describe("without --cors-origin", () => {
	const server = use_server();
	test("no origin is allowed", async () => {
		const answer = await server.get("/events/", { headers: { origin: "https://dash.example" } });
		assert.equal(answer.status, 200);
		assert.equal(answer.headers["access-control-allow-origin"], undefined);
	});
});

describe("paths", () => {
	const server = use_server();

	test("the event endpoints are served with and without the last slash and with doubled ones, without a redirect", async () => {
		for (const kind of ["deployment", "build", "version"]) {
			for (const target of [`/${kind}-events/`, `/${kind}-events`, `//${kind}-events/`, `//${kind}-events`, `///${kind}-events//`]) {
				const answer = await server.post(target, event_of("deployment"));
				assert.equal(answer.status, 200, target);
				assert.equal(answer.json.event_type, kind === "deployment" ? "deployment.completed" : "build.completed");
			}
		}
	});

	test("so are all others", async () => {
		const { product_id, product_name } = await deploy(server, {});
		for (const target of [`/products/${product_id}`, `/products/${product_id}/`, `//products//${product_id}//`]) assert.equal((await server.get(target)).json.name, product_name);
		for (const target of ["//health", "/health/", "//environment-state//diff" + query({ from: "production", to: "production" })]) assert.equal((await server.get(target)).status, 200, target);
	});

	test("a percent-encoded path is the path", async () => {
		assert.equal((await server.get("/%65vents/")).status, 200);
	});

	test("dots go nowhere", async () => {
		for (const target of ["/../events/", "/events/..%2f..%2fproducts/", "/./events/", "/%2e%2e/%2e%2e/etc/passwd", "/events/../../../../etc/passwd"]) {
			const answer = await server.get(target);
			assert.ok([400, 404].includes(answer.status), `${target}: ${answer.status}`);
		}
	});

	test("the whole URL as the target is taken (RFC 9112, absolute form) or refused, never misread", async () => {
		const { answers } = await raw(server.port, [head(server, "GET http://versioner.test/health HTTP/1.1", ["Connection: close"])]);
		assert.ok([200, 400, 404].includes(answers[0].status));
	});
});

describe("bodies on the wire", () => {
	const server = use_server();
	const one = async (parts: string[], ms?: number): Promise<{ status: number; closed: boolean; text: string }> => {
		const result = await raw(server.port, parts, { ms, enough: answers_come(1) });
		return { status: result.answers.find((a) => a.status >= 200)?.status ?? 0, closed: result.closed, text: result.text };
	};

	test("Expect: 100-continue is answered before the body is sent, then the event is recorded", async () => {
		const body = good_body();
		const { socket, received } = await open_still(server.port, head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", `Content-Length: ${body.length}`, "Expect: 100-continue"]));
		for (let i = 0; i < 200 && !received().includes("\r\n\r\n"); i++) await sleep(10);
		assert.match(received(), /^HTTP\/1\.1 100 /);
		socket.write(body);
		for (let i = 0; i < 200 && !received().includes("event_id"); i++) await sleep(10);
		assert.match(received(), /HTTP\/1\.1 200 /);
		socket.destroy();
	});

	test("Expect: 100-continue with a body that will be refused is refused before it is sent", async () => {
		const refused: [string, string[], number][] = [
			["POST /build-events/ HTTP/1.1", ["Content-Type: application/json", "Content-Length: 5000000"], 413],
			["POST /build-events/ HTTP/1.1", ["Content-Type: text/plain", "Content-Length: 100"], 415],
			["POST /nowhere HTTP/1.1", ["Content-Length: 100"], 404],
			["PUT /build-events/ HTTP/1.1", ["Content-Length: 100"], 405],
		];
		for (const [first, more, status] of refused) {
			const answer = await one([head(server, first, [...more, "Expect: 100-continue"])], 3_000);
			assert.equal(answer.status, status, first);
			assert.doesNotMatch(answer.text, /^HTTP\/1\.1 100/);
		}
		const unauthenticated = `POST /build-events/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`;
		assert.equal((await one([unauthenticated], 3_000)).status, 401);
	});

	test("chunked bodies of any chunk size", async () => {
		for (const size of [1, 7, 64, 100_000]) {
			const text = head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"]) + chunked(good_body(), size);
			assert.equal((await one([text])).status, 200, String(size));
		}
	});

	test("a body that comes byte by byte", async () => {
		const text = post(server, '{"product_name":"slow","version":"1","status":"success"}');
		const result = await raw(server.port, [...text], { pause: 1, ms: 20_000, enough: answers_come(1) });
		assert.equal(result.answers[0].status, 200);
	});

	test("broken chunks are refused and the connection ends", async () => {
		for (const body of ["zz\r\nabc\r\n0\r\n\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\nx\r\n", "5\r\nabcdefgh\r\n0\r\n\r\n"]) {
			const answer = await one([head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"]) + body]);
			assert.ok(answer.status === 400 || answer.status === 413 || (answer.status === 0 && answer.closed), `${body}: ${answer.status}`);
		}
	});

	test("a chunked body beyond 1 MiB is 413", async () => {
		const text = head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"]) + chunked(" ".repeat(1024 * 1024 + 1), 65_536);
		assert.equal((await one([text], 15_000)).status, 413);
	});

	test("after a refused body the connection is closed or clean, never out of step", async () => {
		const text = post(server, "x".repeat(2_000_000)) + head(server, "GET /health HTTP/1.1", ["Connection: close"]);
		const { answers } = await raw(server.port, [text], { ms: 15_000 });
		assert.equal(answers[0].status, 413);
		for (const answer of answers.slice(1)) assert.equal(answer.status, 200);
	});

	test("requests in one packet are answered in their order", async () => {
		const text = post(server, good_body(), ["X-Request-Id: first"]) + head(server, "GET /health HTTP/1.1", ["X-Request-Id: second"]) +
			head(server, "GET /nowhere HTTP/1.1", ["X-Request-Id: third"]) + post(server, good_body(), ["X-Request-Id: fourth"]);
		const { answers } = await raw(server.port, [text], { enough: answers_come(4) });
		assert.deepEqual(answers.map((a) => a.headers.get("x-request-id")), ["first", "second", "third", "fourth"]);
		assert.deepEqual(answers.map((a) => a.status), [200, 200, 404, 200]);
	});

	test("Connection: close closes, HTTP/1.0 closes unless it asks for more", async () => {
		const closing = await raw(server.port, [head(server, "GET /health HTTP/1.1", ["Connection: close"])]);
		assert.ok(closing.closed);
		assert.equal(closing.answers[0].status, 200);
		const old = await raw(server.port, [head(server, "GET /health HTTP/1.0")]);
		assert.ok(old.closed);
		assert.equal(old.answers[0].status, 200);
	});

	test("two lengths, or a length and chunks, are no request: 400 and the end of the connection", async () => {
		const body = good_body();
		const smuggled = "GET /events/ HTTP/1.1\r\nHost: x\r\n\r\n";
		const shapes = [
			["Content-Type: application/json", `Content-Length: ${body.length}`, `Content-Length: ${body.length + 1}`],
			["Content-Type: application/json", `Content-Length: ${body.length}`, "Transfer-Encoding: chunked"],
			["Content-Type: application/json", "Transfer-Encoding: chunked, identity"],
			["Content-Type: application/json", "Transfer-Encoding: xchunked"],
			["Content-Type: application/json", "Content-Length: -5"],
			["Content-Type: application/json", "Content-Length: 5x"],
			["Content-Type: application/json", "Content-Length: +5"],
			["Content-Type: application/json", "Content-Length: 99999999999999999999999"],
		];
		for (const shape of shapes) {
			const result = await raw(server.port, [head(server, "POST /build-events/ HTTP/1.1", shape) + body + smuggled], { ms: 3_000 });
			assert.ok(result.closed, shape.join(" | "));
			assert.ok(result.answers.length <= 1, `answers to a smuggled request: ${shape.join(" | ")}`);
			if (result.answers.length) assert.ok([400, 411, 413, 501].includes(result.answers[0].status), `${shape.join(" | ")}: ${result.answers[0].status}`);
		}
	});

	test("an event whose body ends early is not recorded", async () => {
		const product = unique("cut");
		const body = JSON.stringify(event_of("build", { product_name: product }));
		const { socket } = await open_still(server.port, head(server, "POST /build-events/ HTTP/1.1", ["Content-Type: application/json", `Content-Length: ${body.length + 10}`]) + body);
		await sleep(50);
		socket.destroy();
		await sleep(100);
		assert.deepEqual((await server.get(`/events/?product=${product}`)).json.items, []);
	});
});

describe("headers", () => {
	const server = use_server();

	test("too long a target, too large or too many headers are refused, and the server goes on", async () => {
		const big: [string, number[]][] = [
			[head(server, `GET /events/?product=${"x".repeat(20_000)} HTTP/1.1`), [400, 414, 431]],
			[head(server, "GET /events/ HTTP/1.1", [`X-Large: ${"x".repeat(100_000)}`]), [400, 413, 431]],
			[head(server, "GET /events/ HTTP/1.1", Array.from({ length: 500 }, (_, i) => `X-${i}: 1`)), [400, 431]],
		];
		for (const [text, statuses] of big) {
			const result = await raw(server.port, [text], { ms: 3_000 });
			const status = result.answers[0]?.status ?? 0;
			assert.ok(statuses.includes(status) || (status === 0 && result.closed), `${text.slice(0, 40)}…: ${status}`);
		}
		assert.equal((await server.get("/health")).status, 200);
	});

	test("what is no HTTP is refused", async () => {
		const odd = ["\r\n\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "\u0000\u0001\u0002\r\n\r\n", "GET /events/ HTTP/1.1\r\nno colon here\r\n\r\n",
			"GET /events/ HTTP/1.1\r\nHost: x\r\n folded: line\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "G\u0000T / HTTP/1.1\r\n\r\n"];
		for (const text of odd) {
			const result = await raw(server.port, [Buffer.from(text, "latin1")], { ms: 700 });
			for (const answer of result.answers) assert.ok(answer.status >= 400 && answer.status < 600, `${JSON.stringify(text)}: ${answer.status}`);
		}
		assert.equal((await server.get("/health")).status, 200);
	});

	test("a method that nobody knows is 405 or 501", async () => {
		const answer: Answer = await server.request("PROPFIND", "/events/");
		assert.ok([405, 501].includes(answer.status));
	});

	test("answers are not sniffed, framed or kept by caches of others", async () => {
		const answer = await server.get("/events/");
		assert.equal(answer.headers["x-content-type-options"], "nosniff");
	});
});
