/** The dialog that changes a user. Nobody changes their own role, or deactivates themselves. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { User } from "../../../api/types";
import { Dialog } from "../../../kit/dialog";
import { Checkbox, TextField } from "../../../kit/field";
import { Form } from "../../../kit/form";
import { toast } from "../../../kit/toast";
import { RoleField } from "./role_field";
import { draftOf, userChanges, type UserDraft } from "./user_changes";

const OWN_ROLE = "Nobody changes their own role: another admin can.";
const OWN_STATE = "Nobody deactivates or deletes themselves: another admin can.";
const ENDS = "Who is not active is logged out at once and cannot log in. Their personal tokens are revoked and do not come back.";

interface EditUserProps {
	user: User;
	/** It is the one who looks at it. */
	own: boolean;
	onSaved: (user: User) => void;
	onClose: () => void;
}

export function EditUser({ user, own, onSaved, onClose }: EditUserProps) {
	const [draft, setDraft] = useState<UserDraft>(() => draftOf(user));
	const set = (change: Partial<UserDraft>) => setDraft((before) => ({ ...before, ...change }));
	const save = async () => {
		const changes = userChanges(user, draft);
		if (Object.keys(changes).length) {
			onSaved(await call<User>("PATCH", `/users/${user.id}`, { body: changes }));
			toast.done("The user was changed.");
		}
		onClose();
	};
	return (
		<Dialog title="Edit user" onClose={onClose}>
			<Form action="Save" fields={["email", "name", "role"]} onSubmit={save} onCancel={onClose}>
				{(errorOf) => (
					<>
						<TextField
							label="E-mail address"
							type="email"
							value={draft.email}
							onInput={(email) => set({ email })}
							error={errorOf("email")}
							required
							autocomplete="off"
							maxLength={254}
						/>
						<TextField
							label="Name"
							value={draft.name}
							onInput={(name) => set({ name })}
							error={errorOf("name")}
							required={false}
							maxLength={255}
							autocomplete="off"
						/>
						<RoleField role={draft.role} onChange={(role) => set({ role })} error={errorOf("role")} locked={own ? OWN_ROLE : undefined} />
						<Checkbox label="Active" checked={draft.active} onChange={(active) => set({ active })} disabled={own} hint={own ? OWN_STATE : ENDS} />
					</>
				)}
			</Form>
		</Dialog>
	);
}
