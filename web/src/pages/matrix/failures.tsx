/** The banner of what failed in the last day. Dismissed, it comes back with a newer failure. */
import { useState } from "preact/hooks";
import { recallText, remember } from "../../app/storage";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { Link } from "../../kit/link";
import { Name } from "../../kit/text";
import { RelativeTime } from "../../kit/time";
import type { Failure } from "./model";

const KEPT = "matrix.dismissed";
const SHOWN = 3;

export function FailureBanner({ failures, onAll }: { failures: readonly Failure[]; onAll: () => void }) {
	const [dismissed, setDismissed] = useState(() => recallText(KEPT) ?? "");
	const newest = failures[0]?.at;
	if (!newest || Date.parse(newest) <= Date.parse(dismissed)) return null;
	const dismiss = () => {
		remember(KEPT, newest);
		setDismissed(newest);
	};
	return (
		<section class="notice notice-bad failure-banner" aria-label="Latest failures">
			<Icon name="failed" />
			<ul>
				{failures.slice(0, SHOWN).map((failure) => (
					<li key={failure.deploymentId}>
						<Link href={`/manage/deployments?view=${failure.deploymentId}`}>
							<Name text={failure.product} /> <Name text={failure.version} /> failed in <Name text={failure.environment} />
						</Link>{" "}
						<RelativeTime at={failure.at} />
					</li>
				))}
			</ul>
			{failures.length > 1 && (
				<Button look="quiet" onClick={onAll}>
					All {failures.length.toLocaleString("en")}
				</Button>
			)}
			<Button look="quiet" icon="cross" label="Dismiss until the next failure" onClick={dismiss} />
		</section>
	);
}
