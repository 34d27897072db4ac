/** The dialog that makes a channel, or changes one. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { Channel, ChannelType } from "../../../api/types";
import { Dialog } from "../../../kit/dialog";
import { Checkbox, Select, TextField } from "../../../kit/field";
import { Form } from "../../../kit/form";
import { toast } from "../../../kit/toast";
import { ConfigInput } from "./channels_config";
import { configOf, draftOf, headerTrouble, type Config, type ConfigDraft, type FieldDraft } from "./channels_draft";
import { CHANNEL_TYPES, fieldsOf, TYPE_OPTIONS } from "./channels_fields";

interface EditChannelProps {
	/** Absent: a new one. */
	channel?: Channel;
	onClose: () => void;
	onSaved: (channel: Channel) => void;
}

function checkHeaders(draft: ConfigDraft): void {
	for (const [name, { headers }] of Object.entries(draft)) {
		const trouble = headerTrouble(headers);
		if (trouble) throw new ApiError(422, trouble, null, [{ field: `config.${name}`, message: trouble }]);
	}
}

export function EditChannel({ channel, onClose, onSaved }: EditChannelProps) {
	const stored = (channel?.config ?? null) as Config | null;
	const [type, setType] = useState<ChannelType>(channel?.channel_type ?? "slack_webhook");
	const [name, setName] = useState(channel?.name ?? "");
	const [enabled, setEnabled] = useState(channel?.enabled ?? true);
	const [draft, setDraft] = useState<ConfigDraft>(() => draftOf(type, stored));
	const fields = fieldsOf(type);
	const chooseType = (next: string) => {
		setType(next as ChannelType);
		setDraft(draftOf(next, null));
	};
	const change = (field: string) => (next: FieldDraft) => setDraft((before) => ({ ...before, [field]: next }));
	const save = async () => {
		checkHeaders(draft);
		const config = configOf(type, draft, stored);
		if (!channel) {
			const made = await call<Channel>("POST", "/notification-channels", { body: { name, channel_type: type, config, enabled } });
			toast.done("The channel was added. Send it a sample.");
			onClose();
			return onSaved(made);
		}
		const body = { ...(name === channel.name ? {} : { name }), ...(Object.keys(config).length ? { config } : {}) };
		if (Object.keys(body).length) {
			onSaved(await call<Channel>("PATCH", `/notification-channels/${channel.id}`, { body }));
			toast.done("The channel was changed.");
		}
		onClose();
	};
	return (
		<Dialog title={channel ? "Edit channel" : "Add a channel"} onClose={onClose}>
			<Form action={channel ? "Save" : "Add"} fields={["name", "channel_type", ...fields.map((field) => `config.${field.name}`)]} onSubmit={save} onCancel={onClose}>
				{(errorOf) => (
					<>
						{!channel && <Select label="Type" value={type} onChange={chooseType} options={TYPE_OPTIONS} hint={CHANNEL_TYPES[type].sends} error={errorOf("channel_type")} />}
						<TextField label="Name" value={name} onInput={setName} error={errorOf("name")} required maxLength={255} autocomplete="off" placeholder="ops" />
						{fields.map((field) => {
							const one = draft[field.name];
							return (
								one && (
									<ConfigInput
										key={`${type}.${field.name}`}
										field={field}
										stored={stored?.[field.name]}
										draft={one}
										onChange={change(field.name)}
										error={errorOf(`config.${field.name}`)}
									/>
								)
							);
						})}
						{!channel && <Checkbox label="Switched on" checked={enabled} onChange={setEnabled} />}
					</>
				)}
			</Form>
		</Dialog>
	);
}
