/* Where a value is taken from: flag, environment, configuration file, CI system, default; every subset of them for every option. */
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as path from "node:path";
import { Front, Home, Ran, RECORDED, use_front, with_home } from "./cli";
import { BINARY } from "./server";

const KEY = "sk_default_k1_" + "k".repeat(40);
const SOURCES = ["flag", "environment", "file", "detection"] as const;
type Source = (typeof SOURCES)[number];

interface Option {
	name: string; /* of the flag */
	wire: string; /* of the field */
	detected?: string; /* what GitHub says */
	otherwise?: string;
	value: (source: Source) => string;
}

const word = (name: string) => (source: Source): string => `${name}-of-${source}`;
const plain = (name: string, wire: string, detected?: string, otherwise?: string): Option => ({ name, wire, detected, otherwise, value: word(name) });
const url = (name: string, wire: string, detected?: string): Option => ({ name, wire, detected, value: (source) => `https://x.test/${name}/${source}` });
const time = (name: string, wire: string): Option => ({ name, wire, value: (source) => `2026-05-2${SOURCES.indexOf(source)}T14:06:05Z` });
const STATUS: Record<Source, string> = { flag: "failed", environment: "aborted", file: "pending", detection: "" };

const SHA = "0123456789abcdef0123456789abcdef01234567";
const RUN = "https://github.com/octo-org/shop/actions/runs/7";
const GITHUB = {
	GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "octo-org/shop", GITHUB_SHA: SHA, GITHUB_REF_NAME: "main", GITHUB_RUN_ID: "7", GITHUB_RUN_NUMBER: "42",
	GITHUB_ACTOR: "octocat", GITHUB_SERVER_URL: "https://github.com",
};
const GITLAB_PERSON = { GITLAB_CI: "true", GITLAB_USER_LOGIN: "ada", GITLAB_USER_EMAIL: "ada@x.test", GITLAB_USER_NAME: "Ada" };

const BOTH: Option[] = [
	plain("product", "product_name", "shop"),
	plain("version", "version", "01234567"),
	{ name: "status", wire: "status", otherwise: "success", value: (source) => STATUS[source] },
	plain("source-system", "source_system", "github", "unknown"),
	plain("build-number", "build_number", "42"),
	plain("scm-sha", "scm_sha", SHA),
	plain("scm-repository", "scm_repository", "octo-org/shop"),
	plain("scm-branch", "scm_branch", "main"),
	plain("invoke-id", "invoke_id", "7"),
	time("started-at", "started_at"),
	time("completed-at", "completed_at"),
];
const OPTIONS: Record<string, Option[]> = {
	deployment: [
		...BOTH, plain("environment", "environment_name"), url("deploy-url", "deploy_url", RUN), url("build-url", "build_url"),
		plain("deployed-by", "deployed_by", "octocat"), plain("deployed-by-email", "deployed_by_email"), plain("deployed-by-name", "deployed_by_name"),
	],
	build: [
		...BOTH, url("build-url", "build_url", RUN), plain("built-by", "built_by", "octocat"), plain("built-by-email", "built_by_email"),
		plain("built-by-name", "built_by_name"),
	],
};
/* Options that no event carries; each is looked at below. */
const OTHERS = ["extra-metadata", "skip-preflight-checks", "fail-on-api-error", "spool", "api-key", "api-url", "ui-url", "config", "verbose", "debug", "ca-cert",
	"client-cert", "client-key", "timeout", "deadline"];

const variable = (name: string): string => `VERSIONER_${name.toUpperCase().replace(/-/g, "_")}`;
const key = (name: string): string => name.replace(/-/g, "_");
const subsets = SOURCES.reduce<Source[][]>((sets, source) => [...sets, ...sets.map((set) => [...set, source])], [[]]);

function write_config(home: Home, values: Record<string, string>): void {
	home.file(".versioner/config.yaml", Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join(""));
}

