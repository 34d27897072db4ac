/* The pages docs/ci/*.md and the GitHub action: their YAML is YAML, and what they run does what they say, whatever the inputs hold. */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as path from "node:path";
import { events_of, read_table } from "./api";
import { Home, Ran, RECORDED, use_front, with_home } from "./cli";
import { BINARY, ROOT, unique, use_server } from "./server";

const PAGES = fs.readdirSync(path.join(ROOT, "docs/ci")).filter((name) => name.endsWith(".md") && name !== "README.md");
const NO_YAML = spawnSync("python3", ["-c", "import yaml"]).status === 0 ? false : "needs python3-yaml";

const page = (name: string): string => fs.readFileSync(path.join(ROOT, name), "utf8");
const blocks = (text: string, language: string): string[] => [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map((m) => m[1]);

function parse_yaml(text: string): any {
	const code = "import sys, json, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
	const parsed = spawnSync("python3", ["-c", code], { input: text, encoding: "utf8" });
	assert.equal(parsed.status, 0, parsed.stderr);
	return JSON.parse(parsed.stdout);
}

/* The fewest variables of each system that say what is built. */
const SYSTEMS: Record<string, Record<string, string>> = {
	github: { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "o/NAME", GITHUB_SHA: "0123456789", GITHUB_RUN_ID: "1" },
	gitlab: { GITLAB_CI: "true", CI_PROJECT_PATH: "o/NAME", CI_COMMIT_SHA: "0123456789", CI_PIPELINE_ID: "1" },
	jenkins: { JENKINS_URL: "https://j.test", GIT_URL: "https://g.test/o/NAME.git", BUILD_NUMBER: "1", BUILD_ID: "1" },
	circleci: { CIRCLECI: "true", CIRCLE_PROJECT_USERNAME: "o", CIRCLE_PROJECT_REPONAME: "NAME", CIRCLE_SHA1: "0123456789", CIRCLE_WORKFLOW_ID: "1" },
	bitbucket: { BITBUCKET_BUILD_NUMBER: "1", BITBUCKET_REPO_FULL_NAME: "o/NAME", BITBUCKET_REPO_SLUG: "NAME", BITBUCKET_COMMIT: "0123456789" },
	"azure-devops": { TF_BUILD: "True", BUILD_REPOSITORY_NAME: "o/NAME", BUILD_BUILDNUMBER: "1", BUILD_BUILDID: "1" },
	travis: { TRAVIS: "true", TRAVIS_REPO_SLUG: "o/NAME", TRAVIS_COMMIT: "0123456789", TRAVIS_BUILD_ID: "1" },
	rundeck: { RD_JOB_ID: "1", RD_JOB_NAME: "NAME", RD_JOB_EXECID: "1" },
};

/* A home with ./deploy.sh and make, and the program on PATH. */
function prepare(home: Home, ends_with = 0): string {
	const bin = path.join(home.dir, "bin");
	fs.mkdirSync(bin);
	fs.symlinkSync(BINARY, path.join(bin, "versioner"));
	fs.writeFileSync(path.join(bin, "make"), "#!/bin/sh\n", { mode: 0o755 });
	fs.writeFileSync(path.join(home.dir, "deploy.sh"), `#!/bin/sh\nexit ${ends_with}\n`, { mode: 0o755 });
	return `${bin}:${process.env.PATH}`;
}

const shell = (home: Home, script: string, env: Record<string, string>): Ran => {
	const ran = spawnSync("bash", ["-e", "-o", "pipefail", "-c", script], { env: { HOME: home.dir, ...env }, cwd: home.dir, encoding: "utf8", timeout: 60_000 });
	return { status: ran.status, signal: ran.signal, out: ran.stdout, err: ran.stderr, said: ran.stdout + ran.stderr, milliseconds: 0 };
};

/* Every text of a parsed pipeline that calls the program. */
function scripts(value: unknown): string[] {
	if (typeof value === "string") return /^ *versioner (track|run) /m.test(value) ? [value] : [];
	return value && typeof value === "object" ? Object.values(value).flatMap(scripts) : [];
}

describe("docs/ci", () => {
	const server = use_server();

	test("there is a page for each system of the table", () => {
		const systems = [...new Set(read_table("ci-detection.tsv").map((row) => row.system))];
		assert.deepEqual(PAGES.map((name) => name.slice(0, -3)).sort(), systems.sort());
	});

	for (const name of PAGES) {
		const text = page(`docs/ci/${name}`), system = name.slice(0, -3);
		test(`${name}: it is YAML, and names a secret and the address`, { skip: NO_YAML }, () => {
			for (const block of blocks(text, "yaml")) assert.equal(typeof parse_yaml(block), "object");
			assert.match(text, /VERSIONER_API_KEY/);
			assert.match(text, /VERSIONER_API_URL/);
			for (const block of [...blocks(text, "yaml"), ...blocks(text, "groovy")]) assert.doesNotMatch(block, /sk_|--api-key/);
		});

		test(`${name}: no script has a value of somebody else put into its text`, { skip: NO_YAML }, () => {
			for (const block of blocks(text, "yaml")) for (const script of scripts(parse_yaml(block))) assert.doesNotMatch(script, /\$\{\{|\$\(|@option/, script);
			for (const block of blocks(text, "groovy")) for (const line of block.split("\n")) if (line.includes("sh ")) assert.doesNotMatch(line, /sh "/);
		});

		test(`${name}: what it runs records a build and a deployment`, { skip: NO_YAML }, () =>
			with_home(async (home) => {
				const product = unique("shop"), PATH = prepare(home);
				const found = blocks(text, "yaml").flatMap((block) => scripts(parse_yaml(block)));
				found.push(...blocks(text, "groovy").flatMap((block) => [...block.matchAll(/sh '([^']*versioner[^']*)'/g)].map((m) => m[1])));
				const environment = Object.fromEntries(Object.entries(SYSTEMS[system]).map(([key, value]) => [key, value.replace("NAME", product)]));
				const key: Record<string, string> = system === "rundeck" ? { RD_OPTION_VERSIONER_API_KEY: server.key } : { VERSIONER_API_KEY: server.key };
				assert.ok(found.length);
				for (const script of found) {
					const here = script.replaceAll("https://versioner.example.com", server.url);
					const ran = shell(home, here, { PATH, ...environment, ...key, VERSIONER_API_URL: server.url });
					assert.equal(ran.status, 0, `${script}:\n${ran.said}`);
				}
				const types = (await events_of(server, product)).map((e) => e.event_type).reverse();
				assert.deepEqual(types, ["build.completed", "deployment.started", "deployment.completed"]);
			}));
	}

	for (const code of [0, 7])
		test(`README.md: the script that does by hand what run does, with exit code ${code}`, () =>
			with_home(async (home) => {
				const product = unique("shop"), PATH = prepare(home, code);
				const [script] = blocks(page("docs/ci/README.md"), "sh");
				const env = { PATH, VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url, VERSIONER_PRODUCT: product, VERSIONER_VERSION: "1" };
				const ran = shell(home, script, env);
				assert.equal(ran.status, code ? 1 : 0, ran.said);
				const types = (await events_of(server, product)).map((e) => e.event_type).reverse();
				assert.deepEqual(types, ["deployment.started", code ? "deployment.failed" : "deployment.completed"]);
			}));
});

describe("action.yml", { skip: NO_YAML }, () => {
	const front = use_front();
	const action = NO_YAML ? {} : parse_yaml(page("action.yml"));
	const step = action.runs?.steps[0];

	/* What the runner makes of the step: values of inputs into its variables, an input that is not given is its default. */
	function environment(inputs: Record<string, string>, job: Record<string, string> = {}): Record<string, string> {
		const values = Object.entries<string>(step.env).map(([name, expression]): [string, string] => {
			const found = /^\$\{\{ inputs\.([a-z-]+)(?: \|\| env\.([A-Z_]+))? \}\}$/.exec(expression);
			assert.ok(found, expression);
			assert.ok(found[1] in action.inputs, `there is no input ${found[1]}`);
			return [name, (inputs[found[1]] ?? action.inputs[found[1]].default ?? "") || (job[found[2]] ?? "")];
		});
		return Object.fromEntries(values);
	}
	async function act(home: Home, inputs: Record<string, string>, job: Record<string, string> = {}): Promise<Ran> {
		const script = home.file("step.sh", step.run);
		const env = { PATH: home.dir, GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "o/shop", GITHUB_SHA: "0123456789", ...job, ...environment(inputs, job) };
		/* As the runner starts a step of "shell: bash". Not in this process: the front must answer meanwhile. */
		return run_bash(home, script, env);
	}

	test("each option of track is an input, and each input is used", async () =>
		with_home(async (home) => {
			const flags = new Set<string>();
			for (const kind of ["build", "deployment"])
				for (const m of (await home.run(["track", kind, "--help"])).out.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)) flags.add(m[1]);
			assert.deepEqual(Object.keys(action.inputs).filter((name) => name !== "kind" && name !== "binary").sort(), [...flags].sort());
			const used = Object.values<string>(step.env).map((expression) => /inputs\.([a-z-]+)/.exec(expression)![1]);
			assert.deepEqual(used.sort(), Object.keys(action.inputs).sort());
			for (const [name, expression] of Object.entries<string>(step.env))
				if (!name.startsWith("VERSIONER_ACTION_")) assert.equal(name, `VERSIONER_${/inputs\.([a-z-]+)/.exec(expression)![1].toUpperCase().replace(/-/g, "_")}`);
			for (const input of Object.values<any>(action.inputs)) assert.ok(input.description);
		}));

	test("the script holds no expression of the workflow", () => {
		assert.doesNotMatch(step.run, /\$\{\{/);
		assert.equal(step.shell, "bash");
		assert.equal(action.runs.using, "composite");
		assert.equal(action.runs.steps.length, 1);
	});

	const given = (): Record<string, string> => ({ "api-key": "sk_default_k1_" + "k".repeat(40), "api-url": front.url, binary: BINARY });

	test("sends what it is given", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			const ran = await act(home, { ...given(), environment: "production", version: "1.4.0", status: "failure", "extra-metadata": '{"a":1}' });
			assert.equal(ran.status, 0, ran.said);
			assert.equal(front.seen[0].path, "/deployment-events/");
			const { product_name, version, environment_name, status, source_system, extra_metadata } = front.seen[0].json;
			assert.deepEqual([product_name, version, environment_name, status, source_system, extra_metadata], ["shop", "1.4.0", "production", "failure", "github", { a: 1 }]);
			front.script(RECORDED);
			assert.equal((await act(home, { ...given(), kind: "build" })).status, 0);
			assert.equal(front.seen[0].path, "/build-events/");
			assert.equal(front.seen[0].json.version, "01234567");
		}));

	test("what is not given is the job's own variable", () =>
		with_home(async (home) => {
			front.script(RECORDED);
			const job = { VERSIONER_API_KEY: given()["api-key"], VERSIONER_API_URL: front.url, VERSIONER_PRODUCT: "of-the-job", VERSIONER_ENVIRONMENT: "e" };
			const ran = await act(home, { binary: BINARY, environment: "of-the-input" }, job);
			assert.equal(ran.status, 0, ran.said);
			assert.deepEqual([front.seen[0].json.product_name, front.seen[0].json.environment_name], ["of-the-job", "of-the-input"]);
		}));

	test("exit codes come through, and false is false", () =>
		with_home(async (home) => {
			front.script({ status: 423, body: '{"message":"closed"}' });
			assert.equal((await act(home, { ...given(), environment: "e", "fail-on-api-error": "false" })).status, 5);
			front.script({ status: 403, body: '{"detail":"no"}' });
			assert.equal((await act(home, { ...given(), environment: "e", "fail-on-api-error": "false" })).status, 0);
		}));

	const HOSTILE = ['$(touch "$HOME/pwned")', '`touch "$HOME/pwned"`', '"; touch "$HOME/pwned"; "', "'; touch \"$HOME/pwned\"; '", "x\ntouch $HOME/pwned", "$HOME", "*", "--help",
		"-v", "a && touch $HOME/pwned", "${IFS}", "%s %n", "\\", "::add-mask::x", "x\n::error::y"];
	const TEXTS = ["product", "environment", "version", "status", "scm-branch", "scm-repository", "deployed-by", "deploy-url", "build-number", "invoke-id"];
	for (const words of HOSTILE)
		test(`an input is data: ${JSON.stringify(words)}`, () =>
			with_home(async (home) => {
				front.script(RECORDED);
				const inputs = Object.fromEntries(TEXTS.map((name) => [name, words]));
				const ran = await act(home, { ...given(), ...inputs, "extra-metadata": JSON.stringify({ note: words }) });
				assert.ok(!fs.existsSync(path.join(home.dir, "pwned")));
				assert.doesNotMatch(ran.said, /^\s*::(?!error title=|notice title=|warning title=)/m);
				assert.equal(ran.status, 0, ran.said);
				for (const name of ["product_name", "environment_name", "version", "status", "scm_branch", "deployed_by"]) assert.equal(front.seen[0].json[name], words);
				assert.equal(front.seen[0].json.extra_metadata.note, words);
			}));

	for (const words of ["", "deploy", "build; touch $HOME/pwned", "--help", "*", "build deployment"])
		test(`kind is one of two: ${JSON.stringify(words)}`, () =>
			with_home(async (home) => {
				front.script(RECORDED);
				const ran = await act(home, { ...given(), kind: words });
				assert.equal(ran.status, 1, ran.said);
				assert.match(ran.err, /the input kind is build or deployment/);
				assert.ok(!fs.existsSync(path.join(home.dir, "pwned")));
				assert.equal(front.seen.length, 0);
			}));

	test("a program that is not there", () =>
		with_home(async (home) => {
			const ran = await act(home, { ...given(), binary: '-c "touch $HOME/pwned"' });
			assert.notEqual(ran.status, 0);
			assert.ok(!fs.existsSync(path.join(home.dir, "pwned")));
		}));
});

/* bash as the runner of GitHub starts it. */
function run_bash(home: Home, script: string, env: Record<string, string>): Promise<Ran> {
	const child = spawn("/bin/bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", script], { env: { HOME: home.dir, ...env }, cwd: home.dir });
	let out = "", err = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
	child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
	return new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, out, err, said: out + err, milliseconds: 0 })));
}
