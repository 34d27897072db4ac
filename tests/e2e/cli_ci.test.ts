/* Each CI system: a build and a deployment sent with nothing but what its environment says, and the stored record field by field. */
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { DEPLOYMENT_ANSWER, Fields, get_ok, Kind, KINDS, read_table, TIME, UUID7 } from "./api";
import { printed_id, use_home } from "./cli";
import { unique, use_server } from "./server";

interface System {
	environment: Record<string, string>;
	record: Fields; /* as stored; a run_url and an actor stand at other places for builds and for deployments */
	metadata: Record<string, string>;
}

const SHA = "0123456789abcdef0123456789abcdef01234567";

/* As the systems set them. */
const SYSTEMS: Record<string, System> = {
	github: {
		environment: {
			GITHUB_ACTIONS: "true", CI: "true", GITHUB_REPOSITORY: "octo-org/shop", GITHUB_SHA: SHA, GITHUB_REF_NAME: "main", GITHUB_RUN_ID: "1658821493",
			GITHUB_RUN_NUMBER: "42", GITHUB_ACTOR: "octocat", GITHUB_SERVER_URL: "https://github.com", GITHUB_WORKFLOW: "Release & deploy", GITHUB_JOB: "deploy",
			GITHUB_RUN_ATTEMPT: "2", GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge", GITHUB_HEAD_REF: "feature/ü-1", GITHUB_BASE_REF: "main",
		},
		record: { product: "shop", version: "01234567", scm_repository: "octo-org/shop", scm_sha: SHA, scm_branch: "main", invoke_id: "1658821493",
			build_number: "42", actor: "octocat", run_url: "https://github.com/octo-org/shop/actions/runs/1658821493" },
		metadata: { vi_gh_workflow: "Release & deploy", vi_gh_job: "deploy", vi_gh_run_attempt: "2", vi_gh_event_name: "pull_request",
			vi_gh_ref: "refs/pull/7/merge", vi_gh_head_ref: "feature/ü-1", vi_gh_base_ref: "main" },
	},
	gitlab: {
		environment: {
			GITLAB_CI: "true", CI: "true", CI_PROJECT_PATH: "group/sub/shop", CI_COMMIT_SHA: SHA, CI_COMMIT_REF_NAME: "main", CI_PIPELINE_ID: "1212",
			CI_PIPELINE_IID: "17", CI_PIPELINE_URL: "https://gitlab.test/group/sub/shop/-/pipelines/1212", GITLAB_USER_LOGIN: "ada", GITLAB_USER_EMAIL: "ada@x.test",
			GITLAB_USER_NAME: "Ada Lovelace", CI_JOB_ID: "3434", CI_JOB_NAME: "deploy: production", CI_JOB_URL: "https://gitlab.test/group/sub/shop/-/jobs/3434",
			CI_PIPELINE_SOURCE: "push",
		},
		record: { product: "shop", version: "01234567", scm_repository: "group/sub/shop", scm_sha: SHA, scm_branch: "main", invoke_id: "1212", build_number: "17",
			actor: "ada", actor_email: "ada@x.test", actor_name: "Ada Lovelace", run_url: "https://gitlab.test/group/sub/shop/-/pipelines/1212" },
		metadata: { vi_gl_pipeline_id: "1212", vi_gl_pipeline_url: "https://gitlab.test/group/sub/shop/-/pipelines/1212", vi_gl_job_id: "3434",
			vi_gl_job_name: "deploy: production", vi_gl_job_url: "https://gitlab.test/group/sub/shop/-/jobs/3434", vi_gl_pipeline_source: "push" },
	},
	jenkins: {
		environment: {
			JENKINS_URL: "https://jenkins.test/", GIT_URL: "git@github.com:octo-org/shop.git", GIT_COMMIT: SHA, GIT_BRANCH: "origin/main", BUILD_NUMBER: "99",
			BUILD_ID: "99", BUILD_URL: "https://jenkins.test/job/shop/99/", BUILD_USER: "Ada", BUILD_USER_EMAIL: "ada@x.test", JOB_NAME: "team/shop",
			NODE_NAME: "built-in", EXECUTOR_NUMBER: "0",
		},
		record: { product: "shop", version: "99", scm_repository: "github.com/octo-org/shop", scm_sha: SHA, scm_branch: "origin/main", invoke_id: "99",
			build_number: "99", actor: "Ada", actor_email: "ada@x.test", run_url: "https://jenkins.test/job/shop/99/" },
		metadata: { vi_jenkins_job_name: "team/shop", vi_jenkins_build_url: "https://jenkins.test/job/shop/99/", vi_jenkins_node_name: "built-in",
			vi_jenkins_executor_number: "0" },
	},
	circleci: {
		environment: {
			CIRCLECI: "true", CI: "true", CIRCLE_PROJECT_USERNAME: "octo-org", CIRCLE_PROJECT_REPONAME: "shop", CIRCLE_SHA1: SHA, CIRCLE_BRANCH: "main",
			CIRCLE_BUILD_NUM: "5", CIRCLE_WORKFLOW_ID: "5034460f-c7c4-4c43-9457-de07e2029e7b", CIRCLE_BUILD_URL: "https://circleci.com/gh/octo-org/shop/5",
			CIRCLE_USERNAME: "ada", CIRCLE_WORKFLOW_JOB_ID: "job-1", CIRCLE_JOB: "deploy", CIRCLE_NODE_INDEX: "0",
		},
		record: { product: "shop", version: "01234567", scm_repository: "octo-org/shop", scm_sha: SHA, scm_branch: "main",
			invoke_id: "5034460f-c7c4-4c43-9457-de07e2029e7b", build_number: "5", actor: "ada", run_url: "https://circleci.com/gh/octo-org/shop/5" },
		metadata: { vi_circle_workflow_id: "5034460f-c7c4-4c43-9457-de07e2029e7b", vi_circle_workflow_job_id: "job-1", vi_circle_job_name: "deploy",
			vi_circle_node_index: "0" },
	},
	bitbucket: {
		environment: {
			BITBUCKET_BUILD_NUMBER: "12", CI: "true", BITBUCKET_REPO_FULL_NAME: "team/shop", BITBUCKET_COMMIT: SHA, BITBUCKET_BRANCH: "main",
			BITBUCKET_PIPELINE_UUID: "{7c7f}", BITBUCKET_STEP_UUID: "{8d8f}", BITBUCKET_WORKSPACE: "team", BITBUCKET_REPO_SLUG: "shop",
		},
		record: { product: "shop", version: "01234567", scm_repository: "team/shop", scm_sha: SHA, scm_branch: "main", invoke_id: "{7c7f}", build_number: "12",
			run_url: "https://bitbucket.org/team/shop/pipelines/results/12" },
		metadata: { vi_bb_pipeline_uuid: "{7c7f}", vi_bb_step_uuid: "{8d8f}", vi_bb_workspace: "team", vi_bb_repo_slug: "shop" },
	},
	"azure-devops": {
		environment: {
			TF_BUILD: "True", BUILD_REPOSITORY_NAME: "octo-org/shop", BUILD_SOURCEVERSION: SHA, BUILD_SOURCEBRANCHNAME: "main", BUILD_BUILDNUMBER: "20260524.3",
			BUILD_BUILDID: "77", SYSTEM_COLLECTIONURI: "https://dev.azure.com/org/", SYSTEM_TEAMPROJECT: "Shop", BUILD_REQUESTEDFOR: "Ada Lovelace",
			BUILD_REQUESTEDFOREMAIL: "ada@x.test", BUILD_DEFINITIONNAME: "shop release", AGENT_NAME: "agent 1",
		},
		record: { product: "shop", version: "20260524.3", scm_repository: "octo-org/shop", scm_sha: SHA, scm_branch: "main", invoke_id: "77",
			build_number: "20260524.3", actor: "Ada Lovelace", actor_email: "ada@x.test", run_url: "https://dev.azure.com/org/Shop/_build/results?buildId=77" },
		metadata: { vi_azure_build_id: "77", vi_azure_definition_name: "shop release", vi_azure_agent_name: "agent 1", vi_azure_team_project: "Shop" },
	},
	travis: {
		environment: {
			TRAVIS: "true", CI: "true", TRAVIS_REPO_SLUG: "octo-org/shop", TRAVIS_COMMIT: SHA, TRAVIS_BRANCH: "main", TRAVIS_BUILD_NUMBER: "8",
			TRAVIS_BUILD_ID: "555", TRAVIS_BUILD_WEB_URL: "https://app.travis-ci.com/octo-org/shop/builds/555", TRAVIS_JOB_ID: "556", TRAVIS_JOB_NUMBER: "8.1",
			TRAVIS_EVENT_TYPE: "push",
		},
		record: { product: "shop", version: "01234567", scm_repository: "octo-org/shop", scm_sha: SHA, scm_branch: "main", invoke_id: "555", build_number: "8",
			run_url: "https://app.travis-ci.com/octo-org/shop/builds/555" },
		metadata: { vi_travis_build_id: "555", vi_travis_job_id: "556", vi_travis_job_number: "8.1", vi_travis_event_type: "push" },
	},
	rundeck: {
		environment: {
			RD_JOB_ID: "b0", RD_JOB_EXECID: "31", RD_JOB_USERNAME: "ada", RD_JOB_SERVERURL: "https://rundeck.test", RD_JOB_PROJECT: "ops",
			RD_JOB_NAME: "shop", RD_JOB_GROUP: "deploy/shop", RD_JOB_URL: "https://rundeck.test/project/ops/execution/follow/31",
		},
		record: { product: "shop", version: "31", invoke_id: "31", build_number: "31", actor: "ada", run_url: "https://rundeck.test/project/ops/execution/show/31" },
		metadata: { vi_rd_job_id: "b0", vi_rd_job_execid: "31", vi_rd_job_serverurl: "https://rundeck.test", vi_rd_job_project: "ops", vi_rd_job_name: "shop",
			vi_rd_job_group: "deploy/shop", vi_rd_job_url: "https://rundeck.test/project/ops/execution/follow/31" },
	},
};

