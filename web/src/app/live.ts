/** The server's stream of events: one connection for all pages, reconnected for as long as a page is in sight. */
import type { ApiEvent, EventType } from "../api/types";
import { useEffect, useRef } from "preact/hooks";
import { createStore } from "./store";

export type LiveState = "off" | "connecting" | "live" | "reconnecting";
export const live = createStore<LiveState>("off");

/** "resync": events may have been missed; what is shown should be read again. */
export type LiveMessage = { kind: "event"; event: ApiEvent } | { kind: "resync" };

const TYPES: Record<EventType, true> = {
	"deployment.pending": true,
	"deployment.started": true,
	"deployment.completed": true,
	"deployment.failed": true,
	"deployment.aborted": true,
	"deployment.preflight_failed": true,
	"build.pending": true,
	"build.started": true,
	"build.completed": true,
	"build.failed": true,
	"build.aborted": true,
};
const SHORTEST_WAIT = 2000;
const LONGEST_WAIT = 60_000;
/** A hidden page gives its connection back: browsers hold six for a server over HTTP/1.1. */
const HIDDEN_FOR = 60_000;

const listeners = new Set<(message: LiveMessage) => void>();
let source: EventSource | null = null;
let wanted = false;
let wasOpen = false;
let wait = SHORTEST_WAIT;
let timer = 0;
let onClosed: () => void = () => {};

function tell(message: LiveMessage): void {
	for (const listener of [...listeners]) listener(message);
}

function onEvent(message: MessageEvent<string>): void {
	try {
		tell({ kind: "event", event: JSON.parse(message.data) as ApiEvent });
	} catch {
		// A line that is no JSON is none of ours.
	}
}

function disconnect(): void {
	clearTimeout(timer);
	source?.close();
	source = null;
}

function connect(): void {
	disconnect();
	if (!wanted || document.hidden) return;
	live.set(wasOpen ? "reconnecting" : "connecting");
	const opened = new EventSource("/events/stream");
	source = opened;
	opened.onopen = () => {
		wait = SHORTEST_WAIT;
		live.set("live");
		if (wasOpen) tell({ kind: "resync" });
		wasOpen = true;
	};
	opened.onerror = () => {
		live.set("reconnecting");
		// The browser tries again by itself unless the server refused (no session any more, no stream).
		if (opened.readyState !== EventSource.CLOSED) return;
		disconnect();
		timer = window.setTimeout(connect, wait);
		wait = Math.min(wait * 2, LONGEST_WAIT);
		onClosed();
	};
	for (const type of Object.keys(TYPES)) opened.addEventListener(type, onEvent);
}

document.addEventListener("visibilitychange", () => {
	if (!wanted) return;
	clearTimeout(timer);
	if (document.hidden) timer = window.setTimeout(disconnect, HIDDEN_FOR);
	else if (!source) connect();
});

/** closed() is called when the server refused the stream: the session may have ended. */
export function startLive(closed: () => void): void {
	onClosed = closed;
	if (wanted) return;
	wanted = true;
	connect();
}

export function stopLive(): void {
	wanted = false;
	wasOpen = false;
	disconnect();
	live.set("off");
}

export function subscribe(listener: (message: LiveMessage) => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** Every message while the component is shown. */
export function useLive(listener: (message: LiveMessage) => void): void {
	const latest = useRef(listener);
	latest.current = listener;
	useEffect(() => subscribe((message) => latest.current(message)), []);
}

/** Calls refresh soon after events of these families ("deployment.", "build."; none: all): at most once in `pause` milliseconds. */
export function useLiveRefresh(refresh: () => void, families: string[] = [], pause = 1000): void {
	const due = useRef(0);
	useLive((message) => {
		if (message.kind === "event" && families.length && !families.some((family) => message.event.event_type.startsWith(family))) return;
		if (due.current) return;
		due.current = window.setTimeout(() => {
			due.current = 0;
			refresh();
		}, pause);
	});
	useEffect(() => () => clearTimeout(due.current), []);
}
