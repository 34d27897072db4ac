/** The picture with what belongs to it: zoom, legend, and the same as a table. */
import { useData } from "../../app/data";
import { setQuery, useQueryValue } from "../../app/location";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { ErrorBox } from "../../kit/messages";
import { Section } from "../../kit/page";
import { DataTable, type Column } from "../../kit/table";
import { Name } from "../../kit/text";
import { DateTime } from "../../kit/time";
import { deploymentPath } from "../history/links";
import { useLiveWhen } from "../history/live_rows";
import { readHistory, type History } from "./history";
import type { Bar, Mark } from "./lanes";
import { MARKS } from "./shapes";
import { Timeline } from "./timeline";

const ZOOMS = ["7", "30", "90"];
const USUAL = "30";

export function TimelineSection({ product, name }: { product: string; name: string }) {
	const asked = useQueryValue("days");
	const days = ZOOMS.includes(asked) ? asked : USUAL;
	const { data, error, reload, loading } = useData((signal) => readHistory(product, Number(days), signal), [product, days]);
	useLiveWhen((event) => event.kind === "deployment" && event.product_id === product, reload);
	const zoom = (
		<div class="actions" role="group" aria-label="How far back">
			{ZOOMS.map((one) => (
				<Button key={one} pressed={one === days} onClick={() => setQuery({ days: one === USUAL ? null : one })}>
					{one} days
				</Button>
			))}
		</div>
	);
	return (
		<Section title="What ran when" actions={zoom}>
			{data ? (
				<Drawn history={data} name={name} />
			) : error ? (
				<ErrorBox error={error} onRetry={reload} />
			) : (
				<div class="timeline timeline-wait" role="status" aria-label="Loading" aria-busy={loading} />
			)}
		</Section>
	);
}

function Drawn({ history, name }: { history: History; name: string }) {
	if (!history.lanes.length) return <p class="step-about">Nothing ran in this time.</p>;
	return (
		<>
			<Timeline history={history} label={`What ran when of ${name}`} />
			<ul class="legend" aria-label="Marks">
				{(["failed", "aborted", "rollback", "started"] as const).map((what) => (
					<li key={what}>
						<span class={`legend-mark tone-${MARKS[what].tone}`}>
							<Icon name={MARKS[what].icon} size={12} />
						</span>
						{MARKS[what].name}
					</li>
				))}
			</ul>
			{history.cut && <p class="step-about">There are too many deployments to draw all: the picture begins with the oldest of the newest 2,000.</p>}
			<details class="as-table">
				<summary>The same as a table</summary>
				<HistoryTable history={history} />
			</details>
		</>
	);
}

type Row = (Bar | Mark) & { environment: string };

const at = (time: number | null) => (time === null ? null : new Date(time).toISOString());
const COLUMNS: readonly Column<Row>[] = [
	{ title: "Environment", cell: (row) => <Name text={row.environment} /> },
	{ title: "Version", cell: (row) => <Name text={row.version} />, main: true },
	{ title: "What", cell: (row) => (row.kind === "bar" ? (row.to === null ? "runs" : "ran") : MARKS[row.what].name) },
	{ title: "From", cell: (row) => (row.kind === "bar" && row.older ? "before" : <DateTime at={at(row.from)} />) },
	{ title: "To", cell: (row) => (row.kind === "bar" ? (row.to === null ? "now" : <DateTime at={at(row.to)} />) : null) },
];

function HistoryTable({ history }: { history: History }) {
	const rows = history.lanes.flatMap(({ environment, bars, marks }) =>
		[...bars, ...marks].sort((a, b) => b.from - a.from).map((item): Row => ({ ...item, environment })),
	);
	return <DataTable label="What ran when" columns={COLUMNS} rows={rows} rowKey={(row) => row.kind + row.deployment_id} href={(row) => deploymentPath(row.deployment_id)} />;
}
