// The picture of what ran when, the rules of a deployment, and what a form changed of a product.
import assert from "node:assert/strict";
import test from "node:test";
import type { Cell, Deployment, Product } from "../src/api/types";
import { ruleResults } from "../src/pages/deployments/rules";
import { changesOf } from "../src/pages/products/changes";
import { lanesOf, neighbour, seriesOf, ticks } from "../src/pages/products/lanes";

const DAY = 86_400_000;
const FROM = Date.parse("2026-05-01T00:00:00Z");
const at = (day: number) => new Date(FROM + day * DAY).toISOString();
let number = 0;

/** A deployment of version `v` that ended (or, while it runs, began) on a day. */
function deployed(v: string, day: number, over: Partial<Deployment> = {}): Deployment {
	const open = over.status === "started";
	const times = { created_at: at(day), deployed_at: at(day), started_at: at(day), pending_at: null, completed_at: open ? null : at(day) };
	return { id: `d${++number}`, environment_id: "e", version: v, version_id: v, status: "completed", kind: "upgrade", ...times, ...over } as Deployment;
}
const begins = (cell?: Partial<Cell>) => [{ id: "e", environment: "production", cell: cell as Cell | undefined }];
const drawn = (deployments: Deployment[], cell?: Partial<Cell>) => lanesOf(begins(cell), deployments, FROM)[0]!;
const day = (time: number | null) => (time === null ? null : (time - FROM) / DAY);

test("one version follows the other, whatever order they are told in", () => {
	const { bars } = drawn([deployed("2", 5), deployed("1", 2), deployed("3", 9)]);
	assert.deepEqual(bars.map(({ version, from, to }) => [version, day(from), day(to)]), [["1", 2, 5], ["2", 5, 9], ["3", 9, null]]);
});

test("what ran before the picture begins is its first bar", () => {
	const { bars } = drawn([deployed("2", 5)], { version: "1", version_id: "1", deployment_id: "d" });
	assert.deepEqual(bars.map(({ version, from, to, older }) => [version, day(from), day(to), older]), [["1", 0, 5, true], ["2", 5, null, false]]);
});

test("the same version again is no new bar, a rollback is one with a mark", () => {
	const { bars, marks } = drawn([deployed("1", 1), deployed("1", 2, { kind: "redeploy" }), deployed("2", 3), deployed("1", 4, { kind: "rollback" })]);
	assert.deepEqual(bars.map(({ version, redeploys }) => [version, redeploys]), [["1", 1], ["2", 0], ["1", 0]]);
	assert.deepEqual(marks.map(({ what, from }) => [what, day(from)]), [["rollback", 4]]);
});

test("what did not complete changes nothing that runs and is a mark", () => {
	const { bars, marks } = drawn([deployed("1", 1), deployed("2", 3, { status: "failed" }), deployed("2", 4, { status: "aborted" }), deployed("3", 5, { status: "started" })]);
	assert.deepEqual(bars.map(({ version, to }) => [version, to]), [["1", null]]);
	assert.deepEqual(marks.map(({ what }) => what), ["failed", "aborted", "started"]);
});

test("a late report of an old deployment does not become the first bar", () => {
	const { bars } = drawn([deployed("0", -3, { created_at: at(6) }), deployed("2", 5)], { version: "1", version_id: "1", deployment_id: "d" });
	assert.deepEqual(bars.map(({ version }) => version), ["1", "2"]);
});

test("lanes with nothing in them are left out", () => {
	assert.deepEqual(lanesOf([...begins(), { id: "f", environment: "dev", cell: undefined }], [deployed("1", 1)], FROM).map(({ id }) => id), ["e"]);
});

test("a version has one colour, by when it first appeared", () => {
	const lane = drawn([deployed("b", 1), deployed("a", 2), deployed("b", 3)]);
	assert.deepEqual([...seriesOf([lane])], [["b", 0], ["a", 1]]);
});

test("lines of the axis are midnights, no more than fit", () => {
	const to = FROM + 30 * DAY + 1000;
	for (const most of [1, 4, 12, 40]) {
		const lines = ticks(FROM, to, most);
		assert.ok(lines.length >= 1 && lines.length <= most + 1, `${most}: ${lines.length}`);
		assert.ok(lines.every((line) => new Date(line).getHours() === 0 && line > FROM && line <= to));
	}
});

test("arrow keys go along a lane, and to the nearest in time of the next", () => {
	const lanes = [[{ from: 0 }, { from: 10 }, { from: 20 }], [{ from: 4 }, { from: 19 }]];
	assert.deepEqual(neighbour(lanes, 0, 0, "ArrowRight"), [0, 1]);
	assert.deepEqual(neighbour(lanes, 0, 2, "ArrowRight"), null);
	assert.deepEqual(neighbour(lanes, 0, 2, "ArrowDown"), [1, 1]);
	assert.deepEqual(neighbour(lanes, 1, 0, "ArrowUp"), [0, 0]);
	assert.deepEqual(neighbour(lanes, 1, 0, "ArrowDown"), null);
	assert.deepEqual(neighbour(lanes, 0, 1, "End"), [0, 2]);
	assert.deepEqual(neighbour(lanes, 0, 1, "x"), null);
});

test("results of rules are taken from metadata only in their own shape", () => {
	const rule = { rule_id: "r", rule_name: "soak", rule_type: "soak_time", status: "enabled", evaluation_result: "passed", error_message: null };
	assert.equal(ruleResults({ preflight_status: { rules_evaluated: [rule] } })[0]!.rule_name, "soak");
	for (const metadata of [null, {}, { preflight_status: "passed" }, { preflight_status: { rules_evaluated: "x" } }, { preflight_status: { rules_evaluated: [null, 3, {}] } }])
		assert.deepEqual(ruleResults(metadata), [], JSON.stringify(metadata));
});

test("only what was changed of a product is sent", () => {
	const product = { name: "checkout", description: null, extra_metadata: { team: "money" } } as unknown as Product;
	const draft = { name: "checkout", description: "", metadata: JSON.stringify({ team: "money" }, null, 2) };
	assert.deepEqual(changesOf(product, draft), {});
	assert.deepEqual(changesOf(product, { ...draft, name: "till", description: "x" }), { name: "till", description: "x" });
	assert.deepEqual(changesOf(product, { ...draft, metadata: " " }), { extra_metadata: null });
	for (const metadata of ["{", "[]", "3", "null"]) assert.equal(typeof changesOf(product, { ...draft, metadata }), "string", metadata);
	assert.deepEqual(changesOf({ ...product, description: "x" }, draft), { description: null });
});
