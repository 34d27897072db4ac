/** Personal tokens: what one's own scripts come with. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../../api/client";
import type { PersonalToken } from "../../../api/types";
import { usePages } from "../../../app/data";
import { useSession } from "../../../app/session";
import { StatusBadge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Confirm } from "../../../kit/dialog";
import { ListView } from "../../../kit/list";
import { EmptyState } from "../../../kit/messages";
import { Section } from "../../../kit/page";
import type { Column } from "../../../kit/table";
import { Name } from "../../../kit/text";
import { RelativeTime, useNow } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { LAST_USED, revokeColumn } from "./credential";
import { NewToken } from "./new_token";
import { roleLabel } from "./words";

function State({ token }: { token: PersonalToken }) {
	const now = useNow();
	return <StatusBadge state={token.expires_at && Date.parse(token.expires_at) <= now ? "expired" : "active"} />;
}

const columnsWith = (onRevoke: (token: PersonalToken) => void): Column<PersonalToken>[] => [
	{ title: "Name", cell: (one) => <Name text={one.name} />, main: true },
	{ title: "Made", cell: (one) => <RelativeTime at={one.created_at} />, tight: true },
	LAST_USED,
	{ title: "Expires", cell: (one) => (one.expires_at ? <RelativeTime at={one.expires_at} /> : "never"), tight: true },
	{ title: "State", cell: (one) => <State token={one} />, tight: true },
	revokeColumn(onRevoke),
];

export default function Page() {
	const [making, setMaking] = useState(false);
	const [revoking, setRevoking] = useState<PersonalToken | null>(null);
	const session = useSession();
	const pages = usePages((cursor, signal) => take(api.GET("/personal-tokens", { params: { query: { cursor } }, signal })), []);
	const revoke = async (token: PersonalToken) => {
		await call<void>("DELETE", `/personal-tokens/${token.id}`);
		pages.refresh();
		toast.done("The token was revoked.");
	};
	const button = (
		<Button look="primary" icon="plus" onClick={() => setMaking(true)}>
			New token
		</Button>
	);
	const empty = (
		<EmptyState title="You have no personal tokens" icon="key">
			<p>With one, your own scripts and the command line act in your name.</p>
			{button}
		</EmptyState>
	);
	return (
		<Section title="Personal tokens" actions={pages.items.length > 0 && button}>
			<p class="about section-about">
				What your own scripts come with. A token acts in your name, with the role that you have at the time
				{session?.user && ` (now: ${roleLabel(session.user.role)})`}; for a pipeline, ask an admin for an API key. A new password does not end a token.
			</p>
			<ListView label="Personal tokens" pages={pages} columns={columnsWith(setRevoking)} empty={empty} />
			{making && <NewToken onMade={pages.refresh} onClose={() => setMaking(false)} />}
			{revoking && (
				<Confirm title="Revoke this token?" action="Revoke" danger onConfirm={() => revoke(revoking)} onClose={() => setRevoking(null)}>
					<p>
						<strong>
							<Name text={revoking.name} />
						</strong>{" "}
						stops working at once, and does not come back.
					</p>
				</Confirm>
			)}
		</Section>
	);
}
