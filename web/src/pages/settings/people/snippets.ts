/** What to do with a new key or token: a line that tries it, and lines for a pipeline. */
import type { Scope } from "../../../api/types";

/** A word that the shell takes as it is: keys and tokens have letters, digits and underscores only. */
function quoted(secret: string): string {
	return /^\w+$/.test(secret) ? secret : `'${secret.replaceAll("'", "'\\''")}'`;
}

/** Asks the server something harmless. The variable is the one that the program and all examples read. */
export function tryLine(variable: string, secret: string, path: string): string {
	return `${variable}=${quoted(secret)}\ncurl {url}${path} -H "Authorization: Bearer $${variable}"`;
}

/** A path that every credential with this scope may ask for. */
export function tryPath(scopes: readonly Scope[]): string {
	return scopes.includes("read") || scopes.includes("admin") ? "/environment-state/" : "/session";
}

interface Snippet {
	label: string;
	/** Where the key belongs there. */
	secret: string;
	code: string;
}

const RUN = "versioner run --environment production -- ./deploy.sh";

/** For pipelines: the key is never part of the file. */
export const SNIPPETS: Record<string, Snippet> = {
	github: {
		label: "GitHub Actions",
		secret: "Settings → Secrets and variables → Actions → New repository secret, named VERSIONER_API_KEY.",
		code: `env:
  VERSIONER_API_URL: {url}
  VERSIONER_API_KEY: \${{ secrets.VERSIONER_API_KEY }}
steps:
  - run: versioner track build
  - run: ${RUN}`,
	},
	gitlab: {
		label: "GitLab CI",
		secret: "Settings → CI/CD → Variables, key VERSIONER_API_KEY, masked and hidden.",
		code: `variables:
  VERSIONER_API_URL: {url}

build:
  script:
    - versioner track build

production:
  environment: production
  script:
    - ${RUN}`,
	},
	shell: {
		label: "Any other",
		secret: "Where your system keeps secrets, so that the job has it as the variable VERSIONER_API_KEY.",
		code: `export VERSIONER_API_URL={url}
versioner track build
${RUN}`,
	},
};
