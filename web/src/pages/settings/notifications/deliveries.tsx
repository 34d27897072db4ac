/** What was told, over all channels: the history, and one delivery beside it (?view=ID). */
import { api, take } from "../../../api/client";
import type { Notification } from "../../../api/types";
import { usePages } from "../../../app/data";
import { useFilters } from "../../../app/filters";
import { useQueryValue } from "../../../app/location";
import { can } from "../../../app/session";
import { FilterBar } from "../../../kit/filter_bar";
import { Link } from "../../../kit/link";
import { ListView } from "../../../kit/list";
import { ListAndOne } from "../../../kit/list_and_one";
import { EmptyState } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import { usePaced } from "../../history/live_rows";
import { useLive } from "../../../app/live";
import { closeView, viewPath } from "../../history/view";
import { useWaiting } from "../../history/waiting";
import { DELIVERY, retryColumn } from "./deliveries_columns";
import { OneDelivery } from "./deliveries_one";
import { channelOptions, useChannels } from "./preferences_channels";
import { TOLD_OPTIONS } from "./preferences_words";

const FILTERS = ["channel", "state", "type", "since", "until"] as const;
const STATES = ["waiting", "delivered", "folded", "dead"].map((state) => ({ value: state, label: state }));
/** Longer than a delivery takes. */
const AFTER_EVENT_MS = 1500;

function Empty({ filtered }: { filtered: boolean }) {
	if (filtered) return <EmptyState title="Nothing matches these filters" icon="bell" />;
	return (
		<EmptyState title="Nobody has been told of anything yet" icon="bell">
			{can("integration.write") ? (
				<p>
					Whom to tell is a <Link href="/settings/channels">channel</Link>, what it is told of a <Link href="/settings/preferences">preference</Link>.
				</p>
			) : (
				<p>Somebody with the role admin or sre can add a channel.</p>
			)}
		</EmptyState>
	);
}

export default function Page() {
	const filters = useFilters("deliveries", FILTERS);
	const view = useQueryValue("view");
	const channels = useChannels(can("integration.write"));
	const query = Object.fromEntries(FILTERS.map((name) => [name, filters.values[name] || undefined]));
	const pages = usePages<Notification>(
		(cursor, signal) => take(api.GET("/notification-history", { params: { query: { ...query, cursor } }, signal })),
		FILTERS.map((name) => filters.values[name]),
	);
	const soon = usePaced(pages.refresh, AFTER_EVENT_MS);
	useLive(soon);
	useWaiting(pages.items, pages.refresh);
	const fields = [
		// Who may not read the channels types their names.
		{ name: "channel", label: "Channel", options: channels.items && channelOptions(channels.items) },
		{ name: "state", label: "State", options: STATES },
		{ name: "type", label: "Event", options: TOLD_OPTIONS },
		{ name: "since", label: "Since", time: true },
		{ name: "until", label: "Until", time: true },
	] as const;
	const { event, channel, state, answer, when } = DELIVERY;
	const columns = [event, channel, state, answer, when, ...(can("integration.write") ? [retryColumn(pages.put)] : [])];
	const list = (
		<>
			<FilterBar filters={filters} fields={fields} />
			<ListView
				label="Deliveries"
				pages={pages}
				columns={columns}
				href={(one) => viewPath(one.id)}
				rowClass={(one) => (one.id === view ? "chosen" : undefined)}
				empty={<Empty filtered={filters.any} />}
			/>
		</>
	);
	return (
		<Section title="Deliveries">
			<ListAndOne view={view} label="Delivery" list={list} one={<OneDelivery key={view} id={view} onChanged={pages.refresh} />} onClose={closeView} />
		</Section>
	);
}
