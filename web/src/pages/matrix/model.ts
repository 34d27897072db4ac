/** What the matrix says, without a page: which rows are shown, what is marked, what has changed. */
import type { Matrix } from "../../api/types";

export type Column = Matrix["environments"][number];
export type Row = Matrix["items"][number];
export type Cell = Row["cells"][string];

const DAY = 24 * 3_600_000;
const FAILED = ["failed", "preflight_failed"];
const OPEN = ["pending", "started"];

export type Trouble = "failing" | "stale" | null;

/** Failing: the newest attempt failed. Stale: it has been open for more than a day. */
export function troubleOf(cell: Cell | undefined, now: number): Trouble {
	const attempt = cell?.latest_attempt;
	if (!attempt) return null;
	if (FAILED.includes(attempt.status)) return "failing";
	return OPEN.includes(attempt.status) && now - Date.parse(attempt.at) > DAY ? "stale" : null;
}

/** Whether these columns have more than one current version of the product. */
export function drifts(row: Row, columns: readonly Column[]): boolean {
	let first: string | null = null;
	for (const { id } of columns) {
		const version = row.cells[id]?.version_id;
		if (!version) continue;
		if (first === null) first = version;
		else if (first !== version) return true;
	}
	return false;
}

export function isTroubled(row: Row, columns: readonly Column[], now: number): boolean {
	return columns.some(({ id }) => troubleOf(row.cells[id], now) !== null);
}

/** By what a product or an environment is chosen in the address: its name, or its id where the name has the comma that separates them. */
export function keyOf(id: string, name: string): string {
	return name.includes(",") ? id : name;
}

export interface Choice {
	/** Part of a product's name, in any case. */
	text: string;
	products: readonly string[];
	environments: readonly string[];
	types: readonly string[];
	onlyDrift: boolean;
	onlyFailing: boolean;
}

export function chooseColumns(columns: readonly Column[], choice: Choice): Column[] {
	const { environments, types } = choice;
	return columns.filter(
		(column) => (!environments.length || environments.includes(keyOf(column.id, column.name))) && (!types.length || types.includes(column.type)),
	);
}

/** The rows to show; `shown` are the chosen columns. A product that is in none of them is left out. */
export function chooseRows(matrix: Matrix, shown: readonly Column[], choice: Choice, now: number): Row[] {
	const wanted = choice.text.trim().toLowerCase();
	const products = choice.products.length ? new Set(choice.products) : null;
	const narrowed = shown.length < matrix.environments.length;
	return matrix.items.filter(
		(row) =>
			(!wanted || row.product_name.toLowerCase().includes(wanted)) &&
			(!products || products.has(keyOf(row.product_id, row.product_name))) &&
			(!narrowed || shown.some(({ id }) => row.cells[id])) &&
			(!choice.onlyDrift || drifts(row, shown)) &&
			(!choice.onlyFailing || isTroubled(row, shown, now)),
	);
}

export interface Count {
	drifting: number;
	failing: number;
	stale: number;
}

/** Products that drift, and cells that fail or are stale. */
export function countMarks(rows: readonly Row[], columns: readonly Column[], now: number): Count {
	const count = { drifting: 0, failing: 0, stale: 0 };
	for (const row of rows) {
		if (drifts(row, columns)) count.drifting++;
		for (const { id } of columns) {
			const trouble = troubleOf(row.cells[id], now);
			if (trouble) count[trouble]++;
		}
	}
	return count;
}

export interface Failure {
	product: string;
	environment: string;
	version: string;
	deploymentId: string;
	at: string;
}

/** What failed in the last day and has not been tried again since, newest first. */
export function latestFailures(matrix: Matrix, now: number): Failure[] {
	const found: Failure[] = [];
	for (const row of matrix.items)
		for (const { id, name } of matrix.environments) {
			const attempt = row.cells[id]?.latest_attempt;
			if (!attempt || !FAILED.includes(attempt.status) || now - Date.parse(attempt.at) > DAY) continue;
			found.push({ product: row.product_name, environment: name, version: attempt.version, deploymentId: attempt.deployment_id, at: attempt.at });
		}
	return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
	return a.length === b.length && a.every((column, i) => column.id === b[i]?.id && column.name === b[i]?.name && column.type === b[i]?.type);
}

function sameCell(a: Cell | undefined, b: Cell | undefined): boolean {
	const [x, y] = [a?.latest_attempt, b?.latest_attempt];
	return a?.deployment_id === b?.deployment_id && a?.version_id === b?.version_id && x?.deployment_id === y?.deployment_id && x?.status === y?.status;
}

/** The environments whose cells differ. */
export function changedCells(before: Row | undefined, after: Row): Set<string> {
	const ids = new Set([...Object.keys(before?.cells ?? {}), ...Object.keys(after.cells)]);
	return new Set([...ids].filter((id) => !sameCell(before?.cells[id], after.cells[id])));
}

export type Changes = Map<string, Set<string>>;

/** Lays the rows of a few products over the matrix; a product that was asked for and is not there is gone. Null: the columns have changed, too. */
export function patch(matrix: Matrix, part: Matrix, asked: readonly string[]): { matrix: Matrix; changes: Changes } | null {
	if (!sameColumns(matrix.environments, part.environments)) return null;
	const fresh = new Map(part.items.map((row) => [row.product_id, row]));
	const gone = new Set(asked.filter((id) => !fresh.has(id)));
	const changes: Changes = new Map();
	const note = (before: Row | undefined, after: Row) => {
		const cells = changedCells(before, after);
		if (cells.size) changes.set(after.product_id, cells);
	};
	const items: Row[] = [];
	for (const row of matrix.items) {
		if (gone.has(row.product_id)) continue;
		const next = fresh.get(row.product_id);
		if (next) note(row, next);
		items.push(next ?? row);
		fresh.delete(row.product_id);
	}
	for (const row of fresh.values()) {
		note(undefined, row);
		const at = items.findIndex((other) => other.product_name > row.product_name);
		items.splice(at < 0 ? items.length : at, 0, row);
	}
	return { matrix: { ...matrix, items }, changes };
}
