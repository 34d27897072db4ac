/** One deployment: what, where, by whom, its events, its error, who was told. */
import { api, take } from "../../api/client";
import { ApiError } from "../../api/error";
import type { Deployment, DeploymentWithTimeline as Whole } from "../../api/types";
import { useData } from "../../app/data";
import { StatusBadge } from "../../kit/badge";
import { Commit, Repository } from "../../kit/commit";
import { Link } from "../../kit/link";
import { Facts, Section } from "../../kit/page";
import { LongText, Name } from "../../kit/text";
import { DateTime, Duration, RelativeTime } from "../../kit/time";
import { Tree } from "../../kit/tree";
import { KindBadge } from "../history/columns";
import { deployer, EnvironmentLink, ProductLink, runAddress, RunLink, VersionLink, Who } from "../history/links";
import { useLiveWhen } from "../history/live_rows";
import { Steps } from "../history/steps";
import { isId, One, viewPath } from "../history/view";
import { useWaiting } from "../history/waiting";
import { findNeighbours } from "./neighbours";
import { Notifications } from "./notifications";
import { Rules, ruleResults } from "./rules";

function read(id: string, signal: AbortSignal): Promise<Whole> {
	if (!isId(id)) return Promise.reject(new ApiError(404, "There is no such deployment."));
	return take(api.GET("/deployments/{id}", { params: { path: { id } }, signal }));
}

export function OneDeployment({ id }: { id: string }) {
	const loaded = useData((signal) => read(id, signal), [id]);
	useLiveWhen((event) => event.deployment_id === id, loaded.reload);
	useWaiting(loaded.data?.notifications, loaded.reload);
	return (
		<One word="deployment" loaded={loaded} title={(one) => `${one.product_name} ${one.version} → ${one.environment_name}`}>
			{(one) => <Shown one={one} />}
		</One>
	);
}

function Shown({ one }: { one: Whole }) {
	const run = runAddress(one);
	const rules = ruleResults(one.extra_metadata);
	return (
		<article class="deployment">
			<header class="one-title">
				<h2>
					<Name text={one.product_name} /> <Name text={one.version} /> <span aria-label="to">→</span> <Name text={one.environment_name} />
				</h2>
				<StatusBadge state={one.status} />
				<KindBadge kind={one.kind} />
			</header>
			<ErrorText one={one} />
			<Facts
				facts={[
					["Product", <ProductLink id={one.product_id} name={one.product_name} />],
					["Version", <VersionLink id={one.version_id} name={one.version} />],
					["Environment", <EnvironmentLink name={one.environment_name} />],
					["Deployed by", personFact(one)],
					["When", <RelativeTime at={one.deployed_at} />],
					["Took", one.started_at && one.completed_at && <Duration from={one.started_at} to={one.completed_at} />],
					["Started", one.started_at && <DateTime at={one.started_at} />],
					["Ended", one.completed_at && <DateTime at={one.completed_at} />],
					["Run", (run || one.build_number || one.invoke_id) && <RunLink run={one} />],
					["Commit", one.scm_sha && <Commit repository={one.scm_repository} sha={one.scm_sha} run={run} />],
					["Repository", one.scm_repository && <Repository repository={one.scm_repository} run={run} />],
					["Branch", one.scm_branch && <Name text={one.scm_branch} />],
					["Told by", one.source_system && one.source_system !== "unknown" && <Name text={one.source_system} />],
					["Soak time", one.soak_time_hours !== null && `${one.soak_time_hours} h`],
				]}
			/>
			<Rules results={rules} />
			<Section title="What happened">
				<Steps events={one.timeline} longer={one.timeline_is_longer} />
			</Section>
			<Around one={one} />
			<Notifications notifications={one.notifications} />
			{one.extra_metadata && Object.keys(one.extra_metadata).length > 0 && (
				<Section title="Metadata">
					<Tree value={one.extra_metadata} label="Metadata" />
				</Section>
			)}
		</article>
	);
}

function personFact(one: Deployment) {
	return (one.deployed_by || one.deployed_by_email || one.deployed_by_name) && <Who person={deployer(one)} />;
}

function ErrorText({ one }: { one: Deployment }) {
	if (!one.error_message && !one.error_code) return null;
	return (
		<div class="error-text">
			{one.error_code && (
				<strong>
					<Name text={one.error_code} />
				</strong>
			)}
			{one.error_message && <LongText text={one.error_message} />}
		</div>
	);
}

/** The deployments of the product there, before this one and after it. */
function Around({ one }: { one: Deployment }) {
	const { data } = useData((signal) => findNeighbours(one, signal), [one.id, one.updated_at]);
	return (
		<Section title="Before and after there">
			<dl class="around">
				<div>
					<dt>Before</dt>
					<dd>{data ? <Neighbour one={data.before} none="This is the first one there." /> : "…"}</dd>
				</div>
				<div>
					<dt>After</dt>
					<dd>{data ? <Neighbour one={data.after} none="This is the latest one there." /> : "…"}</dd>
				</div>
			</dl>
		</Section>
	);
}

function Neighbour({ one, none }: { one: Deployment | null; none: string }) {
	if (!one) return <span class="step-about">{none}</span>;
	return (
		<>
			<Link href={viewPath(one.id)}>
				<Name text={one.version} />
			</Link>{" "}
			<StatusBadge state={one.status} /> <RelativeTime at={one.deployed_at} />
		</>
	);
}
