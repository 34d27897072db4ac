/** One member of a channel's config in a form. A stored secret is shown as set, and stays until it is changed. */
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../../kit/button";
import { Field, TextField } from "../../../kit/field";
import { visible } from "../../../kit/text";
import type { FieldDraft } from "./channels_draft";
import type { ConfigField, FieldKind } from "./channels_fields";
import { HeadersInput } from "./channels_headers";

export interface ConfigInputProps {
	field: ConfigField;
	stored: unknown;
	draft: FieldDraft;
	onChange: (draft: FieldDraft) => void;
	error: string | undefined;
}

const INPUT_TYPES: Partial<Record<FieldKind, "url" | "password">> = { url: "url", secret: "password" };

/** The button that was pressed is not there any more: the focus goes to what came in its place. */
function useFocusOn(state: FieldDraft["state"]) {
	const box = useRef<HTMLDivElement>(null);
	const before = useRef(state);
	useEffect(() => {
		if (before.current !== state) box.current?.querySelector<HTMLElement>("input, button")?.focus();
		before.current = state;
	}, [state]);
	return box;
}

export function ConfigInput(props: ConfigInputProps) {
	const box = useFocusOn(props.draft.state);
	if (props.field.kind === "headers") return <HeadersInput {...props} />;
	return (
		<div class="config-field" ref={box}>
			{props.draft.state === "given" ? <Given {...props} /> : <Stored {...props} />}
		</div>
	);
}

function Given({ field, stored, draft, onChange, error }: ConfigInputProps) {
	const isSecret = field.kind === "url" || field.kind === "secret";
	const wasSet = isSecret && typeof stored === "string";
	return (
		<>
			<TextField
				label={field.label}
				type={INPUT_TYPES[field.kind] ?? "text"}
				lines={field.kind === "addresses" ? 3 : undefined}
				value={draft.text}
				onInput={(text) => onChange({ ...draft, text })}
				required={field.required || wasSet}
				placeholder={field.placeholder}
				hint={field.hint}
				error={error}
				autocomplete={field.kind === "secret" ? "new-password" : "off"}
			/>
			{wasSet && <Keep {...{ draft, onChange }} />}
		</>
	);
}

function Keep({ draft, onChange }: Pick<ConfigInputProps, "draft" | "onChange">) {
	return (
		<Button look="quiet" onClick={() => onChange({ ...draft, state: "kept", text: "" })}>
			Keep the old one
		</Button>
	);
}

/** What is there and cannot be read: stays, or goes. */
function Stored({ field, stored, draft, onChange, error }: ConfigInputProps) {
	const { label, required } = field;
	const isKept = draft.state === "kept";
	return (
		<Field label={label} error={error}>
			{({ id, "aria-describedby": about }) => (
				<div class="kept">
					<output id={id} aria-describedby={about}>
						{isKept ? <>set: {visible(String(stored))}</> : "will be removed"}
					</output>
					{isKept ? (
						<Button icon="edit" label={`Change: ${label}`} onClick={() => onChange({ ...draft, state: "given" })}>
							Change
						</Button>
					) : (
						<Keep {...{ draft, onChange }} />
					)}
					{isKept && !required && <Button look="quiet" icon="trash" label={`Remove: ${label}`} onClick={() => onChange({ ...draft, state: "removed" })} />}
				</div>
			)}
		</Field>
	);
}
