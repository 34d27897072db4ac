/** What keys and tokens have in common: a name, when they were last used, and an end. */
import type { ComponentChildren } from "preact";
import { Button } from "../../../kit/button";
import { TextField } from "../../../kit/field";
import type { Column } from "../../../kit/table";
import { RelativeTime } from "../../../kit/time";

interface CredentialNameProps {
	value: string;
	onInput: (name: string) => void;
	error?: string | null;
	hint: ComponentChildren;
}

/** The field for the name of a new one. */
export function CredentialName(props: CredentialNameProps) {
	return <TextField label="Name" required autofocus maxLength={255} autocomplete="off" {...props} />;
}

interface Credential {
	name: string;
	last_used_at: string | null;
	/** Absent or null: it is not revoked. */
	revoked_at?: string | null;
}

export const LAST_USED: Column<Credential> = { title: "Last used", cell: (one) => (one.last_used_at ? <RelativeTime at={one.last_used_at} /> : "never"), tight: true };

/** The column with the button that ends one; or since when it has ended. */
export const revokeColumn = <T extends Credential>(onRevoke: (one: T) => void): Column<T> => ({
	title: "Actions",
	cell: (one) =>
		one.revoked_at ? (
			<span class="step-about">
				<RelativeTime at={one.revoked_at} />
			</span>
		) : (
			<Button look="quiet" icon="trash" onClick={() => onRevoke(one)} title={`Revoke ${one.name}`}>
				Revoke
			</Button>
		),
	tight: true,
	end: true,
});
