/** Times and durations, as people say them. The full time is in the title. */
import { useEffect } from "preact/hooks";
import { createStore, useStore } from "../app/store";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS: [below: number, unit: number, name: string][] = [
	[HOUR, MINUTE, "min"],
	[2 * DAY, HOUR, "h"],
	[60 * DAY, DAY, "d"],
	[730 * DAY, 30.44 * DAY, "mo"],
	[Infinity, 365.25 * DAY, "y"],
];

/** "12 min ago", "in 3 h", "just now". */
export function relativeTime(iso: string, now: number): string {
	const age = now - Date.parse(iso);
	if (Number.isNaN(age)) return iso;
	const span = Math.abs(age);
	if (span < MINUTE) return age < -5000 ? "in a moment" : "just now";
	const [, unit, name] = STEPS.find(([below]) => span < below)!;
	const words = `${Math.floor(span / unit)} ${name}`;
	return age < 0 ? `in ${words}` : `${words} ago`;
}

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function fullTime(iso: string): string {
	const at = Date.parse(iso);
	return Number.isNaN(at) ? iso : FULL.format(at);
}

export function shortTime(iso: string): string {
	const at = Date.parse(iso);
	return Number.isNaN(at) ? iso : SHORT.format(at);
}

/** "850 ms", "42 s", "3 min 5 s", "2 h 10 min", "4 d 2 h". */
export function duration(milliseconds: number): string {
	if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
	const seconds = Math.round(milliseconds / 1000);
	const parts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
	const first = Math.max(0, parts.findIndex((part) => part > 0));
	const names = ["d", "h", "min", "s"];
	return [first, first + 1].flatMap((at) => (parts[at] ? [`${parts[at]} ${names[at]}`] : [])).join(" ") || "0 s";
}

/** One clock for all: it goes while anything shows a relative time. */
const now = createStore(Date.now());
let shown = 0;
let timer = 0;

/** The present time, renewed every ten seconds. */
export function useNow(): number {
	useEffect(() => {
		now.set(Date.now());
		if (shown++ === 0) timer = window.setInterval(() => now.set(Date.now()), 10_000);
		return () => {
			if (--shown === 0) clearInterval(timer);
		};
	}, []);
	return useStore(now);
}

/** How long ago; goes on by itself. Nothing for null. */
export function RelativeTime({ at }: { at: string | null | undefined }) {
	const present = useNow();
	if (!at) return null;
	return (
		<time dateTime={at} title={fullTime(at)}>
			{relativeTime(at, present)}
		</time>
	);
}

/** Date and time of day. */
export function DateTime({ at }: { at: string | null | undefined }) {
	if (!at) return null;
	return (
		<time dateTime={at} title={fullTime(at)}>
			{shortTime(at)}
		</time>
	);
}

/** From one time to another; nothing unless both are there. */
export function Duration({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
	if (!from || !to) return null;
	const span = Date.parse(to) - Date.parse(from);
	return Number.isNaN(span) || span < 0 ? null : <span title={`${fullTime(from)} – ${fullTime(to)}`}>{duration(span)}</span>;
}
