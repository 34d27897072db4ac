/** Reading from the API in a component: one answer, or a list page by page. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/error";

export interface Loaded<T> {
	data: T | undefined;
	error: ApiError | null;
	loading: boolean;
	/** Reads again; what is shown stays until the new answer is there. */
	reload: () => void;
}

/** The answer of load(), read again whenever a value of `inputs` changes. */
export function useData<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
	const [state, setState] = useState<{ data?: T; error: ApiError | null; loading: boolean }>({ error: null, loading: true });
	const [turn, setTurn] = useState(0);
	const inputsNow = useRef(inputs);
	useEffect(() => {
		const aborter = new AbortController();
		const same = inputsNow.current === inputs || inputsNow.current.every((value, i) => Object.is(value, inputs[i]));
		inputsNow.current = inputs;
		setState((before) => ({ data: same ? before.data : undefined, error: null, loading: true }));
		load(aborter.signal).then(
			(data) => !aborter.signal.aborted && setState({ data, error: null, loading: false }),
			(thrown) => !aborter.signal.aborted && setState((before) => ({ ...before, error: asApiError(thrown), loading: false })),
		);
		return () => aborter.abort();
	}, [...inputs, turn]);
	const reload = useCallback(() => setTurn((n) => n + 1), []);
	return { data: state.data, error: state.error, loading: state.loading, reload };
}

export interface Page<T> {
	items: T[];
	next_cursor: string | null;
}

export interface Pages<T> {
	items: T[];
	error: ApiError | null;
	loading: boolean;
	/** The first page is not there yet. */
	empty: boolean;
	hasMore: boolean;
	loadMore: () => void;
	/** Reads the first page again and lays it over what is shown: new items come first, known ones change in place. */
	refresh: () => void;
	/** From the beginning. */
	reload: () => void;
	/** Shows a newer state of an item that is shown; of another one nothing. */
	put: (item: T) => void;
}

type ListState<T> = { items: T[]; cursor: string | null; error: ApiError | null; loading: boolean; begun: boolean };

/** Lists come newest first, by ids that sort by time. Where one does not, nothing can be said of what a page leaves out. */
function newestFirst(items: { id: string }[]): boolean {
	return items.every((item, i) => i === 0 || items[i - 1]!.id > item.id);
}

/** The fresh first page over what is shown: what the page should hold and does not, is no longer in the list. */
export function overlay<T extends { id: string }>(fresh: Page<T>, shown: T[]): T[] {
	const byId = new Map(fresh.items.map((item) => [item.id, item]));
	const oldest = fresh.items.at(-1)?.id ?? "";
	if (newestFirst(fresh.items)) return [...fresh.items, ...shown.filter((item) => fresh.next_cursor !== null && item.id < oldest)];
	const known = new Set(shown.map((item) => item.id));
	return [...fresh.items.filter((item) => !known.has(item.id)), ...shown.map((item) => byId.get(item.id) ?? item)];
}

/** When nothing of the fresh page is known, there may be more between it and what is shown: begin anew. */
function refreshed<T extends { id: string }>(before: ListState<T>, page: Page<T>): Partial<ListState<T>> {
	const known = new Set(before.items.map((item) => item.id));
	if (page.next_cursor === null || !page.items.some((item) => known.has(item.id))) return { items: page.items, cursor: page.next_cursor };
	return { items: overlay(page, before.items) };
}

function append<T extends { id: string }>(shown: T[], further: T[]): T[] {
	const known = new Set(shown.map((item) => item.id));
	return [...shown, ...further.filter((item) => !known.has(item.id))];
}

/** A list with a cursor, read again from its first page whenever a value of `inputs` changes. */
export function usePages<T extends { id: string }>(
	load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
	inputs: readonly unknown[],
): Pages<T> {
	const [state, setState] = useState<ListState<T>>({ items: [], cursor: null, error: null, loading: true, begun: false });
	const [turn, setTurn] = useState(0);
	const aborter = useRef(new AbortController());
	const latest = useRef(load);
	latest.current = load;

	const read = useCallback((cursor: string | undefined, apply: (before: ListState<T>, page: Page<T>) => Partial<ListState<T>>, quietly = false) => {
		const { signal } = aborter.current;
		if (!quietly) setState((before) => ({ ...before, loading: true, error: null }));
		latest.current(cursor, signal).then(
			(page) => !signal.aborted && setState((before) => ({ ...before, ...apply(before, page), error: null, loading: quietly && before.loading, begun: true })),
			(thrown) => !signal.aborted && setState((before) => ({ ...before, error: asApiError(thrown), loading: false, begun: true })),
		);
	}, []);

	useEffect(() => {
		aborter.current = new AbortController();
		setState({ items: [], cursor: null, error: null, loading: true, begun: false });
		read(undefined, (_, page) => ({ items: page.items, cursor: page.next_cursor }));
		return () => aborter.current.abort();
	}, [...inputs, turn]);

	const loadMore = () => {
		if (!state.cursor || state.loading) return;
		read(state.cursor, (before, page) => ({ items: append(before.items, page.items), cursor: page.next_cursor }));
	};
	const refresh = useCallback(() => read(undefined, refreshed, true), []);
	const reload = useCallback(() => setTurn((n) => n + 1), []);
	const put = useCallback(
		(item: T) => setState((before) => ({ ...before, items: before.items.map((one) => (one.id === item.id ? item : one)) })),
		[],
	);
	return { items: state.items, error: state.error, loading: state.loading, empty: !state.begun, hasMore: state.cursor !== null, loadMore, refresh, reload, put };
}
