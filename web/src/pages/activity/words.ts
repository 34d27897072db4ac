/** An event as a sentence: "checkout 1.4.2 deployed to production by ada". */
import type { ApiEvent, EventType } from "../../api/types";
import type { IconName } from "../../kit/icon";
import type { Option } from "../../kit/field";

/** What stands after the version, up to the environment. */
const VERBS: Record<EventType, string> = {
	"deployment.pending": "is to be deployed to",
	"deployment.started": "is being deployed to",
	"deployment.completed": "deployed to",
	"deployment.failed": "failed to deploy to",
	"deployment.aborted": "was stopped on its way to",
	"deployment.preflight_failed": "was held back from",
	"build.pending": "is to be built",
	"build.started": "is being built",
	"build.completed": "built",
	"build.failed": "failed to build",
	"build.aborted": "stopped being built",
};

/** A build that went well is told from a deployment by its icon. */
const ICONS: Partial<Record<EventType, IconName>> = { "deployment.completed": "rocket", "build.completed": "box" };

/** What is odd about an event; most advance their deployment and need no word. */
const EFFECTS: Partial<Record<ApiEvent["effect"], string>> = {
	late: "late",
	duplicate: "sent again",
	correction: "correction",
	ignored: "changed nothing",
};

export function verbOf(type: EventType): string {
	return VERBS[type] ?? type.replaceAll(/[._]/g, " ");
}

export function iconOf(type: EventType, usual: IconName): IconName {
	return ICONS[type] ?? usual;
}

export function effectOf(event: ApiEvent): string | null {
	return EFFECTS[event.effect] ?? null;
}

/** The types as options of a filter. */
export const TYPE_OPTIONS: readonly Option[] = Object.keys(VERBS).map((type) => ({ value: type, label: type.replace(".", " ").replaceAll("_", " ") }));
