/** The picture's contents: for each environment the versions that ran there one after the other, and what else happened. */
import type { Cell, Deployment } from "../../api/types";

export interface Bar {
	kind: "bar";
	version: string;
	version_id: string;
	deployment_id: string;
	from: number;
	/** null: it runs now. */
	to: number | null;
	/** Whether it began before the picture does. */
	older: boolean;
	/** How often the same version was deployed again meanwhile. */
	redeploys: number;
}

export interface Mark {
	kind: "mark";
	what: "failed" | "aborted" | "preflight_failed" | "rollback" | "pending" | "started";
	version: string;
	version_id: string;
	deployment_id: string;
	from: number;
}

export interface Lane {
	id: string;
	environment: string;
	bars: Bar[];
	marks: Mark[];
}

export interface Begin {
	id: string;
	environment: string;
	/** What ran there when the picture begins. */
	cell: Cell | undefined;
}

const time = (iso: string | null | undefined, otherwise: string) => Date.parse(iso ?? otherwise);

/** When it ended; while it runs, when it began. */
function momentOf(one: Deployment): number {
	return one.status === "started" || one.status === "pending" ? time(one.started_at ?? one.pending_at, one.created_at) : time(one.completed_at, one.deployed_at);
}

function barsOf(completed: readonly Deployment[], begin: Begin, from: number): Bar[] {
	const bars: Bar[] = [];
	const { cell } = begin;
	if (cell?.version && cell.version_id && cell.deployment_id)
		bars.push({ kind: "bar", version: cell.version, version_id: cell.version_id, deployment_id: cell.deployment_id, from, to: null, older: true, redeploys: 0 });
	for (const one of completed) {
		const last = bars.at(-1);
		if (last?.version_id === one.version_id) {
			last.redeploys++;
			continue;
		}
		const at = momentOf(one);
		if (last) last.to = at;
		bars.push({ kind: "bar", version: one.version, version_id: one.version_id, deployment_id: one.id, from: at, to: null, older: false, redeploys: 0 });
	}
	return bars;
}

function markOf(one: Deployment): Mark | null {
	const what = one.status === "completed" ? (one.kind === "rollback" ? "rollback" : null) : one.status;
	return what && { kind: "mark", what, version: one.version, version_id: one.version_id, deployment_id: one.id, from: momentOf(one) };
}

/** Lanes in the order of `begins`. What ended before `from` is in `begins` already. */
export function lanesOf(begins: readonly Begin[], deployments: readonly Deployment[], from: number): Lane[] {
	return begins
		.map((begin) => {
			const here = deployments.filter((one) => one.environment_id === begin.id && momentOf(one) >= from).sort((a, b) => momentOf(a) - momentOf(b));
			const bars = barsOf(here.filter(({ status }) => status === "completed"), begin, from);
			const marks = here.flatMap((one) => markOf(one) ?? []);
			return { id: begin.id, environment: begin.environment, bars, marks };
		})
		.filter(({ bars, marks }) => bars.length + marks.length > 0);
}

/** A number for each version, by when it first appeared: neighbours differ, and a version has the same in every lane. */
export function seriesOf(lanes: readonly Lane[]): Map<string, number> {
	const first = new Map<string, number>();
	for (const { bars } of lanes)
		for (const { version_id, from } of bars) first.set(version_id, Math.min(from, first.get(version_id) ?? Infinity));
	return new Map([...first].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([id], at) => [id, at]));
}

const DAY = 86_400_000;
const STEPS = [1, 2, 7, 14, 28];

/** Midnights between two times, as far apart as `most` lines of them allow. */
export function ticks(from: number, to: number, most: number): number[] {
	const days = (to - from) / DAY;
	const step = STEPS.find((one) => days / one <= most) ?? Math.ceil(days / most);
	const all: number[] = [];
	const at = new Date(to);
	at.setHours(0, 0, 0, 0);
	for (; at.getTime() > from; at.setDate(at.getDate() - step)) all.unshift(at.getTime());
	return all;
}

/** The item to go to from another by an arrow key: along the lane, or to the nearest in time of the next one. */
export function neighbour<T extends { from: number }>(lanes: readonly (readonly T[])[], lane: number, at: number, key: string): [lane: number, at: number] | null {
	const here = lanes[lane]!;
	if (key === "ArrowRight") return at + 1 < here.length ? [lane, at + 1] : null;
	if (key === "ArrowLeft") return at > 0 ? [lane, at - 1] : null;
	if (key === "Home") return [lane, 0];
	if (key === "End") return [lane, here.length - 1];
	const next = lane + (key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : NaN);
	const there = lanes[next];
	if (!there?.length) return null;
	const from = here[at]!.from;
	const best = there.reduce((found, one, i) => (Math.abs(one.from - from) < Math.abs(there[found]!.from - from) ? i : found), 0);
	return [next, best];
}