/* What the second choice of a row gives, when the first is not there. */
const SECOND_CHOICES: [string, Record<string, string | undefined>, Fields][] = [
	["circleci", { CIRCLE_BRANCH: undefined, CIRCLE_TAG: "v1" }, { scm_branch: "v1" }],
	["bitbucket", { BITBUCKET_BRANCH: "", BITBUCKET_TAG: "v1" }, { scm_branch: "v1" }],
	["travis", { TRAVIS_BRANCH: undefined, TRAVIS_TAG: "v1" }, { scm_branch: "v1" }],
	["azure-devops", { SYSTEM_TEAMPROJECT: undefined, BUILD_BUILDURI: "https://dev.azure.com/build/77" }, { run_url: "https://dev.azure.com/build/77" }],
	["rundeck", { RD_JOB_USERNAME: undefined, RD_JOB_USER_NAME: "grace" }, { actor: "grace" }],
	["rundeck", { RD_JOB_SERVERURL: "" }, { run_url: undefined }],
	["github", { GITHUB_SERVER_URL: undefined }, { run_url: undefined }],
	["jenkins", { GIT_URL: "https://ada:token@github.com/octo-org/shop.git" }, { scm_repository: "github.com/octo-org/shop" }],
	["github", { GITLAB_CI: "true", CI_PROJECT_PATH: "other/thing", JENKINS_URL: "https://jenkins.test/" }, {}],
];

