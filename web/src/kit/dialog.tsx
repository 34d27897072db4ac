/** Dialogs over the page: the browser's own <dialog> keeps the focus inside, closes on Esc and gives the focus back. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ErrorBox } from "./messages";
import { Button } from "./button";

interface DialogProps {
	title: string;
	children: ComponentChildren;
	onClose: () => void;
	/** Stands below the content, at the end of the line. */
	actions?: ComponentChildren;
	wide?: boolean;
}

/** Shown for as long as it is rendered. */
export function Dialog({ title, children, onClose, actions, wide }: DialogProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useLayoutEffect(() => {
		const element = dialog.current!;
		const before = document.activeElement;
		element.showModal();
		// The first field of a form, not the cross above it.
		element.querySelector<HTMLElement>(".form :is(input, select, textarea)")?.focus();
		return () => {
			element.close();
			if (before instanceof HTMLElement && before.isConnected) before.focus();
		};
	}, []);
	const onCancel = (event: Event) => {
		event.preventDefault();
		onClose();
	};
	return (
		<dialog ref={dialog} class={wide ? "dialog wide" : "dialog"} aria-labelledby={heading} onCancel={onCancel}>
			<header>
				<h2 id={heading}>{title}</h2>
				<Button look="quiet" icon="cross" label="Close" onClick={onClose} />
			</header>
			<div class="dialog-body">{children}</div>
			{actions && <footer>{actions}</footer>}
		</dialog>
	);
}

interface ConfirmProps {
	title: string;
	children?: ComponentChildren;
	/** The word on the button: what will be done. */
	action: string;
	danger?: boolean;
	/** Closes when it is done; an error is shown and the dialog stays. */
	onConfirm: () => Promise<void>;
	onClose: () => void;
}

/** Asks before something is done. */
export function Confirm({ title, children, action, danger, onConfirm, onClose }: ConfirmProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const confirm = async () => {
		setBusy(true);
		setError(null);
		try {
			await onConfirm();
			onClose();
		} catch (thrown) {
			setError(thrown);
			setBusy(false);
		}
	};
	const actions = (
		<>
			<Button onClick={onClose}>Cancel</Button>
			<Button look={danger ? "danger" : "primary"} busy={busy} onClick={confirm}>
				{action}
			</Button>
		</>
	);
	return (
		<Dialog title={title} onClose={onClose} actions={actions}>
			{children}
			<ErrorBox error={error} />
		</Dialog>
	);
}