for (const kind of ["deployment", "build"])
	describe(`track ${kind}`, () => {
		const front = use_front();
		const options = OPTIONS[kind];

		for (const given of subsets)
			test(given.length ? `given by ${given.join(", ")}` : "given by nothing", () =>
				with_home(async (home) => {
					front.script(RECORDED);
					const needed = options.filter((o) => ["product", "version", "environment"].includes(o.name));
					/* What is required comes as a flag where nothing else would give it. */
					const without = given.some((source) => source !== "detection");
					const forced = needed.filter((o) => !without && !(given.includes("detection") && o.detected));
					const flags = given.includes("flag") ? options : forced;
					const args = flags.flatMap((o) => [`--${o.name}`, o.value("flag")]);
					const env: Record<string, string> = { VERSIONER_API_KEY: KEY, VERSIONER_API_URL: front.url, ...(given.includes("detection") ? GITHUB : {}) };
					if (given.includes("environment")) for (const o of options) env[variable(o.name)] = o.value("environment");
					if (given.includes("file")) write_config(home, Object.fromEntries(options.map((o) => [key(o.name), o.value("file")])));
					const ran = await home.run(["track", kind, ...args], { env });
					assert.equal(ran.status, 0, ran.said);
					const strongest = SOURCES.filter((source) => source !== "detection").find((source) => given.includes(source));
					for (const o of options) {
						const detected = given.includes("detection") ? o.detected : undefined;
						const wanted = flags.includes(o) ? o.value("flag") : strongest ? o.value(strongest) : (detected ?? o.otherwise);
						assert.deepEqual(front.seen[0].json[o.wire], wanted, `--${o.name}`);
					}
				}),
			);

		test("every option of the command is looked at in this file", () =>
			with_home(async (home) => {
				const help = (await home.run(["track", kind, "--help"])).out;
				const known = new Set([...options.map((o) => o.name), ...OTHERS]);
				const flags = [...help.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map((m) => m[1]);
				assert.ok(flags.length > 20);
				assert.deepEqual(flags.filter((flag) => !known.has(flag)), []);
			}));
	});

describe("options that no event carries", () => {
	const front = use_front();
	const least = ["--product", "p", "--version", "1"];
	const ORDER: Source[] = ["flag", "environment", "file"];

	/* Runs with the option given by each of `given`. */
	async function run(home: Home, name: string, value: (source: Source) => string, given: Source[], o: { env?: Record<string, string>; to?: Front } = {}): Promise<Ran> {
		const env: Record<string, string> = { VERSIONER_API_KEY: KEY, VERSIONER_API_URL: (o.to ?? front).url, ...o.env };
		const args = ["track", "build", ...least];
		if (name === "api-key") delete env.VERSIONER_API_KEY;
		if (name === "api-url") delete env.VERSIONER_API_URL;
		if (given.includes("flag")) args.push(`--${name}=${value("flag")}`);
		if (given.includes("environment")) env[variable(name)] = value("environment");
		write_config(home, given.includes("file") ? { [key(name)]: value("file") } : {});
		return home.run(args, { env });
	}

	/* Each source wins over all weaker ones. */
	function in_order(name: string, value: (source: Source) => string, look: (ran: Ran, winner: Source) => void, env?: () => Record<string, string>, fate = RECORDED): void {
		test(`--${name}`, () =>
			with_home(async (home) => {
				for (const [i, winner] of ORDER.entries())
					for (const given of [ORDER.slice(i), [winner]]) {
						front.script(fate, fate, fate, fate);
						look(await run(home, name, value, given, { env: env?.() }), winner);
					}
			}));
	}

	in_order("api-key", (source) => `sk_default_k1_${source.padEnd(40, "x")}`, (_ran, winner) =>
		assert.equal(front.seen[0].headers.authorization, `Bearer sk_default_k1_${winner.padEnd(40, "x")}`));
	in_order("api-url", (source) => `${front.url}/${source}/`, (_ran, winner) => assert.equal(front.seen[0].path, `/${winner}/build-events/`));
	in_order("extra-metadata", (source) => JSON.stringify({ from: source }), (_ran, winner) =>
		assert.deepEqual(front.seen[0].json.extra_metadata, { from: winner }));
	for (const name of ["ca-cert", "client-cert"])
		in_order(name, (source) => `/nowhere/${source}.pem`, (ran, winner) => {
			assert.equal(ran.status, 1);
			assert.ok(ran.err.includes(`/nowhere/${winner}.pem`), ran.said);
		});
	in_order("client-key", (source) => `/nowhere/${source}.pem`, (ran, winner) => assert.ok(ran.err.includes(`/nowhere/${winner}.pem`), ran.said), () => ({
		VERSIONER_CLIENT_CERT: BINARY,
	}));

	/* Of two values the winner's is seen in what the command does; a winner that says no is tested as well. */
	function switches(name: string, is_on: (ran: Ran) => boolean, fate = RECORDED, env: Record<string, string> = {}): void {
		test(`--${name}: the strongest says yes or no`, () =>
			with_home(async (home) => {
				for (const [i, winner] of ORDER.entries())
					for (const wanted of [true, false]) {
						front.script(fate, fate, fate, fate);
						const ran = await run(home, name, (source) => String(source === winner ? wanted : !wanted), ORDER.slice(i), { env });
						assert.equal(is_on(ran), wanted, `${winner} says ${wanted}:\n${ran.said}`);
					}
			}));
	}
	switches("verbose", (ran) => ran.err.includes("Tracking build event"));
	switches("debug", (ran) => ran.err.includes("→ POST"));
	switches("fail-on-api-error", (ran) => ran.status === 4, { status: 403, body: '{"detail":"no"}' });
	switches("spool", (ran) => ran.err.includes("kept"), { status: 503 }, { VERSIONER_DEADLINE: "100ms" });

	test("--skip-preflight-checks: the strongest says yes or no", () =>
		with_home(async (home) => {
			for (const [i, winner] of ORDER.entries())
				for (const wanted of [true, false]) {
					front.script(RECORDED);
					const value = (source: Source): string => String(source === winner ? wanted : !wanted);
					const given = ORDER.slice(i);
					write_config(home, given.includes("file") ? { skip_preflight_checks: value("file") } : {});
					const env: Record<string, string> = { VERSIONER_API_KEY: KEY, VERSIONER_API_URL: front.url };
					if (given.includes("environment")) env.VERSIONER_SKIP_PREFLIGHT_CHECKS = value("environment");
					const flag = given.includes("flag") ? [`--skip-preflight-checks=${value("flag")}`] : [];
					const ran = await home.run(["track", "deployment", ...least, "--environment", "e", ...flag], { env });
					assert.equal(ran.status, 0, ran.said);
					assert.equal(front.seen[0].json.skip_preflight_checks ?? false, wanted, `${winner} says ${wanted}`);
				}
		}));

	for (const name of ["timeout", "deadline"])
		test(`--${name}`, () =>
			with_home(async (home) => {
				for (const [i] of ORDER.entries()) {
					front.script("hang", "hang");
					const other: Record<string, string> = name === "timeout" ? { VERSIONER_DEADLINE: "900ms" } : { VERSIONER_TIMEOUT: "60s" };
					const ran = await run(home, name, (source) => (source === ORDER[i] ? "200ms" : "60s"), ORDER.slice(i), { env: other });
					assert.equal(ran.status, 1, ran.said);
					assert.ok(ran.milliseconds < 10_000);
				}
			}));

	test("--ui-url", () =>
		with_home(async (home) => {
			for (const [i, winner] of ORDER.entries()) {
				front.script(RECORDED);
				const summary = path.join(home.dir, `summary-${i}`);
				const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
				await run(home, "ui-url", (source) => `https://${source}`, ORDER.slice(i), { env });
				assert.ok(fs.readFileSync(summary, "utf8").includes(`https&#58;&#47;&#47;${winner}&#47;manage`));
			}
		}));
});

describe("the configuration file", () => {
	const front = use_front();
	const build = ["track", "build", "--version", "1"];
	const env = { VERSIONER_API_KEY: KEY };
	const config = (product: string): string => `api_url: ${front.url}\nproduct: ${product}\n`;

	async function product_of(home: Home, args: string[], more: Record<string, string> = {}): Promise<string> {
		front.script(RECORDED);
		const ran = await home.run([...build, ...args], { env: { ...env, ...more } });
		assert.equal(ran.status, 0, ran.said);
		return front.seen[0].json.product_name;
	}

	test("--config, then VERSIONER_CONFIG, then the home folder's, then the working folder's", () =>
		with_home(async (home) => {
			const flag = home.file("flag.yaml", config("of-flag")), named = home.file("env.yaml", config("of-variable"));
			home.file("config.yaml", config("of-folder"));
			assert.equal(await product_of(home, []), "of-folder");
			home.file(".versioner/config.yaml", config("of-home"));
			assert.equal(await product_of(home, []), "of-home");
			assert.equal(await product_of(home, [], { VERSIONER_CONFIG: named }), "of-variable");
			assert.equal(await product_of(home, ["--config", flag], { VERSIONER_CONFIG: named }), "of-flag");
		}));

	test("keys of another program do not break it", () =>
		with_home(async (home) => {
			home.file("config.yaml", `${config("p")}telemetry: {enabled: true}\ncolors:\n  - red\nlog_level: noisy\n`);
			assert.equal(await product_of(home, []), "p");
		}));

	test("a file that is no YAML does not break a pipeline, and is said", () =>
		with_home(async (home) => {
			home.file("config.yaml", "\t{{{");
			front.script(RECORDED);
			const ran = await home.run([...build, "--product", "p"], { env: { ...env, VERSIONER_API_URL: front.url } });
			assert.equal(ran.status, 0, ran.said);
			assert.match(ran.err, /^Warning: passed over: .*config\.yaml/);
		}));

	test("a file that was named must be there, and be YAML", () =>
		with_home(async (home) => {
			const wrong = home.file("wrong.yaml", "\t{{{");
			for (const file of [wrong, path.join(home.dir, "none.yaml")]) {
				const ran = await home.run([...build, "--product", "p", "--config", file], { env });
				assert.equal(ran.status, 1);
				assert.ok(ran.err.includes(path.basename(file)), ran.err);
			}
		}));

	test("a part of what GitLab knows of a person is no detection of another system", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			home.file("config.yaml", config("p"));
			await home.run(build, { env: { ...env, ...GITHUB, ...GITLAB_PERSON } });
			assert.equal(front.seen[0].json.built_by, "octocat");
			assert.equal(front.seen[0].json.built_by_email, undefined);
		}));
});
