/** What a channel is told of: the sentences of its preferences. */
import { useState } from "preact/hooks";
import { api, take } from "../../../api/client";
import type { Channel, Preference } from "../../../api/types";
import { useData } from "../../../app/data";
import { Badge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Link } from "../../../kit/link";
import { ErrorBox, Notice, Skeleton } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import { channelName } from "./deliveries_columns";
import { EditPreference } from "./preferences_edit";
import { Sentence } from "./preferences_sentence";

const MOST_SHOWN = 20;

function Shown({ items, more, channel }: { items: readonly Preference[]; more: boolean; channel: Channel }) {
	if (!items.length) return <Notice tone="warn">It has no preference yet: it is told of nothing.</Notice>;
	return (
		<ul class="plain-list">
			{items.map((one) => (
				<li key={one.id}>
					<Sentence preference={one} /> {!one.enabled && <Badge icon="stopped">off</Badge>}
				</li>
			))}
			{more && (
				<li>
					<Link href={`/settings/preferences?channel=${encodeURIComponent(channelName(channel))}`}>All of them</Link>
				</li>
			)}
		</ul>
	);
}

export function ChannelPreferences({ channel }: { channel: Channel }) {
	const [adding, setAdding] = useState(false);
	const query = { channel: channel.id, limit: MOST_SHOWN };
	const { data, error, reload } = useData((signal) => take(api.GET("/notification-preferences", { params: { query }, signal })), [channel.id]);
	const add = (
		<Button icon="plus" onClick={() => setAdding(true)}>
			Add a preference
		</Button>
	);
	return (
		<Section title="Is told of" actions={add}>
			{data ? (
				<Shown items={data.items} more={data.next_cursor !== null} channel={channel} />
			) : error ? (
				<ErrorBox error={error} onRetry={reload} />
			) : (
				<Skeleton lines={2} />
			)}
			{adding && <EditPreference channel={channel} onClose={() => setAdding(false)} onSaved={reload} />}
		</Section>
	);
}
