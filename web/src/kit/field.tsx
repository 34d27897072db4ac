/** Fields of a form: label, hint, and what the server said of them. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
	label: string;
	hint?: ComponentChildren;
	error?: string | null;
	required?: boolean;
	/** Gets the ids to put on the control: id, aria-describedby, aria-invalid. */
	children: (control: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean; required?: boolean }) => ComponentChildren;
}

interface FieldNotesProps {
	/** The control's: what it is described by is this with "-hint" and "-error". */
	id?: string;
	hint?: ComponentChildren;
	error?: string | null;
}

/** What stands below a control: how to fill it, and what is wrong. */
export function FieldNotes({ id, hint, error }: FieldNotesProps) {
	return (
		<>
			{hint && (
				<p class="hint" id={id && `${id}-hint`}>
					{hint}
				</p>
			)}
			{error && (
				<p class="field-error" id={id && `${id}-error`} role="alert">
					{error}
				</p>
			)}
		</>
	);
}

/** Label, hint and error around any control. */
export function Field({ label, hint, error, required, children }: FieldProps) {
	const id = useId();
	const about = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
	return (
		<div class={error ? "field wrong" : "field"}>
			<label for={id}>
				{label}
				{required === false && <span class="optional"> (optional)</span>}
			</label>
			{children({ id, "aria-describedby": about || undefined, "aria-invalid": error ? true : undefined, required: required === true || undefined })}
			<FieldNotes id={id} hint={hint} error={error} />
		</div>
	);
}

interface TextFieldProps {
	label: string;
	value: string;
	onInput: (value: string) => void;
	type?: "text" | "email" | "password" | "url" | "number" | "search" | "datetime-local";
	hint?: ComponentChildren;
	error?: string | null;
	/** true: the browser asks for it; false: marked as optional. */
	required?: boolean;
	placeholder?: string;
	autocomplete?: "username" | "current-password" | "new-password" | "email" | "name" | "off";
	autofocus?: boolean;
	disabled?: boolean;
	maxLength?: number;
	name?: string;
	/** Several lines. */
	lines?: number;
}

export function TextField({ label, value, onInput, hint, error, required, lines, type = "text", ...rest }: TextFieldProps) {
	return (
		<Field label={label} hint={hint} error={error} required={required}>
			{(control) => {
				if (lines) return <textarea {...control} {...rest} rows={lines} value={value} onInput={(e) => onInput(e.currentTarget.value)} />;
				// Preact has a type of its own for each type of input; which one it is, is known only here.
				const all = { ...control, ...rest, type, value } as JSX.IntrinsicElements["input"];
				return <input {...all} onInput={(e) => onInput(e.currentTarget.value)} />;
			}}
		</Field>
	);
}

export interface Option {
	value: string;
	label: string;
}

interface SelectProps {
	label: string;
	value: string;
	onChange: (value: string) => void;
	options: readonly Option[];
	hint?: ComponentChildren;
	error?: string | null;
	disabled?: boolean;
	/** The first line, for no value. */
	none?: string;
}

export function Select({ label, value, onChange, options, hint, error, disabled, none }: SelectProps) {
	return (
		<Field label={label} hint={hint} error={error}>
			{(control) => (
				<select {...control} disabled={disabled} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
					{none !== undefined && <option value="">{none}</option>}
					{options.map((option) => (
						<option key={option.value} value={option.value}>
							{option.label}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

export function Checkbox({ label, checked, onChange, hint, disabled }: { label: string; checked: boolean; onChange: (checked: boolean) => void; hint?: string; disabled?: boolean }) {
	const id = useId();
	return (
		<div class="checkbox">
			<input id={id} type="checkbox" checked={checked} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(e) => onChange(e.currentTarget.checked)} />
			<label for={id}>{label}</label>
			{hint && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}
