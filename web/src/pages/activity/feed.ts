/** The feed of events: which live ones belong to it, and how they come together with what is shown. */
import type { ApiEvent } from "../../api/types";

export interface FeedFilters {
	product: string;
	environment: string;
	type: string;
	since: string;
	until: string;
}

/** A feed that runs for days holds no more than this; what is older is read again when it is asked for. */
export const MOST_SHOWN = 1000;

const named = (wanted: string, ...names: (string | null)[]) => !wanted || wanted.split(",").some((one) => one.trim() !== "" && names.includes(one.trim()));

/** The server's filters, for an event that came live. */
export function belongs(event: ApiEvent, filters: FeedFilters): boolean {
	const at = Date.parse(event.received_at);
	return (
		named(filters.product, event.product_name, event.product_id) &&
		named(filters.environment, event.environment_name, event.environment_id) &&
		named(filters.type, event.event_type) &&
		!(filters.since && at < Date.parse(filters.since)) &&
		!(filters.until && at >= Date.parse(filters.until))
	);
}

/** Both lists as one, newest first, each event once. Ids sort by time. */
export function joined(fresh: readonly ApiEvent[], shown: readonly ApiEvent[]): ApiEvent[] {
	const known = new Set(shown.map(({ id }) => id));
	const added = fresh.filter((event) => !known.has(event.id) && known.add(event.id));
	return added.length ? [...added, ...shown].sort((a, b) => (a.id < b.id ? 1 : -1)) : [...shown];
}
