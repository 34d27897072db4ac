/** What two environments have of each product: the differences as the server counts them, and on request also what is the same. */
import type { Matrix, MatrixDiff } from "../../api/types";

export type Difference = MatrixDiff["items"][number];
export type Side = NonNullable<Difference["from"]>;
export type Pair = Difference & { same: boolean };

function sideOf(row: Matrix["items"][number], environment: string): Side | null {
	const cell = row.cells[environment];
	if (!cell?.version || !cell.version_id || !cell.deployment_id || !cell.since) return null;
	const { version, version_id, deployment_id, since } = cell;
	return { version, version_id, scm_sha: null, scm_repository: null, deployment_id, since };
}

/** `matrix` has the products of both environments; without it only differences are there. In the order of names. */
export function pairsOf(diff: MatrixDiff, matrix: Matrix | null): Pair[] {
	const pairs: Pair[] = diff.items.map((item) => ({ ...item, same: false }));
	if (!matrix) return pairs;
	const known = new Set(diff.items.map((item) => item.product_id));
	for (const row of matrix.items) {
		const [from, to] = [sideOf(row, diff.from.id), sideOf(row, diff.to.id)];
		if (known.has(row.product_id) || !from || !to || from.version_id !== to.version_id) continue;
		pairs.push({ product_id: row.product_id, product_name: row.product_name, from, to, builds_apart: 0, newer: null, same: true });
	}
	return pairs.sort((a, b) => (a.product_name < b.product_name ? -1 : a.product_name > b.product_name ? 1 : 0));
}

/** "staging by 3 builds". */
export function distance({ from, to, builds_apart, newer, same }: Pair, names: { from: string; to: string }): string {
	if (same) return "the same";
	if (!from || !to) return `only in ${from ? names.from : names.to}`;
	const ahead = newer === "to" ? names.to : names.from;
	if (!builds_apart) return `${ahead} is newer`;
	return `${ahead} is ${builds_apart} build${builds_apart === 1 ? "" : "s"} ahead`;
}

/** The pair to begin with: production, and what is before it; else the last two. */
export function firstPair(environments: readonly { name: string; type: string }[]): { from: string; to: string } | null {
	const production = environments.findIndex(({ type }) => type === "production");
	const to = production > 0 ? production : environments.length - 1;
	return to > 0 ? { from: environments[to - 1]!.name, to: environments[to]!.name } : null;
}
