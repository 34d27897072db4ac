/** The dialog that makes a personal token; then the token, once. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { NewPersonalToken } from "../../../api/types";
import { Dialog } from "../../../kit/dialog";
import { Select } from "../../../kit/field";
import { Form } from "../../../kit/form";
import { CodeBlock } from "../../../kit/messages";
import { DateTime } from "../../../kit/time";
import { CredentialName } from "./credential";
import { SecretDialog } from "./secret";
import { tryLine } from "./snippets";

const DAYS = [
	{ value: "7", label: "in 7 days" },
	{ value: "30", label: "in 30 days" },
	{ value: "90", label: "in 90 days" },
	{ value: "365", label: "in a year" },
	{ value: "", label: "never" },
];

export function NewToken({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
	const [name, setName] = useState("");
	const [days, setDays] = useState("90");
	const [made, setMade] = useState<NewPersonalToken | null>(null);
	const submit = async () => {
		setMade(await call<NewPersonalToken>("POST", "/personal-tokens", { body: { name: name.trim(), expires_in_days: days ? Number(days) : null } }));
		onMade();
	};
	if (made)
		return (
			<SecretDialog title="Your token" label="Personal token" secret={made.token} onClose={onClose}>
				<p>{made.expires_at ? <>It works until <DateTime at={made.expires_at} />.</> : "It works until you revoke it."}</p>
				<h3>Try it</h3>
				<CodeBlock code={tryLine("VERSIONER_API_KEY", made.token, "/session")} label="Try the token" />
				<p class="hint">The command line takes it in the same variable: <code>versioner status</code>.</p>
			</SecretDialog>
		);
	return (
		<Dialog title="New personal token" onClose={onClose}>
			<Form action="Make the token" fields={["name", "expires_in_days"]} onSubmit={submit} onCancel={onClose}>
				{(errorOf) => (
					<>
						<CredentialName value={name} onInput={setName} error={errorOf("name")} hint="Where you use it, such as “laptop”." />
						<Select label="Expires" value={days} onChange={setDays} options={DAYS} error={errorOf("expires_in_days")} hint={days ? undefined : "Who finds it can act in your name for as long as you do not revoke it."} />
					</>
				)}
			</Form>
		</Dialog>
	);
}
