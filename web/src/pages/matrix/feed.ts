/** The matrix as it is, kept so by the live events; or as it was. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, take } from "../../api/client";
import { asApiError, type ApiError } from "../../api/error";
import type { Matrix } from "../../api/types";
import { live, useLive } from "../../app/live";
import { createBatches, type Batches } from "./batches";
import { patch, type Changes } from "./model";

export interface Feed {
	matrix: Matrix | null;
	error: ApiError | null;
	loading: boolean;
	/** Cells that have just changed, by product. */
	changes: Changes;
	reload: () => void;
}

/** The server takes twenty values in a filter. */
const MOST_PRODUCTS = 20;
/** A little over half a second, so that the server, too, sees no two within one. */
const PRODUCTS = { pause: 600, gather: 60, most: MOST_PRODUCTS, longest: 30_000 };
const ALL = { pause: 3000, gather: 0, most: 1, longest: 60_000 };
const FLASH_MS = 2000;
const POLL_MS = 60_000;
const NONE: Changes = new Map();

type State = Omit<Feed, "reload">;

function read(query: { at?: string; product?: string }, signal: AbortSignal): Promise<Matrix> {
	return take(api.GET("/environment-state", { params: { query }, signal }));
}

/** What begins, waits and ends with one moment: the present one follows the events, a past one stands still. */
function follow(at: string, show: (change: (before: State) => State) => void) {
	const aborter = new AbortController();
	const { signal } = aborter;
	let matrix: Matrix | null = null;
	let whole: Promise<void> = Promise.resolve();
	let flashing = 0;

	const put = (next: Matrix, changes: Changes) => {
		matrix = next;
		show(() => ({ matrix: next, error: null, loading: false, changes }));
		if (!changes.size) return;
		clearTimeout(flashing);
		flashing = window.setTimeout(() => show((before) => ({ ...before, changes: NONE })), FLASH_MS);
	};
	const readAll = async () => {
		show((before) => ({ ...before, loading: true }));
		try {
			const next = await read(at ? { at } : {}, signal);
			if (!signal.aborted) put(next, NONE);
		} catch (thrown) {
			if (signal.aborted) return;
			show((before) => ({ ...before, loading: false, error: asApiError(thrown) }));
			throw thrown;
		}
	};
	const readSome = async (products: string[]) => {
		await whole;
		if (signal.aborted || !matrix) return;
		const part = await read({ product: products.join(",") }, signal);
		if (signal.aborted) return;
		const patched = patch(matrix, part, products);
		if (patched) put(patched.matrix, patched.changes);
		else all.add("all");
	};
	const some: Batches = createBatches(readSome, PRODUCTS);
	const all: Batches = createBatches(async () => {
		const reading = readAll();
		whole = reading.catch(() => {});
		// What failed at first is tried again by the reader; a past moment, and a refusal, stay as they are.
		await (matrix ? reading : whole);
	}, ALL);

	return {
		all: () => all.add("all"),
		product: (id: string) => some.add(id),
		end() {
			some.stop();
			all.stop();
			clearTimeout(flashing);
			aborter.abort();
		},
	};
}

/** `at`: "" for now, or a time. The matrix of the moment before stays until the new one is there. */
export function useMatrix(at: string): Feed {
	const [state, setState] = useState<State>({ matrix: null, error: null, loading: true, changes: NONE });
	const following = useRef<ReturnType<typeof follow> | null>(null);
	useEffect(() => {
		setState((before) => ({ ...before, error: null, changes: NONE }));
		const mine = follow(at, setState);
		following.current = mine;
		mine.all();
		const poll = window.setInterval(() => {
			if (!at && live.get() !== "live" && !document.hidden) mine.all();
		}, POLL_MS);
		return () => {
			clearInterval(poll);
			mine.end();
		};
	}, [at]);
	useLive((message) => {
		if (at) return;
		if (message.kind === "resync") following.current?.all();
		else if (message.event.event_type.startsWith("deployment.")) following.current?.product(message.event.product_id);
	});
	const reload = useCallback(() => following.current?.all(), []);
	return { ...state, reload };
}
