/** Live events for what is shown: rows change in place, one thing is read again when it was spoken of. */
import { useEffect, useRef } from "preact/hooks";
import type { ApiEvent } from "../../api/types";
import type { Pages } from "../../app/data";
import { useLive } from "../../app/live";

const PAUSE_MS = 1000;
/** What a refresh reads; a row further down is read by itself. */
const FIRST_PAGE = 50;
const MOST_READ_ALONE = 10;

/** Calls act() at most once in a pause, and once more for what came meanwhile. */
export function usePaced(act: () => void, pause = PAUSE_MS): () => void {
	const timer = useRef(0);
	const latest = useRef(act);
	latest.current = act;
	useEffect(() => () => clearTimeout(timer.current), []);
	return () => {
		if (timer.current) return;
		timer.current = window.setTimeout(() => {
			timer.current = 0;
			latest.current();
		}, pause);
	};
}

/** Reads again soon after an event that concerns it, and when events may have been missed. */
export function useLiveWhen(concerns: (event: ApiEvent) => boolean, refresh: () => void): void {
	const soon = usePaced(refresh, 500);
	useLive((message) => {
		if (message.kind === "resync" || concerns(message.event)) soon();
	});
}

/** Keeps a list as it is on the server. `idOf`: the row that an event concerns; `read`: one row. */
export function useLiveRows<T extends { id: string }>(pages: Pages<T>, idOf: (event: ApiEvent) => string | null, read: (id: string) => Promise<T>): void {
	const spoken = useRef(new Set<string>());
	const soon = usePaced(() => {
		const further = new Set(pages.items.slice(FIRST_PAGE).map(({ id }) => id));
		const alone = [...spoken.current].filter((id) => further.has(id)).slice(0, MOST_READ_ALONE);
		spoken.current.clear();
		pages.refresh();
		for (const id of alone) read(id).then(pages.put, () => {});
	});
	useLive((message) => {
		if (message.kind === "event") {
			const id = idOf(message.event);
			if (!id) return;
			spoken.current.add(id);
		}
		soon();
	});
}
