/** One channel: its config, a test, what it is told of, and its last deliveries. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { Channel, ChannelWithDeliveries as Whole } from "../../../api/types";
import { useData } from "../../../app/data";
import { useLiveRefresh } from "../../../app/live";
import { Button } from "../../../kit/button";
import { Confirm } from "../../../kit/dialog";
import { Facts, focusTitle } from "../../../kit/page";
import { LongText, Name } from "../../../kit/text";
import { RelativeTime } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { closeView, isId, One } from "../../history/view";
import { useWaiting } from "../../history/waiting";
import { ChannelDeliveries } from "./channels_deliveries";
import type { Config } from "./channels_draft";
import { EditChannel } from "./channels_edit";
import { fieldsOf, typeLabel, type ConfigField } from "./channels_fields";
import { ChannelPreferences } from "./channels_preferences";
import { ChannelState } from "./channels_state";
import { TestChannel } from "./channels_try";

interface OneChannelProps {
	id: string;
	/** It is another one now, with the same place in the list. */
	onChanged: () => void;
	onGone: () => void;
}

function read(id: string, signal: AbortSignal): Promise<Whole> {
	if (!isId(id)) return Promise.reject(new ApiError(404, "There is no such channel."));
	return take(api.GET("/notification-channels/{id}", { params: { path: { id } }, signal }));
}

export function OneChannel({ id, onChanged, onGone }: OneChannelProps) {
	const loaded = useData((signal) => read(id, signal), [id]);
	useLiveRefresh(loaded.reload, [], 3000);
	useWaiting(loaded.data?.deliveries, loaded.reload);
	const changed = () => {
		loaded.reload();
		onChanged();
	};
	return (
		<One word="channel" loaded={loaded} title={(one) => one.name}>
			{(one) => <Shown one={one} onChanged={changed} onGone={onGone} />}
		</One>
	);
}

function Shown({ one, onChanged, onGone }: { one: Whole; onChanged: () => void; onGone: () => void }) {
	const [open, setOpen] = useState<"" | "edit" | "delete">("");
	const [busy, setBusy] = useState(false);
	const close = () => setOpen("");
	const config = one.config as Config | null;
	const change = async () => {
		setBusy(true);
		try {
			await call<Channel>("PATCH", `/notification-channels/${one.id}`, { body: { enabled: !one.enabled } });
			toast.done(one.enabled ? "The channel was switched off. What waits for it is kept for a day." : "The channel was switched on.");
			onChanged();
		} catch (thrown) {
			toast.failed(thrown);
		}
		setBusy(false);
	};
	const remove = async () => {
		await call<void>("DELETE", `/notification-channels/${one.id}`);
		toast.done("The channel was deleted.");
		closeView();
		onGone();
		focusTitle();
	};
	return (
		<article class="channel">
			<header class="one-title">
				<h3>
					<Name text={one.name} />
				</h3>
				<ChannelState channel={one} />
			</header>
			<div class="actions">
				<Button icon="edit" onClick={() => setOpen("edit")}>
					Edit
				</Button>
				<Button busy={busy} onClick={change}>
					{one.enabled ? "Switch off" : "Switch on"}
				</Button>
				<Button look="quiet" icon="trash" onClick={() => setOpen("delete")}>
					Delete
				</Button>
			</div>
			<Facts
				facts={[
					["Type", typeLabel(one.channel_type)],
					...fieldsOf(one.channel_type).map((field) => [field.label, <Value field={field} stored={config?.[field.name]} />] as const),
					["Changed", <RelativeTime at={one.updated_at} />],
				]}
			/>
			{!config && <p class="field-error">Its config cannot be read. Give it again.</p>}
			<TestChannel channel={one} />
			<ChannelPreferences channel={one} />
			<ChannelDeliveries channel={one} onChanged={onChanged} />
			{open === "edit" && <EditChannel channel={one} onClose={close} onSaved={onChanged} />}
			{open === "delete" && (
				<Confirm title="Delete this channel?" action="Delete" danger onConfirm={remove} onClose={close}>
					<p>
						<Name text={one.name} /> and its preferences are deleted, and what waits for it is given up. The history of its deliveries stays.
					</p>
				</Confirm>
			)}
		</article>
	);
}

/** What is shown of a member of the config: the server masks what is secret. */
function Value({ field, stored }: { field: ConfigField; stored: unknown }) {
	if (stored === null || stored === undefined) return <span class="soft">not set</span>;
	if (Array.isArray(stored)) return <LongText text={stored.join("\n")} short />;
	if (typeof stored === "object") return <Name text={Object.keys(stored).join(", ")} />;
	if (field.kind === "secret") return <>set ({String(stored)})</>;
	return <Name text={String(stored)} />;
}
