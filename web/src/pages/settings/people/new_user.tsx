/** The dialog that makes a user; then the link with which the user sets a password, once. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { NewUser as Made, Role } from "../../../api/types";
import { Dialog } from "../../../kit/dialog";
import { TextField } from "../../../kit/field";
import { Form } from "../../../kit/form";
import { ShownLink } from "./password_link";
import { RoleField } from "./role_field";

export function NewUser({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
	const [email, setEmail] = useState("");
	const [name, setName] = useState("");
	const [role, setRole] = useState<Role>("developer");
	const [made, setMade] = useState<Made | null>(null);
	const submit = async () => {
		setMade(await call<Made>("POST", "/users", { body: { email: email.trim(), role, name: name.trim() || null } }));
		onMade();
	};
	if (made) return <ShownLink email={made.email} link={made.password_link} onClose={onClose} />;
	return (
		<Dialog title="New user" onClose={onClose}>
			<Form action="Make the user" fields={["email", "name", "role"]} onSubmit={submit} onCancel={onClose}>
				{(errorOf) => (
					<>
						<TextField
							label="E-mail address"
							type="email"
							value={email}
							onInput={setEmail}
							error={errorOf("email")}
							required
							autofocus
							autocomplete="off"
							maxLength={254}
							hint="They log in with it. No mail is sent: you get a link to give to them."
						/>
						<TextField label="Name" value={name} onInput={setName} error={errorOf("name")} required={false} maxLength={255} autocomplete="off" />
						<RoleField role={role} onChange={setRole} error={errorOf("role")} />
					</>
				)}
			</Form>
		</Dialog>
	);
}
