/** Who was told of a deployment, and whether it arrived. */
import type { NotificationBrief as Brief } from "../../api/types";
import { StatusBadge } from "../../kit/badge";
import { Section } from "../../kit/page";
import { LongText, Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";

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
