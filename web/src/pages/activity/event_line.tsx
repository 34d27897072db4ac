/** One event of the feed: icon, sentence, when, and where it leads. */
import { Component } from "preact";
import type { ApiEvent } from "../../api/types";
import { Badge, lookOfState } from "../../kit/badge";
import { Commit } from "../../kit/commit";
import { Icon } from "../../kit/icon";
import { Link } from "../../kit/link";
import { LongText, Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";
import { builder, deployer, deploymentPath, EnvironmentLink, personOf, ProductLink, runAddress, RunLink, VersionLink, Who } from "../history/links";
import { effectOf, iconOf, verbOf } from "./words";

/** An event never changes: its line is drawn once. */
export class EventLine extends Component<{ event: ApiEvent }> {
	override shouldComponentUpdate(next: { event: ApiEvent }): boolean {
		return next.event !== this.props.event;
	}

	override render() {
		return <Line event={this.props.event} />;
	}
}

function Line({ event }: { event: ApiEvent }) {
	const { payload, event_type: type } = event;
	const { tone, icon } = lookOfState(type.replace(/^.*\./, ""));
	const person = event.kind === "deployment" ? deployer(payload) : builder(payload);
	const effect = effectOf(event);
	const run = runAddress(payload);
	return (
		<li class="event">
			<span class={`event-icon tone-${tone}`}>
				<Icon name={iconOf(type, icon)} label={type.replace(".", " ").replaceAll("_", " ")} />
			</span>
			<div class="event-body">
				<p class="event-words">
					<strong>
						<ProductLink id={event.product_id} name={event.product_name} /> <VersionLink id={event.version_id} name={event.version} />
					</strong>{" "}
					{verbOf(type)}{" "}
					{event.environment_name && (
						<strong>
							<EnvironmentLink name={event.environment_name} />
						</strong>
					)}
					{personOf(person) && (
						<>
							{" "}
							by <Who person={person} />
						</>
					)}
					{effect && (
						<>
							{" "}
							<Badge>{effect}</Badge>
						</>
					)}
				</p>
				{payload.error_message && (
					<div class="event-error">
						<LongText text={payload.error_message} short />
					</div>
				)}
				<p class="event-links">
					<RelativeTime at={event.occurred_at} />
					{event.deployment_id && <Link href={deploymentPath(event.deployment_id)}>Deployment</Link>}
					{(run || payload.build_number || payload.invoke_id) && (
						<span>
							Run <RunLink run={payload} />
						</span>
					)}
					{payload.scm_sha && <Commit repository={payload.scm_repository} sha={payload.scm_sha} run={run} />}
					{payload.scm_branch && (
						<span class="branch">
							<Icon name="branch" size={12} /> <Name text={payload.scm_branch} />
						</span>
					)}
				</p>
			</div>
		</li>
	);
}
