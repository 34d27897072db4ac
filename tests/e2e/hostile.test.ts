/* Clients that mean harm or are broken: slow, deep, huge, random. Normal requests go on beside them. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as net from "node:net";
import { assert_error, build, deploy, event_of, EVENT_PATH, get_ok, INVALID_JSON, KINDS, record } from "./api";
import { FIELDS } from "./fields";
import { answers_come, open_still, raw } from "./raw";
import { Server, sleep, unique, use_server, with_server } from "./server";

const start_of_post = (server: Server, length = 1000): string =>
	`POST /build-events/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

async function assert_alive(server: Server): Promise<void> {
	assert.ok(server.running());
	await deploy(server, {});
	assert.equal((await server.get("/health", { key: null })).status, 200);
}

/* A generator with a seed, so that a failure can be repeated. */
function random_from(seed: number): (below: number) => number {
	let state = seed >>> 0;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

describe("slow clients", () => {
	test("a thousand that never finish their headers do not keep others out, and are dropped by the deadline", async () => {
		await with_server({ args: ["--max-connections", "1500", "--header-timeout", "4s", "--idle-timeout", "4s"] }, async (server) => {
			const slow: Awaited<ReturnType<typeof open_still>>[] = [];
			for (let i = 0; i < 1000; i++) slow.push(await open_still(server.port, i % 2 ? "GET /events/ HTTP/1.1\r\nHost: x\r\nX-Slow" : ""));
			for (let i = 0; i < 20; i++) await deploy(server, {});
			const drip = setInterval(() => slow.forEach((s, i) => i % 4 === 1 && !s.socket.destroyed && s.socket.write("w")), 500);
			const all_closed = Promise.all(slow.map((s) => s.closed)).then(() => true);
			const dropped = await Promise.race([all_closed, sleep(30_000).then(() => false)]);
			clearInterval(drip);
			slow.forEach((s) => s.socket.destroy());
			assert.ok(dropped, "all were dropped, those that kept dripping too");
			await assert_alive(server);
		});
	});

	test("a body that does not come is dropped by --body-timeout, however it drips", async () => {
		await with_server({ args: ["--body-timeout", "2s"] }, async (server) => {
			const slow = await Promise.all(Array.from({ length: 50 }, () => open_still(server.port, start_of_post(server) + "{")));
			const drip = setInterval(() => slow.forEach((s) => !s.socket.destroyed && s.socket.write(" ")), 300);
			const dropped = await Promise.race([Promise.all(slow.map((s) => s.closed)).then(() => true), sleep(20_000).then(() => false)]);
			clearInterval(drip);
			slow.forEach((s) => s.socket.destroy());
			assert.ok(dropped);
			await assert_alive(server);
		});
	});

	test("an idle connection is closed by --idle-timeout, not before its request is answered", async () => {
		await with_server({ args: ["--idle-timeout", "1s"] }, async (server) => {
			const idle = await open_still(server.port, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
			const closed = await Promise.race([idle.closed.then(() => true), sleep(10_000).then(() => false)]);
			assert.ok(closed);
			assert.match(idle.received(), /^HTTP\/1\.1 200/);
		});
	});

	test("--max-connections is a limit: those beyond it wait or are refused, and find room when others leave", async () => {
		await with_server({ args: ["--max-connections", "20"] }, async (server) => {
			const held = [];
			for (let i = 0; i < 40; i++) held.push(await open_still(server.port, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n").catch(() => undefined));
			await sleep(500);
			const answered = held.filter((h) => h?.received().startsWith("HTTP/1.1 200")).length;
			assert.ok(answered >= 10 && answered <= 20, `${answered} of 40 were served`);
			held.forEach((h) => h?.socket.destroy());
			await sleep(500);
			await assert_alive(server);
		});
	});
});

describe("hostile bodies", () => {
	const server = use_server();

	for (const kind of KINDS) {
		test(`${kind}: ten thousand levels are not JSON here, and cost nothing`, async () => {
			for (const deep of ["[".repeat(10_000), "[".repeat(10_000) + "]".repeat(10_000), '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000),
				`{"product_name":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, '{"a":'.repeat(100_000)])
				assert_error(await server.post(EVENT_PATH[kind], deep), 400, INVALID_JSON);
		});

		test(`${kind}: a wrong type in every field, each of every JSON type, never breaks anything`, async () => {
			const values = ["null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e300", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
				'""', '"x"', '"\\u0000"', '"\\uffff"', "[]", "[[]]", "{}", '{"":""}', '"' + "x".repeat(5000) + '"'];
			for (const field of FIELDS[kind]) {
				for (const value of values) {
					const rest = event_of(kind);
					delete rest[field.name];
					const answer = await server.post(EVENT_PATH[kind], `{"${field.name}":${value},${JSON.stringify(rest).slice(1)}`);
					assert.ok([200, 400, 422].includes(answer.status), `${field.name}=${value.slice(0, 40)}: ${answer.status} ${answer.text}`);
					if (answer.status === 422) assert.deepEqual(answer.json.detail.map((d: any) => d.loc), [["body", field.name]], `${field.name}=${value.slice(0, 40)}`);
				}
			}
			await assert_alive(server);
		});
	}

	test("numbers without measure are 400", async () => {
		for (const number of ["1e999", "-1e999", "1".repeat(100_000), `0.${"1".repeat(100_000)}e999`, `1e${"9".repeat(1000)}`]) {
			const answer = await server.post("/build-events/", `{"extra_metadata":{"n":${number}},${JSON.stringify(event_of("build")).slice(1)}`);
			assert.ok([200, 400, 422].includes(answer.status), `${number.slice(0, 20)}: ${answer.status}`);
			if (number.endsWith("e999")) assert_error(answer, 400, INVALID_JSON);
		}
	});

	test("hundreds of thousands of values are not JSON here, and cost nothing", async () => {
		for (const value of ["0", "{}", "[]"]) {
			const many = Array.from({ length: 340_000 }, () => value).join(",");
			assert_error(await server.post("/build-events/", `{"extra_metadata":[${many}]}`), 400, INVALID_JSON);
		}
	});

	test("a hundred thousand members, and members that collide, are only slow to the sender", async () => {
		const many = Array.from({ length: 80_000 }, (_, i) => `"k${i}":0`).join(",");
		const answer = await server.post("/build-events/", `{${many},${JSON.stringify(event_of("build")).slice(1)}`);
		assert.ok([200, 413].includes(answer.status), answer.text.slice(0, 200));
		await assert_alive(server);
	});

	test("NUL bytes and invalid UTF-8 anywhere in the body", async () => {
		const good = Buffer.from(JSON.stringify(event_of("build")));
		for (let at = 0; at < good.length; at += 3) {
			for (const byte of [0x00, 0xff, 0xc0]) {
				const bytes = Buffer.concat([good.subarray(0, at), Buffer.from([byte]), good.subarray(at)]);
				assert_error(await server.post("/build-events/", bytes), 400, INVALID_JSON);
			}
		}
	});

	test("names are kept as they are: SQL, HTML, format words, right-to-left, emoji", async () => {
		const names = ["'; DROP TABLE event; --", '" OR ""="', "<script>alert(1)</script>", "%s%n%x", "${7*7}", "{{7*7}}", "../../etc/passwd", "\u202eevil", "👩‍👩‍👧‍👦", "a\u0301", "null", "undefined", "NaN",
			"\\u0041", "C:\\path\\", "a,b", "x".repeat(255), "\ufeffbom", "a\u2028b", "=cmd|' /C calc'!A0"];
		for (const name of names) {
			const { product_id } = await deploy(server, { product_name: name, environment_name: name, version: name, deployed_by: name });
			const product = await get_ok(server, `/products/${product_id}`);
			assert.ok(product.name === name || product.name === name.trim(), name);
			assert.ok((await get_ok(server, "/deployments/?limit=1")).items[0].deployed_by !== undefined);
		}
		await assert_alive(server);
	});

	test("thousands of wrong fields do not make an answer without measure", async () => {
		const lines = Array.from({ length: 3000 }, () => '{"kind":"deployment"}').join("\n");
		const answer = await server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } });
		assert.equal(answer.status, 200);
		assert.equal(answer.text.trimEnd().split("\n").length, 3000);
	});
});

describe("much that was stored", () => {
	const server = use_server();
	const large = { text: "x".repeat(130_000) };

	test("the matrix of 600 environments with the largest metadata", async () => {
		for (let i = 0; i < 600; i += 20) {
			const made = await Promise.all(Array.from({ length: 20 }, (_, k) => server.post("/environments/", { name: `large-${i + k}`, extra_metadata: large })));
			assert.ok(made.every((answer) => answer.status === 201));
		}
		assert.equal((await get_ok(server, "/environment-state/")).environments.length, 600);
		await assert_alive(server);
	});

	test("a version with 200 builds and 200 deployments with the largest metadata", async () => {
		const product = unique("large");
		let version_id = "";
		for (let i = 0; i < 200; i++) {
			for (const kind of KINDS) ({ version_id } = await record(server, kind, { product_name: product, version: "1", invoke_id: `${i}`, extra_metadata: large }));
		}
		const version = await get_ok(server, `/versions/${version_id}`);
		assert.deepEqual([version.builds.length, version.deployments.length], [50, 50], "the newest");
		await assert_alive(server);
	});

	test("lines that correct an attempt with ten thousand members of metadata", async () => {
		const fields = { product_name: unique("members"), version: "1", environment_name: "e", invoke_id: "1" };
		const members = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, {}]));
		await deploy(server, { ...fields, extra_metadata: members });
		const lines = Array.from({ length: 128 }, (_, i) => JSON.stringify({ ...event_of("deployment", fields), kind: "deployment", status: i % 2 ? "success" : "failed", extra_metadata: { i } }));
		const answer = await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
		assert.equal(answer.text.trimEnd().split("\n").filter((line) => JSON.parse(line).status === 200).length, 128);
		await assert_alive(server);
		server.assert_check_is_green();
	});
});

describe("random bytes", () => {
	const server = use_server();

	test("on the socket: no answer that claims success, and the server goes on", async () => {
		const random = random_from(20260524);
		for (let round = 0; round < 100; round++) {
			const bytes = Buffer.from(Array.from({ length: 1 + random(300) }, () => random(256)));
			const result = await raw(server.port, [bytes, "\r\n\r\n"], { ms: 60, pause: 1 });
			for (const answer of result.answers) assert.ok(answer.status >= 400, String(answer.status));
		}
		await assert_alive(server);
	});

	test("good requests with damage: an answer below 500, or none", async () => {
		const random = random_from(4711);
		const alphabet = Buffer.from("\r\n\0 :/?%{}[]\",\\\xff0aA;=-", "latin1");
		for (let round = 0; round < 400; round++) {
			const body = JSON.stringify(event_of(KINDS[round % 2], { extra_metadata: { a: [1, "x"] }, started_at: "2026-05-24T14:06:05Z" }));
			const bytes = Buffer.from(`POST ${EVENT_PATH[KINDS[round % 2]]} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
			for (let i = 0; i <= random(4); i++) bytes[random(bytes.length)] = alphabet[random(alphabet.length)];
			const result = await raw(server.port, [bytes], { ms: 80, enough: answers_come(1) });
			for (const answer of result.answers) assert.ok(answer.status < 500 || answer.status === 501 || answer.status === 505, `round ${round}: ${answer.status} for ${bytes.toString("latin1")}`);
		}
		await assert_alive(server);
		server.assert_check_is_green();
	});

	test("random targets and queries", async () => {
		const random = random_from(99);
		const parts = ["/events/", "/deployments/", "/products/", "/environment-state/", "?", "&", "limit=", "cursor=", "product=", "since=", "at=", "%00", "%ff", "%", "..", "//", "=", "2026-01-01T00:00:00Z", "1", "-1", "x", ",", "+", "%2f", ";", "~", "é", "'"];
		for (let round = 0; round < 300; round++) {
			const target = "/" + Array.from({ length: 1 + random(7) }, () => parts[random(parts.length)]).join("");
			const answer = await server.get(encodeURI(decodeURI(target.replace(/%/g, "%25"))).replace(/%25/g, "%"));
			assert.ok(answer.status < 500, `${target}: ${answer.status}`);
		}
	});
});

describe("crowds", () => {
	const server = use_server({ args: ["--max-connections", "2000"] });

	test("a thousand connections that open and leave at once", async () => {
		for (let round = 0; round < 5; round++) {
			await Promise.all(Array.from({ length: 200 }, () => new Promise<void>((done) => {
				const socket = net.connect(server.port, "127.0.0.1", () => {
					socket.write(start_of_post(server));
					socket.resetAndDestroy();
					done();
				});
				socket.on("error", () => done());
			})));
		}
		await assert_alive(server);
	});

	test("clients that leave before their answer: the event is whole or not there", async () => {
		const product = unique("leaver");
		for (let i = 0; i < 100; i++) {
			const body = JSON.stringify(event_of("build", { product_name: product, version: `${i}` }));
			const { socket } = await open_still(server.port, start_of_post(server, body.length) + body);
			if (i % 2) await sleep(1);
			socket.resetAndDestroy();
		}
		await sleep(300);
		await assert_alive(server);
		server.assert_check_is_green();
	});

	test("three hundred writers and readers at the same time are all answered", async () => {
		const work = Array.from({ length: 300 }, async (_, i) => {
			const o = { agent: false as const };
			if (i % 3 === 0) return (await server.get("/environment-state/", o)).status;
			if (i % 3 === 1) return (await server.post("/deployment-events/", event_of("deployment"), o)).status;
			return (await server.get("/events/?limit=200", o)).status;
		});
		assert.deepEqual([...new Set(await Promise.all(work))], [200]);
	});

	test("answers that nobody reads hold up only their own connection", async () => {
		for (let i = 0; i < 50; i++) await build(server, { extra_metadata: { k: "x".repeat(20_000) } });
		const lazy = [];
		for (let i = 0; i < 20; i++) {
			const { socket } = await open_still(server.port, "");
			socket.pause();
			socket.write(`GET /events/?limit=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\n\r\n`.repeat(20));
			lazy.push(socket);
		}
		for (let i = 0; i < 10; i++) await assert_alive(server);
		lazy.forEach((socket) => socket.destroy());
	});
});
