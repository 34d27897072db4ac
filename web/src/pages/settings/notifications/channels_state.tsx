/** Whether a channel is told of anything, and if the server switched it off, why. */
import type { Channel } from "../../../api/types";
import { Badge } from "../../../kit/badge";
import { LongText } from "../../../kit/text";

export function ChannelState({ channel }: { channel: Channel }) {
	if (channel.enabled)
		return (
			<Badge tone="good" icon="check">
				on
			</Badge>
		);
	if (!channel.disabled_reason) return <Badge icon="stopped">off</Badge>;
	return (
		<div class="switched-off">
			<Badge tone="bad" icon="failed">
				switched off
			</Badge>
			<LongText text={channel.disabled_reason} short />
		</div>
	);
}
