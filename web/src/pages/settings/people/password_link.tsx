/** A one-time link, shown once: for a new user, or for one who has lost the password. */
import { useRef, useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { PasswordLink, User } from "../../../api/types";
import { Confirm } from "../../../kit/dialog";
import { Name } from "../../../kit/text";
import { DateTime } from "../../../kit/time";
import { SecretDialog } from "./secret";

export function ShownLink({ email, link, onClose }: { email: string; link: PasswordLink; onClose: () => void }) {
	return (
		<SecretDialog title="One-time link" label="One-time link" secret={link.url} onClose={onClose}>
			<p>
				Give it to <Name text={email} />, over a way that only they read: whoever opens it first sets the password. It works once, until{" "}
				<DateTime at={link.expires_at} />.
			</p>
		</SecretDialog>
	);
}

/** Asks first: an older link of the user ends. The question closes itself when it is done; then the link stands in its place. */
export function NewLink({ user, onClose }: { user: User; onClose: () => void }) {
	const [link, setLink] = useState<PasswordLink | null>(null);
	const made = useRef(false);
	if (link) return <ShownLink email={user.email} link={link} onClose={onClose} />;
	const make = async () => {
		setLink(await call<PasswordLink>("POST", `/users/${user.id}/password-link`));
		made.current = true;
	};
	return (
		<Confirm title="Make a new link?" action="Make the link" onConfirm={make} onClose={() => made.current || onClose()}>
			<p>
				With it <Name text={user.email} /> sets a new password. It takes the place of an older link.{" "}
				{user.has_password ? "The present password works until the link is used; then all their sessions end." : "There is no password yet."}
			</p>
		</Confirm>
	);
}
