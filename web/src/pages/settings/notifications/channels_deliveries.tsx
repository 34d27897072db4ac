/** The last deliveries of a channel, and how many wait or were given up. */
import { api, take } from "../../../api/client";
import type { ChannelWithDeliveries as Whole } from "../../../api/types";
import { useData } from "../../../app/data";
import { StatusBadge } from "../../../kit/badge";
import { Link } from "../../../kit/link";
import { Section } from "../../../kit/page";
import { RelativeTime } from "../../../kit/time";
import { Answer, deliveriesPath, deliveryPath, Retry, Told } from "./deliveries_columns";

const MOST_COUNTED = 200;

/** "3", or "200 or more". */
function many(count: number, most: number): string {
	return count < most ? String(count) : `${most} or more`;
}

function dueWords({ waiting, enabled }: Whole): string {
	if (!waiting) return "Nothing is due";
	return enabled ? `${many(waiting, 10_000)} due now` : `${many(waiting, 10_000)} to be sent when it is switched on, for a day`;
}

export function ChannelDeliveries({ channel, onChanged }: { channel: Whole; onChanged: () => void }) {
	const { deliveries, waiting, next_due_at: due } = channel;
	const newest = deliveries[0];
	const query = { channel: channel.id, state: "dead", limit: MOST_COUNTED };
	const dead = useData((signal) => take(api.GET("/notification-history", { params: { query }, signal })), [channel.id, newest?.id, newest?.state]);
	const count = dead.data?.items.length ?? 0;
	const all = deliveries.length > 0 && <Link href={deliveriesPath(channel)}>All deliveries</Link>;
	return (
		<Section title="Last deliveries" actions={all}>
			<p class="counts">
				<span>{dueWords(channel)}</span>
				{due && !waiting && (
					<span>
						next <RelativeTime at={due} />
					</span>
				)}
				{count > 0 && <Link href={deliveriesPath(channel, "dead")}>{many(count, MOST_COUNTED)} dead</Link>}
			</p>
			{deliveries.length > 0 ? (
				<ul class="plain-list">
					{deliveries.map((one) => (
						<li key={one.id} class="one-delivery">
							<StatusBadge state={one.state} />
							<div>
								<Link href={deliveryPath(one.id)}>
									<Told one={one} />
								</Link>
								<p class="step-about">
									<RelativeTime at={one.last_attempt_at ?? one.created_at} />
									{one.attempts > 0 && " · "}
									<Answer one={one} />
								</p>
							</div>
							<Retry one={one} onDone={onChanged} />
						</li>
					))}
				</ul>
			) : (
				<p class="soft">It has been told of nothing yet.</p>
			)}
		</Section>
	);
}
