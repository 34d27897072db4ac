/** Headers that a webhook sends along: lines of name and value. A stored value stays until it is changed. */
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "../../../kit/button";
import { FieldNotes } from "../../../kit/field";
import type { ConfigInputProps } from "./channels_config";
import { newHeader, type HeaderDraft } from "./channels_draft";

const PLAIN = { autocomplete: "off", spellcheck: false } as const;

function Line({ one, onChange, onRemove }: { one: HeaderDraft; onChange: (one: HeaderDraft) => void; onRemove: () => void }) {
	const { name, value, kept } = one;
	const box = useRef<HTMLDivElement>(null);
	const wasKept = useRef(kept);
	useEffect(() => {
		// A new line, or a value that is to be written now: there the reader goes on.
		if (wasKept.current && !kept) box.current?.querySelectorAll("input")[1]?.focus();
		else if (!name && !kept) box.current?.querySelector("input")?.focus();
		wasKept.current = kept;
	}, [kept]);
	return (
		<div class="header-line" ref={box}>
			<input {...PLAIN} aria-label="Header's name" placeholder="X-Team" value={name} onInput={(e) => onChange({ ...one, name: e.currentTarget.value })} />
			{kept ? (
				<Button label={`Set: change the value of ${name}`} onClick={() => onChange({ ...one, kept: false })}>
					Set: change
				</Button>
			) : (
				<input {...PLAIN} aria-label="Header's value" placeholder="value" value={value} onInput={(e) => onChange({ ...one, value: e.currentTarget.value })} />
			)}
			<Button look="quiet" icon="trash" label={`Remove header ${name}`} onClick={onRemove} />
		</div>
	);
}

export function HeadersInput({ field, draft, onChange, error }: ConfigInputProps) {
	const id = useId();
	const { headers } = draft;
	const set = (next: readonly HeaderDraft[]) => onChange({ ...draft, headers: next });
	return (
		<div class={error ? "field wrong" : "field"} role="group" aria-labelledby={`${id}-name`} aria-describedby={`${id}-hint`}>
			<strong id={`${id}-name`}>
				{field.label} <span class="optional">(optional)</span>
			</strong>
			{headers.map((one) => (
				<Line
					key={one.key}
					one={one}
					onChange={(next) => set(headers.map((other) => (other.key === one.key ? next : other)))}
					onRemove={() => set(headers.filter(({ key }) => key !== one.key))}
				/>
			))}
			<div>
				<Button icon="plus" onClick={() => set([...headers, newHeader()])}>
					Add a header
				</Button>
			</div>
			<FieldNotes id={id} hint={field.hint} error={error} />
		</div>
	);
}
