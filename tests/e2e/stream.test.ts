/* GET /events/stream on one server: what is told, to whom, and how it ends. stream_resume.test.ts has the ways back. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key, key_id } from "./admin";
import { build, deploy, event_of, get_ok, metric } from "./api";
import { person } from "./people";
import { Server, sleep, unique, use_server, with_server } from "./server";
import { Listener, listening } from "./stream";

/* Large ones, so that the ring and the buffers of a connection are soon full. */
const large = (server: Server): Promise<any> => deploy(server, { product_name: unique("large"), status: "started", extra_metadata: { text: "x".repeat(100_000) } });

describe("what is told", () => {
	const server = use_server();

	test("each event at once and in order, as the event list has it", async () => {
		await listening(async (listen) => {
			const listener = await listen(server);
			assert.equal(listener.headers["content-type"], "text/event-stream");
			assert.equal(listener.headers["cache-control"], "no-store");
			assert.equal(listener.headers["content-encoding"], undefined);
			const ids: string[] = [];
			const product_name = unique("told");
			for (const status of ["pending", "started", "success"]) ids.push((await deploy(server, { product_name, status, invoke_id: "r" })).event_id);
			ids.push((await build(server, { product_name, status: "failed", error_message: "line 1\nline 2\r\n\u2028\u0085" })).event_id);
			await deploy(server, { product_name, status: "success", invoke_id: "r" }); /* a repetition is an event, too */
			await listener.until(() => listener.told.length === 5, "five");
			assert.deepEqual(listener.ids().slice(0, 4), ids);
			assert.deepEqual(listener.told.map(({ type }) => type), ["deployment.pending", "deployment.started", "deployment.completed", "build.failed", "deployment.completed"]);
			for (const { event } of listener.told) assert.deepEqual(event, await get_ok(server, `/events/${event.id}`));
			assert.equal(new Set(listener.told.map(({ id }) => id)).size, 5);
		});
	});

	test("without waiting for somebody to look", async () => {
		await listening(async (listen) => {
			const listener = await listen(server), ids: string[] = [];
			const begun = Date.now();
			for (let i = 0; i < 60; i++) {
				ids.push((await deploy(server, {})).event_id);
				await listener.has(ids);
			}
			assert.ok(Date.now() - begun < (process.env.VERSIONER_SANITIZED ? 12_000 : 4_000), `${Date.now() - begun} ms; looking alone would take an eighth of a second each`);
		});
	});

	test("many lines at once", async () => {
		await listening(async (listen) => {
			const listener = await listen(server);
			const lines = Array.from({ length: 1500 }, (_, i) => JSON.stringify({ kind: "build", ...event_of("build", { product_name: `bulk-${i % 30}`, version: `1.${i}` }) }));
			const answer = await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
			const ids = answer.text.trimEnd().split("\n").map((line) => JSON.parse(line).event_id);
			assert.equal(ids.length, 1500);
			await listener.has(ids);
			assert.deepEqual(listener.ids().sort(), ids.sort());
		});
	});

	test("what was asked for: products, environments and types, by name and id, also names that nobody has yet", async () => {
		const [shop, desk] = [unique("shop"), unique("desk, é")];
		const { product_id, environment_id } = await deploy(server, { product_name: shop, environment_name: "prod" });
		await listening(async (listen) => {
			const asked: [query: string, expected: number[]][] = [
				["", [0, 1, 2, 3, 4]],
				[`product=${shop}`, [0, 1, 2]],
				[`product=${product_id}`, [0, 1, 2]],
				[`product=${product_id.toUpperCase()}`, [0, 1, 2]],
				[`product=${encodeURIComponent(`nobody, ${shop}`)}`, [0, 1, 2]],
				["product=later", [4]],
				["product=nobody", []],
				["environment=prod", [0, 3]],
				[`environment=${environment_id},dev`, [0, 1, 3]],
				["type=deployment.failed,build.completed", [1, 2]],
				[`type=deployment.completed&environment=prod&product=${shop}`, [0]],
			];
			const listeners = await Promise.all(asked.map(([query]) => listen(server, { query })));
			const sent = [
				await deploy(server, { product_name: shop, environment_name: "prod" }),
				await deploy(server, { product_name: shop, environment_name: "dev", status: "failed" }),
				await build(server, { product_name: shop, status: "success" }),
				await deploy(server, { product_name: desk, environment_name: "prod" }),
				await deploy(server, { product_name: "later", environment_name: "staging" }),
			].map(({ event_id }) => event_id);
			await Promise.all(asked.map(([, expected], i) => listeners[i].has(expected.map((n) => sent[n]))));
			await listeners[0].has(sent);
			asked.forEach(([query, expected], i) => assert.deepEqual(listeners[i].ids(), expected.map((n) => sent[n]), query));
		});
	});

	test("refused: ids that are none, unknown parameters, keys that may not read", async () => {
		const events_key = await create_key(server, "events");
		for (const id of ["1", "one", "one-0", `one-0-${"x".repeat(36)}`, "one-0-01a20b3d-f2d3-7000-9ac5-35552323392c-", "a".repeat(500), "../../etc"]) {
			for (const answer of [await server.get("/events/stream", { headers: { "last-event-id": id } }), await server.get(`/events/stream?last_event_id=${encodeURIComponent(id)}`)]) {
				assert.equal(answer.status, 400, `${id}: ${answer.text}`);
				assert.match(answer.json.detail, /Last-Event-ID|last_event_id/);
			}
		}
		for (const target of ["/events/stream?limit=1", "/events/stream?since=2026-01-01T00:00:00Z", "/events/stream?type=nothing"]) assert.equal((await server.get(target)).status, 400, target);
		assert.equal((await server.get("/events/stream", { key: null })).status, 401);
		assert.equal((await server.get("/events/stream", { key: events_key })).status, 403);
		assert.equal((await server.post("/events/stream", {})).status, 405);
		assert.equal((await server.request("HEAD", "/events/stream")).status, 200);
	});

	test("a comment says that the connection lives", async () => {
		await listening(async (listen) => {
			const listener = await listen(server, { query: "product=nobody" });
			const { event_id } = await deploy(server, {}); /* of which it is not told */
			const before = listener.last_id;
			await listener.until(() => listener.comments.length > 0, "a comment", 30_000);
			assert.equal(listener.told.length, 0);
			assert.notEqual(listener.last_id, before, "the place goes on all the same");
			const again = await listen(server, { last_id: listener.last_id });
			const later = await deploy(server, {});
			await again.has([later.event_id]);
			assert.ok(!again.ids().includes(event_id));
		});
	});
});

