/** JSON that somebody sent us, as a tree to open and close. What is closed is not drawn, and long lists come in parts. */
import { useState } from "preact/hooks";
import { countValues } from "./count_values";
import { isSafeAddress, SafeLink } from "./link";
import { LongText, Name } from "./text";

const PART = 100;
/** A tree with more values than this begins closed. */
const MOST_OPEN = 40;

function Leaf({ value }: { value: unknown }) {
	if (typeof value !== "string") return <code class="tree-word">{String(value)}</code>;
	if (value === "") return <span class="tree-empty">empty text</span>;
	if (isSafeAddress(value)) return <SafeLink href={value} />;
	return <LongText text={value} short />;
}

/** "3 members", "1 entry". */
function sizeOf(value: object): string {
	const count = Object.keys(value).length;
	const word = Array.isArray(value) ? (count === 1 ? "entry" : "entries") : count === 1 ? "member" : "members";
	return `${count} ${word}`;
}

function Branch({ name, value, open: first }: { name: string; value: object; open: boolean }) {
	const [open, setOpen] = useState(first);
	return (
		<details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary>
				<Name text={name} /> <span class="tree-size">{sizeOf(value)}</span>
			</summary>
			{open && <Members value={value} open={first} />}
		</details>
	);
}

function Members({ value, open }: { value: object; open: boolean }) {
	const [shown, setShown] = useState(PART);
	const members = Object.entries(value);
	return (
		<ul class="tree-members">
			{members.slice(0, shown).map(([name, one]) => (
				<li key={name}>
					{one !== null && typeof one === "object" && Object.keys(one).length ? (
						<Branch name={name || "(no name)"} value={one} open={open} />
					) : (
						<div class="tree-leaf">
							<span class="tree-name">
								<Name text={name || "(no name)"} />
							</span>
							{one !== null && typeof one === "object" ? <span class="tree-empty">{sizeOf(one)}</span> : <Leaf value={one} />}
						</div>
					)}
				</li>
			))}
			{members.length > shown && (
				<li>
					<button type="button" class="show-all" onClick={() => setShown(shown + PART)}>
						Show more ({members.length - shown} left)
					</button>
				</li>
			)}
		</ul>
	);
}

export function Tree({ value, label }: { value: object; label: string }) {
	const large = countValues(value, MOST_OPEN + 1) > MOST_OPEN;
	return (
		<div class="tree" role="group" aria-label={label}>
			{large ? <Branch name={label} value={value} open={false} /> : <Members value={value} open />}
		</div>
	);
}
