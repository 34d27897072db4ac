/** The feed's state: pages from the event log, live events on top, and those that wait while somebody reads. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, take } from "../../api/client";
import { asApiError, type ApiError } from "../../api/error";
import type { ApiEvent } from "../../api/types";
import type { Page } from "../../app/data";
import { useLive } from "../../app/live";
import { usePaced } from "../history/live_rows";
import { belongs, joined, MOST_SHOWN, type FeedFilters } from "./feed";

interface FeedState {
	shown: ApiEvent[];
	/** Came live while the reader was not to be disturbed. */
	held: ApiEvent[];
	cursor: string | null;
	loading: boolean;
	begun: boolean;
	error: ApiError | null;
}

export interface Feed extends FeedState {
	loadMore: () => void;
	/** Shows what was held. */
	release: () => void;
	reload: () => void;
}

const NOTHING: FeedState = { shown: [], held: [], cursor: null, loading: true, begun: false, error: null };

/** The oldest leave a feed that grew too long; "Load more" goes on after the last one that stayed. */
function kept(state: FeedState): FeedState {
	if (state.shown.length <= MOST_SHOWN) return state;
	const shown = state.shown.slice(0, MOST_SHOWN);
	return { ...state, shown, cursor: shown.at(-1)!.id };
}

/** `isHeld`: whether new events are to wait. */
export function useFeed(filters: FeedFilters, isHeld: () => boolean): Feed {
	const [state, setState] = useState<FeedState>(NOTHING);
	const [turn, setTurn] = useState(0);
	const aborter = useRef(new AbortController());
	const arrived = useRef<ApiEvent[]>([]);
	const query = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, value || undefined]));

	const read = (cursor: string | undefined, apply: (before: FeedState, page: Page<ApiEvent>) => FeedState) => {
		const { signal } = aborter.current;
		take(api.GET("/events", { params: { query: { ...query, cursor } }, signal })).then(
			(page) => signal.aborted || setState((before) => ({ ...apply(before, page), begun: true, loading: false, error: null })),
			(thrown) => signal.aborted || setState((before) => ({ ...before, begun: true, loading: false, error: asApiError(thrown) })),
		);
	};
	const lay = (before: FeedState, events: ApiEvent[]): FeedState => {
		const known = new Set(before.shown.map(({ id }) => id));
		const fresh = events.filter(({ id }) => !known.has(id));
		if (isHeld() && before.shown.length) return { ...before, held: joined(fresh, before.held) };
		return kept({ ...before, shown: joined(joined(fresh, before.held), before.shown), held: [] });
	};

	useEffect(() => {
		aborter.current = new AbortController();
		arrived.current = [];
		setState(NOTHING);
		read(undefined, (before, page) => ({ ...before, shown: joined(page.items, before.shown), cursor: page.next_cursor }));
		return () => aborter.current.abort();
	}, [...Object.values(filters), turn]);

	/** After a gap: when nothing of the newest page is known, there is a hole, and the feed begins anew. */
	const resync = (before: FeedState, page: Page<ApiEvent>): FeedState => {
		const known = new Set([...before.shown, ...before.held].map(({ id }) => id));
		if (page.items.length && !page.items.some(({ id }) => known.has(id))) return { ...NOTHING, shown: page.items, cursor: page.next_cursor };
		return lay(before, page.items);
	};
	// A storm of events is drawn a few times a second, not once for each.
	const draw = usePaced(() => {
		const events = arrived.current;
		arrived.current = [];
		setState((before) => lay(before, events));
	}, 200);
	useLive((message) => {
		if (message.kind === "resync") return read(undefined, resync);
		if (!belongs(message.event, filters)) return;
		arrived.current.push(message.event);
		draw();
	});

	const loadMore = () => {
		if (!state.cursor || state.loading) return;
		setState((before) => ({ ...before, loading: true, error: null }));
		read(state.cursor, (before, page) => ({ ...before, shown: joined(page.items, before.shown), cursor: page.next_cursor }));
	};
	const release = useCallback(() => setState((before) => kept({ ...before, shown: joined(before.held, before.shown), held: [] })), []);
	const reload = useCallback(() => setTurn((n) => n + 1), []);
	return { ...state, loadMore, release, reload };
}
