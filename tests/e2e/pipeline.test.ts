/* The commit pipeline seen from outside: requests that share a transaction do not share their fate. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { event_of, events_of, list_all } from "./api";
import { random_alnum, sleep, unique, use_server } from "./server";

describe("commits that are shared", () => {
	const server = use_server();

	test("good, wrong and conflicting events in one crowd each get their own answer", async () => {
		const product = unique("mixed");
		await server.post("/build-events/", event_of("build", { product_name: product, version: "fixed", scm_sha: "a".repeat(40) }));
		const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => {
			const fields = { product_name: product, version: `${i}` };
			switch (i % 4) {
				case 0: return server.post("/build-events/", event_of("build", { product_name: product, version: "fixed", scm_sha: "b".repeat(40) }));
				case 1: return server.post("/build-events/", event_of("build", { ...fields, status: "nonsense" }));
				case 2: return server.post("/deployment-events/", event_of("deployment", fields));
				default: return server.post("/build-events/", event_of("build", fields));
			}
		}));
		answers.forEach((answer, i) => assert.equal(answer.status, [409, 422, 200, 200][i % 4], answer.text));
		const stored = new Set((await events_of(server, product)).map((e) => e.id));
		assert.equal(stored.size, 151);
		for (const answer of answers.filter((a) => a.status === 200)) assert.ok(stored.has(answer.json.event_id));
		server.assert_check_is_green();
	});

	test("an answer is given after the commit: a reader that asks next sees it", async () => {
		for (let i = 0; i < 50; i++) {
			const { json } = await server.post("/deployment-events/", event_of("deployment"));
			assert.equal((await server.get(`/events/${json.event_id}`)).status, 200);
			assert.equal((await server.get(`/deployments/${json.id}`)).json.status, "completed");
		}
	});

	test("readers see whole transactions: a deployment never without its event or its cell", async () => {
		const product = unique("whole");
		let writing = true;
		const writer = (async () => {
			for (let i = 0; i < 200; i++) await server.post("/deployment-events/", event_of("deployment", { product_name: product, version: `${i}` }));
			writing = false;
		})();
		while (writing) {
			const { items } = (await server.get(`/deployments/?limit=1&product=${product}`)).json;
			if (items.length === 0) continue;
			const single = (await server.get(`/deployments/${items[0].id}`)).json;
			assert.ok(single.timeline.length >= 1);
			const state = (await server.get(`/environment-state/?product=${product}`)).json;
			assert.equal(state.items.length, 1);
		}
		await writer;
	});

	test("one attempt's events sent at once keep it whole, whatever their order", async () => {
		for (let round = 0; round < 20; round++) {
			const product = unique("order");
			const answers = await Promise.all(["pending", "started", "success"].map((status) =>
				server.post("/deployment-events/", event_of("deployment", { product_name: product, status, invoke_id: "1", occurred_at: "2026-03-01T00:00:00Z" }))));
			assert.ok(answers.every((a) => a.status === 200));
			const deployments = await list_all(server, "/deployments/", { product });
			assert.equal(deployments.length, 1, "one run is one deployment");
			assert.equal(deployments[0].status, "completed");
		}
	});
});

describe("the metrics of the pipeline", () => {
	const server = use_server();
	test("say what was done", async () => {
		const before = (await server.get("/metrics")).text;
		await Promise.all(Array.from({ length: 50 }, () => server.post("/build-events/", event_of("build", { extra_metadata: { r: random_alnum(10) } }))));
		await sleep(100);
		const after = (await server.get("/metrics")).text;
		assert.notEqual(after, before);
		assert.match(after, /^# TYPE versioner_\w+ counter$/m);
		const jobs = (text: string): number => Math.max(...[...text.matchAll(/^versioner_\w*(?:commit|event)\w*(?:\{[^}]*\})? (\d+)/gm)].map((m) => Number(m[1])));
		assert.ok(jobs(after) >= 50, after);
	});
});

