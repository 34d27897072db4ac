/* Thousands of events for one Slack channel: paced, folded into digests, no failure lost among them; other channels do not notice. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { event_of } from "./api";
import { filled, HOSTILE } from "./hostile_texts";
import { Received } from "./receivers";
import { slack_read } from "./slack_limits";
import { prefer, settled, with_world, World } from "./notifications";
import { unique } from "./server";

const EVENTS = 5_000;
const FAILURE_EVERY = 40;
const BURST = 3;
const PATIENCE = process.env.VERSIONER_SANITIZED ? 600_000 : 180_000;

const version_of = (i: number): string => `v${String(i).padStart(5, "0")}q`;
const fails = (i: number): boolean => i % FAILURE_EVERY === 7;

/* Five requests, one after the other as fast as they are taken. */
async function storm(world: World, products: string): Promise<void> {
	const line = (i: number): string =>
		JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name: `${products}-${i % 50}`, version: version_of(i), status: fails(i) ? "failed" : "success", invoke_id: `${i}` }) });
	for (let part = 0; part < 5; part++) {
		const lines = Array.from({ length: EVENTS / 5 }, (_, i) => line(part * (EVENTS / 5) + i)).join("\n");
		const answer = await world.server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } });
		assert.equal(answer.status, 200);
		assert.ok(answer.text.trimEnd().split("\n").every((l) => JSON.parse(l).status === 200));
	}
}

/* A bucket of three that fills by one a second lets at most t + 3 through in any t seconds. One more is allowed for: a busy test reads late. */
function assert_paced(requests: Received[]): void {
	for (let i = 0; i < requests.length; i++)
		for (let j = i; j < requests.length; j++) {
			const seconds = (requests[j].at - requests[i].at) / 1000;
			assert.ok(j - i + 1 <= seconds + BURST + 1.5, `${j - i + 1} messages in ${seconds} s`);
		}
}

for (const type of ["slack_webhook", "slack_bot"] as const) {
	describe(`a storm of ${EVENTS} events on a channel of ${type}`, () => {
		test("is paced and folded, with every failure named once, and no other channel waits", async () => {
			await with_world({ mail: false }, async (world) => {
				const { server, slack, receiver } = world;
				const products = unique("storm");
				const target = await world.channel(type);
				await prefer(server, target.id, "deployment.*", { products: [`${products}-*`] });
				const webhook = await world.webhook("deployment.failed", { products: [`${products}-*`] });
				await storm(world, products);
				const failures = Array.from({ length: EVENTS }, (_, i) => i).filter(fails);
				await receiver.wait(webhook.path, failures.length, PATIENCE);
				const rows = await settled(server, target.id, PATIENCE);
				assert.equal(rows.length, EVENTS);
				assert.deepEqual(rows.filter(({ state }) => !["delivered", "folded"].includes(state)), []);

				const requests = slack.received;
				assert_paced(requests);
				const delivered = new Set(rows.filter(({ state }) => state === "delivered").map(({ id }) => id));
				for (const row of rows.filter(({ state }) => state === "folded")) assert.ok(delivered.has(row.folded_into), "folded into one that was delivered");
				assert.ok(delivered.size <= requests.length && requests.length < EVENTS / 20, `${requests.length} messages`);

				const shown = requests.map((r) => slack_read(r.json));
				for (const i of failures) {
					const times = shown.reduce((sum, text) => sum + text.split(version_of(i)).length - 1, 0);
					if (type === "slack_webhook") assert.equal(shown.filter((text) => text.includes(version_of(i))).length, 1, `${version_of(i)} is named in one message`);
					assert.ok(times >= 1, `${version_of(i)} is named`);
				}
				const webhook_times = receiver.at(webhook.path).map((r) => r.at);
				assert.ok(Math.max(...webhook_times) < Math.max(...requests.map((r) => r.at)), "the other channel was done before");
				assert.equal(webhook_times.length, failures.length);
			});
		});
	});
}

describe("few messages for a Slack channel", () => {
	test("are not folded, though paced", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.channel("slack_webhook");
			await prefer(world.server, target.id, "*");
			const lines = Array.from({ length: 10 }, () => JSON.stringify({ kind: "deployment", ...event_of("deployment") })).join("\n");
			await world.server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } });
			const rows = await settled(world.server, target.id);
			assert.deepEqual(rows.map(({ state }) => state), Array(10).fill("delivered"));
			assert.equal(world.slack.at(target.path).length, 10);
			assert_paced(world.slack.at(target.path));
		});
	});

	for (const type of ["slack_webhook", "slack_bot"] as const) {
		test(`${type}: digests of the longest and strangest names keep Slack's limits, and name each failure`, async () => {
			await with_world({ mail: false }, async (world) => {
				const targets: { id: string; marks: string[] }[] = [];
				for (const [number, text] of Object.values(HOSTILE).entries()) {
					const product_name = `${unique("digest")} ${filled(text, 200)}`;
					const { id } = await world.channel(type);
					await prefer(world.server, id, "*", { products: [`${product_name.split(" ")[0]} *`] });
					const marks = Array.from({ length: 40 }, (_, i) => `m${number}x${i}y`);
					const lines = marks.map((mark, i) => JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name, version: `${mark} ${filled(text, 240)}`, environment_name: `e${filled(text, 254)}`, status: i % 2 ? "failed" : "success" }) }));
					const answer = await world.server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
					assert.ok(answer.text.trimEnd().split("\n").every((line) => JSON.parse(line).status === 200), answer.text);
					targets.push({ id, marks });
				}
				for (const { id } of targets) {
					const rows = await settled(world.server, id, PATIENCE);
					assert.deepEqual(rows.filter(({ state }) => !["delivered", "folded"].includes(state)), []);
				}
				const shown = world.slack.received.map((r) => slack_read(r.json)).join("\n");
				for (const { marks } of targets) for (const mark of marks.filter((_, i) => i % 2)) assert.ok(shown.includes(mark), `${mark} is named`);
				assert.deepEqual(world.slack.problems, []);
			});
		});
	}

	test("a digest that Slack refuses for now is sent again", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.channel("slack_webhook");
			await prefer(world.server, target.id, "*");
			world.slack.script(target.path, { status: 500, body: "rollup_error" }, { status: 429, headers: { "retry-after": "1" } }, { status: 500 }, { status: 503 });
			const lines = Array.from({ length: 60 }, (_, i) => JSON.stringify({ kind: "deployment", ...event_of("deployment", { status: i % 10 ? "success" : "failed", version: version_of(i) }) })).join("\n");
			await world.server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } });
			const rows = await settled(world.server, target.id, PATIENCE);
			assert.deepEqual([rows.length, rows.filter(({ state }) => !["delivered", "folded"].includes(state)).length], [60, 0]);
			assert.ok(rows.some(({ state }) => state === "folded"));
			const taken = world.slack.at(target.path).slice(4).map((r) => slack_read(r.json));
			for (let i = 0; i < 60; i += 10) assert.ok(taken.some((text) => text.includes(version_of(i))), version_of(i));
		});
	});
});
