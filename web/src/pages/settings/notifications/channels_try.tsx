/** The button that sends a sample, and what the destination said. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { Channel, ChannelTest } from "../../../api/types";
import { Badge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { ErrorBox } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import { LongText } from "../../../kit/text";
import { duration } from "../../../kit/time";

export function TestChannel({ channel }: { channel: Channel }) {
	const [answer, setAnswer] = useState<ChannelTest | null>(null);
	const [error, setError] = useState<unknown>(null);
	const [busy, setBusy] = useState(false);
	const send = async () => {
		setBusy(true);
		setError(null);
		setAnswer(null);
		try {
			setAnswer(await call<ChannelTest>("POST", `/notification-channels/${channel.id}/test`));
		} catch (thrown) {
			setError(thrown);
		}
		setBusy(false);
	};
	const button = (
		<Button icon="bell" busy={busy} onClick={send}>
			Send a sample
		</Button>
	);
	return (
		<Section title="Test" actions={button}>
			<ErrorBox error={error} />
			<div role="status">
				{answer ? <Answer answer={answer} /> : <p class="soft">{busy ? "The sample is on its way …" : "What the destination says is shown here."}</p>}
			</div>
		</Section>
	);
}

function Answer({ answer }: { answer: ChannelTest }) {
	return (
		<div class="test-answer">
			<p>
				<Badge tone={answer.delivered ? "good" : "bad"} icon={answer.delivered ? "check" : "failed"}>
					{answer.delivered ? "delivered" : "not delivered"}
				</Badge>{" "}
				{answer.status === null ? "No answer" : `Answered ${answer.status}`} after {duration(answer.duration_ms)}
			</p>
			{answer.answer && <LongText text={answer.answer} />}
		</div>
	);
}
