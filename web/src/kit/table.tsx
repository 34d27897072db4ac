/** A table of rows. Arrow keys move between rows, Enter opens one; on a narrow screen each row becomes a card. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { navigate } from "../app/location";
import { Link } from "./link";

export interface Column<Row> {
	title: string;
	cell: (row: Row) => ComponentChildren;
	/** The column whose text is the link to the row, where rows have one. The first one unless another says so. */
	main?: boolean;
	/** Numbers, to the end of the line. */
	end?: boolean;
	/** Takes no more room than it needs. */
	tight?: boolean;
	/** Left out of cards. */
	wideOnly?: boolean;
}

interface DataTableProps<Row> {
	/** What the table is, for those who cannot see it. */
	label: string;
	columns: readonly Column<Row>[];
	rows: readonly Row[];
	rowKey: (row: Row) => string;
	/** Where a row leads. */
	href?: (row: Row) => string;
	/** A class of a row, for a state of the whole of it. */
	rowClass?: (row: Row) => string | undefined;
}

const STEPS: Record<string, (at: number, last: number) => number> = {
	ArrowDown: (at, last) => Math.min(at + 1, last),
	ArrowUp: (at) => Math.max(at - 1, 0),
	Home: () => 0,
	End: (_, last) => last,
};

export function DataTable<Row>({ label, columns, rows, rowKey, href, rowClass }: DataTableProps<Row>) {
	const [active, setActive] = useState(0);
	const mainColumn = Math.max(0, columns.findIndex((column) => column.main));
	const last = rows.length - 1;

	const onKeyDown = (event: KeyboardEvent, row: Row, at: number) => {
		const element = event.currentTarget as HTMLElement;
		if (event.target !== element) return;
		const step = STEPS[event.key];
		if (step) {
			event.preventDefault();
			const next = step(at, last);
			setActive(next);
			(element.parentElement?.children[next] as HTMLElement | undefined)?.focus();
		} else if (event.key === "Enter" && href) {
			navigate(href(row));
		}
	};

	return (
		<div class="table-frame">
			<table class="table" role="table" aria-label={label}>
				<thead role="rowgroup">
					<tr role="row">
						{columns.map((column) => (
							<th key={column.title} role="columnheader" scope="col" class={classOf(column)}>
								{column.title}
							</th>
						))}
					</tr>
				</thead>
				<tbody role="rowgroup">
					{rows.map((row, at) => (
						<tr
							key={rowKey(row)}
							role="row"
							class={rowClass?.(row)}
							tabIndex={at === Math.min(active, last) ? 0 : -1}
							onFocus={() => setActive(at)}
							onKeyDown={(event) => onKeyDown(event, row, at)}
						>
							{columns.map((column, c) => (
								<td key={column.title} role="cell" class={classOf(column)} data-title={column.title}>
									{href && c === mainColumn ? (
										<Link href={href(row)} class="row-link">
											{column.cell(row)}
										</Link>
									) : (
										column.cell(row)
									)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function classOf<Row>(column: Column<Row>): string {
	return [column.end && "end", column.tight && "tight", column.wideOnly && "wide-only"].filter(Boolean).join(" ");
}
