/** A list, and beside it the one thing of it that was chosen (?view=ID). On a narrow screen the one stands in place of the list. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button";

interface ListAndOneProps {
	/** What is chosen; "" for nothing. */
	view: string;
	/** What the one thing is, for those who cannot see it. */
	label: string;
	list: ComponentChildren;
	one: ComponentChildren;
	onClose: () => void;
	/** The one needs the whole width of the page, on wide screens too. */
	whole?: boolean;
}

function ownsEscape(event: KeyboardEvent): boolean {
	const target = event.target as HTMLElement;
	return event.defaultPrevented || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || document.querySelector("dialog[open], .menu-list") !== null;
}

/** Where the list was scrolled to, and what had the focus, when the one was opened: both come back with the list. */
function useReturn(view: string, one: { current: HTMLElement | null }): void {
	const before = useRef({ view, scroll: 0, focus: null as Element | null });
	if (view && !before.current.view) Object.assign(before.current, { scroll: scrollY, focus: document.activeElement });
	useLayoutEffect(() => {
		const last = before.current;
		if (last.view === view) return;
		const narrow = one.current && getComputedStyle(one.current).position === "static";
		if (!view) {
			scrollTo(0, last.scroll);
			if (last.focus instanceof HTMLElement && last.focus.isConnected) last.focus.focus({ preventScroll: true });
		} else {
			if (narrow) scrollTo(0, 0);
			one.current?.scrollTo(0, 0);
			one.current?.focus({ preventScroll: true });
		}
		last.view = view;
	}, [view]);
}

export function ListAndOne({ view, label, list, one, onClose, whole }: ListAndOneProps) {
	const aside = useRef<HTMLElement>(null);
	const close = useRef(onClose);
	close.current = onClose;
	useReturn(view, aside);
	useEffect(() => {
		if (!view) return;
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.key === "Escape" && !ownsEscape(event)) close.current();
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, [view !== ""]);
	return (
		<div class={["list-and-one", view && "open", whole && "whole"].filter(Boolean).join(" ")}>
			<div class="list">{list}</div>
			{view && (
				<aside class="one" ref={aside} tabIndex={-1} aria-label={label}>
					<div class="one-bar">
						<span class="to-list">
							<Button look="quiet" icon="left" onClick={onClose}>
								Back to the list
							</Button>
						</span>
						<span class="to-close">
							<Button look="quiet" icon="cross" label="Close (Esc)" onClick={onClose} />
						</span>
					</div>
					{one}
				</aside>
			)}
		</div>
	);
}
