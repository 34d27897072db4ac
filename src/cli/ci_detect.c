/* The table of CI systems, and the reader of its expressions. */
#include "cli/ci_detect.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

/* clang-format off */
const struct ci_row CI_ROWS[] = {
	{"github", "GITHUB_ACTIONS=true", "scm_repository", "GITHUB_REPOSITORY"},
	{"github", "GITHUB_ACTIONS=true", "scm_sha", "GITHUB_SHA"},
	{"github", "GITHUB_ACTIONS=true", "scm_branch", "GITHUB_REF_NAME"},
	{"github", "GITHUB_ACTIONS=true", "invoke_id", "GITHUB_RUN_ID"},
	{"github", "GITHUB_ACTIONS=true", "build_number", "GITHUB_RUN_NUMBER"},
	{"github", "GITHUB_ACTIONS=true", "actor", "GITHUB_ACTOR"},
	{"github", "GITHUB_ACTIONS=true", "run_url", "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"},
	{"github", "GITHUB_ACTIONS=true", "product", "repo-last(scm_repository)"},
	{"github", "GITHUB_ACTIONS=true", "version", "short(scm_sha)"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_workflow", "GITHUB_WORKFLOW"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_job", "GITHUB_JOB"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_run_attempt", "GITHUB_RUN_ATTEMPT"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_event_name", "GITHUB_EVENT_NAME"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_ref", "GITHUB_REF"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_head_ref", "GITHUB_HEAD_REF"},
	{"github", "GITHUB_ACTIONS=true", "extra.vi_gh_base_ref", "GITHUB_BASE_REF"},
	{"gitlab", "GITLAB_CI=true", "scm_repository", "CI_PROJECT_PATH"},
	{"gitlab", "GITLAB_CI=true", "scm_sha", "CI_COMMIT_SHA"},
	{"gitlab", "GITLAB_CI=true", "scm_branch", "CI_COMMIT_REF_NAME"},
	{"gitlab", "GITLAB_CI=true", "invoke_id", "CI_PIPELINE_ID"},
	{"gitlab", "GITLAB_CI=true", "build_number", "CI_PIPELINE_IID"},
	{"gitlab", "GITLAB_CI=true", "run_url", "CI_PIPELINE_URL"},
	{"gitlab", "GITLAB_CI=true", "actor", "GITLAB_USER_LOGIN"},
	{"gitlab", "GITLAB_CI=true", "actor_email", "GITLAB_USER_EMAIL"},
	{"gitlab", "GITLAB_CI=true", "actor_name", "GITLAB_USER_NAME"},
	{"gitlab", "GITLAB_CI=true", "product", "repo-last(scm_repository)"},
	{"gitlab", "GITLAB_CI=true", "version", "short(scm_sha)"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_pipeline_id", "CI_PIPELINE_ID"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_pipeline_url", "CI_PIPELINE_URL"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_job_id", "CI_JOB_ID"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_job_name", "CI_JOB_NAME"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_job_url", "CI_JOB_URL"},
	{"gitlab", "GITLAB_CI=true", "extra.vi_gl_pipeline_source", "CI_PIPELINE_SOURCE"},
	{"jenkins", "JENKINS_URL set", "scm_repository", "git-url(GIT_URL)"},
	{"jenkins", "JENKINS_URL set", "scm_sha", "GIT_COMMIT"},
	{"jenkins", "JENKINS_URL set", "scm_branch", "GIT_BRANCH"},
	{"jenkins", "JENKINS_URL set", "build_number", "BUILD_NUMBER"},
	{"jenkins", "JENKINS_URL set", "invoke_id", "BUILD_ID"},
	{"jenkins", "JENKINS_URL set", "run_url", "BUILD_URL"},
	{"jenkins", "JENKINS_URL set", "actor", "BUILD_USER"},
	{"jenkins", "JENKINS_URL set", "actor_email", "BUILD_USER_EMAIL"},
	{"jenkins", "JENKINS_URL set", "product", "repo-last(scm_repository)"},
	{"jenkins", "JENKINS_URL set", "version", "BUILD_NUMBER"},
	{"jenkins", "JENKINS_URL set", "extra.vi_jenkins_job_name", "JOB_NAME"},
	{"jenkins", "JENKINS_URL set", "extra.vi_jenkins_build_url", "BUILD_URL"},
	{"jenkins", "JENKINS_URL set", "extra.vi_jenkins_node_name", "NODE_NAME"},
	{"jenkins", "JENKINS_URL set", "extra.vi_jenkins_executor_number", "EXECUTOR_NUMBER"},
	{"circleci", "CIRCLECI=true", "scm_repository", "{CIRCLE_PROJECT_USERNAME}/{CIRCLE_PROJECT_REPONAME}"},
	{"circleci", "CIRCLECI=true", "scm_sha", "CIRCLE_SHA1"},
	{"circleci", "CIRCLECI=true", "scm_branch", "CIRCLE_BRANCH|CIRCLE_TAG"},
	{"circleci", "CIRCLECI=true", "build_number", "CIRCLE_BUILD_NUM"},
	{"circleci", "CIRCLECI=true", "invoke_id", "CIRCLE_WORKFLOW_ID"},
	{"circleci", "CIRCLECI=true", "run_url", "CIRCLE_BUILD_URL"},
	{"circleci", "CIRCLECI=true", "actor", "CIRCLE_USERNAME"},
	{"circleci", "CIRCLECI=true", "product", "CIRCLE_PROJECT_REPONAME"},
	{"circleci", "CIRCLECI=true", "version", "short(scm_sha)"},
	{"circleci", "CIRCLECI=true", "extra.vi_circle_workflow_id", "CIRCLE_WORKFLOW_ID"},
	{"circleci", "CIRCLECI=true", "extra.vi_circle_workflow_job_id", "CIRCLE_WORKFLOW_JOB_ID"},
	{"circleci", "CIRCLECI=true", "extra.vi_circle_job_name", "CIRCLE_JOB"},
	{"circleci", "CIRCLECI=true", "extra.vi_circle_node_index", "CIRCLE_NODE_INDEX"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "scm_repository", "BITBUCKET_REPO_FULL_NAME"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "scm_sha", "BITBUCKET_COMMIT"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "scm_branch", "BITBUCKET_BRANCH|BITBUCKET_TAG"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "build_number", "BITBUCKET_BUILD_NUMBER"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "invoke_id", "BITBUCKET_PIPELINE_UUID"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "run_url", "https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "product", "BITBUCKET_REPO_SLUG"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "version", "short(scm_sha)"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "extra.vi_bb_pipeline_uuid", "BITBUCKET_PIPELINE_UUID"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "extra.vi_bb_step_uuid", "BITBUCKET_STEP_UUID"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "extra.vi_bb_workspace", "BITBUCKET_WORKSPACE"},
	{"bitbucket", "BITBUCKET_BUILD_NUMBER set", "extra.vi_bb_repo_slug", "BITBUCKET_REPO_SLUG"},
	{"azure-devops", "TF_BUILD=True", "scm_repository", "BUILD_REPOSITORY_NAME"},
	{"azure-devops", "TF_BUILD=True", "scm_sha", "BUILD_SOURCEVERSION"},
	{"azure-devops", "TF_BUILD=True", "scm_branch", "BUILD_SOURCEBRANCHNAME"},
	{"azure-devops", "TF_BUILD=True", "build_number", "BUILD_BUILDNUMBER"},
	{"azure-devops", "TF_BUILD=True", "invoke_id", "BUILD_BUILDID"},
	{"azure-devops", "TF_BUILD=True", "run_url", "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}|BUILD_BUILDURI"},
	{"azure-devops", "TF_BUILD=True", "actor", "BUILD_REQUESTEDFOR"},
	{"azure-devops", "TF_BUILD=True", "actor_email", "BUILD_REQUESTEDFOREMAIL"},
	{"azure-devops", "TF_BUILD=True", "product", "repo-last(scm_repository)"},
	{"azure-devops", "TF_BUILD=True", "version", "BUILD_BUILDNUMBER"},
	{"azure-devops", "TF_BUILD=True", "extra.vi_azure_build_id", "BUILD_BUILDID"},
	{"azure-devops", "TF_BUILD=True", "extra.vi_azure_definition_name", "BUILD_DEFINITIONNAME"},
	{"azure-devops", "TF_BUILD=True", "extra.vi_azure_agent_name", "AGENT_NAME"},
	{"azure-devops", "TF_BUILD=True", "extra.vi_azure_team_project", "SYSTEM_TEAMPROJECT"},
	{"travis", "TRAVIS=true", "scm_repository", "TRAVIS_REPO_SLUG"},
	{"travis", "TRAVIS=true", "scm_sha", "TRAVIS_COMMIT"},
	{"travis", "TRAVIS=true", "scm_branch", "TRAVIS_BRANCH|TRAVIS_TAG"},
	{"travis", "TRAVIS=true", "build_number", "TRAVIS_BUILD_NUMBER"},
	{"travis", "TRAVIS=true", "invoke_id", "TRAVIS_BUILD_ID"},
	{"travis", "TRAVIS=true", "run_url", "TRAVIS_BUILD_WEB_URL"},
	{"travis", "TRAVIS=true", "product", "repo-last(scm_repository)"},
	{"travis", "TRAVIS=true", "version", "short(scm_sha)"},
	{"travis", "TRAVIS=true", "extra.vi_travis_build_id", "TRAVIS_BUILD_ID"},
	{"travis", "TRAVIS=true", "extra.vi_travis_job_id", "TRAVIS_JOB_ID"},
	{"travis", "TRAVIS=true", "extra.vi_travis_job_number", "TRAVIS_JOB_NUMBER"},
	{"travis", "TRAVIS=true", "extra.vi_travis_event_type", "TRAVIS_EVENT_TYPE"},
	{"rundeck", "RD_JOB_ID set", "build_number", "RD_JOB_EXECID"},
	{"rundeck", "RD_JOB_ID set", "invoke_id", "RD_JOB_EXECID"},
	{"rundeck", "RD_JOB_ID set", "actor", "RD_JOB_USERNAME|RD_JOB_USER_NAME"},
	{"rundeck", "RD_JOB_ID set", "run_url", "{RD_JOB_SERVERURL}/project/{RD_JOB_PROJECT}/execution/show/{RD_JOB_EXECID}"},
	{"rundeck", "RD_JOB_ID set", "product", "RD_JOB_NAME"},
	{"rundeck", "RD_JOB_ID set", "version", "RD_JOB_EXECID"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_id", "RD_JOB_ID"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_execid", "RD_JOB_EXECID"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_serverurl", "RD_JOB_SERVERURL"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_project", "RD_JOB_PROJECT"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_name", "RD_JOB_NAME"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_group", "RD_JOB_GROUP"},
	{"rundeck", "RD_JOB_ID set", "extra.vi_rd_job_url", "RD_JOB_URL"},
	{0},
};
/* clang-format on */

static const char *process_get(void *context, const char *name)
{
	(void)context;
	return getenv(name);
}

const struct ci_environment CI_OF_PROCESS = {process_get, NULL};

/* What an expression is read with. */
struct reading {
	struct arena *arena;
	const struct ci_environment *environment;
	struct ci *found;
};

static struct text variable(const struct reading *r, struct text name)
{
	const char *value = r->environment->get(r->environment->context, text_cstr(r->arena, name));
	return value && *value && utf8_valid(text_from(value)) ? text_copy(r->arena, text_from(value)) : TEXT_ABSENT;
}

/* "text {NAME} text": absent when one of the names is. */
static struct text from_template(const struct reading *r, struct text source)
{
	buf_auto out = BUF_INIT(LIMIT_SETTING);
	while (source.n) {
		const char *open = memchr(source.p, '{', source.n);
		const char *close = open ? memchr(open, '}', (size_t)(source.p + source.n - open)) : NULL;
		if (!close) break;
		struct text value = variable(r, (struct text){open + 1, (size_t)(close - open - 1)});
		if (!value.p) return TEXT_ABSENT;
		buf_add(&out, source.p, (size_t)(open - source.p));
		buf_text(&out, value);
		source = (struct text){close + 1, source.n - (size_t)(close + 1 - source.p)};
	}
	buf_text(&out, source);
	return buf_failed(&out) ? TEXT_ABSENT : text_copy(r->arena, buf_view(&out));
}

static struct text without_end(struct text t, struct text end)
{
	bool has = t.n >= end.n && memcmp(t.p + t.n - end.n, end.p, end.n) == 0;
	return has ? (struct text){t.p, t.n - end.n} : t;
}

static struct text without_start(struct text t, struct text start)
{
	return text_starts(t, start) ? (struct text){t.p + start.n, t.n - start.n} : t;
}

/* The part after the last slash, without ".git". */
static struct text repo_last(const struct reading *r, struct text field)
{
	struct text t = ci_field(r->found, text_cstr(r->arena, field));
	const char *slash = t.n ? memrchr(t.p, '/', t.n) : NULL;
	if (slash) t = (struct text){slash + 1, t.n - (size_t)(slash + 1 - t.p)};
	return without_end(t, TEXT(".git"));
}

/* The first 8 characters. */
static struct text shortened(const struct reading *r, struct text field)
{
	enum { SHORT = 8 };
	struct text t = ci_field(r->found, text_cstr(r->arena, field));
	size_t end = 0;
	for (int i = 0; i < SHORT && end < t.n; i++)
		for (end++; end < t.n && ((unsigned char)t.p[end] & 0xc0) == 0x80;) end++;
	return (struct text){t.p, end};
}

/* "git@github.com:owner/name.git" gives "github.com/owner/name", and so does its URL. A password must not be told to anybody. */
static struct text git_url(const struct reading *r, struct text name)
{
	struct text t = variable(r, name);
	if (!t.p || !t.n) return TEXT_ABSENT;
	const char *scheme = memmem(t.p, t.n, "://", 3);
	if (scheme) t = (struct text){scheme + 3, t.n - (size_t)(scheme + 3 - t.p)};
	const char *slash = memchr(t.p, '/', t.n), *host_end = slash ? slash : t.p + t.n;
	const char *at = scheme ? memrchr(t.p, '@', (size_t)(host_end - t.p)) : NULL;
	if (at) t = (struct text){at + 1, t.n - (size_t)(at + 1 - t.p)};
	t = without_end(without_start(t, TEXT("git@")), TEXT(".git"));
	char *copy = arena_copy(r->arena, t.p, t.n);
	char *colon = t.n ? memchr(copy, ':', t.n) : NULL;
	if (colon) *colon = '/';
	return (struct text){copy, t.n};
}

/* What stands in the brackets of "name(…)"; false when it is another word. */
static bool is_call(struct text source, const char *name, struct text *ret_argument)
{
	size_t n = strlen(name);
	if (!text_starts(source, text_from(name)) || source.n < n + 2 || source.p[n] != '(') return false;
	*ret_argument = (struct text){source.p + n + 1, source.n - n - 2};
	return true;
}

static struct text evaluate(const struct reading *r, struct text source)
{
	static const struct {
		const char *name;
		struct text (*call)(const struct reading *r, struct text argument);
	} CALLS[] = {{"repo-last", repo_last}, {"short", shortened}, {"git-url", git_url}};
	struct text argument;
	for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
		if (is_call(source, CALLS[i].name, &argument)) return CALLS[i].call(r, argument);
	return memchr(source.p, '{', source.n) ? from_template(r, source) : variable(r, source);
}

/* "A|B": the first that is not empty. */
static struct text evaluate_choice(const struct reading *r, struct text source)
{
	struct text choice;
	while (text_split(&source, '|', &choice)) {
		struct text value = evaluate(r, choice);
		if (value.n) return value;
	}
	return TEXT_ABSENT;
}

/* "NAME=value", "NAME set". */
static bool holds(const struct reading *r, const char *condition)
{
	size_t n = strcspn(condition, "= ");
	struct text value = variable(r, (struct text){condition, n});
	return condition[n] == '=' ? text_is(value, condition + n + 1) : value.n > 0;
}

struct ci ci_detect(struct arena *a, const struct ci_environment *environment)
{
	struct ci found = {0};
	struct reading r = {a, environment, &found};
	const struct ci_row *row = CI_ROWS;
	while (row->system && !holds(&r, row->condition)) row++;
	if (!row->system) return found;
	found.system = row->system;
	size_t rows = 0;
	while (row[rows].system && strcmp(row[rows].system, found.system) == 0) rows++;
	found.values = arena_array_of(a, struct ci_value, rows);
	for (const struct ci_row *end = row + rows; row < end; row++) {
		struct text value = evaluate_choice(&r, text_from(row->source));
		if (value.n) found.values[found.count++] = (struct ci_value){row->field, value, row->source};
	}
	return found;
}

struct text ci_field(const struct ci *ci, const char *field)
{
	for (size_t i = 0; i < ci->count; i++)
		if (strcmp(ci->values[i].field, field) == 0) return ci->values[i].value;
	return TEXT_ABSENT;
}
