/** The search in the top bar: products, environments and versions. `/` goes to it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { asApiError } from "../api/error";
import { Icon } from "../kit/icon";
import { Name } from "../kit/text";
import { navigate } from "./location";
import { find, type Found } from "./search_find";

const TYPING_PAUSE_MS = 150;
const NOTHING = "Nothing found. A part of a name is enough; “checkout 1.4” finds a version of a product.";

export const SEARCH_ID = "search";

export function Search() {
	const [text, setText] = useState("");
	const [found, setFound] = useState<{ text: string; items: Found[]; error: string } | null>(null);
	const [active, setActive] = useState(0);
	const [open, setOpen] = useState(false);
	const list = useId();
	const input = useRef<HTMLInputElement>(null);
	/** Enter was pressed before the answer came. */
	const hurried = useRef(false);

	useEffect(() => {
		const wanted = text.trim();
		// What was found before stays until something else is: the list does not flicker while one types.
		if (!wanted) return setFound(null);
		const aborter = new AbortController();
		const timer = setTimeout(async () => {
			const next = await find(wanted, aborter.signal).catch((thrown: unknown) => asApiError(thrown).message);
			if (aborter.signal.aborted) return;
			const items = typeof next === "string" ? [] : next;
			if (hurried.current && items[0]) return go(items[0]);
			setFound({ text: wanted, items, error: typeof next === "string" ? next : "" });
			setActive(0);
		}, TYPING_PAUSE_MS);
		return () => {
			clearTimeout(timer);
			aborter.abort();
		};
	}, [text]);

	const shown = open && found && text.trim() ? found.items : [];
	const isOld = found?.text !== text.trim();
	const go = (to: Found | undefined) => {
		if (!to) return;
		setText("");
		setOpen(false);
		input.current?.blur();
		navigate(to.href);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === "ArrowDown") setActive((active + 1) % Math.max(1, shown.length));
		else if (event.key === "ArrowUp") setActive((active - 1 + shown.length) % Math.max(1, shown.length));
		else if (event.key === "Enter" && isOld) hurried.current = true;
		else if (event.key === "Enter") go(shown[active]);
		else if (event.key === "Escape" && open) setOpen(false);
		else if (event.key === "Escape") input.current?.blur();
		else return;
		event.preventDefault();
	};

	return (
		<div class="search" role="search">
			<Icon name="search" />
			<input
				ref={input}
				id={SEARCH_ID}
				role="combobox"
				aria-label="Search products, environments and versions"
				aria-expanded={shown.length > 0}
				aria-controls={list}
				aria-autocomplete="list"
				aria-activedescendant={shown[active] ? `${list}-${active}` : undefined}
				placeholder="Search  /"
				autocomplete="off"
				spellcheck={false}
				value={text}
				onInput={(event) => {
					hurried.current = false;
					setText(event.currentTarget.value);
					setOpen(true);
				}}
				onFocus={() => setOpen(true)}
				onBlur={() => setOpen(false)}
				onKeyDown={onKeyDown}
			/>
			<ul id={list} role="listbox" aria-label="Found" class="options" hidden={!shown.length}>
				{shown.map((one, at) => (
					<li
						key={one.href}
						id={`${list}-${at}`}
						role="option"
						aria-selected={at === active}
						onMouseDown={(event) => {
							event.preventDefault();
							go(one);
						}}
					>
						<Icon name={one.icon} />
						<Name text={one.name} />
						<span class="about">
							<Name text={one.about} />
						</span>
					</li>
				))}
			</ul>
			<p role="status" class={open && found && !isOld && !found.items.length ? "nothing-found" : "visually-hidden"}>
				{open && found && !isOld ? found.error || (found.items.length ? `${found.items.length} found` : NOTHING) : ""}
			</p>
		</div>
	);
}
