/* The token bucket of each key. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key } from "./admin";
import { event_of } from "./api";
import { Server, sleep, use_server, with_server } from "./server";

const statuses = async (server: Server, count: number, key?: string): Promise<number[]> => {
	const seen: number[] = [];
	for (let i = 0; i < count; i++) seen.push((await server.get("/events/?limit=1", { key })).status);
	return seen;
};

describe("rate limit", () => {
	const server = use_server({ rate_limit: 30 }); /* one in two seconds */

	test("is counted for each key: one at its end does not slow another", async () => {
		const [a, b] = [await create_key(server, "read"), await create_key(server, "read")];
		const seen = await statuses(server, 35, a);
		assert.ok(seen.slice(0, 25).every((s) => s === 200));
		assert.ok(seen.includes(429));
		assert.equal((await statuses(server, 1, b))[0], 200);
	});

	test("after Retry-After there is room again", async () => {
		const key = await create_key(server, "read");
		await statuses(server, 31, key);
		const refused = await server.get("/events/?limit=1", { key });
		assert.equal(refused.status, 429);
		assert.equal(refused.headers["x-ratelimit-limit"], "30");
		await sleep(Number(refused.headers["retry-after"]) * 1000 + 100);
		assert.equal((await server.get("/events/?limit=1", { key })).status, 200);
	});

	test("a refused event is not recorded", async () => {
		const key = await create_key(server, "events");
		const answers = await Promise.all(Array.from({ length: 60 }, () => server.post("/build-events/", event_of("build", { product_name: "limited" }), { key })));
		const accepted = answers.filter((a) => a.status === 200).length;
		assert.ok(accepted >= 30 && accepted <= 33, String(accepted));
		assert.ok(answers.every((a) => a.status === 200 || a.status === 429));
		assert.equal((await server.get("/events/?limit=200&product=limited")).json.items.length, accepted);
	});

	test("what needs no credentials is not limited, and wrong credentials take nothing from anyone", async () => {
		for (let i = 0; i < 60; i++) assert.equal((await server.get("/health", { key: null })).status, 200);
		for (let i = 0; i < 60; i++) assert.equal((await server.get("/events/", { key: `${server.key}x` })).status, 401);
	});
});

describe("rate limit by default", () => {
	test("is 6,000 a minute", async () => {
		await with_server({ rate_limit: "standard" }, async (server) => {
			let answer = await server.get("/events/?limit=1");
			for (let i = 0; i < 40 && answer.status === 200; i++) {
				const many = await Promise.all(Array.from({ length: 250 }, () => server.get("/products/?limit=1")));
				answer = many.find((a) => a.status === 429) ?? answer;
			}
			assert.equal(answer.status, 429);
			assert.equal(answer.headers["x-ratelimit-limit"], "6000");
		});
	});

	test("--rate-limit 0 is none", async () => {
		await with_server({ rate_limit: 0 }, async (server) => {
			for (let i = 0; i < 4; i++) {
				const many = await Promise.all(Array.from({ length: 100 }, () => server.get("/products/?limit=1")));
				assert.ok(many.every((a) => a.status === 200));
			}
		});
	});
});
