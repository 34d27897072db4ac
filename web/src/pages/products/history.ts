/** What the picture of a product's history is drawn from: its deployments of some days, and what ran when they began. */
import { api, take } from "../../api/client";
import type { Deployment, Matrix } from "../../api/types";
import { lanesOf, type Lane } from "./lanes";

export interface History {
	lanes: Lane[];
	from: number;
	to: number;
	/** There are more deployments than are drawn: the picture begins later than asked. */
	cut: boolean;
}

const DAY = 86_400_000;
const PAGE = 200;
const MOST_PAGES = 10;
/** Lists go by when a deployment began; one that ended in the picture may have begun before it. */
const BEGAN_BEFORE = DAY;

async function deploymentsSince(product: string, since: number, signal: AbortSignal): Promise<{ items: Deployment[]; cut: boolean }> {
	const items: Deployment[] = [];
	let cursor: string | undefined;
	for (let page = 0; page < MOST_PAGES; page++) {
		const query = { product, since: new Date(since).toISOString(), limit: PAGE, cursor };
		const answer = await take(api.GET("/deployments", { params: { query }, signal }));
		items.push(...answer.items);
		if (answer.next_cursor === null) return { items, cut: false };
		cursor = answer.next_cursor;
	}
	return { items, cut: true };
}

function matrixAt(product: string, at: number, signal: AbortSignal): Promise<Matrix> {
	return take(api.GET("/environment-state", { params: { query: { product, at: new Date(at).toISOString() } }, signal }));
}

export async function readHistory(product: string, days: number, signal: AbortSignal): Promise<History> {
	const to = Date.now();
	const wanted = to - days * DAY;
	const { items, cut } = await deploymentsSince(product, wanted - BEGAN_BEFORE, signal);
	const from = cut ? Date.parse(items.at(-1)!.created_at) : wanted;
	const [then, now] = await Promise.all([matrixAt(product, from, signal), take(api.GET("/environment-state", { params: { query: { product } }, signal }))]);
	const cells = then.items[0]?.cells ?? {};
	const begins = now.environments.map(({ id, name }) => ({ id, environment: name, cell: cells[id] }));
	return { lanes: lanesOf(begins, items, from), from, to, cut };
}
