/** One entry of the audit log: a sentence, what has changed, and how it is bound to the others. */
import { useState } from "preact/hooks";
import type { AuditEntry as Entry } from "../../../api/types";
import { CopyButton } from "../../../kit/button";
import { Icon } from "../../../kit/icon";
import { Facts } from "../../../kit/page";
import { LongText, Name } from "../../../kit/text";
import { DateTime, RelativeTime } from "../../../kit/time";
import { actorWords } from "../actor";
import { differenceOf, valueText, type Change } from "./audit_difference";
import { actionIcon, actionWords, credentialWords, namesSubject } from "./audit_words";

function Value({ value, word }: { value: unknown; word: "was" | "is" }) {
	const mark = word === "was" ? <del>{shown(value)}</del> : <ins>{shown(value)}</ins>;
	return (
		<div class={`value value-${word}`}>
			<span class="visually-hidden">{word === "was" ? "was " : "is now "}</span>
			{mark}
		</div>
	);
}

function shown(value: unknown) {
	return typeof value === "string" && value !== "" ? <LongText text={value} short /> : <span class="value-word">{valueText(value)}</span>;
}

function ChangeLine({ change: { field, was, is } }: { change: Change }) {
	return (
		<div class="change">
			<dt>
				<Name text={field} />
			</dt>
			<dd>
				{was !== undefined && <Value value={was} word="was" />}
				{is !== undefined && <Value value={is} word="is" />}
			</dd>
		</div>
	);
}

/** Of a channel's config only the names of what has changed are kept. */
function ConfigLine({ names }: { names: unknown }) {
	if (!Array.isArray(names) || !names.length) return null;
	return (
		<p class="step-about">
			Config: <Name text={names.map(String).join(", ")} /> changed. The values are not kept here.
		</p>
	);
}

function Changes({ entry }: { entry: Entry }) {
	const { config_changed: config, ...after } = entry.after ?? {};
	const { changes, left } = differenceOf(entry.before, entry.after && after);
	if (!changes.length && !config) return null;
	return (
		<>
			{changes.length > 0 && (
				<dl class="changes">
					{changes.map((change) => (
						<ChangeLine key={change.field} change={change} />
					))}
				</dl>
			)}
			<ConfigLine names={config} />
			{left > 0 && <p class="step-about">And {left} more. The API has them all.</p>}
		</>
	);
}

function Hash({ hash }: { hash: string }) {
	return (
		<span class="hash">
			<code>{hash}</code>
			<CopyButton text={hash} label="Copy the hash" />
		</span>
	);
}

function Bound({ entry }: { entry: Entry }) {
	const [open, setOpen] = useState(false);
	return (
		<details class="bound" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary>
				<span class="entry-number">#{entry.number}</span> <code>{entry.hash.slice(0, 12)}</code> · by {credentialWords(entry.credential)}
			</summary>
			{open && (
				<Facts
					facts={[
						["When", <DateTime at={entry.at} />],
						["Action", <code>{entry.action}</code>],
						["Actor", <Name text={entry.actor} />],
						["Credential", <Name text={entry.credential} />],
						["Subject", entry.subject.id && <code>{entry.subject.id}</code>],
						["Request", entry.request_id && <Name text={entry.request_id} />],
						["Hash", <Hash hash={entry.hash} />],
						["Hash of the entry before", <Hash hash={entry.previous_hash} />],
					]}
				/>
			)}
		</details>
	);
}

interface AuditEntryProps {
	entry: Entry;
	/** Shows only this subject, or only this actor. */
	onFilter: (name: "subject" | "actor", value: string) => void;
}

export function AuditEntry({ entry, onFilter }: AuditEntryProps) {
	const { subject, actor } = entry;
	const name = namesSubject(entry) ? subject.name : null;
	return (
		<li class="event entry">
			<span class="event-icon tone-none">
				<Icon name={actionIcon(entry)} size={14} />
			</span>
			<div class="event-body">
				<p class="event-words">
					<button type="button" class="filter-word" title="Show only what was done by this one" onClick={() => onFilter("actor", actor)}>
						<Name text={actorWords(actor)} />
					</button>{" "}
					{actionWords(entry.action)}{" "}
					{name && (
						<button type="button" class="filter-word" title="Show only what was done to this one" onClick={() => onFilter("subject", subject.id)}>
							<Name text={name} />
						</button>
					)}{" "}
					<span class="step-about">
						<RelativeTime at={entry.at} />
					</span>
				</p>
				<Changes entry={entry} />
				<Bound entry={entry} />
			</div>
		</li>
	);
}
