/** What went where, and how it ended: the list, and one deployment beside it (?view=ID). */
import { api, take } from "../../api/client";
import type { Deployment } from "../../api/types";
import { useEnvironmentNames, useProductNames } from "../../app/catalog";
import { usePages } from "../../app/data";
import { useFilters } from "../../app/filters";
import { useQueryValue } from "../../app/location";
import { FilterBar, STATE_OPTIONS } from "../../kit/filter_bar";
import { ListView } from "../../kit/list";
import { ListAndOne } from "../../kit/list_and_one";
import { CodeBlock, EmptyState } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import { DEPLOYMENT } from "../history/columns";
import { SEND_DEPLOYMENT } from "../history/examples";
import { useLiveRows } from "../history/live_rows";
import { closeView, viewPath } from "../history/view";
import { OneDeployment } from "./one_deployment";

const FILTERS = ["product", "environment", "version", "status", "kind", "deployed_by", "since", "until"] as const;
const KINDS = ["initial", "upgrade", "redeploy", "rollback"].map((kind) => ({ value: kind, label: kind }));
const { product, version, environment, state, kind, who, took, when } = DEPLOYMENT;
const COLUMNS = [product, version, environment, state, kind, who, took, when];

const readOne = (id: string): Promise<Deployment> => take(api.GET("/deployments/{id}", { params: { path: { id } } }));

export default function Page() {
	const filters = useFilters("deployments", FILTERS);
	const view = useQueryValue("view");
	const wanted = FILTERS.map((name) => filters.values[name]);
	const query = Object.fromEntries(FILTERS.map((name) => [name, filters.values[name] || undefined]));
	const pages = usePages((cursor, signal) => take(api.GET("/deployments", { params: { query: { ...query, cursor } }, signal })), wanted);
	useLiveRows(pages, (event) => event.deployment_id, readOne);
	const fields = [
		{ name: "product", label: "Product", options: useProductNames() },
		{ name: "environment", label: "Environment", options: useEnvironmentNames() },
		{ name: "version", label: "Version" },
		{ name: "status", label: "State", options: STATE_OPTIONS },
		{ name: "kind", label: "Kind", options: KINDS },
		{ name: "deployed_by", label: "Deployed by" },
		{ name: "since", label: "Since", time: true },
		{ name: "until", label: "Until", time: true },
	] as const;
	const empty = (
		<EmptyState title={filters.any ? "Nothing matches these filters" : "Nothing has been deployed yet"} icon="rocket">
			{filters.any ? (
				<p>Names are compared letter by letter.</p>
			) : (
				<>
					<p>Tell of a deployment from a pipeline, or from here:</p>
					<CodeBlock code={SEND_DEPLOYMENT} label="Send a deployment" />
				</>
			)}
		</EmptyState>
	);
	const list = (
		<>
			<FilterBar filters={filters} fields={fields} />
			<ListView
				label="Deployments"
				pages={pages}
				columns={COLUMNS}
				href={(one) => viewPath(one.id)}
				rowClass={(one) => (one.id === view ? "chosen" : undefined)}
				empty={empty}
			/>
		</>
	);
	return (
		<>
			<PageHeader title="Deployments" about="What went where, and how it ended." />
			<ListAndOne view={view} label="Deployment" list={list} one={<OneDeployment key={view} id={view} />} onClose={closeView} />
		</>
	);
}
