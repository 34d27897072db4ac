/** The audit log: who changed what by hand, and what it was before. */
import { api, take } from "../../../api/client";
import type { AuditEntry as Entry } from "../../../api/types";
import { usePages, type Page as ListPage } from "../../../app/data";
import { useFilters } from "../../../app/filters";
import { Button } from "../../../kit/button";
import { FilterBar } from "../../../kit/filter_bar";
import { LoadMore } from "../../../kit/list";
import { EmptyState, ErrorBox, Skeleton } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import { actorFilter } from "../actor";
import { AuditEntry } from "./audit_entry";
import { ACTION_OPTIONS } from "./audit_words";

const FILTERS = ["actor", "action", "subject", "since", "until"] as const;
const FIELDS = [
	{ name: "actor", label: "By whom (e-mail, k1)" },
	{ name: "action", label: "What was done", options: ACTION_OPTIONS },
	{ name: "subject", label: "To what (its id)", single: true },
	{ name: "since", label: "Since", time: true },
	{ name: "until", label: "Until", time: true },
] as const;
const DIGITS = 16;

/** Lists go by `id`; of an entry that is its number, so written that it sorts as text. */
type Row = Entry & { id: string };
const rowOf = (entry: Entry): Row => ({ ...entry, id: String(entry.number).padStart(DIGITS, "0") });

async function read(query: Record<string, string | undefined>, signal: AbortSignal): Promise<ListPage<Row>> {
	const { items, next_cursor } = await take(api.GET("/audit-log", { params: { query }, signal }));
	return { items: items.map(rowOf), next_cursor };
}

export default function Page() {
	const filters = useFilters("audit", FILTERS);
	const wanted = FILTERS.map((name) => filters.values[name]);
	const { actor, ...others } = filters.values;
	const query = Object.fromEntries(Object.entries({ ...others, actor: actorFilter(actor) }).map(([name, value]) => [name, value || undefined]));
	const pages = usePages((cursor, signal) => read({ ...query, cursor }, signal), wanted);
	return (
		<Section
			title="Audit log"
			actions={
				<Button icon="refresh" look="quiet" onClick={pages.refresh}>
					Read again
				</Button>
			}
		>
			<p class="about section-about">
				Who changed what by hand, and what it was before. Each entry carries the hash of the one before it; <code>versioner check</code> verifies the chain. What
				pipelines send is under Activity.
			</p>
			<FilterBar filters={filters} fields={FIELDS} />
			{pages.empty ? (
				<Skeleton lines={8} />
			) : pages.items.length ? (
				<ol class="feed" aria-label="Entries, newest first">
					{pages.items.map((entry) => (
						<AuditEntry key={entry.id} entry={entry} onFilter={(name, value) => filters.set(name, value)} />
					))}
				</ol>
			) : (
				!pages.error && <Nothing filtered={filters.any} />
			)}
			<ErrorBox error={pages.error} onRetry={pages.items.length && pages.hasMore ? pages.loadMore : pages.reload} />
			<LoadMore pages={pages} />
		</Section>
	);
}

function Nothing({ filtered }: { filtered: boolean }) {
	return (
		<EmptyState title={filtered ? "Nothing matches these filters" : "Nothing has been changed by hand yet"} icon="clock">
			<p>{filtered ? "Addresses and ids are compared letter by letter." : "What people and keys change stands here from then on, and is never altered."}</p>
		</EmptyState>
	);
}
