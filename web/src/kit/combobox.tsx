/** A field that finds values while one types: one value, or several as chips. Keyboard and roles as in the ARIA practices' combobox. */
import { useId, useRef, useState } from "preact/hooks";
import { FieldNotes, type Option } from "./field";
import { Icon } from "./icon";
import { visible } from "./text";

interface ComboboxProps {
	label: string;
	/** The chosen values; at most one unless `several`. */
	values: readonly string[];
	onChange: (values: string[]) => void;
	options: readonly Option[];
	several?: boolean;
	/** A text that is no option may be chosen, too. */
	free?: boolean;
	placeholder?: string;
	/** The label is for screen readers only. */
	compact?: boolean;
	disabled?: boolean;
	hint?: string;
	error?: string | null;
	/** Called with what is typed, for those who load their options. */
	onType?: (text: string) => void;
}

const MOST_SHOWN = 50;

function matching(options: readonly Option[], text: string, chosen: readonly string[]): Option[] {
	const wanted = text.trim().toLowerCase();
	const begins: Option[] = [];
	const contains: Option[] = [];
	for (const option of options) {
		if (chosen.includes(option.value)) continue;
		const at = option.label.toLowerCase().indexOf(wanted);
		if (at === 0) begins.push(option);
		else if (at > 0) contains.push(option);
	}
	return [...begins, ...contains].slice(0, MOST_SHOWN);
}

export function Combobox(props: ComboboxProps) {
	const { label, values, onChange, options, several = false, free = false, compact, hint, error } = props;
	const id = useId();
	const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState("");
	const [open, setOpen] = useState(false);
	const [active, setActive] = useState(-1);
	const shown = open ? matching(options, text, values) : [];
	const labelOf = (value: string) => visible(options.find((option) => option.value === value)?.label ?? value);

	const type = (next: string) => {
		setText(next);
		setOpen(true);
		setActive(next.trim() ? 0 : -1);
		props.onType?.(next);
	};
	const close = () => {
		setOpen(false);
		setActive(-1);
	};
	const choose = (value: string) => {
		if (!several) onChange([value]);
		else if (!values.includes(value)) onChange([...values, value]);
		setText("");
		props.onType?.("");
		close();
	};
	/** Who typed a text and went on to the next field meant it. */
	const leave = () => {
		const typed = text.trim();
		const same = options.find((option) => option.label.toLowerCase() === typed.toLowerCase());
		// Not who only looks at another window.
		if (typed && (same || free) && document.hasFocus()) choose(same?.value ?? typed);
		else close();
	};
	const drop = (value: string) => {
		onChange(values.filter((other) => other !== value));
		input.current?.focus();
	};
	const move = (by: number) => {
		if (!open) return setOpen(true);
		const next = shown.length ? (active + by + shown.length) % shown.length : -1;
		setActive(active === -1 && by < 0 ? shown.length - 1 : next);
		document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
	};
	const onEnter = (event: KeyboardEvent) => {
		const option = shown[active];
		if (option) choose(option.value);
		else if (free && text.trim()) choose(text.trim());
		else return;
		event.preventDefault();
	};
	const keys: Record<string, (event: KeyboardEvent) => void> = {
		ArrowDown: (event) => (event.preventDefault(), move(1)),
		ArrowUp: (event) => (event.preventDefault(), move(-1)),
		Enter: onEnter,
		Escape: (event) => {
			if (!open && !text) return;
			event.preventDefault();
			event.stopPropagation();
			if (open) close();
			else setText("");
		},
		Backspace: () => {
			const last = values[values.length - 1];
			if (!text && last !== undefined) drop(last);
		},
	};

	return (
		<div class={error ? "field combobox wrong" : "field combobox"}>
			<label for={id} class={compact ? "visually-hidden" : undefined}>
				{label}
			</label>
			<div class="combobox-anchor">
				<div class="combobox-box" onClick={() => input.current?.focus()}>
					{values.map((value) => (
						<span key={value} class="chip">
							<bdi>{labelOf(value)}</bdi>
							<button type="button" aria-label={`Remove ${labelOf(value)}`} disabled={props.disabled} onClick={() => drop(value)}>
								<Icon name="cross" size={10} />
							</button>
						</span>
					))}
					<input
						ref={input}
						id={id}
						role="combobox"
						autocomplete="off"
						spellcheck={false}
						aria-autocomplete="list"
						aria-expanded={open && shown.length > 0}
						aria-controls={`${id}-list`}
						aria-activedescendant={shown[active] ? `${id}-${active}` : undefined}
						aria-invalid={error ? true : undefined}
						aria-describedby={about || undefined}
						placeholder={values.length ? undefined : (props.placeholder ?? label)}
						disabled={props.disabled}
						value={text}
						onInput={(event) => type(event.currentTarget.value)}
						onClick={() => setOpen(true)}
						onKeyDown={(event) => keys[event.key]?.(event)}
						onBlur={leave}
					/>
				</div>
				<ul id={`${id}-list`} role="listbox" aria-label={label} class="options" hidden={!shown.length}>
					{shown.map((option, at) => (
						<li
							key={option.value}
							id={`${id}-${at}`}
							role="option"
							aria-selected={at === active}
							onMouseDown={(event) => {
								event.preventDefault();
								choose(option.value);
							}}
						>
							<bdi>{visible(option.label)}</bdi>
						</li>
					))}
				</ul>
			</div>
			<FieldNotes id={id} hint={hint} error={error} />
		</div>
	);
}
