/** One cell, opened: what runs there, the latest attempt, and where to go on. */
import { api, take } from "../../api/client";
import { useData } from "../../app/data";
import { StatusBadge } from "../../kit/badge";
import { Commit } from "../../kit/commit";
import { Dialog } from "../../kit/dialog";
import { Link, SafeLink } from "../../kit/link";
import { ErrorBox, Skeleton } from "../../kit/messages";
import { Facts } from "../../kit/page";
import { LongText, Name, visible } from "../../kit/text";
import { DateTime, RelativeTime } from "../../kit/time";
import type { Cell, Column, Row } from "./model";

function When({ at }: { at: string | null }) {
	return (
		<>
			<DateTime at={at} /> (<RelativeTime at={at} />)
		</>
	);
}

/** What only the deployment itself knows. */
function About({ id }: { id: string }) {
	const { data, error, reload } = useData((signal) => take(api.GET("/deployments/{id}", { params: { path: { id } }, signal })), [id]);
	if (error) return <ErrorBox error={error} onRetry={reload} />;
	if (!data) return <Skeleton lines={3} />;
	return (
		<>
			<Facts
				facts={[
					["Deployed by", (data.deployed_by_name ?? data.deployed_by) && <Name text={data.deployed_by_name ?? data.deployed_by} />],
					["Commit", data.scm_sha && <Commit sha={data.scm_sha} repository={data.scm_repository} run={data.deploy_url ?? data.build_url} />],
					["Branch", data.scm_branch && <Name text={data.scm_branch} />],
					["Run", data.deploy_url && <SafeLink href={data.deploy_url} />],
				]}
			/>
			{data.error_message && <LongText text={data.error_message} />}
		</>
	);
}

function Current({ cell }: { cell: Cell }) {
	if (!cell.version || !cell.deployment_id) return <p class="about">No deployment has completed here.</p>;
	return (
		<Facts
			facts={[
				["Version", <Link href={`/manage/versions?view=${cell.version_id}`}><Name text={cell.version} /></Link>],
				["Since", <When at={cell.since} />],
				["Kind", cell.kind?.replaceAll("_", " ")],
				["Deployment", <Link href={`/manage/deployments?view=${cell.deployment_id}`}>how it got here</Link>],
			]}
		/>
	);
}

function Attempt({ attempt }: { attempt: NonNullable<Cell["latest_attempt"]> }) {
	return (
		<section>
			<h3>Latest attempt</h3>
			<Facts
				facts={[
					["State", <StatusBadge state={attempt.status} />],
					["Version", <Link href={`/manage/versions?view=${attempt.version_id}`}><Name text={attempt.version} /></Link>],
					["When", <When at={attempt.at} />],
					["Deployment", <Link href={`/manage/deployments?view=${attempt.deployment_id}`}>what happened</Link>],
				]}
			/>
		</section>
	);
}

export function CellPanel({ row, column, onClose }: { row: Row; column: Column; onClose: () => void }) {
	const cell = row.cells[column.id];
	if (!cell) return null;
	const attempt = cell.latest_attempt;
	const newest = attempt?.deployment_id ?? cell.deployment_id;
	const query = new URLSearchParams({ product: row.product_name, environment: column.name });
	return (
		<Dialog title={`${visible(row.product_name)} in ${visible(column.name)}`} onClose={onClose}>
			<Current cell={cell} />
			{attempt && <Attempt attempt={attempt} />}
			{newest && <About id={newest} />}
			<p>
				<Link href={`/manage/deployments?${query}`}>All deployments of <Name text={row.product_name} /> here</Link>
				{" · "}
				<Link href={`/manage/products?view=${row.product_id}`}>The product</Link>
			</p>
		</Dialog>
	);
}
