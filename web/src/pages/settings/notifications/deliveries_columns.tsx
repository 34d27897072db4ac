/** What tables and pages say of a delivery: the event, its state, the answer. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { Notification } from "../../../api/types";
import { can } from "../../../app/session";
import { StatusBadge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Link } from "../../../kit/link";
import type { Column } from "../../../kit/table";
import { LongText, Name } from "../../../kit/text";
import { RelativeTime } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { toldWords } from "./preferences_words";

export const deliveryPath = (id: string) => `/settings/deliveries?view=${id}`;

/** What names a channel in a filter: commas separate names there. */
export function channelName({ id, name }: { id: string; name: string }): string {
	return name.includes(",") ? id : name;
}

export function deliveriesPath(channel: { id: string; name: string }, state?: string): string {
	return `/settings/deliveries?channel=${encodeURIComponent(channelName(channel))}${state ? `&state=${state}` : ""}`;
}

/** "Failed deployment checkout 1.4.0 → production" */
export function Told({ one }: { one: Notification }) {
	const { payload } = one;
	const words = toldWords(one.event_type);
	return (
		<span class="told">
			{words.charAt(0).toUpperCase() + words.slice(1)} <Name text={payload?.product_name} /> <Name text={payload?.version} />
			{payload?.environment_name && (
				<>
					{" "}
					<span aria-label="to">→</span> <Name text={payload.environment_name} />
				</>
			)}
		</span>
	);
}

/** Why it is not delivered, or the status when it was. */
export function Answer({ one }: { one: Notification }) {
	if (one.state === "folded") return <>in another message</>;
	if (!one.attempts) return null;
	const times = one.attempts > 1 ? `, ${one.attempts} attempts` : "";
	return (
		<>
			{one.answer_status === null ? "no answer" : `answered ${one.answer_status}`}
			{times}
			{one.state !== "delivered" && one.answer && <LongText text={one.answer} short />}
		</>
	);
}

export const DELIVERY = {
	event: { title: "Told", cell: (one) => <Told one={one} />, main: true },
	channel: { title: "Channel", cell: (one) => <span class="words"><Name text={one.channel_name} /></span> },
	state: { title: "State", cell: (one) => <StatusBadge state={one.state} />, tight: true },
	answer: { title: "Answer", cell: (one) => <Answer one={one} />, wideOnly: true },
	when: { title: "When", cell: (one) => <RelativeTime at={one.last_attempt_at ?? one.created_at} />, tight: true },
} satisfies Record<string, Column<Notification>>;

/** The button of a dead one, for those who may. */
export function Retry({ one, onDone }: { one: Notification; onDone: (again: Notification) => void }) {
	const [busy, setBusy] = useState(false);
	if (one.state !== "dead" || !can("integration.write")) return null;
	const retry = async (event: MouseEvent) => {
		const around = (event.currentTarget as HTMLElement).closest<HTMLElement>("[tabindex]");
		setBusy(true);
		try {
			const again = await call<Notification>("POST", `/notification-history/${one.id}/retry`);
			toast.done("It is sent again.");
			// The button goes; the reader stays at its row.
			around?.focus({ preventScroll: true });
			onDone(again);
		} catch (thrown) {
			toast.failed(thrown);
		}
		setBusy(false);
	};
	return (
		<Button icon="refresh" busy={busy} onClick={retry}>
			Retry
		</Button>
	);
}

export function retryColumn(onDone: (again: Notification) => void): Column<Notification> {
	return { title: "Again", cell: (one) => <Retry one={one} onDone={onDone} />, tight: true };
}

export function ChannelLink({ one }: { one: Notification }) {
	const name = <Name text={one.channel_name} />;
	return can("integration.write") ? <Link href={`/settings/channels?view=${one.channel_id}`}>{name}</Link> : name;
}
