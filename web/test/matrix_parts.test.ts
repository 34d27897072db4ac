/** Words of cells, rows in sight, keys, and the steps of the time slider. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import type { Cell } from "../src/pages/matrix/model";
import { stepOf, STEPS, timeOf } from "../src/pages/matrix/moments";
import { elementsFor, moved, ROW_HEIGHT, rowsInSight } from "../src/pages/matrix/window";
import { cellLabel } from "../src/pages/matrix/words";

const NOW = Date.parse("2026-11-23T12:20:00Z");
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const RUNNING = { version: "1.4.2", version_id: "v", deployment_id: "d", since: ago(185), kind: "upgrade", latest_attempt: null } as Cell;
const attempt = (status: string, minutes: number) => ({ deployment_id: "e", version: "1.5.0", version_id: "w", status, at: ago(minutes) }) as Cell["latest_attempt"];

describe("the label of a cell", () => {
	const label = (cell: Cell | undefined) => cellLabel("checkout", "production", cell, NOW);
	test("says version and age", () => assert.equal(label(RUNNING), "checkout, production: 1.4.2, 3 h ago"));
	test("says the latest attempt", () =>
		assert.equal(label({ ...RUNNING, latest_attempt: attempt("failed", 5) }), "checkout, production: 1.4.2, 3 h, failed: latest attempt 1.5.0, 5 min ago"));
	test("says what is stale", () =>
		assert.equal(label({ ...RUNNING, latest_attempt: attempt("pending", 60 * 25) }), "checkout, production: 1.4.2, 3 h, stale: latest attempt 1.5.0, pending, 25 h ago"));
	test("says what is newer than the minute", () => assert.equal(label({ ...RUNNING, since: ago(-0.5) }), "checkout, production: 1.4.2, just now"));
	test("says that nothing is there", () => {
		assert.equal(label(undefined), "checkout, production: never deployed");
		assert.equal(label({ ...RUNNING, version: null, since: null, latest_attempt: attempt("started", 1) }), "checkout, production: no version, running: latest attempt 1.5.0, 1 min ago");
	});
});

describe("rows in sight", () => {
	const height = 10 * ROW_HEIGHT;
	test("are all that can be seen, and no more than there are elements", () => {
		for (let top = 0; top < 990 * ROW_HEIGHT; top += 37) {
			const { first, end } = rowsInSight(top, height, 1000);
			assert.ok(first <= top / ROW_HEIGHT && end >= Math.min(1000, (top + height) / ROW_HEIGHT), `at ${top}`);
			assert.ok(end - first <= elementsFor(height), `${end - first} rows at ${top}`);
		}
	});
	test("end with the rows", () => {
		assert.deepEqual(rowsInSight(0, height, 3), { first: 0, end: 3 });
		assert.deepEqual(rowsInSight(0, height, 0), { first: 0, end: 0 });
		assert.equal(rowsInSight(999_999, height, 20).end, 20);
		assert.equal(rowsInSight(-50, height, 1000).first, 0);
	});
});

test("keys move inside the matrix", () => {
	const size = { rows: 100, columns: 5, page: 10 };
	const cases: [key: string, from: [number, number], to: [number, number] | null][] = [
		["ArrowDown", [0, 2], [1, 2]],
		["ArrowDown", [99, 2], [99, 2]],
		["ArrowUp", [0, 2], [-1, 2]],
		["ArrowUp", [-1, 2], [-1, 2]],
		["ArrowUp", [0, -1], [-1, 0]],
		["ArrowLeft", [3, 0], [3, -1]],
		["ArrowLeft", [-1, 0], [-1, 0]],
		["ArrowRight", [3, 4], [3, 4]],
		["Home", [3, 4], [3, -1]],
		["Home", [-1, 4], [-1, 0]],
		["End", [3, -1], [3, 4]],
		["PageDown", [95, 1], [99, 1]],
		["PageUp", [5, 1], [0, 1]],
		["PageUp", [-1, 1], [-1, 1]],
		["x", [0, 0], null],
	];
	for (const [key, [row, column], to] of cases)
		assert.deepEqual(moved(key, false, { row, column }, size), to && { row: to[0], column: to[1] }, `${key} at ${row}, ${column}`);
	assert.deepEqual(moved("End", true, { row: 3, column: 1 }, size), { row: 99, column: 4 });
	assert.deepEqual(moved("Home", true, { row: 3, column: 1 }, size), { row: 0, column: -1 });
	assert.equal(moved("ArrowDown", true, { row: 3, column: 1 }, size), null);
});

describe("the steps of the time slider", () => {
	test("are whole hours", () => {
		assert.equal(timeOf(0, NOW), "");
		assert.equal(timeOf(-1, NOW), "2026-11-23T12:00:00.000Z");
		assert.equal(timeOf(-25, NOW), "2026-11-22T12:00:00.000Z");
		assert.equal(timeOf(-9999, NOW), timeOf(-STEPS, NOW));
	});
	test("lead there and back", () => {
		for (const step of [0, -1, -2, -100, -STEPS]) assert.equal(stepOf(timeOf(step, NOW), NOW), step);
		assert.equal(stepOf("2020-01-01T00:00:00Z", NOW), -STEPS);
		assert.equal(stepOf("not a time", NOW), 0);
		assert.equal(stepOf("2030-01-01T00:00:00Z", NOW), -1);
	});
});
