/** The events of a deployment or build, in their order, with the time between them. */
import type { ApiEvent } from "../../api/types";
import { lookOfState } from "../../kit/badge";
import { Icon } from "../../kit/icon";
import { visible } from "../../kit/text";
import { DateTime, duration } from "../../kit/time";

const EFFECTS: Partial<Record<ApiEvent["effect"], string>> = {
	late: "came late: recorded, the state stays",
	duplicate: "came again: nothing changed",
	correction: "corrects the end",
	ignored: "changed nothing",
};

/** "12 s later"; nothing before the first one, and for clocks that disagree. */
export function gap(before: ApiEvent | undefined, event: ApiEvent): string | null {
	if (!before) return null;
	const span = Date.parse(event.occurred_at) - Date.parse(before.occurred_at);
	return Number.isNaN(span) || span < 0 ? null : `${duration(span)} later`;
}

function Step({ event, before }: { event: ApiEvent; before: ApiEvent | undefined }) {
	const { tone, icon, word } = lookOfState(event.event_type.replace(/^.*\./, ""));
	const about = [gap(before, event), EFFECTS[event.effect], `sent by ${visible(event.actor.replaceAll("_", " "))}`].filter(Boolean);
	return (
		<li>
			<span class={`step-icon tone-${tone}`}>
				<Icon name={icon} size={14} />
			</span>
			<strong>{word}</strong> <DateTime at={event.occurred_at} />
			<p class="step-about">
				<bdi>{about.join(" · ")}</bdi>
			</p>
		</li>
	);
}

export function Steps({ events, longer }: { events: readonly ApiEvent[]; longer: boolean }) {
	return (
		<>
			<ol class="steps">
				{events.map((event, at) => (
					<Step key={event.id} event={event} before={events[at - 1]} />
				))}
			</ol>
			{longer && <p class="step-about">There are more events; these are the first {events.length}.</p>}
		</>
	);
}
