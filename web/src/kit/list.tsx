/** A list from the API on a page: skeleton, error, empty state, table and "Load more" in one. */
import type { ComponentChildren } from "preact";
import type { Pages } from "../app/data";
import { Button } from "./button";
import { ErrorBox, Skeleton } from "./messages";
import { DataTable, type Column } from "./table";

/** The button below a list that has more. */
export function LoadMore({ pages }: { pages: Pick<Pages<{ id: string }>, "hasMore" | "loading" | "loadMore"> }) {
	if (!pages.hasMore) return null;
	return (
		<div class="load-more">
			<Button busy={pages.loading} onClick={pages.loadMore}>
				Load more
			</Button>
		</div>
	);
}

interface ListViewProps<Row extends { id: string }> {
	label: string;
	pages: Pages<Row>;
	columns: readonly Column<Row>[];
	href?: (row: Row) => string;
	rowClass?: (row: Row) => string | undefined;
	/** What stands there when nothing is found. */
	empty: ComponentChildren;
}

export function ListView<Row extends { id: string }>({ label, pages, columns, href, rowClass, empty }: ListViewProps<Row>) {
	if (pages.empty) return <Skeleton lines={8} />;
	if (pages.error && !pages.items.length) return <ErrorBox error={pages.error} onRetry={pages.reload} />;
	if (!pages.items.length) return <>{empty}</>;
	return (
		<>
			<DataTable label={label} columns={columns} rows={pages.items} rowKey={(row) => row.id} href={href} rowClass={rowClass} />
			<ErrorBox error={pages.error} onRetry={pages.hasMore ? pages.loadMore : pages.reload} />
			<LoadMore pages={pages} />
		</>
	);
}
