/** What stands in place of content: loading, an error, nothing there; and a block of text to copy. */
import type { ComponentChildren } from "preact";
import { asApiError } from "../api/error";
import { Button, CopyButton } from "./button";
import { Icon, type IconName } from "./icon";

/** Grey lines until the content is there. */
export function Skeleton({ lines = 5 }: { lines?: number }) {
	return (
		<div class="skeleton" role="status" aria-label="Loading">
			{Array.from({ length: lines }, (_, i) => (
				<span key={i} class={`skeleton-line w${i % 4}`} />
			))}
		</div>
	);
}

/** What went wrong, as a sentence, and a way to try again. */
export function ErrorBox({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
	if (!error) return null;
	return (
		<div class="error-box" role="alert">
			<Icon name="failed" />
			<p>{asApiError(error).message}</p>
			{onRetry && (
				<Button icon="refresh" onClick={onRetry}>
					Try again
				</Button>
			)}
		</div>
	);
}

/** Nothing there: why, and what to do next. */
export function EmptyState({ title, icon = "box", children }: { title: string; icon?: IconName; children?: ComponentChildren }) {
	return (
		<div class="empty-state">
			<Icon name={icon} size={28} />
			<h2>{title}</h2>
			{children}
		</div>
	);
}

/** Text in fixed width with a button that copies it. `{url}` becomes this server's address. */
export function CodeBlock({ code, label = "Example" }: { code: string; label?: string }) {
	const text = code.replaceAll("{url}", location.origin);
	return (
		<div class="code-block">
			<pre tabIndex={0} role="region" aria-label={label}>
				<code>{text}</code>
			</pre>
			<CopyButton text={text} label={`Copy: ${label}`} />
		</div>
	);
}

/** A note beside the content. */
export function Notice({ tone = "info", children }: { tone?: "info" | "warn" | "bad"; children: ComponentChildren }) {
	return (
		<div class={`notice notice-${tone}`}>
			<Icon name={tone === "info" ? "info" : "failed"} />
			<div>{children}</div>
		</div>
	);
}
