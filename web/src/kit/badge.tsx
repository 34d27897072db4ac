/** States and kinds as colour, icon and word: never by colour alone. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

export type Tone = "good" | "bad" | "busy" | "wait" | "warn" | "none";

const STATES: Record<string, [tone: Tone, icon: IconName, word: string]> = {
	completed: ["good", "check", "completed"],
	started: ["busy", "running", "started"],
	pending: ["wait", "waiting", "pending"],
	failed: ["bad", "failed", "failed"],
	aborted: ["warn", "stopped", "aborted"],
	preflight_failed: ["bad", "failed", "preflight failed"],
	skipped: ["none", "skipped", "skipped"],
	waiting: ["wait", "waiting", "waiting"],
	delivered: ["good", "check", "delivered"],
	folded: ["none", "skipped", "folded"],
	dead: ["bad", "cross", "dead"],
	active: ["good", "check", "active"],
	inactive: ["none", "stopped", "inactive"],
	revoked: ["none", "stopped", "revoked"],
	expired: ["warn", "clock", "expired"],
	stale: ["warn", "clock", "stale"],
};

/** A word with a tone, and an icon if there is one. */
export function Badge({ tone = "none", icon, children, title }: { tone?: Tone; icon?: IconName; children: ComponentChildren; title?: string }) {
	return (
		<span class={`badge tone-${tone}`} title={title}>
			{icon && <Icon name={icon} size={12} />}
			<span>{children}</span>
		</span>
	);
}

/** The state of a deployment, build, notification, user or key. An unknown one is shown as it is. */
export function StatusBadge({ state, title }: { state: string; title?: string }) {
	const [tone, icon, word] = STATES[state] ?? (["none", "unknown", state.replaceAll("_", " ")] as const);
	return (
		<Badge tone={tone} icon={icon} title={title}>
			{word}
		</Badge>
	);
}

/** Tone and icon of a state, for those who draw it themselves (a cell of the matrix). */
export function lookOfState(state: string): { tone: Tone; icon: IconName; word: string } {
	const [tone, icon, word] = STATES[state] ?? (["none", "unknown", state.replaceAll("_", " ")] as const);
	return { tone, icon, word };
}
