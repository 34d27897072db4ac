/* What CI systems show of an event: GitHub's annotations and summary, GitLab's sections, plain text elsewhere; and that no word is a command. */
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as path from "node:path";
import { Fate, Home, Ran, RECORDED, use_front, with_home } from "./cli";
import { use_server } from "./server";

const EVIL = ["x\n::add-mask::y", "##[add-path]/tmp", "##vso[task.setvariable variable=PATH]y", "</td><script>y</script>", "[y](javascript:y)|", "\u001b[0Ksection_end:1:y\r\u001b[0K", "%0A::error::y"];
const rule = (name: string): Fate => ({
	status: 423,
	body: JSON.stringify({ message: `No: ${name}`, code: "NO_DEPLOY_WINDOW", retry_after: "2026-05-25T06:00:00Z", details: { rule_name: name } }),
});

describe("reports", () => {
	const server = use_server();
	const front = use_front(server);

	async function track(home: Home, env: Record<string, string>, args: string[] = [], kind = "deployment"): Promise<Ran> {
		const where = kind === "deployment" ? ["--environment", "production"] : [];
		const known = { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: front.url, VERSIONER_UI_URL: "https://versioner.test" };
		return home.run(["track", kind, "--product", "shop", "--version", "1.2.3", ...where, ...args], { env: { ...known, ...env } });
	}
	const github = (home: Home): Record<string, string> => ({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: path.join(home.dir, "summary.md") });
	const summary = (home: Home): string => fs.readFileSync(path.join(home.dir, "summary.md"), "utf8");
	/* Lines that GitHub's runner takes as commands, in either of its spellings. */
	const commands = (said: string): string[] => said.split(/\r\n|\r|\n/).filter((line) => /^\s*::/.test(line) || line.includes("##["));
	/* What a browser shows of a summary. */
	const unescaped = (html: string): string => html.replace(/&#(\d+);/g, (_m, code) => String.fromCharCode(Number(code)));

	test("GitHub: a record", () =>
		with_home(async (home) => {
			front.script();
			const ran = await track(home, github(home));
			assert.match(ran.out, /^✓ Deployment event tracked successfully\n  Event ID: ([0-9a-f-]{36})\n$/);
			const id = /Event ID: (\S+)/.exec(ran.out)![1];
			assert.deepEqual(commands(ran.said), ["::notice title=Deployment event tracked successfully::shop 1.2.3 to production: success"]);
			const shown = unescaped(summary(home));
			for (const row of ["### ✅ Deployment event tracked successfully", "| Product | shop |", "| Environment | production |", "| Version | 1.2.3 |", `| Event ID | ${id} |`,
				`<a href="https://versioner.test/manage/deployments?view=${id}">`])
				assert.ok(shown.includes(row), `${row} is not in:\n${shown}`);
		}));

	test("GitHub: a build links to its version", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			await track(home, github(home), [], "build");
			assert.ok(unescaped(summary(home)).includes("https://versioner.test/manage/versions?view=01a2091a-ed95-7002-bb30-7c8e4d6cea7c"));
		}));

	test("GitHub: a blocked deployment names rule and time", () =>
		with_home(async (home) => {
			front.script(rule("Friday: freeze, all"));
			const ran = await track(home, github(home), ["--status", "started"]);
			assert.equal(ran.status, 5);
			assert.deepEqual(commands(ran.said), [
				"::error title=Deployment blocked%3A Friday%3A freeze%2C all::No: Friday: freeze, all%0ARule: Friday: freeze, all%0ARetry after: 2026-05-25T06:00:00Z%0A" +
					"Try again after the time that is named.",
			]);
			const shown = unescaped(summary(home));
			for (const row of ["### ⛔ Deployment blocked: Friday: freeze, all", "| Rule | Friday: freeze, all |", "| Retry after | 2026-05-25T06:00:00Z |"]) assert.ok(shown.includes(row), shown);
		}));

	test("GitHub: a failure that is forgiven is a warning", () =>
		with_home(async (home) => {
			for (const [args, level] of [[[], "error"], [["--fail-on-api-error=false"], "warning"]] as [string[], string][]) {
				front.script({ status: 403, body: '{"detail":"No"}' });
				const ran = await track(home, github(home), args);
				assert.match(commands(ran.said).join("\n"), new RegExp(`^::${level} title=Deployment event not recorded::No `));
			}
		}));

	test("GitHub: events of one step are one after the other in its summary", () =>
		with_home(async (home) => {
			front.script(RECORDED, RECORDED);
			fs.writeFileSync(path.join(home.dir, "summary.md"), "# Mine\n");
			await track(home, github(home));
			await track(home, github(home), [], "build");
			assert.deepEqual(summary(home).match(/^#+ .*$/gm), ["# Mine", "### ✅ Deployment event tracked successfully", "### ✅ Build event tracked successfully"]);
		}));

	test("GitHub: a summary that cannot be written is no failure", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			const ran = await track(home, { ...github(home), GITHUB_STEP_SUMMARY: path.join(home.dir, "none", "summary.md") });
			assert.equal(ran.status, 0);
			assert.match(ran.err, /Warning: the job summary cannot be written/);
		}));

	for (const words of EVIL)
		test(`no word is a command: ${JSON.stringify(words)}`, () =>
			with_home(async (home) => {
				const values = ["--scm-branch", words, "--deployed-by", words, "--build-number", words, "--deploy-url", words, "--verbose", "--debug"];
				const fates: Fate[] = [rule(words), { status: 422, body: JSON.stringify({ detail: [{ loc: ["body", words], msg: words }] }) }, { status: 400, body: JSON.stringify({ detail: words }) },
					{ status: 200, body: JSON.stringify({ id: words, warnings: [words], extra_metadata: { preflight_status: { rules_evaluated: [{ rule_name: words, status: "report_only", evaluation_result: "failed", error_message: words }] } } }) },
					{ status: 302, headers: { location: encodeURI(words) }, body: words }, { status: 503, headers: { "x-request-id": words.replace(/[\r\n\u001b]/g, "") }, body: JSON.stringify({ detail: words }) }];
				for (const fate of fates)
					for (const env of [github(home), { GITLAB_CI: "true" }, { TF_BUILD: "True" }] as Record<string, string>[]) {
						front.script(fate);
						const ran = await track(home, { ...env, GITHUB_REF_NAME: words, CI_COMMIT_REF_NAME: words, VERSIONER_DEADLINE: "100ms" }, values);
						for (const line of commands(ran.said)) assert.match(line, /^::(error|notice|warning) title=[^:]*::/);
						assert.doesNotMatch(ran.said, /##(vso)?\[/);
						const marks = ran.said.match(/\u001b\[0Ksection_(start|end):\d+:versioner_[\w.-]+(\[collapsed=true\])?\r\u001b\[0K/g) ?? [];
						assert.equal(marks.length, env.GITLAB_CI ? 2 : 0);
						assert.equal(ran.said.split("\u001b").length - 1, marks.length * 2, "no other escape sequence");
						if (env.GITHUB_ACTIONS) assert.doesNotMatch(summary(home).replace(/<br>/g, ""), /<(?!a href="https&#58;|\/a>)|[\r\u001b`*\[\]]/);
					}
			}));

	test("GitLab: a section with a name of its own each time, folded when all is well", () =>
		with_home(async (home) => {
			const names = new Set<string>();
			for (const [fate, folded] of [["pass", true], ["pass", true], [rule("Friday"), false]] as [Fate, boolean][]) {
				front.script(fate);
				const ran = await track(home, { GITLAB_CI: "true" });
				const stream = folded ? ran.out : ran.err;
				const found = /^\u001b\[0Ksection_start:(\d{10}):([\w.-]+)(\[collapsed=true\])?\r\u001b\[0KVersioner: ([^\n]*)\n(.*)\u001b\[0Ksection_end:(\d{10}):([\w.-]+)\r\u001b\[0K\n$/s.exec(stream);
				assert.ok(found, JSON.stringify(stream));
				assert.equal(found[2], found[7]);
				assert.equal(found[3] !== undefined, folded);
				assert.match(found[5], folded ? /Event ID/ : /Rule: Friday/);
				names.add(found[2]);
			}
			assert.equal(names.size, 3);
		}));

	test("elsewhere: plain text alone", () =>
		with_home(async (home) => {
			for (const env of [{}, { CIRCLECI: "true" }, { TF_BUILD: "True" }, { JENKINS_URL: "x" }] as Record<string, string>[]) {
				front.script(RECORDED);
				const ran = await track(home, { ...env, GITHUB_STEP_SUMMARY: path.join(home.dir, "summary.md") });
				assert.equal(ran.err, "");
				assert.match(ran.out, /^✓ Deployment event tracked successfully\n  Event ID: \S+\n$/);
				assert.ok(!fs.existsSync(path.join(home.dir, "summary.md")));
			}
		}));
});