describe("who listens", () => {
	test("a thousand are told of every event", async () => {
		await with_server({}, async (server) => {
			await listening(async (listen) => {
				const all: Listener[] = [];
				for (let i = 0; i < 1000; i += 50) all.push(...(await Promise.all(Array.from({ length: 50 }, (_, k) => listen(server, k % 10 === 9 ? { query: "type=deployment.failed" } : {})))));
				assert.equal(await metric(server, "versioner_stream_listeners"), 1000);
				assert.equal(await metric(server, "versioner_http_in_flight"), 1, "the question for it");
				const ids: string[] = [], failed: string[] = [];
				for (let i = 0; i < 30; i++) {
					const { event_id } = await deploy(server, { product_name: unique("many"), status: i % 3 === 0 ? "failed" : "success" });
					ids.push(event_id);
					if (i % 3 === 0) failed.push(event_id);
				}
				for (const listener of all) {
					const expected = listener.options.query ? failed : ids;
					await listener.has(expected);
					assert.deepEqual(listener.ids(), expected);
				}
			});
			for (const deadline = Date.now() + 20_000; (await metric(server, "versioner_stream_listeners")) > 0; await sleep(50)) assert.ok(Date.now() < deadline, "those who have gone are noticed");
		});
	});

	test("no more than so many", async () => {
		await with_server({ args: ["--max-streams", "2"] }, async (server) => {
			await listening(async (listen) => {
				const first = await listen(server);
				await listen(server);
				const third = await listen(server);
				assert.equal(third.status, 503);
				assert.ok(third.headers["retry-after"]);
				first.close();
				const again = async (): Promise<number> => (await third.open()).status;
				for (const deadline = Date.now() + 20_000; (await again()) !== 200; await sleep(50)) assert.ok(Date.now() < deadline, "a place is free again");
			});
		});
	});

	test("one that does not read is ended, others are told meanwhile, and it loses nothing", async () => {
		await with_server({}, async (server) => {
			await listening(async (listen) => {
				const [slow, quick] = [await listen(server), await listen(server)];
				const ids = [(await deploy(server, {})).event_id];
				await Promise.all([slow.has(ids), quick.has(ids)]);
				slow.pause();
				for (let i = 0; i < 60; i++) {
					ids.push((await large(server)).event_id);
					await quick.has(ids);
				}
				assert.ok(slow.told.length < ids.length);
				slow.resume();
				await slow.until(() => slow.ended, "its end");
				assert.ok(slow.told.length < ids.length, `${slow.told.length} told`);
				const { text } = await server.get("/metrics");
				assert.match(text, /^versioner_stream_dropped_total\{reason="behind"\} 1$/m);
				await slow.open();
				await slow.has(ids);
				assert.deepEqual(slow.ids(), ids);
				assert.deepEqual(quick.ids(), ids);
			});
		});
	});

	test("as long as they may: a key that is revoked, a session that ends, a role that may not", async () => {
		await with_server({}, async (server) => {
			const key = await create_key(server, "read");
			const [ada, bob] = [await person(server, "viewer"), await person(server, "viewer")];
			await listening(async (listen) => {
				const by_cookie = (cookie: string) => listen(server, { key: null, headers: { cookie } });
				const [by_key, by_ada, by_bob, stays] = [await listen(server, { key }), await by_cookie(ada.cookie), await by_cookie(bob.cookie), await listen(server)];
				const all = [by_key, by_ada, by_bob, stays];
				for (const listener of all) assert.equal(listener.status, 200, listener.body);
				const first = await deploy(server, {});
				await Promise.all(all.map((listener) => listener.has([first.event_id])));
				assert.equal(server.run("admin", "revoke-key", key_id(key)).status, 0);
				await by_key.until(() => by_key.ended, "the end of the key's");
				assert.equal((await ada.request("DELETE", "/session")).status, 204);
				await by_ada.until(() => by_ada.ended, "the end of the session's");
				assert.equal((await server.request("PATCH", `/users/${bob.id}`, { body: { active: false } })).status, 200);
				await by_bob.until(() => by_bob.ended, "the end of the user's");
				const second = await deploy(server, {});
				await stays.has([first.event_id, second.event_id]);
				for (const listener of [by_key, by_ada, by_bob]) assert.deepEqual(listener.ids(), [first.event_id]);
				await by_key.open();
				assert.equal(by_key.status, 401);
			});
		});
	});

	test("until the server stops, which waits for none of them", async () => {
		await with_server({}, async (server) => {
			await listening(async (listen) => {
				const all = await Promise.all(Array.from({ length: 30 }, () => listen(server)));
				all[0].pause();
				for (let i = 0; i < 20; i++) await large(server);
				const exit = await server.stop();
				server.assert_clean_exit(exit);
				assert.ok(exit.milliseconds < 4_000, `${exit.milliseconds} ms; requests would have been given 8 seconds`);
				all[0].resume();
				for (const listener of all) await listener.until(() => listener.ended, "the end");
			});
		});
	});
});
