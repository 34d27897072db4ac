/** What the pages of the history say of an event's product, version, environment, run and person, each as a link where there is one. */
import type { ComponentChildren } from "preact";
import { SafeLink, Link } from "../../kit/link";
import { Name, visible } from "../../kit/text";

export const deploymentPath = (id: string) => `/manage/deployments?view=${id}`;
export const versionPath = (id: string) => `/manage/versions?view=${id}`;
export const productPath = (id: string) => `/manage/products?view=${id}`;

export function ProductLink({ id, name }: { id: string; name: string }) {
	return (
		<Link href={productPath(id)}>
			<Name text={name} />
		</Link>
	);
}

export function VersionLink({ id, name }: { id: string; name: string }) {
	return (
		<Link href={versionPath(id)}>
			<Name text={name} />
		</Link>
	);
}

export function EnvironmentLink({ name }: { name: string }) {
	// Commas separate names in a filter: a name with one cannot be asked for.
	if (name.includes(",")) return <Name text={name} />;
	return (
		<Link href={`/manage/deployments?environment=${encodeURIComponent(name)}`}>
			<Name text={name} />
		</Link>
	);
}

interface Run {
	deploy_url?: string | null;
	build_url?: string | null;
	build_number?: string | null;
	invoke_id?: string | null;
}

/** The address of the run that did it. */
export function runAddress(run: Run): string | null {
	return run.deploy_url ?? run.build_url ?? null;
}

export function RunLink({ run, children }: { run: Run; children?: ComponentChildren }) {
	const address = runAddress(run);
	const word = run.build_number ? `#${visible(run.build_number)}` : run.invoke_id ? visible(run.invoke_id) : null;
	const text = children ?? (word ? <bdi class="name">{word}</bdi> : "run");
	if (!address && !word) return null;
	return <span class="run">{address ? <SafeLink href={address}>{text}</SafeLink> : text}</span>;
}

interface Person {
	id?: string | null;
	name?: string | null;
	email?: string | null;
}

/** Who did it: the name, else the id, else the address. */
export function personOf({ id, name, email }: Person): string | null {
	return name || id || email || null;
}

export function Who({ person }: { person: Person }) {
	const shown = personOf(person);
	const more = [person.id, person.email].filter((one) => one && one !== shown).join(", ");
	return shown ? (
		<bdi class="name" title={more || undefined}>
			{visible(shown)}
		</bdi>
	) : null;
}

export const deployer = (one: { deployed_by?: string | null; deployed_by_email?: string | null; deployed_by_name?: string | null }): Person => ({
	id: one.deployed_by,
	email: one.deployed_by_email,
	name: one.deployed_by_name,
});
export const builder = (one: { built_by?: string | null; built_by_email?: string | null; built_by_name?: string | null }): Person => ({
	id: one.built_by,
	email: one.built_by_email,
	name: one.built_by_name,
});
