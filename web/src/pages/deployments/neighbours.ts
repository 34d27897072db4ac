/** The deployments before and after one, of the same product in the same environment. */
import { api, take } from "../../api/client";
import type { Deployment } from "../../api/types";

export interface Neighbours {
	before: Deployment | null;
	after: Deployment | null;
}

const PAGE = 200;
/** An old deployment of a busy product: how far to look for its successor. */
const MOST_PAGES = 10;

/** Lists come newest first: the successor is the last one before the deployment itself. */
async function findAfter(one: Deployment, signal: AbortSignal): Promise<Deployment | null> {
	let last: Deployment | null = null;
	let cursor: string | undefined;
	for (let page = 0; page < MOST_PAGES; page++) {
		const query = { product: one.product_id, environment: one.environment_id, since: one.created_at, limit: PAGE, cursor };
		const { items, next_cursor } = await take(api.GET("/deployments", { params: { query }, signal }));
		const newer = items.filter(({ id }) => id > one.id);
		last = newer.at(-1) ?? last;
		if (newer.length < items.length || next_cursor === null) return last;
		cursor = next_cursor;
	}
	return null;
}

/** A cursor is the id of the last item: what follows it is what came before. */
async function findBefore(one: Deployment, signal: AbortSignal): Promise<Deployment | null> {
	const query = { product: one.product_id, environment: one.environment_id, cursor: one.id, limit: 1 };
	const { items } = await take(api.GET("/deployments", { params: { query }, signal }));
	return items[0] ?? null;
}

export async function findNeighbours(one: Deployment, signal: AbortSignal): Promise<Neighbours> {
	const [before, after] = await Promise.all([findBefore(one, signal), findAfter(one, signal)]);
	return { before, after };
}
