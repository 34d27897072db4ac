/** One version: where it runs now, its builds, its deployments. */
import { api, take } from "../../api/client";
import { ApiError } from "../../api/error";
import type { VersionWithUses as Whole } from "../../api/types";
import { useData } from "../../app/data";
import { Commit, Repository } from "../../kit/commit";
import { Link } from "../../kit/link";
import { Facts, Section } from "../../kit/page";
import { DataTable } from "../../kit/table";
import { Name } from "../../kit/text";
import { DateTime, RelativeTime } from "../../kit/time";
import { Tree } from "../../kit/tree";
import { BUILD, DEPLOYMENT } from "../history/columns";
import { deploymentPath, ProductLink, runAddress } from "../history/links";
import { useLiveWhen } from "../history/live_rows";
import { isId, One } from "../history/view";

/** The server answers with as many of each. */
const MOST = 50;
const BUILDS = [BUILD.number, BUILD.state, BUILD.took, { ...BUILD.who, wideOnly: false }, BUILD.when];
const DEPLOYMENTS = [{ ...DEPLOYMENT.environment, main: true }, DEPLOYMENT.state, { ...DEPLOYMENT.took, wideOnly: false }, DEPLOYMENT.who, DEPLOYMENT.when];

function read(id: string, signal: AbortSignal): Promise<Whole> {
	if (!isId(id)) return Promise.reject(new ApiError(404, "There is no such version."));
	return take(api.GET("/versions/{id}", { params: { path: { id } }, signal }));
}

export function OneVersion({ id }: { id: string }) {
	const loaded = useData((signal) => read(id, signal), [id]);
	// What ran there before is current no longer: any deployment of the product may change where this one runs.
	useLiveWhen((event) => event.version_id === id || (event.kind === "deployment" && event.product_id === loaded.data?.product_id), loaded.reload);
	return (
		<One word="version" loaded={loaded} title={(one) => `${one.product_name} ${one.version}`}>
			{(one) => <Shown one={one} />}
		</One>
	);
}

function Shown({ one }: { one: Whole }) {
	const build = one.builds.find(({ scm_sha }) => scm_sha) ?? one.builds[0];
	const run = (build && runAddress(build)) ?? (one.deployments[0] ? runAddress(one.deployments[0]) : null);
	const branch = build?.scm_branch ?? one.deployments.find(({ scm_branch }) => scm_branch)?.scm_branch;
	return (
		<article>
			<header class="one-title">
				<h2>
					<Name text={one.product_name} /> <Name text={one.version} />
				</h2>
			</header>
			<Facts
				facts={[
					["Product", <ProductLink id={one.product_id} name={one.product_name} />],
					["Commit", one.scm_sha && <Commit repository={one.scm_repository} sha={one.scm_sha} run={run} />],
					["Repository", one.scm_repository && <Repository repository={one.scm_repository} run={run} />],
					["Branch", branch && <Name text={branch} />],
					["First seen", <DateTime at={one.created_at} />],
				]}
			/>
			<Section title="Runs now in">
				<Environments one={one} />
			</Section>
			<Section title={one.builds.length < MOST ? "Builds" : `The newest ${MOST} builds`}>
				{one.builds.length ? (
					<DataTable label="Builds" columns={BUILDS} rows={one.builds} rowKey={(row) => row.id} />
				) : (
					<p class="step-about">No build told of it.</p>
				)}
			</Section>
			<Section title={one.deployments.length < MOST ? "Deployments" : `The newest ${MOST} deployments`}>
				{one.deployments.length ? (
					<DataTable label="Deployments" columns={DEPLOYMENTS} rows={one.deployments} rowKey={(row) => row.id} href={(row) => deploymentPath(row.id)} />
				) : (
					<p class="step-about">It has not been deployed.</p>
				)}
			</Section>
			<Approvals one={one} />
		</article>
	);
}

function Environments({ one }: { one: Whole }) {
	if (!one.environments.length) return <p class="step-about">Nowhere.</p>;
	return (
		<ul class="plain-list">
			{one.environments.map((place) => (
				<li key={place.environment_id}>
					<Link href={deploymentPath(place.deployment_id)}>
						<Name text={place.environment_name} />
					</Link>{" "}
					<span class="step-about">
						since <RelativeTime at={place.since} />
					</span>
				</li>
			))}
		</ul>
	);
}

/** A server that has approvals says them here; this one may not. */
function Approvals({ one }: { one: Whole }) {
	const approvals = (one as { approvals?: unknown }).approvals;
	if (!Array.isArray(approvals) || !approvals.length) return null;
	return (
		<Section title="Approvals">
			<Tree value={approvals} label="Approvals" />
		</Section>
	);
}
