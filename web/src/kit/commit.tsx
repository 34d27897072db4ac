/** A commit and a repository, as links where their host is known. */
import { commitAddress, repositoryAddress } from "./commit_address";
import { SafeLink } from "./link";
import { visible } from "./text";

interface CommitProps {
	repository: string | null | undefined;
	sha: string | null | undefined;
	/** The address of the run that told of it. */
	run?: string | null;
}

const SHORT_SHA = 10;
/** What is no SHA may be of any length. */
const LONGEST = 40;

function shortOf(sha: string): string {
	if (/^[0-9a-f]+$/i.test(sha)) return sha.slice(0, SHORT_SHA);
	const letters = [...visible(sha)];
	return letters.length > LONGEST ? letters.slice(0, LONGEST).join("") + "…" : letters.join("");
}

export function Commit({ repository, sha, run }: CommitProps) {
	if (!sha) return null;
	const address = commitAddress(repository, sha, run);
	const text = (
		<code class="sha" title={sha}>
			<bdi>{shortOf(sha)}</bdi>
		</code>
	);
	return address ? <SafeLink href={address}>{text}</SafeLink> : text;
}

export function Repository({ repository, run }: Omit<CommitProps, "sha">) {
	if (!repository) return null;
	const address = repositoryAddress(repository, run);
	const name = <bdi class="name">{visible(repository)}</bdi>;
	return address ? <SafeLink href={address}>{name}</SafeLink> : name;
}
