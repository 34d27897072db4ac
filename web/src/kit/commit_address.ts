/** The address of a commit on its host, from what a pipeline says: its repository and, where that is a path only, the address of its run. */

const SHA = /^[0-9a-f]{7,64}$/i;
/** A path of a repository on its host: two or more names. */
const REPOSITORY = /^[\w.~-]+(\/[\w.~-]+)+$/;

interface Host {
	/** What its addresses begin with, by the host's name. */
	is: (host: string) => boolean;
	/** Between the repository and the SHA. */
	commit: string;
	/** What follows the repository in the address of a run. */
	runs: RegExp;
}

/** The service itself, or an organisation's own one: "gitlab.example.com". One that only looks like the service is neither. */
const service = (name: string) => (host: string) => host === `${name}.com` || (host.startsWith(`${name}.`) && !host.startsWith(`${name}.com.`));

const HOSTS: readonly Host[] = [
	{ is: service("github"), commit: "/commit/", runs: /^\/actions\/runs\// },
	{ is: service("gitlab"), commit: "/-/commit/", runs: /^\/-\/(pipelines|jobs)\// },
	{ is: (host) => host === "bitbucket.org", commit: "/commits/", runs: /^\/(addon\/)?pipelines\// },
];

function webAddress(text: string): URL | null {
	try {
		const address = new URL(text);
		return address.protocol === "https:" && !address.username && !address.password ? address : null;
	} catch {
		return null;
	}
}

/** "git@host:path" and "ssh://git@host/path" name the same repository as https does. */
function asHttps(repository: string): string {
	const scp = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](.+)$/.exec(repository);
	return scp ? `https://${scp[1]}/${scp[2]}` : repository;
}

function pathOf(address: URL): string {
	return address.pathname.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
}

/** The repository's own page; null when its host is none of those above. */
export function repositoryAddress(repository: string | null | undefined, run?: string | null): string | null {
	if (!repository) return null;
	const named = webAddress(asHttps(repository));
	if (named) {
		const path = pathOf(named);
		return REPOSITORY.test(path) && HOSTS.some(({ is }) => is(named.hostname)) ? `${named.origin}/${path}` : null;
	}
	const ran = run ? webAddress(run) : null;
	if (!ran || !REPOSITORY.test(repository) || !ran.pathname.startsWith(`/${repository}/`)) return null;
	const rest = ran.pathname.slice(repository.length + 1);
	return HOSTS.some(({ is, runs }) => is(ran.hostname) && runs.test(rest)) ? `${ran.origin}/${repository}` : null;
}

export function commitAddress(repository: string | null | undefined, sha: string | null | undefined, run?: string | null): string | null {
	const base = sha && SHA.test(sha) ? repositoryAddress(repository, run) : null;
	const host = base && HOSTS.find(({ is }) => is(new URL(base).hostname));
	return host ? base + host.commit + sha : null;
}