/* The record of that kind, with null for all that nobody said. */
function expected(kind: Kind, system: string, told: Fields): Fields {
	const { product, version, actor, actor_email, actor_name, run_url, ...same } = told;
	const person = kind === "deployment" ? "deployed_by" : "built_by";
	const url = kind === "deployment" ? "deploy_url" : "build_url";
	const fields = kind === "deployment" ? DEPLOYMENT_ANSWER : BUILD_FIELDS;
	const none = Object.fromEntries(fields.filter((name) => !NOT_COMPARED.has(name)).map((name) => [name, null]));
	const given = { ...same, product_name: product, version, [person]: actor, [`${person}_email`]: actor_email, [`${person}_name`]: actor_name, [url]: run_url };
	const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
	if (kind === "deployment") Object.assign(none, { environment_name: "production", kind: "initial" });
	return { ...none, ...known, source_system: system, status: "completed" };
}

const NOT_COMPARED = new Set(["id", "event_id", "event_type", "product_id", "version_id", "environment_id", "deployed_at", "completed_at", "created_at",
	"warnings", "extra_metadata"]);
const BUILD_FIELDS = ["id", "product_id", "product_name", "version_id", "version", "status", "build_number", "build_url", "completed_at", "created_at",
	"error_message", "scm_repository", "scm_sha", "scm_branch", "built_by", "built_by_email", "built_by_name", "source_system", "invoke_id",
	"error_code", "extra_metadata"]; /* without started_at, which is never null */

function assert_record(kind: Kind, stored: any, wanted: Fields, metadata: Fields | null): void {
	for (const [name, value] of Object.entries(wanted)) assert.deepEqual(stored[name], value, `${kind}: ${name}`);
	assert.deepEqual(stored.extra_metadata, metadata, `${kind}: extra_metadata`);
	assert.match(stored.id, UUID7);
	assert.match(stored.completed_at, TIME);
}

