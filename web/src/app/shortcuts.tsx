/** Keys that work everywhere, and the dialog that names them. */
import { useLayoutEffect, useState } from "preact/hooks";
import { Dialog } from "../kit/dialog";
import { SEARCH_ID } from "./search";

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
	["/", "Search"],
	["?", "These keys"],
	["↑ ↓", "Move between rows"],
	["← ↑ → ↓", "Move between cells of the matrix"],
	["Enter", "Open what is marked"],
	["Esc", "Close what is open"],
];

export function isTyping(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function Shortcuts() {
	const [open, setOpen] = useState(false);
	// Before the first paint: keys work as soon as there is something to see.
	useLayoutEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
			if (event.key === "/") document.getElementById(SEARCH_ID)?.focus();
			else if (event.key === "?") setOpen(true);
			else return;
			event.preventDefault();
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, []);
	if (!open) return null;
	return (
		<Dialog title="Keys" onClose={() => setOpen(false)}>
			<dl class="shortcuts">
				{SHORTCUTS.map(([keys, what]) => (
					<div key={keys}>
						<dt>
							<kbd>{keys}</kbd>
						</dt>
						<dd>{what}</dd>
					</div>
				))}
			</dl>
		</Dialog>
	);
}
