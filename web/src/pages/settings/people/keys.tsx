/** API keys: what machines come with. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../../api/client";
import type { ApiKey } from "../../../api/types";
import { usePages } from "../../../app/data";
import { Badge, StatusBadge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Confirm } from "../../../kit/dialog";
import { ListView } from "../../../kit/list";
import { EmptyState } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import type { Column } from "../../../kit/table";
import { Name } from "../../../kit/text";
import { RelativeTime } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { actorWords } from "../actor";
import { LAST_USED, revokeColumn } from "./credential";
import { NewKey } from "./new_key";
import { SCOPES } from "./words";

const columnsWith = (onRevoke: (key: ApiKey) => void): Column<ApiKey>[] => [
	{ title: "Name", cell: (one) => <Name text={one.name} />, main: true },
	{ title: "Number", cell: (one) => <code>{one.number}</code>, tight: true },
	{
		title: "May",
		cell: (one) => (
			<span class="badges">
				{one.scopes.map((scope) => (
					<Badge key={scope} tone={scope === "admin" ? "warn" : "none"} title={SCOPES[scope]?.about}>
						{scope}
					</Badge>
				))}
			</span>
		),
	},
	{ title: "Made", cell: (one) => <RelativeTime at={one.created_at} />, tight: true },
	{ title: "By", cell: (one) => (one.created_by ? <Name text={actorWords(one.created_by)} /> : "the server"), wideOnly: true },
	LAST_USED,
	{ title: "State", cell: (one) => <StatusBadge state={one.revoked_at ? "revoked" : "active"} />, tight: true },
	revokeColumn(onRevoke),
];

export default function Page() {
	const [making, setMaking] = useState(false);
	const [revoking, setRevoking] = useState<ApiKey | null>(null);
	const pages = usePages((cursor, signal) => take(api.GET("/api-keys", { params: { query: { cursor } }, signal })), []);
	const revoke = async (key: ApiKey) => {
		await call<void>("DELETE", `/api-keys/${key.id}`);
		pages.put({ ...key, revoked_at: new Date().toISOString() });
		toast.done(`The key ${key.number} was revoked.`);
	};
	const button = (
		<Button look="primary" icon="plus" onClick={() => setMaking(true)}>
			New key
		</Button>
	);
	const empty = (
		<EmptyState title="There are no API keys" icon="key">
			<p>A pipeline needs one to send events.</p>
			{button}
		</EmptyState>
	);
	return (
		<Section title="API keys" actions={pages.items.length > 0 && button}>
			<p class="about section-about">What machines come with: pipelines, scripts, dashboards. Of a key the server keeps a hash only. Revoked ones stay in the list.</p>
			<ListView
				label="API keys"
				pages={pages}
				columns={columnsWith(setRevoking)}
				rowClass={(one) => (one.revoked_at ? "over" : undefined)}
				empty={empty}
			/>
			{making && <NewKey onMade={pages.refresh} onClose={() => setMaking(false)} />}
			{revoking && (
				<Confirm title="Revoke this key?" action="Revoke" danger onConfirm={() => revoke(revoking)} onClose={() => setRevoking(null)}>
					<p>
						<strong>
							<Name text={revoking.name} />
						</strong>{" "}
						({revoking.number}) stops working at once, and does not come back. <LastUse at={revoking.last_used_at} />
					</p>
				</Confirm>
			)}
		</Section>
	);
}

function LastUse({ at }: { at: string | null }) {
	return at ? (
		<>
			It was last used <RelativeTime at={at} />.
		</>
	) : (
		<>It has not been used yet.</>
	);
}