describe("the environment of a CI system", () => {
	const server = use_server();
	const home = use_home();

	/* The product is one of its own for each run, so that no record meets another one. */
	async function stored(kind: Kind, env: Record<string, string | undefined>, args: string[] = []): Promise<any> {
		const environment = kind === "deployment" ? ["--environment", "production"] : [];
		const ran = await home.run(["track", kind, ...environment, ...args], {
			env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url, ...env },
		});
		const id = printed_id(ran);
		assert.match(ran.out, kind === "deployment" ? /✓ Deployment event tracked successfully/ : /✓ Build event tracked successfully/);
		return get_ok(server, `/${kind}s/${id}`);
	}

	/* The same environment, with a name of the product that no other test uses. */
	function renamed(system: string, env: Record<string, string | undefined>): { env: Record<string, string | undefined>; rename: (told: Fields) => Fields } {
		const name = unique("shop");
		const swap = (value: string | undefined): string | undefined =>
			value === undefined ? undefined : value.replace(/(?<=[/:]|^)shop(?=$|\/|\.git$)/g, name);
		const keep = new Set(["RD_JOB_GROUP", "JOB_NAME", "BUILD_URL"]);
		const changed = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, keep.has(key) ? value : swap(value)]));
		const metadata_too = (told: Fields): Fields =>
			Object.fromEntries(Object.entries(told).map(([key, value]) => [key, keep_field(system, key) ? value : swap(value as string | undefined)]));
		return { env: changed, rename: metadata_too };
	}
	const keep_field = (system: string, key: string): boolean =>
		(system === "jenkins" && ["run_url", "vi_jenkins_job_name", "vi_jenkins_build_url"].includes(key)) || key === "vi_rd_job_group";

	for (const [system, { environment, record, metadata }] of Object.entries(SYSTEMS))
		for (const kind of KINDS)
			test(`${system}: a ${kind}`, async () => {
				const { env, rename } = renamed(system, environment);
				assert_record(kind, await stored(kind, env), expected(kind, system, rename(record)), rename(metadata));
			});

	for (const [system, change, difference] of SECOND_CHOICES)
		for (const kind of KINDS)
			test(`${system}: a ${kind} with ${Object.keys(change).join(", ")} changed`, async () => {
				const { environment, record } = SYSTEMS[system];
				const { env, rename } = renamed(system, { ...environment, ...change });
				const found = await stored(kind, env);
				for (const [name, value] of Object.entries(expected(kind, system, rename({ ...record, ...difference })))) assert.deepEqual(found[name], value, name);
				assert.ok(!JSON.stringify(found).includes("token"), "a password of a clone URL");
			});

	for (const kind of KINDS)
		test(`none: a ${kind}`, async () => {
			const found = await stored(kind, {}, ["--product", unique("shop"), "--version", "1"]);
			assert_record(kind, found, expected(kind, "unknown", { product: found.product_name, version: "1" }), null);
		});

	test("the condition is the value, not the variable alone", async () => {
		for (const name of ["GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "TF_BUILD", "TRAVIS"]) {
			const found = await stored("build", { [name]: "no" }, ["--product", unique("shop"), "--version", "1"]);
			assert.equal(found.source_system, "unknown", name);
		}
	});

	test("the user's own metadata wins over what was detected, and is merged with it", async () => {
		const { env, rename } = renamed("github", SYSTEMS.github.environment);
		const found = await stored("deployment", env, ["--extra-metadata", '{"vi_gh_job":"mine","ticket":{"id":[1,2.50,null]}}']);
		assert.deepEqual(found.extra_metadata, { ...rename(SYSTEMS.github.metadata), vi_gh_job: "mine", ticket: { id: [1, 2.5, null] } });
	});

	test("--verbose shows what was detected, and from where", async () => {
		const ran = await home.run(["track", "build", "--verbose", "--version", "7"], {
			env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url, ...SYSTEMS.gitlab.environment },
		});
		assert.equal(ran.status, 0, ran.said);
		for (const words of ["gitlab", "scm_repository: group/sub/shop", "CI_PROJECT_PATH", "version: 7", "vi_gl_job_name: deploy: production"])
			assert.ok(ran.err.includes(words), `${words} is not in:\n${ran.err}`);
	});
});

test("the table of systems has no row that is not compared here", () => {
	for (const row of read_table("ci-detection.tsv")) {
		const { record, metadata } = SYSTEMS[row.system];
		const value = row.field.startsWith("extra.") ? metadata[row.field.slice(6)] : record[row.field];
		assert.ok(value, `${row.system} ${row.field}`);
	}
	const counts = read_table("ci-detection.tsv").length;
	const here = Object.values(SYSTEMS).reduce((sum, s) => sum + Object.keys(s.record).length + Object.keys(s.metadata).length, 0);
	assert.equal(here, counts, "and no field is expected that has no row");
});
