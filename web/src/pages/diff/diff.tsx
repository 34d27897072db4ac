/** What differs between two environments. */
import { useState } from "preact/hooks";
import { api, take } from "../../api/client";
import type { Matrix } from "../../api/types";
import { useData } from "../../app/data";
import { useFilters, type Filters } from "../../app/filters";
import { useLiveRefresh } from "../../app/live";
import { setQuery } from "../../app/location";
import { Button } from "../../kit/button";
import { Combobox } from "../../kit/combobox";
import { Commit } from "../../kit/commit";
import { Select } from "../../kit/field";
import { Icon } from "../../kit/icon";
import { Link } from "../../kit/link";
import { EmptyState, ErrorBox, Skeleton } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import { DataTable, type Column } from "../../kit/table";
import { Name, visible } from "../../kit/text";
import { RelativeTime } from "../../kit/time";
import { distance, firstPair, type Pair, pairsOf, type Side } from "./pairs";

const NAMES = ["from", "to", "product", "all"] as const;
const PART = 200;
const REFRESH_MS = 3000;

type DiffFilters = Filters<(typeof NAMES)[number]>;

/** Nobody needs the cells to know the columns: of one product that does not exist they come alone. */
const NO_PRODUCT = "00000000-0000-0000-0000-000000000000";

function SideCell({ side }: { side: Side | null }) {
	if (!side) return <span class="about">not there</span>;
	return (
		<span class="diff-side">
			<Link href={`/manage/versions?view=${side.version_id}`}>
				<Name text={side.version} />
			</Link>
			<Commit sha={side.scm_sha} repository={side.scm_repository} />
			<Link href={`/manage/deployments?view=${side.deployment_id}`} class="diff-since">
				<RelativeTime at={side.since} />
			</Link>
		</span>
	);
}

function columnsFor(names: { from: string; to: string }): Column<Pair>[] {
	return [
		{ title: "Product", cell: (pair) => <Name text={pair.product_name} />, main: true },
		{ title: names.from, cell: (pair) => <SideCell side={pair.from} /> },
		{ title: names.to, cell: (pair) => <SideCell side={pair.to} /> },
		{
			title: "Distance",
			cell: (pair) => (
				<span class={pair.same ? "diff-distance same" : "diff-distance"}>
					<Icon name={pair.same ? "check" : "drift"} size={14} /> {distance(pair, names)}
				</span>
			),
		},
	];
}

function Pairs({ pairs, names }: { pairs: readonly Pair[]; names: { from: string; to: string } }) {
	const [shown, setShown] = useState(PART);
	const different = pairs.filter((pair) => !pair.same).length;
	return (
		<>
			<p class="matrix-count" role="status">
				{different.toLocaleString("en")} {different === 1 ? "product differs" : "products differ"}
				{pairs.length > different && `, ${(pairs.length - different).toLocaleString("en")} the same`}
			</p>
			<DataTable
				label={`${names.from} and ${names.to}`}
				columns={columnsFor(names)}
				rows={pairs.slice(0, shown)}
				rowKey={(pair) => pair.product_id}
				href={(pair) => `/manage/products?view=${pair.product_id}`}
			/>
			{pairs.length > shown && (
				<div class="load-more">
					<Button onClick={() => setShown(shown + PART)}>Show more</Button>
				</div>
			)}
		</>
	);
}

function Differences({ from, to, product, all, onAll }: { from: string; to: string; product: string; all: boolean; onAll: () => void }) {
	const answer = useData(
		async (signal) => {
			const query = { product: product || undefined };
			const diff = await take(api.GET("/environment-state/diff", { params: { query: { ...query, from, to } }, signal }));
			const environment = `${diff.from.id},${diff.to.id}`;
			const matrix = all ? await take(api.GET("/environment-state", { params: { query: { ...query, environment } }, signal })) : null;
			return { diff, pairs: pairsOf(diff, matrix) };
		},
		[from, to, product, all],
	);
	useLiveRefresh(answer.reload, ["deployment."], REFRESH_MS);
	const { data, error } = answer;
	if (error?.status === 404)
		return (
			<EmptyState title="There is no such environment" icon="unknown">
				<p>One of them may have been renamed or deleted. Choose two above.</p>
			</EmptyState>
		);
	if (error && !data) return <ErrorBox error={error} onRetry={answer.reload} />;
	if (!data) return <Skeleton lines={8} />;
	const names = { from: visible(data.diff.from.name), to: visible(data.diff.to.name) };
	if (!data.pairs.length)
		return (
			<EmptyState title={all ? "Neither environment has a version of these products" : `${names.from} and ${names.to} are the same`} icon={all ? "box" : "check"}>
				{!all && <Button onClick={onAll}>Show all products</Button>}
			</EmptyState>
		);
	return (
		<>
			<ErrorBox error={error} onRetry={answer.reload} />
			<Pairs pairs={data.pairs} names={names} />
		</>
	);
}

function Choices({ filters, environments, from, to }: { filters: DiffFilters; environments: Matrix["environments"]; from: string; to: string }) {
	const [products, setProducts] = useState<string[]>([]);
	const { values, set } = filters;
	const options = [...new Set([...environments.map(({ name }) => name), from, to])].map((name) => ({ value: name, label: visible(name) }));
	const loadProducts = () => {
		if (products.length) return;
		void take(api.GET("/environment-state", { params: { query: { environment: `${from},${to}` } } })).then(
			({ items }) => setProducts(items.map(({ product_name }) => product_name)),
			() => {},
		);
	};
	return (
		<div class="filter-bar diff-bar" role="group" aria-label="What is compared" onFocusIn={loadProducts}>
			<Select label="From" value={from} options={options} onChange={(value) => setQuery({ from: value, to })} />
			<Button icon="drift" label="Swap them" onClick={() => setQuery({ from: to, to: from })} />
			<Select label="To" value={to} options={options} onChange={(value) => setQuery({ from, to: value })} />
			<Combobox
				label="Products"
				placeholder="All products"
				several
				values={values.product.split(",").filter(Boolean)}
				options={products.map((name) => ({ value: name, label: name }))}
				onChange={(chosen) => set("product", chosen.join(","))}
			/>
			<Button pressed={values.all === "1"} onClick={() => set("all", values.all === "1" ? "" : "1")}>
				Also what is the same
			</Button>
		</div>
	);
}

export default function Page() {
	const filters = useFilters("diff", NAMES);
	const known = useData((signal) => take(api.GET("/environment-state", { params: { query: { product: NO_PRODUCT } }, signal })), []);
	const { product, all } = filters.values;
	const environments = known.data?.environments ?? [];
	const first = firstPair(environments);
	const from = filters.values.from || first?.from || "";
	const to = filters.values.to || first?.to || "";
	const chosen = from && to;
	return (
		<>
			<PageHeader title="Compare environments" about="What differs between two environments." actions={<Link href="/">To the matrix</Link>} />
			<ErrorBox error={known.error} onRetry={known.reload} />
			{chosen && <Choices filters={filters} environments={environments} from={from} to={to} />}
			{chosen && from === to && <EmptyState title="Choose two different environments" icon="drift" />}
			{chosen && from !== to && (
				<Differences from={from} to={to} product={product} all={all === "1"} onAll={() => filters.set("all", "1")} />
			)}
			{!chosen && known.loading && <Skeleton lines={6} />}
			{!chosen && known.data && (
				<EmptyState title="There are not two environments yet" icon="grid">
					<p>They appear by themselves with the first deployment to each.</p>
				</EmptyState>
			)}
		</>
	);
}
