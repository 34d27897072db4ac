/** A form that sends itself once, and shows what the server said at the fields it named. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/error";
import { Button } from "./button";
import { ErrorBox } from "./messages";

interface FormProps {
	/** Throws ApiError when the server refused. */
	onSubmit: () => Promise<void>;
	/** The word on the button. */
	action: string;
	/** The fields; gets what the server said of one by its name. */
	children: (errorOf: (field: string) => string | undefined) => ComponentChildren;
	/** Names of the fields that show their errors themselves, those of their members too. All others are shown above the button. */
	fields: readonly string[];
	onCancel?: () => void;
	disabled?: boolean;
}

export function Form({ onSubmit, action, children, fields, onCancel, disabled }: FormProps) {
	const [error, setError] = useState<ApiError | null>(null);
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		setError(null);
		try {
			await onSubmit();
		} catch (thrown) {
			setError(asApiError(thrown));
		}
		setBusy(false);
	};
	const atFields = error !== null && error.fields.length > 0 && error.fields.every(({ field }) => fields.some((one) => field === one || field.startsWith(one + ".")));
	return (
		<form class="form" onSubmit={submit}>
			{children((field) => error?.of(field))}
			{!atFields && <ErrorBox error={error} />}
			<div class="form-actions">
				{onCancel && <Button onClick={onCancel}>Cancel</Button>}
				<Button type="submit" look="primary" busy={busy} disabled={disabled}>
					{action}
				</Button>
			</div>
		</form>
	);
}
