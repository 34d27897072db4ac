/** What is shown once: a key, a token, a link. Esc and ✕ ask first whether it was copied. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, CopyButton } from "../../../kit/button";
import { Dialog } from "../../../kit/dialog";
import { Notice } from "../../../kit/messages";

/** The secret itself, with the button that copies it. */
function Secret({ label, value, onCopied }: { label: string; value: string; onCopied: () => void }) {
	return (
		<div class="secret" onCopy={onCopied}>
			<code tabIndex={0} role="textbox" aria-readonly="true" aria-label={label}>
				{value}
			</code>
			<CopyButton text={value} label={`Copy: ${label}`} look="plain" onCopied={onCopied} />
		</div>
	);
}

interface SecretDialogProps {
	title: string;
	/** What it is: "API key". */
	label: string;
	secret: string;
	/** What to do with it. */
	children?: ComponentChildren;
	onClose: () => void;
}

export function SecretDialog({ title, label, secret, children, onClose }: SecretDialogProps) {
	const [asked, setAsked] = useState(false);
	const copied = useRef(false);
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => box.current?.querySelector("button")?.focus(), []);
	const leave = () => (asked || copied.current ? onClose() : setAsked(true));
	return (
		<Dialog
			wide
			title={title}
			onClose={leave}
			actions={
				<Button look="primary" onClick={onClose}>
					Done
				</Button>
			}
		>
			<div ref={box}>
				<Secret label={label} value={secret} onCopied={() => (copied.current = true)} />
			</div>
			{asked ? (
				<div role="alert">
					<Notice tone="bad">It is not copied yet, and cannot be shown again. Press Done, or close once more, to leave it.</Notice>
				</div>
			) : (
				<Notice tone="warn">It is shown here only, this once. The server keeps no more than a hash of it.</Notice>
			)}
			{children}
		</Dialog>
	);
}
