/** Buttons. One that is busy cannot be pressed again and says so; it keeps the focus. */
import type { ComponentChildren, Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

interface ButtonProps {
	children?: ComponentChildren;
	/** plain: bordered; primary: the one thing to do here; danger: destroys something; quiet: without a border. */
	look?: "plain" | "primary" | "danger" | "quiet";
	icon?: IconName;
	/** The name of a button that shows only an icon. */
	label?: string;
	type?: "button" | "submit";
	busy?: boolean;
	disabled?: boolean;
	pressed?: boolean;
	expanded?: boolean;
	controls?: string;
	hasPopup?: "menu" | "dialog" | "listbox";
	title?: string;
	onClick?: (event: MouseEvent) => void;
	buttonRef?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
	const { children, look = "plain", icon, label, type = "button", busy = false, disabled = false } = props;
	const onClick = busy ? (event: MouseEvent) => event.preventDefault() : props.onClick;
	return (
		<button
			ref={props.buttonRef}
			type={type}
			class={`button ${look}${children === undefined ? " icon-only" : ""}`}
			aria-label={label}
			aria-busy={busy || undefined}
			aria-pressed={props.pressed}
			aria-expanded={props.expanded}
			aria-controls={props.controls}
			aria-haspopup={props.hasPopup}
			title={props.title ?? (children === undefined ? label : undefined)}
			disabled={disabled}
			aria-disabled={busy || undefined}
			onClick={onClick}
		>
			{busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
			{children !== undefined && <span>{children}</span>}
		</button>
	);
}

async function copy(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyBySelection(text);
	}
}

/** Over plain http the clipboard has no other way. */
function copyBySelection(text: string): boolean {
	const area = document.createElement("textarea");
	area.value = text;
	area.className = "visually-hidden";
	(document.querySelector("dialog[open]") ?? document.body).append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	return done;
}

/** Copies a text; says for a moment that it did. */
export function CopyButton({ text, label = "Copy", look = "quiet", onCopied }: { text: string; label?: string; look?: ButtonProps["look"]; onCopied?: () => void }) {
	const [state, setState] = useState<"" | "Copied" | "Could not copy">("");
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const onClick = async () => {
		const done = await copy(text);
		setState(done ? "Copied" : "Could not copy");
		if (done) onCopied?.();
		clearTimeout(timer.current);
		timer.current = window.setTimeout(() => setState(""), 2000);
	};
	return (
		<span class="copy-button">
			<Button look={look} icon={state === "Copied" ? "check" : "copy"} label={label} onClick={onClick} />
			<span role="status" class="copy-state">
				{state}
			</span>
		</span>
	);
}
