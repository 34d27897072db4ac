/** The dialog that makes an API key: what it is for and what it may do; then the key, once. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { NewApiKey, Scope } from "../../../api/types";
import { Checkbox, FieldNotes } from "../../../kit/field";
import { Dialog } from "../../../kit/dialog";
import { Form } from "../../../kit/form";
import { KeyUse } from "./key_use";
import { CredentialName } from "./credential";
import { SecretDialog } from "./secret";
import { SCOPES, SCOPE_NAMES } from "./words";

function ScopeChoice({ scopes, onChange, error }: { scopes: readonly Scope[]; onChange: (scopes: Scope[]) => void; error?: string }) {
	const set = (scope: Scope, on: boolean) => onChange(SCOPE_NAMES.filter((one) => (one === scope ? on : scopes.includes(one))));
	return (
		<fieldset class={error ? "choice wrong" : "choice"}>
			<legend>What it may do</legend>
			{SCOPE_NAMES.map((scope) => (
				<Checkbox key={scope} label={SCOPES[scope].label} hint={SCOPES[scope].about} checked={scopes.includes(scope)} onChange={(on) => set(scope, on)} />
			))}
			<FieldNotes error={error} />
		</fieldset>
	);
}

export function NewKey({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
	const [name, setName] = useState("");
	const [scopes, setScopes] = useState<Scope[]>(["events"]);
	const [made, setMade] = useState<NewApiKey | null>(null);
	const submit = async () => {
		if (!scopes.length) throw new ApiError(422, "", null, [{ field: "scopes", message: "Choose at least one." }]);
		setMade(await call<NewApiKey>("POST", "/api-keys", { body: { name: name.trim(), scopes } }));
		onMade();
	};
	if (made)
		return (
			<SecretDialog title={`The key ${made.number}`} label="API key" secret={made.key} onClose={onClose}>
				<KeyUse secret={made.key} scopes={made.scopes} />
			</SecretDialog>
		);
	return (
		<Dialog title="New API key" onClose={onClose}>
			<Form action="Make the key" fields={["name", "scopes"]} onSubmit={submit} onCancel={onClose}>
				{(errorOf) => (
					<>
						<CredentialName value={name} onInput={setName} error={errorOf("name")} hint="What uses it, such as “ci of checkout”: a key for each, so that one can be revoked without the others." />
						<ScopeChoice scopes={scopes} onChange={setScopes} error={errorOf("scopes")} />
					</>
				)}
			</Form>
		</Dialog>
	);
}
