/** One product: what ran when, its builds, its deployments, and what may be changed of it. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../api/client";
import { ApiError } from "../../api/error";
import type { ProductWithCells as Whole } from "../../api/types";
import { products } from "../../app/catalog";
import { useData, usePages } from "../../app/data";
import { can } from "../../app/session";
import { Button } from "../../kit/button";
import { Confirm } from "../../kit/dialog";
import { Link } from "../../kit/link";
import { ListView } from "../../kit/list";
import { Facts, Section } from "../../kit/page";
import { LongText, Name } from "../../kit/text";
import { DateTime } from "../../kit/time";
import { toast } from "../../kit/toast";
import { Tree } from "../../kit/tree";
import { BUILD, DEPLOYMENT } from "../history/columns";
import { deploymentPath } from "../history/links";
import { useLiveRows } from "../history/live_rows";
import { isId, One } from "../history/view";
import { EditProduct } from "./edit_product";
import { TimelineSection } from "./timeline_section";

const PAGE = 10;
const DEPLOYMENTS = [{ ...DEPLOYMENT.version }, DEPLOYMENT.environment, DEPLOYMENT.state, DEPLOYMENT.kind, DEPLOYMENT.who, DEPLOYMENT.took, DEPLOYMENT.when];
const BUILDS = [BUILD.version, BUILD.number, BUILD.state, BUILD.commit, BUILD.branch, BUILD.who, BUILD.took, BUILD.when];

function read(id: string, signal: AbortSignal): Promise<Whole> {
	if (!isId(id)) return Promise.reject(new ApiError(404, "There is no such product."));
	return take(api.GET("/products/{id}", { params: { path: { id } }, signal }));
}

interface OneProductProps {
	id: string;
	/** It was changed or deleted: the list is old. */
	onChanged: () => void;
	onClose: () => void;
}

export function OneProduct({ id, onChanged, onClose }: OneProductProps) {
	const loaded = useData((signal) => read(id, signal), [id]);
	const changed = () => {
		products.forget();
		onChanged();
	};
	return (
		<One word="product" loaded={loaded} title={(one) => one.name}>
			{(one) => (
				<Shown
					one={one}
					onEdited={() => {
						changed();
						loaded.reload();
					}}
					onDeleted={() => {
						changed();
						onClose();
					}}
				/>
			)}
		</One>
	);
}

function Shown({ one, onEdited, onDeleted }: { one: Whole; onEdited: () => void; onDeleted: () => void }) {
	const [doing, setDoing] = useState<"" | "edit" | "delete">("");
	const done = () => setDoing("");
	return (
		<article>
			<header class="one-title">
				<h2>
					<Name text={one.name} />
				</h2>
				{can("catalog.write") && (
					<div class="actions">
						<Button icon="edit" onClick={() => setDoing("edit")}>
							Edit
						</Button>
						<Button look="danger" icon="trash" onClick={() => setDoing("delete")}>
							Delete
						</Button>
					</div>
				)}
			</header>
			{one.description && <LongText text={one.description} />}
			<TimelineSection product={one.id} name={one.name} />
			<Deployments product={one.id} name={one.name} />
			<Builds product={one.id} />
			<Section title="About">
				<Facts facts={[["First seen", <DateTime at={one.created_at} />], ["Changed", one.updated_at !== one.created_at && <DateTime at={one.updated_at} />]]} />
				{one.extra_metadata && Object.keys(one.extra_metadata).length > 0 && <Tree value={one.extra_metadata} label="Metadata" />}
			</Section>
			{doing === "edit" && <EditProduct product={one} onClose={done} onSaved={onEdited} />}
			{doing === "delete" && <DeleteProduct product={one} onClose={done} onDeleted={onDeleted} />}
		</article>
	);
}

function DeleteProduct({ product, onClose, onDeleted }: { product: Whole; onClose: () => void; onDeleted: () => void }) {
	const remove = async () => {
		await call("DELETE", `/products/${product.id}`);
		toast.done("The product was deleted.");
		onDeleted();
	};
	return (
		<Confirm title="Delete this product?" action="Delete" danger onConfirm={remove} onClose={onClose}>
			<p>
				<Name text={product.name} /> leaves the matrix and all lists. Its history stays in the event log, and the next event that names it makes it anew.
			</p>
		</Confirm>
	);
}

function Deployments({ product, name }: { product: string; name: string }) {
	const pages = usePages((cursor, signal) => take(api.GET("/deployments", { params: { query: { product, limit: PAGE, cursor } }, signal })), [product]);
	useLiveRows(
		pages,
		(event) => (event.product_id === product ? event.deployment_id : null),
		(id) => take(api.GET("/deployments/{id}", { params: { path: { id } } })),
	);
	// Commas separate names in a filter.
	const all = `/manage/deployments?product=${encodeURIComponent(name.includes(",") ? product : name)}`;
	return (
		<Section title="Deployments" actions={<Link href={all}>All, with filters</Link>}>
			<ListView
				label="Deployments of the product"
				pages={pages}
				columns={DEPLOYMENTS}
				href={(row) => deploymentPath(row.id)}
				empty={<p class="step-about">It has not been deployed.</p>}
			/>
		</Section>
	);
}

function Builds({ product }: { product: string }) {
	const pages = usePages((cursor, signal) => take(api.GET("/builds", { params: { query: { product, limit: PAGE, cursor } }, signal })), [product]);
	useLiveRows(
		pages,
		(event) => (event.product_id === product ? event.build_id : null),
		(id) => take(api.GET("/builds/{id}", { params: { path: { id } } })),
	);
	return (
		<Section title="Builds">
			<ListView label="Builds of the product" pages={pages} columns={BUILDS} empty={<p class="step-about">No build told of it.</p>} />
		</Section>
	);
}
