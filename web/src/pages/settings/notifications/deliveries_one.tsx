/** One delivery: what was told to whom, each attempt with its answer, and the button that sends a dead one again. */
import { api, take } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { NotificationWithAttempts as Whole } from "../../../api/types";
import { useData } from "../../../app/data";
import { StatusBadge } from "../../../kit/badge";
import { Link } from "../../../kit/link";
import { Facts, Section } from "../../../kit/page";
import { LongText } from "../../../kit/text";
import { DateTime, duration, RelativeTime } from "../../../kit/time";
import { Tree } from "../../../kit/tree";
import { deploymentPath, versionPath } from "../../history/links";
import { isId, One } from "../../history/view";
import { useWaiting } from "../../history/waiting";
import { typeLabel } from "./channels_fields";
import { ChannelLink, deliveryPath, Retry, Told } from "./deliveries_columns";
import { toldWords } from "./preferences_words";

function read(id: string, signal: AbortSignal): Promise<Whole> {
	if (!isId(id)) return Promise.reject(new ApiError(404, "There is no such delivery."));
	return take(api.GET("/notification-history/{id}", { params: { path: { id } }, signal }));
}

export function OneDelivery({ id, onChanged }: { id: string; onChanged: () => void }) {
	const loaded = useData((signal) => read(id, signal), [id]);
	useWaiting(loaded.data && [loaded.data], loaded.reload);
	const changed = () => {
		loaded.reload();
		onChanged();
	};
	return (
		<One word="delivery" words="deliveries" loaded={loaded} title={(one) => `${toldWords(one.event_type)} → ${one.channel_name}`}>
			{(one) => <Shown one={one} onChanged={changed} />}
		</One>
	);
}

function Shown({ one, onChanged }: { one: Whole; onChanged: () => void }) {
	const { payload } = one;
	return (
		<article class="delivery">
			<header class="one-title">
				<h3>
					<Told one={one} />
				</h3>
				<StatusBadge state={one.state} />
				<Retry one={one} onDone={onChanged} />
			</header>
			<Facts
				facts={[
					["Channel", <ChannelLink one={one} />],
					["Type", typeLabel(one.channel_type)],
					["Since", <RelativeTime at={one.created_at} />],
					["Next attempt", one.state === "waiting" && one.due_at && <RelativeTime at={one.due_at} />],
					["Ended", one.finished_at && <DateTime at={one.finished_at} />],
					["Deployment", one.deployment_id && <Link href={deploymentPath(one.deployment_id)}>show</Link>],
					["Version", one.build_id && payload?.version_id && <Link href={versionPath(payload.version_id)}>show</Link>],
					["Told in", one.folded_into && <Link href={deliveryPath(one.folded_into)}>another message</Link>],
				]}
			/>
			<Section title="Attempts">
				<Attempts attempts={one.attempt_list} state={one.state} />
			</Section>
			{payload && (
				<Section title="What is told">
					<Tree value={Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null))} label="What is told" />
				</Section>
			)}
		</article>
	);
}

function Attempts({ attempts, state }: { attempts: Whole["attempt_list"]; state: Whole["state"] }) {
	if (!attempts.length) return <p class="soft">{state === "folded" ? "It had none of its own." : "None yet."}</p>;
	return (
		<ol class="plain-list">
			{attempts.map(({ number, at, duration_ms: took, status, answer }) => (
				<li key={number}>
					<strong>{status ?? "no answer"}</strong>{" "}
					<span class="step-about">
						<DateTime at={at} /> · after {duration(took)}
					</span>
					{answer && <LongText text={answer} short />}
				</li>
			))}
		</ol>
	);
}
