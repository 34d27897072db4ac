/** What was built, and where it runs: the list, and one version beside it (?view=ID). */
import { api, take } from "../../api/client";
import type { Version } from "../../api/types";
import { useProductNames } from "../../app/catalog";
import { usePages } from "../../app/data";
import { useFilters } from "../../app/filters";
import { useQueryValue } from "../../app/location";
import { Commit, Repository } from "../../kit/commit";
import { FilterBar, STATE_OPTIONS } from "../../kit/filter_bar";
import { ListView } from "../../kit/list";
import { ListAndOne } from "../../kit/list_and_one";
import { CodeBlock, EmptyState } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import type { Column } from "../../kit/table";
import { Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";
import { usePlaces, type Places } from "../history/cells";
import { SEND_BUILD } from "../history/examples";
import { ProductLink } from "../history/links";
import { usePaced } from "../history/live_rows";
import { closeView, viewPath } from "../history/view";
import { useLive } from "../../app/live";
import { OneVersion } from "./one_version";

const FILTERS = ["product", "q", "status", "since", "until"] as const;

function RunsIn({ version, places }: { version: Version; places: Places }) {
	const here = (places.get(version.product_id) ?? []).filter(({ cell }) => cell.version_id === version.id);
	if (!here.length) return null;
	return (
		<span class="runs-in">
			{here.map(({ environment }) => (
				<span key={environment} class="place">
					<Name text={environment} />
				</span>
			))}
		</span>
	);
}

const columnsWith = (places: Places): Column<Version>[] => [
	{ title: "Product", cell: (one) => <ProductLink id={one.product_id} name={one.product_name} /> },
	{ title: "Version", cell: (one) => <Name text={one.version} />, main: true },
	{ title: "Runs in", cell: (one) => <RunsIn version={one} places={places} /> },
	{ title: "Commit", cell: (one) => <Commit repository={one.scm_repository} sha={one.scm_sha} /> },
	{ title: "Repository", cell: (one) => <Repository repository={one.scm_repository} />, wideOnly: true },
	{ title: "First seen", cell: (one) => <RelativeTime at={one.created_at} />, tight: true },
];

export default function Page() {
	const filters = useFilters("versions", FILTERS);
	const view = useQueryValue("view");
	const wanted = FILTERS.map((name) => filters.values[name]);
	const query = Object.fromEntries(FILTERS.map((name) => [name, filters.values[name] || undefined]));
	const pages = usePages((cursor, signal) => take(api.GET("/versions", { params: { query: { ...query, cursor } }, signal })), wanted);
	const places = usePlaces(pages.items.map((one) => one.product_id));
	// A version comes with its first event, and may get its commit from a later one. With a filter by state any event may bring one in.
	const soon = usePaced(pages.refresh);
	useLive(() => soon());
	const fields = [
		{ name: "product", label: "Product", options: useProductNames() },
		{ name: "q", label: "Part of its name", single: true },
		{ name: "status", label: "State of a build or deployment", options: STATE_OPTIONS },
		{ name: "since", label: "Since", time: true },
		{ name: "until", label: "Until", time: true },
	] as const;
	const empty = (
		<EmptyState title={filters.any ? "Nothing matches these filters" : "Nothing has been built yet"} icon="commit">
			{!filters.any && (
				<>
					<p>Tell of a build from a pipeline, or from here:</p>
					<CodeBlock code={SEND_BUILD} label="Send a build" />
				</>
			)}
		</EmptyState>
	);
	const list = (
		<>
			<FilterBar filters={filters} fields={fields} />
			<ListView
				label="Versions"
				pages={pages}
				columns={columnsWith(places)}
				href={(one) => viewPath(one.id)}
				rowClass={(one) => (one.id === view ? "chosen" : undefined)}
				empty={empty}
			/>
		</>
	);
	return (
		<>
			<PageHeader title="Versions" about="What was built, and where it runs." />
			<ListAndOne view={view} label="Version" list={list} one={<OneVersion key={view} id={view} />} onClose={closeView} />
		</>
	);
}
