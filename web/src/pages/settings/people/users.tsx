/** Users: who may log in, and what they may do. */
import { useState } from "preact/hooks";
import { api, call, take } from "../../../api/client";
import type { User } from "../../../api/types";
import { usePages } from "../../../app/data";
import { loadSession, useSession } from "../../../app/session";
import { Badge, StatusBadge } from "../../../kit/badge";
import { Button } from "../../../kit/button";
import { Confirm } from "../../../kit/dialog";
import { ListView } from "../../../kit/list";
import { Section } from "../../../kit/page";
import type { Column } from "../../../kit/table";
import { Name } from "../../../kit/text";
import { RelativeTime } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { EditUser } from "./edit_user";
import { NewUser } from "./new_user";
import { NewLink } from "./password_link";
import { roleLabel, roleSentence } from "./words";

/** What a refresh reads; whoever was deleted further down is found by reading all anew. */
const FIRST_PAGE = 50;

type Doing = { what: "new" } | { what: "edit" | "link" | "delete"; user: User } | null;

function State({ user }: { user: User }) {
	if (user.active && !user.has_password)
		return (
			<Badge tone="wait" icon="waiting" title="The one-time link has not been used yet">
				no password yet
			</Badge>
		);
	return <StatusBadge state={user.active ? "active" : "inactive"} />;
}

function Actions({ user, own, onDo }: { user: User; own: boolean; onDo: (doing: Doing) => void }) {
	return (
		<span class="row-actions">
			<Button look="quiet" icon="edit" label={`Edit ${user.email}`} onClick={() => onDo({ what: "edit", user })} />
			<Button
				look="quiet"
				icon="key"
				label={user.active ? `New password link for ${user.email}` : `${user.email} is not active: no link`}
				disabled={!user.active}
				onClick={() => onDo({ what: "link", user })}
			/>
			<Button
				look="quiet"
				icon="trash"
				label={own ? "Nobody deletes themselves: another admin can" : `Delete ${user.email}`}
				disabled={own}
				onClick={() => onDo({ what: "delete", user })}
			/>
		</span>
	);
}

const columnsWith = (self: string | undefined, onDo: (doing: Doing) => void): Column<User>[] => [
	{
		title: "User",
		cell: (one) => (
			<span class="badges">
				<Name text={one.email} /> {one.id === self && <Badge>you</Badge>}
			</span>
		),
		main: true,
	},
	{ title: "Name", cell: (one) => <Name text={one.name} /> },
	{ title: "Role", cell: (one) => <span title={roleSentence(one.role)}>{roleLabel(one.role)}</span>, tight: true },
	{ title: "State", cell: (one) => <State user={one} />, tight: true },
	{ title: "Last login", cell: (one) => (one.last_login_at ? <RelativeTime at={one.last_login_at} /> : "never"), tight: true },
	{ title: "Made", cell: (one) => <RelativeTime at={one.created_at} />, tight: true, wideOnly: true },
	{ title: "Actions", cell: (one) => <Actions user={one} own={one.id === self} onDo={onDo} />, tight: true },
];

export default function Page() {
	const [doing, setDoing] = useState<Doing>(null);
	const self = useSession()?.user?.id;
	const pages = usePages((cursor, signal) => take(api.GET("/users", { params: { query: { cursor } }, signal })), []);
	const close = () => setDoing(null);
	const saved = (user: User) => {
		pages.put(user);
		if (user.id === self) void loadSession();
	};
	const remove = async (user: User) => {
		await call<void>("DELETE", `/users/${user.id}`);
		if (pages.items.length > FIRST_PAGE) pages.reload();
		else pages.refresh();
		toast.done("The user was deleted.");
	};
	return (
		<Section
			title="Users"
			actions={
				<Button look="primary" icon="plus" onClick={() => setDoing({ what: "new" })}>
					New user
				</Button>
			}
		>
			<p class="about section-about">Who may log in, and what they may do. What a deleted user did keeps their address.</p>
			<ListView label="Users" pages={pages} columns={columnsWith(self, setDoing)} rowClass={(one) => (one.active ? undefined : "over")} empty={null} />
			{doing?.what === "new" && <NewUser onMade={pages.refresh} onClose={close} />}
			{doing?.what === "edit" && <EditUser user={doing.user} own={doing.user.id === self} onSaved={saved} onClose={close} />}
			{doing?.what === "link" && <NewLink user={doing.user} onClose={close} />}
			{doing?.what === "delete" && (
				<Confirm title="Delete this user?" action="Delete" danger onConfirm={() => remove(doing.user)} onClose={close}>
					<p>
						<strong>
							<Name text={doing.user.email} />
						</strong>{" "}
						is logged out at once, and their tokens end. To let somebody pause, make them inactive instead.
					</p>
				</Confirm>
			)}
		</Section>
	);
}
