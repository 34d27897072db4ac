/** What a form about a user has changed: only that is sent. */
import type { Role, User } from "../../../api/types";

export interface UserDraft {
	email: string;
	name: string;
	role: Role;
	active: boolean;
}

export const draftOf = ({ email, name, role, active }: User): UserDraft => ({ email, name: name ?? "", role, active });

export function userChanges(user: User, draft: UserDraft): Partial<Pick<User, "email" | "name" | "role" | "active">> {
	const wanted = { email: draft.email.trim(), name: draft.name.trim() || null, role: draft.role, active: draft.active };
	return Object.fromEntries(Object.entries(wanted).filter(([field, value]) => value !== user[field as keyof typeof wanted]));
}
