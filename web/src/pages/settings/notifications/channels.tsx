/** Where messages go: the list of channels, and one beside it (?view=ID). */
import { useState } from "preact/hooks";
import { api, take } from "../../../api/client";
import type { Channel, Notification } from "../../../api/types";
import { usePages } from "../../../app/data";
import { useFilters } from "../../../app/filters";
import { useLiveRefresh } from "../../../app/live";
import { navigate, useQueryValue } from "../../../app/location";
import { StatusBadge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { FilterBar } from "../../../kit/filter_bar";
import { ListView } from "../../../kit/list";
import { ListAndOne } from "../../../kit/list_and_one";
import { EmptyState } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import type { Column } from "../../../kit/table";
import { Name } from "../../../kit/text";
import { RelativeTime } from "../../../kit/time";
import { closeView, viewPath } from "../../history/view";
import { EditChannel } from "./channels_edit";
import { TYPE_OPTIONS, typeLabel } from "./channels_fields";
import { useLastDeliveries } from "./channels_last";
import { OneChannel } from "./channels_one";
import { ChannelState } from "./channels_state";

const FILTERS = ["name", "type"] as const;

const columnsWith = (last: ReadonlyMap<string, Notification | null>): Column<Channel>[] => [
	{ title: "Channel", cell: (one) => <Name text={one.name} />, main: true },
	{ title: "Type", cell: (one) => typeLabel(one.channel_type), tight: true },
	{ title: "State", cell: (one) => <ChannelState channel={one} /> },
	{ title: "Last delivery", cell: (one) => <LastDelivery notification={last.get(one.id)} />, tight: true },
];

function LastDelivery({ notification }: { notification: Notification | null | undefined }) {
	if (notification === undefined) return null;
	if (notification === null) return <span class="soft">none yet</span>;
	return (
		<span class="last-delivery">
			<StatusBadge state={notification.state} /> <RelativeTime at={notification.last_attempt_at ?? notification.created_at} />
		</span>
	);
}

export default function Page() {
	const filters = useFilters("channels", FILTERS);
	const view = useQueryValue("view");
	const [adding, setAdding] = useState(false);
	const query = Object.fromEntries(FILTERS.map((name) => [name, filters.values[name] || undefined]));
	const pages = usePages(
		(cursor, signal) => take(api.GET("/notification-channels", { params: { query: { ...query, cursor } }, signal })),
		FILTERS.map((name) => filters.values[name]),
	);
	const last = useLastDeliveries(pages.items.map(({ id }) => id));
	// What is sent after an event may be the end of a channel, too.
	useLiveRefresh(() => (last.reload(), pages.refresh()), [], 3000);
	const add = (
		<Button look="primary" icon="plus" onClick={() => setAdding(true)}>
			Add a channel
		</Button>
	);
	const empty = filters.any ? (
		<EmptyState title="Nothing matches these filters" icon="bell">
			<p>Names are compared letter by letter.</p>
		</EmptyState>
	) : (
		<EmptyState title="Nobody is told of anything yet" icon="bell">
			<p>A channel is a place where messages go: Slack, Teams, mail, or an address of your own. What it is told of is a preference.</p>
			{add}
		</EmptyState>
	);
	const list = (
		<>
			<FilterBar
				filters={filters}
				fields={[
					{ name: "name", label: "Name" },
					{ name: "type", label: "Type", options: TYPE_OPTIONS },
				]}
			/>
			<ListView
				label="Notification channels"
				pages={pages}
				columns={columnsWith(last.byChannel)}
				href={(one) => viewPath(one.id)}
				rowClass={(one) => (one.id === view ? "chosen" : undefined)}
				empty={empty}
			/>
		</>
	);
	const showNew = (channel: Channel) => {
		pages.reload();
		navigate(viewPath(channel.id));
	};
	return (
		<Section title="Notification channels" actions={add}>
			<ListAndOne
				view={view}
				label="Channel"
				list={list}
				one={<OneChannel key={view} id={view} onChanged={pages.refresh} onGone={pages.reload} />}
				onClose={closeView}
			/>
			{adding && <EditChannel onClose={() => setAdding(false)} onSaved={showNew} />}
		</Section>
	);
}
