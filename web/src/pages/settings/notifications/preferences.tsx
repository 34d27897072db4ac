/** Who is told of what: each preference is a sentence. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../../api/client";
import type { Preference } from "../../../api/types";
import { usePages } from "../../../app/data";
import { useFilters } from "../../../app/filters";
import { Badge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Confirm } from "../../../kit/dialog";
import { FilterBar } from "../../../kit/filter_bar";
import { Link } from "../../../kit/link";
import { ListView } from "../../../kit/list";
import { EmptyState } from "../../../kit/messages";
import { focusTitle, Section } from "../../../kit/page";
import type { Column } from "../../../kit/table";
import { Name } from "../../../kit/text";
import { toast } from "../../../kit/toast";
import { channelOptions, useChannels } from "./preferences_channels";
import { EditPreference } from "./preferences_edit";
import { Sentence } from "./preferences_sentence";
import { eventOptions, plain, sentence } from "./preferences_words";

const FILTERS = ["channel", "type"] as const;

type Open = { what: "add" } | { what: "edit" | "delete"; one: Preference } | null;

const spoken = (one: Preference) => `${plain(sentence(one))} to ${one.channel_name}`;

function Toggle({ one, onDone }: { one: Preference; onDone: () => void }) {
	const [busy, setBusy] = useState(false);
	const change = async () => {
		setBusy(true);
		try {
			await call<Preference>("PATCH", `/notification-preferences/${one.id}`, { body: { enabled: !one.enabled } });
			onDone();
		} catch (thrown) {
			toast.failed(thrown);
		}
		setBusy(false);
	};
	const word = one.enabled ? "Switch off" : "Switch on";
	return (
		<Button busy={busy} label={`${word}: ${spoken(one)}`} title={word} onClick={change}>
			{word}
		</Button>
	);
}

function columnsWith(open: (what: Open) => void, reload: () => void): Column<Preference>[] {
	return [
		{ title: "Told of", cell: (one) => <Sentence preference={one} /> },
		{
			title: "Channel",
			cell: (one) => (
				<Link href={`/settings/channels?view=${one.channel_id}`}>
					<Name text={one.channel_name} />
				</Link>
			),
		},
		{ title: "State", cell: (one) => (one.enabled ? <Badge tone="good" icon="check">on</Badge> : <Badge icon="stopped">off</Badge>), tight: true },
		{
			title: "Change",
			tight: true,
			cell: (one) => (
				<span class="preference-actions">
					<Toggle one={one} onDone={reload} />
					<Button icon="edit" label={`Edit: ${spoken(one)}`} title="Edit" onClick={() => open({ what: "edit", one })} />
					<Button look="quiet" icon="trash" label={`Delete: ${spoken(one)}`} title="Delete" onClick={() => open({ what: "delete", one })} />
				</span>
			),
		},
	];
}

export default function Page() {
	const filters = useFilters("preferences", FILTERS);
	const [open, setOpen] = useState<Open>(null);
	const channels = useChannels(true);
	const query = Object.fromEntries(FILTERS.map((name) => [name, filters.values[name] || undefined]));
	const pages = usePages(
		(cursor, signal) => take(api.GET("/notification-preferences", { params: { query: { ...query, cursor } }, signal })),
		FILTERS.map((name) => filters.values[name]),
	);
	const close = () => setOpen(null);
	const remove = async (one: Preference) => {
		await call<void>("DELETE", `/notification-preferences/${one.id}`);
		toast.done("The preference was deleted.");
		pages.refresh();
		focusTitle();
	};
	const noChannel = channels.items?.length === 0;
	const add = noChannel ? null : (
		<Button look="primary" icon="plus" onClick={() => setOpen({ what: "add" })}>
			Add a preference
		</Button>
	);
	const empty = filters.any ? (
		<EmptyState title="Nothing matches these filters" icon="bell" />
	) : (
		<EmptyState title="Nobody has asked to be told of anything yet" icon="bell">
			<p>A preference is a sentence such as “Failed deployments of checkout to production → ops”.</p>
			{noChannel ? (
				<p>
					First comes a <Link href="/settings/channels">channel</Link>.
				</p>
			) : (
				add
			)}
		</EmptyState>
	);
	const fields = [
		{ name: "channel", label: "Channel", single: true, options: channelOptions(channels.items ?? []) },
		{ name: "type", label: "Event", single: true, options: eventOptions() },
	] as const;
	return (
		<Section title="Preferences" actions={add}>
			<FilterBar filters={filters} fields={fields} />
			<ListView label="Preferences" pages={pages} columns={columnsWith(setOpen, pages.refresh)} empty={empty} />
			{open?.what === "add" && <EditPreference onClose={close} onSaved={pages.reload} />}
			{open?.what === "edit" && <EditPreference preference={open.one} onClose={close} onSaved={pages.refresh} />}
			{open?.what === "delete" && (
				<Confirm title="Delete this preference?" action="Delete" danger onConfirm={() => remove(open.one)} onClose={close}>
					<p>
						<Sentence preference={open.one} whole />
					</p>
					<p class="soft">What waits already is still sent.</p>
				</Confirm>
			)}
		</Section>
	);
}
