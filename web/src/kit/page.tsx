/** The frame of a page: its title, a line below it, and what can be done here. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** The title of the browser's tab. */
export function useTitle(title: string): void {
	useEffect(() => {
		document.title = title ? `${title} · Versioner` : "Versioner";
	}, [title]);
}

/** For when what had the focus is gone: the reader goes on from the top of the page. */
export function focusTitle(): void {
	requestAnimationFrame(() => document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true }));
}

interface PageHeaderProps {
	title: string;
	/** One line that says what the page shows. */
	about?: ComponentChildren;
	actions?: ComponentChildren;
}

/** Has the page's only h1, sets the title of the tab. */
export function PageHeader({ title, about, actions }: PageHeaderProps) {
	useTitle(title);
	return (
		<header class="page-header">
			<div>
				<h1 tabIndex={-1}>{title}</h1>
				{about && <p class="about">{about}</p>}
			</div>
			{actions && <div class="actions">{actions}</div>}
		</header>
	);
}

/** A list of names and values; what has no value is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
	return (
		<dl class="facts">
			{facts
				.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
				.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
		</dl>
	);
}

/** A part of a page, with its heading. */
export function Section({ title, actions, children }: { title: string; actions?: ComponentChildren; children: ComponentChildren }) {
	return (
		<section class="section">
			<header>
				<h2>{title}</h2>
				{actions}
			</header>
			{children}
		</section>
	);
}
