/** A field for a password: it can be shown, and says when caps lock is on. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../kit/button";
import { Field } from "../../kit/field";

interface PasswordFieldProps {
	label: string;
	value: string;
	onInput: (value: string) => void;
	/** What a password manager is to put there, or to keep. */
	autocomplete: "current-password" | "new-password";
	hint?: ComponentChildren;
	error?: string | null;
	autofocus?: boolean;
	name?: string;
}

export function PasswordField({ label, value, onInput, autocomplete, hint, error, autofocus, name }: PasswordFieldProps) {
	const [shown, setShown] = useState(false);
	const [caps, setCaps] = useState(false);
	const look = (event: KeyboardEvent) => setCaps(event.getModifierState?.("CapsLock") ?? false);
	// Preact has a type of its own for each type of input; this one changes.
	const input = (control: object) =>
		({
			...control,
			...{ name, value, autocomplete, autofocus },
			type: shown ? "text" : "password",
			autocapitalize: "none",
			spellcheck: false,
		}) as JSX.IntrinsicElements["input"];
	return (
		<div class="password-field">
			<Field label={label} hint={hint} error={error} required>
				{(control) => (
					<div class="password-box">
						<input {...input(control)} onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={look} onKeyUp={look} onBlur={() => setCaps(false)} />
						<Button look="quiet" pressed={shown} onClick={() => setShown(!shown)} title={shown ? "Hide what is typed" : "Show what is typed"}>
							{shown ? "Hide" : "Show"}
						</Button>
					</div>
				)}
			</Field>
			<p class="caps-lock" role="status">
				{caps && "Caps lock is on."}
			</p>
		</div>
	);
}
