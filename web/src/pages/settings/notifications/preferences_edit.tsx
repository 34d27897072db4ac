/** The dialog that makes a preference, or changes one. It shows the sentence that comes of it. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { Channel, Preference } from "../../../api/types";
import { useEnvironmentNames, useProductNames } from "../../../app/catalog";
import { Combobox } from "../../../kit/combobox";
import { Dialog } from "../../../kit/dialog";
import { Checkbox, Select, type Option } from "../../../kit/field";
import { STATE_OPTIONS } from "../../../kit/filter_bar";
import { Form } from "../../../kit/form";
import { visible } from "../../../kit/text";
import { toast } from "../../../kit/toast";
import { useChannels } from "./preferences_channels";
import { Sentence } from "./preferences_sentence";
import { eventOptions, takesStates } from "./preferences_words";

interface EditPreferenceProps {
	/** Absent: a new one. */
	preference?: Preference;
	/** The channel of a new one, where it is known. */
	channel?: Channel;
	onClose: () => void;
	onSaved: () => void;
}

type Filters = Preference["filters"];
const NO_FILTERS: Filters = { products: [], environments: [], environment_types: [], statuses: [] };
const ENVIRONMENT_TYPES: readonly Option[] = ["production", "staging", "test", "dev", "other"].map((value) => ({ value, label: value }));
const FIELDS = ["event_type", "channel_id", "filters.products", "filters.environments", "filters.environment_types", "filters.statuses"];

export function EditPreference({ preference, channel, onClose, onSaved }: EditPreferenceProps) {
	const channels = useChannels(true).items ?? (channel ? [channel] : []);
	const [type, setType] = useState(preference?.event_type ?? "deployment.failed");
	const [chosen, setChosen] = useState(preference?.channel_id ?? channel?.id ?? "");
	const [filters, setFilters] = useState<Filters>(preference?.filters ?? NO_FILTERS);
	const [enabled, setEnabled] = useState(preference?.enabled ?? true);
	const products = useProductNames();
	const environments = useEnvironmentNames();
	const channelId = chosen || (channels[0]?.id ?? "");
	const wanted = { event_type: type, filters: takesStates(type) ? filters : { ...filters, statuses: [] } };
	const save = async () => {
		const body = { ...wanted, channel_id: channelId, enabled };
		if (preference) await call<Preference>("PATCH", `/notification-preferences/${preference.id}`, { body });
		else await call<Preference>("POST", "/notification-preferences", { body });
		toast.done(preference ? "The preference was changed." : "The preference was added. It counts from the next event on.");
		onSaved();
		onClose();
	};
	const several = (name: keyof Filters, label: string, options: readonly Option[], errorOf: (field: string) => string | undefined, hint?: string) => (
		<Combobox
			several
			free={Boolean(hint)}
			label={label}
			placeholder="all"
			hint={hint}
			options={options}
			values={filters[name]}
			error={errorOf(`filters.${name}`)}
			onChange={(values) => setFilters((before) => ({ ...before, [name]: values }))}
		/>
	);
	const channelOptions = channels.map(({ id, name }) => ({ value: id, label: visible(name) }));
	return (
		<Dialog title={preference ? "Edit preference" : "Add a preference"} onClose={onClose}>
			<Form action={preference ? "Save" : "Add"} fields={FIELDS} onSubmit={save} onCancel={onClose}>
				{(errorOf) => (
					<>
						<Select label="Tell of" value={type} onChange={setType} options={eventOptions(preference?.event_type)} error={errorOf("event_type")} />
						{takesStates(type) && several("statuses", "Only in these states", STATE_OPTIONS, errorOf)}
						{several("products", "Only these products", products, errorOf, "* stands for any characters: shop-*")}
						{several("environments", "Only these environments", environments, errorOf, "* stands for any characters: eu-*")}
						{several("environment_types", "Only these types of environments", ENVIRONMENT_TYPES, errorOf)}
						<Select label="To this channel" value={channelId} onChange={setChosen} options={channelOptions} error={errorOf("channel_id")} />
						<Checkbox label="Switched on" checked={enabled} onChange={setEnabled} />
						<p class="preview" role="status">
							<Sentence whole preference={{ ...wanted, channel_name: channels.find(({ id }) => id === channelId)?.name ?? "" }} />
						</p>
					</>
				)}
			</Form>
		</Dialog>
	);
}
