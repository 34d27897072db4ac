/* Retries: the same event twice, one after another and at the same time, with and without an Idempotency-Key. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key } from "./admin";
import { assert_error, assert_field_errors, effects_of, event_of, EVENT_PATH, events_of, KINDS, list_all, missing, record, send } from "./api";
import { Answer, unique, use_server, with_server } from "./server";

const replayed = (answer: Answer): boolean => answer.headers["idempotency-replayed"] === "true";
const keyed = (key: string): { headers: Record<string, string> } => ({ headers: { "Idempotency-Key": key } });

for (const kind of KINDS) {
	describe(`retries of a ${kind} event`, () => {
		const server = use_server();

		test("the first answer under a key is given again, byte for byte, and marked", async () => {
			const body = event_of(kind, { status: "started" });
			const key = unique("key");
			const first = await server.post(EVENT_PATH[kind], body, keyed(key));
			const second = await server.post(EVENT_PATH[kind], body, keyed(key));
			assert.equal(first.status, 200, first.text);
			assert.equal(first.headers["idempotency-replayed"], undefined);
			assert.equal(second.status, 200);
			assert.ok(replayed(second));
			assert.equal(second.text, first.text);
			assert.notEqual(second.headers["x-request-id"], first.headers["x-request-id"]);
			assert.deepEqual(await effects_of(server, body.product_name as string), ["new"]);
		});

		test("a replay is the first answer even when the state has moved on", async () => {
			const body = event_of(kind, { status: "started", invoke_id: "1" });
			const key = unique("key");
			const first = await server.post(EVENT_PATH[kind], body, keyed(key));
			await record(server, kind, { ...body, status: "success" });
			const again = await server.post(EVENT_PATH[kind], body, keyed(key));
			assert.equal(again.text, first.text);
			assert.equal(again.json.status, "started");
		});

		test("another body under the same key is 422 and stores nothing", async () => {
			const body = event_of(kind);
			const key = unique("key");
			await server.post(EVENT_PATH[kind], body, keyed(key));
			const other = await server.post(EVENT_PATH[kind], { ...body, version: "2.0.0" }, keyed(key));
			assert_field_errors(other, [{ field: "Idempotency-Key", type: "value_error.idempotency_key" }], "header");
			assert.deepEqual(await effects_of(server, body.product_name as string), ["new"]);
		});

		test("a key is 1 to 255 printable ASCII characters", async () => {
			for (const good of ["a", "x".repeat(255), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]) {
				const body = event_of(kind);
				assert.equal((await server.post(EVENT_PATH[kind], body, keyed(good))).status, 200, good);
				assert.ok(replayed(await server.post(EVENT_PATH[kind], body, keyed(good))));
			}
			for (const bad of ["", "x".repeat(256), "caf\u00e9", "a\tb"]) {
				const answer = await send(server, kind, {}, keyed(bad));
				assert_field_errors(answer, [{ field: "Idempotency-Key", type: "value_error.idempotency_key" }], "header");
			}
		});

		test("a refusal by validation is not kept: the mended event goes through under its key", async () => {
			const key = unique("key");
			const body = event_of(kind);
			assert_field_errors(await server.post(EVENT_PATH[kind], { ...body, version: null }, keyed(key)), [missing("version")]);
			const mended = await server.post(EVENT_PATH[kind], body, keyed(key));
			assert.equal(mended.status, 200, mended.text);
			assert.ok(!replayed(mended));
		});

		test("two at the same time with one key: one is applied, the other waits for its answer", async () => {
			for (let round = 0; round < 10; round++) {
				const body = event_of(kind);
				const key = unique("key");
				const answers = await Promise.all([1, 2].map(() => server.post(EVENT_PATH[kind], body, keyed(key))));
				assert.deepEqual(answers.map((a) => a.status), [200, 200]);
				assert.equal(answers[0].text, answers[1].text);
				assert.equal(answers.filter(replayed).length, 1);
				assert.deepEqual(await effects_of(server, body.product_name as string), ["new"]);
			}
		});

		test("fifty at the same time with one key are one event", async () => {
			const body = event_of(kind);
			const key = unique("key");
			const answers = await Promise.all(Array.from({ length: 50 }, () => server.post(EVENT_PATH[kind], body, keyed(key))));
			assert.ok(answers.every((a) => a.status === 200));
			assert.equal(new Set(answers.map((a) => a.text)).size, 1);
			assert.equal(answers.filter(replayed).length, 49);
			assert.deepEqual(await effects_of(server, body.product_name as string), ["new"]);
		});

		test("fifty at the same time with one key and two bodies: one body wins, the others are told", async () => {
			const body = event_of(kind);
			const key = unique("key");
			const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => server.post(EVENT_PATH[kind], { ...body, version: `v${i % 2}` }, keyed(key))));
			const won = answers.filter((a) => a.status === 200);
			assert.equal(won.length, 25);
			assert.equal(new Set(won.map((a) => a.text)).size, 1);
			assert.ok(answers.every((a) => a.status === 200 || a.status === 422));
			assert.deepEqual(await effects_of(server, body.product_name as string), ["new"]);
		});

		test("fifty identical final events at the same time with one run key are one attempt and fifty events", async () => {
			const body = event_of(kind, { invoke_id: "run-1" });
			const answers = await Promise.all(Array.from({ length: 50 }, () => server.post(EVENT_PATH[kind], body)));
			assert.ok(answers.every((a) => a.status === 200), answers.find((a) => a.status !== 200)?.text);
			assert.equal(new Set(answers.map((a) => a.text)).size, 1, "a duplicate's answer is the first answer");
			const effects = await effects_of(server, body.product_name as string);
			assert.deepEqual(effects, ["new", ...Array<string>(49).fill("duplicate")]);
			assert.equal((await list_all(server, `/${kind}s/`, { product: body.product_name as string })).length, 1);
		});

		test("fifty first events of one product at the same time create it once", async () => {
			const product = unique("race");
			const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => record(server, kind, { product_name: product, version: `1.${i}` })));
			assert.equal(new Set(answers.map((a) => a.product_id)).size, 1);
			assert.equal(new Set(answers.map((a) => a.version_id)).size, 50);
			assert.equal(new Set(answers.map((a) => a.id)).size, 50);
		});

		test("the same key of another principal is another key", async () => {
			const other = await create_key(server, "events");
			const body = event_of(kind);
			const key = unique("key");
			const mine = await server.post(EVENT_PATH[kind], body, keyed(key));
			const theirs = await server.post(EVENT_PATH[kind], body, { ...keyed(key), key: other });
			assert.equal(theirs.status, 200, theirs.text);
			assert.ok(!replayed(theirs));
			assert.notEqual(theirs.json.event_id, mine.json.event_id);
		});
	});
}

describe("idempotency over the life of a server", () => {
	test("a kept answer survives a restart and a crash", async () => {
		await with_server({}, async (server) => {
			const body = event_of("deployment");
			const first = await server.post("/deployment-events/", body, keyed("over-restarts"));
			for (const signal of ["SIGTERM", "SIGKILL"] as const) {
				await server.stop(signal);
				await server.start();
				const again = await server.post("/deployment-events/", body, keyed("over-restarts"));
				assert.ok(replayed(again), signal);
				assert.equal(again.text, first.text);
			}
			assert.equal((await events_of(server, body.product_name as string)).length, 1);
		});
	});

	test("a conflict with another commit stores nothing, with a key as without", async () => {
		await with_server({}, async (server) => {
			const product = unique("conflict");
			await record(server, "build", { product_name: product, scm_sha: "a".repeat(40) });
			const text = "Version 1.0.0 already exists with different SHA";
			const answer = await send(server, "build", { product_name: product, scm_sha: "b".repeat(40) }, keyed("conflict"));
			assert_error(answer, 409, { detail: text, message: text, error: "VERSION_SHA_CONFLICT" });
			assert.equal((await events_of(server, product)).length, 1);
		});
	});
});
