/** Columns of deployments and builds, for every table that shows some. */
import type { Build, Deployment } from "../../api/types";
import { Badge, StatusBadge } from "../../kit/badge";
import { Commit } from "../../kit/commit";
import type { Column } from "../../kit/table";
import { Name } from "../../kit/text";
import { Duration, RelativeTime } from "../../kit/time";
import { builder, deployer, ProductLink, runAddress, RunLink, VersionLink, Who } from "./links";

/** How a completed deployment changed what runs; an upgrade is the usual one and needs no badge. */
export function KindBadge({ kind }: { kind: Deployment["kind"] }) {
	if (kind === "rollback") return <Badge tone="warn" icon="rollback">rollback</Badge>;
	return kind ? <span class="kind">{kind}</span> : null;
}

export const DEPLOYMENT = {
	product: { title: "Product", cell: (one) => <ProductLink id={one.product_id} name={one.product_name} /> },
	version: { title: "Version", cell: (one) => <Name text={one.version} />, main: true },
	environment: { title: "Environment", cell: (one) => <Name text={one.environment_name} /> },
	state: { title: "State", cell: (one) => <StatusBadge state={one.status} />, tight: true },
	kind: { title: "Kind", cell: (one) => <KindBadge kind={one.kind} />, tight: true, wideOnly: true },
	who: { title: "By", cell: (one) => <Who person={deployer(one)} />, wideOnly: true },
	took: { title: "Took", cell: (one) => <Duration from={one.started_at} to={one.completed_at} />, tight: true, wideOnly: true },
	when: { title: "When", cell: (one) => <RelativeTime at={one.deployed_at} />, tight: true },
} satisfies Record<string, Column<Deployment>>;

export const BUILD = {
	number: { title: "Build", cell: (one) => <RunLink run={one} /> },
	version: { title: "Version", cell: (one) => <VersionLink id={one.version_id} name={one.version} /> },
	state: { title: "State", cell: (one) => <StatusBadge state={one.status} />, tight: true },
	commit: { title: "Commit", cell: (one) => <Commit repository={one.scm_repository} sha={one.scm_sha} run={runAddress(one)} /> },
	branch: { title: "Branch", cell: (one) => <Name text={one.scm_branch} />, wideOnly: true },
	who: { title: "By", cell: (one) => <Who person={builder(one)} />, wideOnly: true },
	took: { title: "Took", cell: (one) => <Duration from={one.started_at} to={one.completed_at} />, tight: true },
	when: { title: "When", cell: (one) => <RelativeTime at={one.created_at} />, tight: true },
} satisfies Record<string, Column<Build>>;
