/* Many events at once: one line for each line, in order, each one independent of the others. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { event_of, events_of, Fields, Kind, matrix_row, at_second } from "./api";
import { Answer, RequestOptions, Server, unique, use_server } from "./server";

const NDJSON = { "content-type": "application/x-ndjson" };
const line_of = (kind: Kind, fields: Fields = {}): string => JSON.stringify({ kind, ...event_of(kind, fields) });

async function bulk(server: Server, lines: string[], o: RequestOptions = {}, target = "/events/bulk"): Promise<any[]> {
	const answer = await server.post(target, lines.join("\n") + "\n", { headers: NDJSON, ...o });
	return parse(answer);
}

function parse(answer: Answer): any[] {
	assert.equal(answer.status, 200, answer.text.slice(0, 500));
	assert.match(answer.headers["content-type"] ?? "", /^application\/x-ndjson/);
	assert.ok(answer.text.endsWith("\n"));
	return answer.text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("events in bulk", () => {
	const server = use_server();

	test("deployments and builds in one body, answered in order", async () => {
		const product = unique("bulk");
		const results = await bulk(server, [
			line_of("build", { product_name: product, status: "started", invoke_id: "1" }),
			line_of("build", { product_name: product, status: "success", invoke_id: "1" }),
			line_of("deployment", { product_name: product, status: "success" }),
		]);
		assert.deepEqual(results.map((r) => [r.line, r.status]), [[1, 200], [2, 200], [3, 200]]);
		assert.equal(results[0].id, results[1].id);
		const events = (await events_of(server, product)).reverse();
		assert.deepEqual(events.map((e) => e.event_type), ["build.started", "build.completed", "deployment.completed"]);
		assert.deepEqual([events[0].build_id, events[1].build_id, events[2].deployment_id], results.map((r) => r.id));
	});

	test("a bad line is reported with its own error and the others are stored", async () => {
		const product = unique("bulk");
		const results = await bulk(server, [
			line_of("build", { product_name: product, scm_sha: "a".repeat(40) }),
			"{not json",
			line_of("build", { product_name: product, version: null, status: "nonsense" }),
			line_of("build", { product_name: product, scm_sha: "b".repeat(40) }),
			JSON.stringify({ ...event_of("build", { product_name: product }) }),
			JSON.stringify({ kind: "release", ...event_of("build", { product_name: product }) }),
			"[]",
			line_of("deployment", { product_name: product }),
		]);
		assert.deepEqual(results.map((r) => r.line), [1, 2, 3, 4, 5, 6, 7, 8]);
		assert.deepEqual(results.map((r) => r.status), [200, 400, 422, 409, 422, 422, 422, 200]);
		assert.equal(results[1].detail, "Invalid JSON in request body");
		assert.deepEqual(results[2].detail.map((d: any) => d.loc[d.loc.length - 1]), ["version", "status"]);
		assert.equal(results[3].error, "VERSION_SHA_CONFLICT");
		for (const i of [4, 5]) assert.ok(results[i].detail.some((d: any) => d.loc.includes("kind")), JSON.stringify(results[i]));
		assert.equal((await events_of(server, product)).length, 2);
	});

	test("the last line needs no newline, and lines may end in CR LF", async () => {
		const lines = [line_of("build"), line_of("deployment")];
		assert.equal(parse(await server.post("/events/bulk", lines.join("\n"), { headers: NDJSON })).length, 2);
		assert.deepEqual(parse(await server.post("/events/bulk", lines.join("\r\n") + "\r\n", { headers: NDJSON })).map((r) => r.status), [200, 200]);
	});

	test("lines of one body see each other in their order", async () => {
		const product = unique("bulk");
		const results = await bulk(server, ["1", "2", "1"].map((version, i) => line_of("deployment", { product_name: product, version, completed_at: at_second(i) })));
		assert.equal(new Set(results.map((r) => r.id)).size, 3);
		assert.equal((await matrix_row(server, product))!.cells.production.kind, "rollback");
	});

	test("?notify=false stores as well", async () => {
		const product = unique("bulk");
		const [result] = await bulk(server, [line_of("deployment", { product_name: product })], {}, "/events/bulk?notify=false");
		assert.equal(result.status, 200);
		assert.equal((await events_of(server, product)).length, 1);
	});

	test("?notify with another word is 400", async () => {
		assert.equal((await server.post("/events/bulk?notify=perhaps", line_of("build"), { headers: NDJSON })).status, 400);
	});

	test("10,000 lines are taken, and all are there", async () => {
		const product = unique("bulk");
		const lines = Array.from({ length: 10_000 }, (_, i) => line_of("build", { product_name: product, version: `1.0.${i}` }));
		const results = await bulk(server, lines);
		assert.equal(results.length, 10_000);
		assert.ok(results.every((r, i) => r.line === i + 1 && r.status === 200));
		assert.equal((await events_of(server, product)).length, 10_000);
	});

	test("10,001 lines are too many, and none is stored", async () => {
		const product = unique("bulk");
		const lines = Array.from({ length: 10_001 }, (_, i) => line_of("build", { product_name: product, version: `${i}` }));
		const answer = await server.post("/events/bulk", lines.join("\n"), { headers: NDJSON });
		assert.equal(answer.status, 413, answer.text.slice(0, 200));
		assert.equal((await events_of(server, product)).length, 0);
	});

	test("a body beyond 16 MiB is 413", async () => {
		const answer = await server.post("/events/bulk", Buffer.alloc(16 * 1024 * 1024 + 1, "\n"), { headers: NDJSON });
		assert.equal(answer.status, 413);
	});

	test("another content type is 415", async () => {
		assert.equal((await server.post("/events/bulk", line_of("build"), { headers: { "content-type": "text/csv" } })).status, 415);
	});

	test("other requests go on while a large body is applied", async () => {
		const lines = Array.from({ length: 5_000 }, () => line_of("deployment"));
		const large = bulk(server, lines);
		const others = await Promise.all(Array.from({ length: 20 }, () => server.post("/build-events/", event_of("build"))));
		assert.ok(others.every((a) => a.status === 200));
		assert.equal((await large).filter((r) => r.status === 200).length, 5_000);
	});
});
