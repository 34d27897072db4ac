/** Who was told of a deployment, and whether it arrived. */
import { useEffect } from "preact/hooks";
import type { NotificationBrief as Brief } from "../../api/types";
import { StatusBadge } from "../../kit/badge";
import { Section } from "../../kit/page";
import { LongText, Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";

const WAITING_CHECK_MS = 5000;

/** Deliveries are no events: while one waits, its state is asked for now and then. */
export function useWaiting(notifications: readonly Brief[] | undefined, reload: () => void): void {
	const waiting = notifications?.some(({ state }) => state === "waiting") ?? false;
	useEffect(() => {
		if (!waiting) return;
		const timer = setInterval(() => document.hidden || reload(), WAITING_CHECK_MS);
		return () => clearInterval(timer);
	}, [waiting, reload]);
}

export function Notifications({ notifications }: { notifications: readonly Brief[] }) {
	return (
		<Section title="Notifications sent">
			{notifications.length ? (
				<ul class="plain-list">
					{notifications.map((one) => (
						<li key={one.id}>
							<StatusBadge state={one.state} /> <Name text={one.channel_name} />{" "}
							<span class="step-about">
								{one.event_type.replace(/^.*\./, "").replaceAll("_", " ")} · <RelativeTime at={one.last_attempt_at ?? one.created_at} />
								{one.attempts > 1 && ` · ${one.attempts} attempts`}
								{one.answer_status !== null && one.state === "dead" && ` · answered ${one.answer_status}`}
							</span>
							{one.state === "dead" && one.answer && <LongText text={one.answer} short />}
						</li>
					))}
				</ul>
			) : (
				<p class="step-about">Nobody was to be told of it.</p>
			)}
		</Section>
	);
}
