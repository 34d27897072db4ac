/** Which rows are shown, what is marked, and what a few fresh rows change. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import type { Matrix } from "../src/api/types";
import { type Cell, changedCells, chooseColumns, chooseRows, type Choice, countMarks, drifts, keyOf, latestFailures, patch, troubleOf } from "../src/pages/matrix/model";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;
const ago = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

function cell(version: string | null, attempt?: [status: string, hours: number]): Cell {
	const latest_attempt = attempt ? { deployment_id: `d-${attempt[1]}`, version: "9", version_id: "v-9", status: attempt[0], at: ago(attempt[1]) } : null;
	const current = version === null ? null : { version, id: `v-${version}` };
	return {
		version,
		version_id: current?.id ?? null,
		deployment_id: current ? `d-${version}` : null,
		since: current ? ago(30) : null,
		kind: current ? "upgrade" : null,
		latest_attempt,
	} as Cell;
}

const row = (name: string, cells: Record<string, Cell>) => ({ product_id: `p-${name}`, product_name: name, cells, drift: false });
const column = (name: string, type = name) => ({ id: `e-${name}`, name, type, position: 0 }) as Matrix["environments"][number];
const matrix = (...items: Matrix["items"]): Matrix => ({ at: null, environments: [column("dev"), column("eu", "production"), column("us", "production")], items });

const SAME = row("audit", { "e-dev": cell("1"), "e-eu": cell("1"), "e-us": cell("1") });
const DRIFT = row("Billing", { "e-dev": cell("2"), "e-eu": cell("1") });
const FAILED = row("cart", { "e-eu": cell("1", ["failed", 2]) });
const STALE = row("desk", { "e-us": cell(null, ["started", 25]) });
const ALL = matrix(SAME, DRIFT, FAILED, STALE);
const EVERYTHING: Choice = { text: "", products: [], environments: [], types: [], onlyDrift: false, onlyFailing: false };

function names(choice: Partial<Choice>, now = NOW): string {
	const whole = { ...EVERYTHING, ...choice };
	const shown = chooseColumns(ALL.environments, whole);
	return chooseRows(ALL, shown, whole, now).map((one) => one.product_name).join(" ");
}

test("trouble is the latest attempt's", () => {
	const cases: [Cell | undefined, string | null][] = [
		[undefined, null],
		[cell("1"), null],
		[cell("1", ["failed", 100]), "failing"],
		[cell("1", ["preflight_failed", 1]), "failing"],
		[cell("1", ["aborted", 100]), null],
		[cell("1", ["started", 24]), null],
		[cell("1", ["started", 24.1]), "stale"],
		[cell(null, ["pending", 25]), "stale"],
	];
	for (const [one, expected] of cases) assert.equal(troubleOf(one, NOW), expected, JSON.stringify(one?.latest_attempt));
});

test("a row drifts by the columns that are shown, and empty cells do not count", () => {
	assert.equal(drifts(SAME, ALL.environments), false);
	assert.equal(drifts(DRIFT, ALL.environments), true);
	assert.equal(drifts(DRIFT, ALL.environments.slice(1)), false);
	assert.equal(drifts(STALE, ALL.environments), false);
});

describe("filters", () => {
	test("all rows without one", () => assert.equal(names({}), "audit Billing cart desk"));
	test("part of a name, in any case", () => assert.equal(names({ text: " LL" }), "Billing"));
	test("chosen products", () => assert.equal(names({ products: ["desk", "audit", "nothing"] }), "audit desk"));
	test("an environment leaves out who is not there", () => assert.equal(names({ environments: ["dev"] }), "audit Billing"));
	test("a type of environments", () => assert.equal(names({ types: ["production"] }), "audit Billing cart desk"));
	test("a name with a comma is chosen by its id", () => {
		const odd = { ...matrix(row("a,b", { "e-x": cell("1") }), SAME), environments: [{ ...column("x,y"), id: "e-x" }, column("dev")] };
		const choice = { ...EVERYTHING, products: [keyOf("p-a-b", "a,b"), "audit"], environments: [keyOf("e-x", "x,y")] };
		odd.items[0]!.product_id = "p-a-b";
		const shown = chooseColumns(odd.environments, choice);
		assert.deepEqual(shown.map(({ name }) => name), ["x,y"]);
		assert.deepEqual(chooseRows(odd, shown, choice, NOW).map((one) => one.product_name), ["a,b"]);
	});
	test("only drift, by what is shown", () => {
		assert.equal(names({ onlyDrift: true }), "Billing");
		assert.equal(names({ onlyDrift: true, types: ["production"] }), "");
	});
	test("only failing has what is stale, too, once it is", () => {
		assert.equal(names({ onlyFailing: true }), "cart desk");
		assert.equal(names({ onlyFailing: true }, NOW - 2 * HOUR), "cart");
		assert.equal(names({ onlyFailing: true, environments: ["dev"] }), "");
	});
});

test("marks are counted", () => assert.deepEqual(countMarks(ALL.items, ALL.environments, NOW), { drifting: 1, failing: 1, stale: 1 }));

test("the latest failures are those of the last day that nothing has followed, newest first", () => {
	const many = matrix(
		row("a", { "e-dev": cell("1", ["failed", 23]), "e-eu": cell("1", ["failed", 25]) }),
		row("b", { "e-dev": cell("1", ["started", 1]), "e-us": cell("1", ["preflight_failed", 1]) }),
	);
	assert.deepEqual(latestFailures(many, NOW).map((one) => `${one.product} ${one.environment} ${one.version}`), ["b us 9", "a dev 9"]);
});

describe("a patch", () => {
	test("replaces the rows it has, leaves the others as they are, and says which cells differ", () => {
		const next = row("cart", { "e-eu": cell("2"), "e-us": cell("1") });
		const done = patch(ALL, matrix(next), ["p-cart"])!;
		assert.deepEqual(done.matrix.items, [SAME, DRIFT, next, STALE]);
		assert.equal(done.matrix.items[0], SAME);
		assert.deepEqual([...done.changes], [["p-cart", new Set(["e-eu", "e-us"])]]);
	});
	test("puts a new product in its place and takes out one that is gone", () => {
		const fresh = row("bench", { "e-dev": cell("1") });
		const done = patch(ALL, matrix(fresh), ["p-bench", "p-desk"])!;
		assert.deepEqual(done.matrix.items.map((one) => one.product_name), ["audit", "Billing", "bench", "cart"]);
		assert.deepEqual([...done.changes.keys()], ["p-bench"]);
	});
	test("of the same cells changes nothing", () => {
		const done = patch(ALL, matrix(structuredClone(FAILED)), ["p-cart"])!;
		assert.equal(done.changes.size, 0);
	});
	test("is no patch when the columns have changed", () => {
		const part = { ...matrix(FAILED), environments: [column("dev")] };
		assert.equal(patch(ALL, part, ["p-cart"]), null);
		assert.equal(patch(ALL, { ...matrix(FAILED), environments: [column("dev"), { ...column("eu", "production"), name: "eu-1" }, column("us", "production")] }, ["p-cart"]), null);
	});
});

test("a cell has changed with its version, its deployment, its latest attempt or that one's state", () => {
	const before = row("x", { a: cell("1", ["started", 1]), b: cell("1"), c: cell("1") });
	const after = row("x", { a: cell("1", ["failed", 1]), b: { ...cell("1"), deployment_id: "d-again" }, c: cell("1"), d: cell("1") });
	assert.deepEqual(changedCells(before, after), new Set(["a", "b", "d"]));
});
