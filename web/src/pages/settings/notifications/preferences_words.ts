/** A preference as a sentence: "Failed deployments of checkout to production → ops". */
import type { Preference } from "../../../api/types";
import type { Option } from "../../../kit/field";

export interface Wanted {
	event_type: string;
	filters: Preference["filters"];
}

/** A piece of the sentence; a name is somebody's text. */
export interface Part {
	text: string;
	isName?: boolean;
}

interface Subject {
	/** Before the noun; only where no state is asked for. */
	all?: string;
	noun: string;
	/** Stands at the end. */
	tail?: string;
	/** Before an environment; "to" unless another. */
	to?: string;
	/** What all of them are: no other state can be asked for. */
	state?: string;
}

const STATE_WORDS: Record<string, string> = { preflight_failed: "preflight-failed" };
const ofState = (state: string, noun: string): Subject => ({ noun: `${STATE_WORDS[state] ?? state} ${noun}`, state });
const requests = (word: string): Subject => ({ noun: `${word} deployment requests`, to: "for" });

/** What may be asked for, in the order of the list that offers it. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
	"*": { noun: "deployments and builds", all: "all" },
	"deployment.*": { noun: "deployments", all: "all" },
	"deployment.failed": ofState("failed", "deployments"),
	"deployment.completed": ofState("completed", "deployments"),
	"deployment.recovered": { noun: "deployments", tail: "that succeed after a failure", state: "completed" },
	"deployment.rolled_back": { noun: "rollbacks", to: "in", state: "completed" },
	"deployment.started": ofState("started", "deployments"),
	"deployment.pending": ofState("pending", "deployments"),
	"deployment.aborted": ofState("aborted", "deployments"),
	"deployment.preflight_failed": ofState("preflight_failed", "deployments"),
	"build.*": { noun: "builds", all: "all" },
	"build.failed": ofState("failed", "builds"),
	"build.completed": ofState("completed", "builds"),
	"build.started": ofState("started", "builds"),
	"build.pending": ofState("pending", "builds"),
	"build.aborted": ofState("aborted", "builds"),
};

/** Taken by the server, and not offered: another word for builds, and what has no events yet. */
const MORE: Readonly<Record<string, Subject>> = {
	"version.*": { noun: "builds and versions", all: "all" },
	"version.approved": { noun: "approved versions" },
	"dr.*": { noun: "deployment requests", all: "all", to: "for" },
	"dr.created": requests("new"),
	"dr.activated": requests("opened"),
	"dr.deactivated": requests("reverted"),
	"dr.approved": requests("approved"),
	"dr.rejected": requests("rejected"),
	"dr.completed": requests("completed"),
	"dr.cancelled": requests("cancelled"),
};

const MOST_NAMED = 5;

function subjectOf(type: string): Subject {
	return SUBJECTS[type] ?? MORE[type] ?? { noun: type };
}

const isFamily = (type: string) => type === "*" || type.endsWith(".*");

/** States can be asked for where the type says none. */
export function takesStates(type: string): boolean {
	return isFamily(type);
}

const isOfBuilds = (type: string) => /^(build|version)\./.test(type);
const asksForPlace = ({ environments, environment_types }: Wanted["filters"]) => environments.length + environment_types.length > 0;

/** "a, b or c"; of a long list the first ones, and how many more. */
function listed(texts: readonly string[], isName: boolean): Part[] {
	const few = texts.length > MOST_NAMED + 1 ? texts.slice(0, MOST_NAMED) : texts;
	const parts: Part[] = few.map((text) => ({ text, isName }));
	if (few.length < texts.length) parts.push({ text: `${texts.length - few.length} others` });
	return parts.flatMap((part, at) => (at === 0 ? [part] : [{ text: at === parts.length - 1 ? " or " : ", " }, part]));
}

function place({ environments, environment_types: types }: Wanted["filters"], to: string): Part[] {
	const ofTypes: Part[] = [...listed(types, false), { text: " environments" }];
	if (environments.length && types.length) return [{ text: ` ${to} ` }, ...listed(environments, true), { text: " (only " }, ...ofTypes, { text: ")" }];
	if (environments.length) return [{ text: ` ${to} ` }, ...listed(environments, true)];
	return types.length ? [{ text: ` ${to} ` }, ...ofTypes] : [];
}

/** What comes before the arrow. */
export function sentence({ event_type: type, filters }: Wanted): Part[] {
	const { all, noun, tail, to = "to", state } = subjectOf(type);
	const states = state ? [] : filters.statuses.map((one) => STATE_WORDS[one] ?? one);
	const before = states.length ? [...listed(states, false), { text: " " }] : all ? [{ text: all + " " }] : [];
	const parts: Part[] = [
		...before,
		// Builds have no environment: where one is asked for, only deployments remain.
		{ text: type === "*" && asksForPlace(filters) ? "deployments" : noun },
		...(filters.products.length ? [{ text: " of " }, ...listed(filters.products, true)] : []),
		...place(filters, to),
		...(tail ? [{ text: ` ${tail}` }] : []),
	];
	const [first, ...rest] = parts;
	return first ? [{ ...first, text: first.text.charAt(0).toUpperCase() + first.text.slice(1) }, ...rest] : parts;
}

export function plain(parts: readonly Part[]): string {
	return parts.map(({ text }) => text).join("");
}

/** Why a preference never tells anybody of anything; null when it may. */
export function whyNothing({ event_type: type, filters }: Wanted): string | null {
	if (type.startsWith("dr.") || type === "version.approved") return "There are no such events yet.";
	if (isOfBuilds(type) && asksForPlace(filters)) return "Builds have no environment, so none of them matches.";
	const { state } = subjectOf(type);
	const states: readonly string[] = filters.statuses;
	if (!state || !states.length || states.includes(state)) return null;
	return `All of these are ${state.replaceAll("_", " ")}, and another state is asked for.`;
}

const NO_FILTERS: Wanted["filters"] = { environments: [], products: [], statuses: [], environment_types: [] };
const optionOf = (type: string): Option => ({ value: type, label: plain(sentence({ event_type: type, filters: NO_FILTERS })) });

/** What is offered, and what a preference has already. */
export function eventOptions(present?: string): Option[] {
	const types = Object.keys(SUBJECTS);
	return (present && !types.includes(present) ? [...types, present] : types).map(optionOf);
}

/** One event that somebody was told of: "failed deployment". */
const TOLD: Readonly<Record<string, string>> = {
	"deployment.recovered": "recovered deployment",
	"deployment.rolled_back": "rollback",
	"deployment.preflight_failed": "preflight-failed deployment",
	"channel.switched_off": "channel switched off",
};

export function toldWords(type: string): string {
	const [kind = "", word = ""] = type.split(".");
	return TOLD[type] ?? `${word.replaceAll("_", " ")} ${kind}`.trim();
}

export const TOLD_OPTIONS: readonly Option[] = [...Object.keys(SUBJECTS).filter((type) => !isFamily(type)), "channel.switched_off"].map((value) => ({
	value,
	label: toldWords(value),
}));
