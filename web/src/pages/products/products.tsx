/** What is built and deployed: the list, and one product in its place (?view=ID). */
import { api, take } from "../../api/client";
import type { Product } from "../../api/types";
import { usePages } from "../../app/data";
import { useFilters } from "../../app/filters";
import { useLive } from "../../app/live";
import { navigate, useQueryValue, withQuery } from "../../app/location";
import { lookOfState } from "../../kit/badge";
import { FilterBar } from "../../kit/filter_bar";
import { Icon } from "../../kit/icon";
import { ListView } from "../../kit/list";
import { ListAndOne } from "../../kit/list_and_one";
import { CodeBlock, EmptyState } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import type { Column } from "../../kit/table";
import { LongText, Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";
import { latestOf, usePlaces, type Place, type Places } from "../history/cells";
import { SEND_BUILD } from "../history/examples";
import { usePaced } from "../history/live_rows";
import { viewPath } from "../history/view";
import { OneProduct } from "./one_product";

const FILTERS = ["q"] as const;

/** "staging 1.4.2", with a mark where the latest attempt is another one. */
function InShort({ place: { environment, cell } }: { place: Place }) {
	const attempt = cell.latest_attempt;
	const look = attempt && attempt.status !== "completed" ? lookOfState(attempt.status) : null;
	return (
		<span class="place">
			<span class="place-name">
				<Name text={environment} />
			</span>{" "}
			{cell.version ? <Name text={cell.version} /> : "–"}
			{look && attempt && (
				<span class={`place-mark tone-${look.tone}`} title={`${attempt.version}: ${look.word}`}>
					<Icon name={look.icon} size={12} label={`latest attempt ${look.word}`} />
				</span>
			)}
		</span>
	);
}

const columnsWith = (places: Places): Column<Product>[] => [
	{ title: "Product", cell: (one) => <Name text={one.name} />, main: true },
	{
		title: "Runs",
		cell: (one) => (
			<span class="runs-in">
				{(places.get(one.id) ?? []).map((place) => (
					<InShort key={place.environment} place={place} />
				))}
			</span>
		),
	},
	{ title: "Description", cell: (one) => one.description && <LongText text={one.description} short />, wideOnly: true },
	{ title: "Latest deployment", cell: (one) => <RelativeTime at={latestOf(places.get(one.id))} />, tight: true },
];

/** From a product back to the list; the picture's zoom stays behind. */
const close = () => navigate(withQuery({ view: null, days: null }));

export default function Page() {
	const filters = useFilters("products", FILTERS);
	const view = useQueryValue("view");
	const { q } = filters.values;
	const pages = usePages((cursor, signal) => take(api.GET("/products", { params: { query: { q: q || undefined, cursor } }, signal })), [q]);
	const places = usePlaces(pages.items.map(({ id }) => id));
	const soon = usePaced(pages.refresh);
	useLive((message) => {
		if (message.kind === "resync" || !pages.items.some(({ id }) => id === message.event.product_id)) soon();
	});
	const empty = (
		<EmptyState title={filters.any ? "No product has such a name" : "There are no products yet"}>
			{!filters.any && (
				<>
					<p>A product comes with the first event that names it:</p>
					<CodeBlock code={SEND_BUILD} label="Send a build" />
				</>
			)}
		</EmptyState>
	);
	const list = (
		<>
			<FilterBar filters={filters} fields={[{ name: "q", label: "Part of its name", single: true }]} />
			<ListView label="Products" pages={pages} columns={columnsWith(places)} href={(one) => viewPath(one.id)} empty={empty} />
		</>
	);
	return (
		<>
			<PageHeader title="Products" about="What is built and deployed." />
			<ListAndOne
				whole
				view={view}
				label="Product"
				list={list}
				one={<OneProduct key={view} id={view} onChanged={pages.reload} onClose={close} />}
				onClose={close}
			/>
		</>
	);
}
