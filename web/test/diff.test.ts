/** Pairs of a comparison, and how far apart they are said to be. */
import { test } from "node:test";
import { strict as assert } from "node:assert";
import type { Matrix, MatrixDiff } from "../src/api/types";
import { distance, firstPair, pairsOf } from "../src/pages/diff/pairs";

const side = (version: string) => ({ version, version_id: `v-${version}`, scm_sha: null, scm_repository: null, deployment_id: "d", since: "2026-11-23T12:00:00Z" });
const item = (name: string, from: string | null, to: string | null, builds_apart: number | null, newer: "from" | "to" | null): MatrixDiff["items"][number] => ({
	product_id: `p-${name}`,
	product_name: name,
	from: from === null ? null : side(from),
	to: to === null ? null : side(to),
	builds_apart,
	newer,
});
const cell = (version: string) => ({ version, version_id: `v-${version}`, deployment_id: "d", since: "2026-11-23T12:00:00Z", kind: "upgrade" as const, latest_attempt: null });
const row = (name: string, from: string, to?: string): Matrix["items"][number] => ({
	product_id: `p-${name}`,
	product_name: name,
	cells: { s: cell(from), ...(to ? { p: cell(to) } : {}) },
	drift: false,
});

const DIFF: MatrixDiff = { from: { id: "s", name: "staging" }, to: { id: "p", name: "production" }, items: [item("b", "2", "1", 3, "from")] };
const NAMES = { from: "staging", to: "production" };

test("without the matrix there are only differences", () => {
	assert.deepEqual(pairsOf(DIFF, null).map(({ product_name, same }) => [product_name, same]), [["b", false]]);
});

test("with it also what is the same on both sides, in the order of names", () => {
	const matrix: Matrix = { at: null, environments: [], items: [row("a", "1", "1"), row("b", "2", "1"), row("c", "5"), row("d", "7", "7"), row("e", "8", "9")] }; // e has changed between the two readings
	assert.deepEqual(pairsOf(DIFF, matrix).map(({ product_name, same }) => [product_name, same]), [["a", true], ["b", false], ["d", true]]);
});

test("a distance names the side that is ahead", () => {
	const said = (one: MatrixDiff["items"][number], same = false) => distance({ ...one, same }, NAMES);
	assert.equal(said(item("a", "2", "1", 3, "from")), "staging is 3 builds ahead");
	assert.equal(said(item("a", "1", "2", 1, "to")), "production is 1 build ahead");
	assert.equal(said(item("a", "1", "2", null, "to")), "production is newer");
	assert.equal(said(item("a", "1", null, null, null)), "only in staging");
	assert.equal(said(item("a", null, "1", null, null)), "only in production");
	assert.equal(said(item("a", "1", "1", 0, null), true), "the same");
});

test("the first comparison is production with what is before it", () => {
	const environments = (...types: string[]) => types.map((type, at) => ({ name: `${type}${at}`, type }));
	assert.deepEqual(firstPair(environments("dev", "staging", "production", "other")), { from: "staging1", to: "production2" });
	assert.deepEqual(firstPair(environments("dev", "test", "staging")), { from: "test1", to: "staging2" });
	assert.deepEqual(firstPair(environments("production", "other")), { from: "production0", to: "other1" });
	assert.equal(firstPair(environments("production")), null);
	assert.equal(firstPair([]), null);
});
