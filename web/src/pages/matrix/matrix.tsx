/** What runs where: rows are products, columns environments. */
import { useMemo, useState } from "preact/hooks";
import type { Matrix } from "../../api/types";
import { useQueryValue } from "../../app/location";
import { can } from "../../app/session";
import { recallText, remember } from "../../app/storage";
import { Button } from "../../kit/button";
import { Link } from "../../kit/link";
import { CodeBlock, EmptyState, ErrorBox, Skeleton } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import { useNow } from "../../kit/time";
import { SEND_DEPLOYMENT } from "../history/examples";
import { CellPanel } from "./cell_panel";
import { FailureBanner } from "./failures";
import { type Feed, useMatrix } from "./feed";
import { choiceOf, MatrixFilterBar, type MatrixFilters, useMatrixFilters } from "./filters";
import { Grid } from "./grid";
import { chooseColumns, chooseRows, type Column, countMarks, keyOf, latestFailures } from "./model";
import { PastBanner, TimeSlider } from "./time_slider";

const MARKS = "matrix.drift";

/** To the minute: nothing that is shown is finer, and each change renders every row in sight. */
function useMinute(): number {
	const now = useNow();
	return now - (now % 60_000);
}

function Nothing({ past }: { past: boolean }) {
	if (past) return <EmptyState title="Nothing had been deployed by then" icon="clock" />;
	return (
		<EmptyState title="Nothing has been deployed yet" icon="rocket">
			<p>Send the first event. Products and environments appear by themselves.</p>
			<CodeBlock code={SEND_DEPLOYMENT} label="Send the first event" />
			{can("key.write") ? (
				<p>
					<Link href="/settings/keys">Make an API key</Link> for <code>$VERSIONER_API_KEY</code>.
				</p>
			) : (
				<p>
					An admin can make an API key for <code>$VERSIONER_API_KEY</code>.
				</p>
			)}
		</EmptyState>
	);
}

const number = (count: number) => count.toLocaleString("en");

function plural(count: number, one: string): string {
	return `${number(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** Two environments to begin a comparison with: the last one, and the one before it. */
function compareHref(columns: readonly Column[]): string {
	const [from, to] = columns.slice(-2);
	return from && to ? `/manage/diff?${new URLSearchParams({ from: from.name, to: to.name })}` : "/manage/diff";
}

interface TableProps {
	matrix: Matrix;
	feed: Feed;
	filters: MatrixFilters;
	now: number;
	markDrift: boolean;
	busy: boolean;
}

function Table({ matrix, feed, filters, now, markDrift, busy }: TableProps) {
	const choice = useMemo(() => choiceOf(filters.values), [filters]);
	const columns = useMemo(() => chooseColumns(matrix.environments, choice), [matrix.environments, choice]);
	const rows = useMemo(() => chooseRows(matrix, columns, choice, now), [matrix, columns, choice, now]);
	const count = useMemo(() => countMarks(rows, columns, now), [rows, columns, now]);
	const [opened, setOpened] = useState<{ product: string; environment: string } | null>(null);
	const openRow = opened && matrix.items.find((row) => row.product_id === opened.product);
	const openColumn = opened && matrix.environments.find(({ id }) => id === opened.environment);
	const chosen = choice.environments.length === 1 && columns.length === 1 ? columns[0]!.id : null;
	const all = rows.length === matrix.items.length;
	return (
		<>
			<p class="matrix-count" role="status">
				{all ? plural(rows.length, "product") : `${number(rows.length)} of ${plural(matrix.items.length, "product")}`}
				{` · ${plural(columns.length, "environment")} · ${number(count.drifting)} drift · ${number(count.failing)} failing · ${number(count.stale)} stale`}
			</p>
			{rows.length && columns.length ? (
				<Grid
					rows={rows}
					columns={columns}
					now={now}
					markDrift={markDrift}
					changes={feed.changes}
					busy={busy}
					chosen={chosen}
					onHead={({ id, name }) => filters.set("environment", id === chosen ? "" : keyOf(id, name))}
					onOpen={(row, column) => setOpened({ product: row.product_id, environment: column.id })}
				/>
			) : (
				<EmptyState title="Nothing matches these filters" icon="filter">
					<Button onClick={filters.clear}>Clear filters</Button>
				</EmptyState>
			)}
			{openRow && openColumn && <CellPanel row={openRow} column={openColumn} onClose={() => setOpened(null)} />}
		</>
	);
}

export default function Page() {
	const asked = useQueryValue("at");
	const at = Number.isNaN(Date.parse(asked)) ? "" : asked;
	const filters = useMatrixFilters();
	const feed = useMatrix(at);
	const minute = useMinute();
	const [markDrift, setMarkDrift] = useState(() => recallText(MARKS) !== "off");
	const { matrix, error, loading } = feed;
	const failures = useMemo(() => (matrix && !at ? latestFailures(matrix, minute) : []), [matrix, at, minute]);
	const mark = (on: boolean) => {
		remember(MARKS, on ? null : "off");
		setMarkDrift(on);
	};
	// The answer says of which moment it is: while another is read, ages stay those of what is shown.
	const now = matrix?.at ? Date.parse(matrix.at) : minute;
	const untouched = matrix?.items.length === 0 && !at && !matrix.at;
	const busy = loading && (matrix?.at ?? "") !== at && Date.parse(matrix?.at ?? "") !== Date.parse(at);
	return (
		<>
			<PageHeader
				title="Matrix"
				about="What runs where."
				actions={
					<Link href={compareHref(matrix?.environments ?? [])} class="button">
						Compare environments
					</Link>
				}
			/>
			{!at && <FailureBanner failures={failures} onAll={() => filters.set("failing", "1")} />}
			{at && <PastBanner at={at} />}
			{!untouched && (
				<>
					<MatrixFilterBar filters={filters} matrix={matrix} markDrift={markDrift} onMarkDrift={mark} />
					<TimeSlider at={at} />
				</>
			)}
			<ErrorBox error={error} onRetry={feed.reload} />
			{matrix && (matrix.items.length ? <Table matrix={matrix} feed={feed} filters={filters} now={now} markDrift={markDrift} busy={busy} /> : <Nothing past={Boolean(at)} />)}
			{!matrix && !error && <Skeleton lines={10} />}
		</>
	);
}
