/** What to do with a new API key: try it, and give it to a pipeline. */
import { useState } from "preact/hooks";
import type { Scope } from "../../../api/types";
import { Select } from "../../../kit/field";
import { CodeBlock } from "../../../kit/messages";
import { SNIPPETS, tryLine, tryPath } from "./snippets";

const SYSTEMS = Object.entries(SNIPPETS).map(([value, { label }]) => ({ value, label }));

function Pipeline() {
	const [system, setSystem] = useState("github");
	const { secret, code, label } = SNIPPETS[system]!;
	return (
		<>
			<h3>In a pipeline</h3>
			<Select label="System" value={system} onChange={setSystem} options={SYSTEMS} />
			<p>The key belongs into: {secret}</p>
			<CodeBlock code={code} label={`Pipeline of ${label}`} />
		</>
	);
}

export function KeyUse({ secret, scopes }: { secret: string; scopes: readonly Scope[] }) {
	return (
		<>
			<h3>Try it</h3>
			<CodeBlock code={tryLine("VERSIONER_API_KEY", secret, tryPath(scopes))} label="Try the key" />
			{(scopes.includes("events") || scopes.includes("admin")) && <Pipeline />}
		</>
	);
}
