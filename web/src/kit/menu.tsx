/** A button that opens a list of things to do. Arrow keys move, Esc closes. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

export interface MenuItem {
	label: string;
	icon?: IconName;
	/** One of several choices: marked when it is the present one. */
	chosen?: boolean;
	onChoose: () => void;
}

interface MenuProps {
	label: string;
	icon?: IconName;
	/** Shown on the button; without it the button is an icon with a label. */
	text?: string;
	/** Stands above the items. */
	head?: ComponentChildren;
	items: readonly MenuItem[];
}

export function Menu({ label, icon, text, head, items }: MenuProps) {
	const [open, setOpen] = useState(false);
	const id = useId();
	const box = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);
	const entries = () => [...(box.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];

	useEffect(() => {
		if (!open) return;
		entries()[0]?.focus();
		const outside = (event: Event) => {
			if (!box.current?.contains(event.target as Node)) setOpen(false);
		};
		addEventListener("pointerdown", outside);
		return () => removeEventListener("pointerdown", outside);
	}, [open]);

	const close = () => {
		setOpen(false);
		button.current?.focus();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (!open) return;
		const all = entries();
		const at = all.indexOf(document.activeElement as HTMLElement);
		if (event.key === "Escape") close();
		else if (event.key === "Tab") return setOpen(false);
		else if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
		else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
		else return;
		event.preventDefault();
	};

	return (
		<div class="menu" ref={box} onKeyDown={onKeyDown}>
			<Button buttonRef={button} look="quiet" icon={icon} label={label} hasPopup="menu" expanded={open} controls={id} onClick={() => setOpen(!open)}>
				{text}
			</Button>
			{open && (
				<div class="menu-list">
					{head && <div class="menu-head">{head}</div>}
					<ul id={id} role="menu" aria-label={label}>
						{items.map((item) => (
							<li key={item.label} role="none">
								<button
									type="button"
									role={item.chosen === undefined ? "menuitem" : "menuitemradio"}
									aria-checked={item.chosen}
									tabIndex={-1}
									onClick={() => {
										close();
										item.onChoose();
									}}
								>
									{item.icon && <Icon name={item.icon} />}
									<span>{item.label}</span>
									{item.chosen && <Icon name="check" />}
								</button>
							</li>
						))}
					</ul>
				</div>
			)}
		</div>
	);
}
