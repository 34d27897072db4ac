/* The options of every command that talks to a server: a row each. */
#include "cli/cli_settings.h"

#include "base/clock.h"
#include "base/limits.h"

#define OPTION(flag, value, sentence) \
	{ \
		.name = (flag), .kind = SETTING_TEXT, .value_name = (value), .help = (sentence) \
	}
#define SWITCH(flag, sentence) \
	{ \
		.name = (flag), .kind = SETTING_BOOL, .standard = "false", .help = (sentence) \
	}
#define MANY(flag, sentence) \
	{ \
		.name = (flag), .kind = SETTING_LIST, .value_name = "NAME", .help = (sentence) \
	}
#define PERIOD(flag, usual, fewest, sentence) \
	{ \
		.name = (flag), .kind = SETTING_DURATION, .standard = (usual), .least = (fewest), .most = DAYS_US(1), \
		.value_name = "TIME", .help = (sentence) \
	}

/* clang-format off */
#define COMMON \
	{.name = "api-key", .kind = SETTING_TEXT, .value_name = "KEY", .secret = true, \
		.help = "the key of the API; better as variable or in the file: other users see the flags of a program"}, \
	{.name = "api-url", .kind = SETTING_TEXT, .standard = "http://127.0.0.1:8080", .value_name = "URL", \
		.help = "the address of the server"}, \
	OPTION("ui-url", "URL", "the address of the dashboard, for links"), \
	OPTION("config", "FILE", "a YAML file with any of these settings (default: ~/.versioner/config.yaml, then ./config.yaml)"), \
	{.name = "verbose", .kind = SETTING_BOOL, .standard = "false", .letter = 'v', .help = "say what was detected and sent"}, \
	SWITCH("debug", "show requests and answers, secrets masked"), \
	OPTION("ca-cert", "FILE", "PEM certificates of further authorities that the server may use"), \
	OPTION("client-cert", "FILE", "PEM certificate to show to a server that asks for one"), \
	OPTION("client-key", "FILE", "PEM private key of --client-cert"), \
	PERIOD("timeout", "30s", SECONDS_US(1) / 10, "for one attempt"), \
	PERIOD("deadline", "2m", SECONDS_US(1) / 10, "for all attempts together")

#define SENDING \
	{.name = "fail-on-api-error", .kind = SETTING_BOOL, .standard = "true", \
		.help = "whether it is a failure when the server cannot be reached or refuses the event; a deployment that is " \
				"blocked always is"}, \
	SWITCH("spool", "keep an event that could not be sent; the next track, or flush, sends it")

#define SOURCE \
	OPTION("source-system", "NAME", "the system that sends this, such as github"), \
	OPTION("build-number", "TEXT", "the number of the build"), \
	OPTION("scm-sha", "SHA", "the commit"), \
	OPTION("scm-repository", "NAME", "the repository, such as owner/name"), \
	OPTION("scm-branch", "NAME", "the branch")

#define TIMES \
	OPTION("started-at", "TIME", "when it began (RFC 3339)"), \
	OPTION("completed-at", "TIME", "when it ended (RFC 3339)")

#define STATUS(sentence) \
	{.name = "status", .kind = SETTING_TEXT, .standard = "success", .value_name = "WORD", .help = (sentence)}
#define STATUS_WORDS "pending, started, completed (or success), failed, aborted"

#define METADATA \
	{.name = "extra-metadata", .kind = SETTING_TEXT, .most = LIMIT_BODY, .value_name = "JSON", \
		.help = "an object with anything else, at most 100 KiB"}

#define DEPLOYMENT \
	OPTION("product", "NAME", "what is deployed"), \
	OPTION("environment", "NAME", "where to"), \
	OPTION("version", "TEXT", "the version that is deployed")

#define DEPLOYMENT_DETAILS \
	SOURCE, \
	OPTION("deploy-url", "URL", "the page of the deployment's run"), \
	OPTION("build-url", "URL", "the page of the build's run"), \
	OPTION("invoke-id", "TEXT", "the id of the run: ties the events of one deployment together"), \
	OPTION("deployed-by", "NAME", "who deploys"), \
	OPTION("deployed-by-email", "ADDRESS", "… their address"), \
	OPTION("deployed-by-name", "NAME", "… their full name"), \
	METADATA, \
	SWITCH("skip-preflight-checks", "do not ask the deployment rules, where the server allows that; for emergencies")

const struct setting TRACK_BUILD_SETTINGS[] = {
	OPTION("product", "NAME", "what is built"),
	OPTION("version", "TEXT", "the version that is built"),
	STATUS(STATUS_WORDS),
	SOURCE,
	OPTION("build-url", "URL", "the page of the build's run"),
	OPTION("invoke-id", "TEXT", "the id of the run: ties the events of one build together"),
	OPTION("built-by", "NAME", "who builds"),
	OPTION("built-by-email", "ADDRESS", "… their address"),
	OPTION("built-by-name", "NAME", "… their full name"),
	TIMES,
	METADATA,
	SENDING,
	COMMON,
	{0},
};

const struct setting TRACK_DEPLOYMENT_SETTINGS[] = {
	DEPLOYMENT, STATUS(STATUS_WORDS), DEPLOYMENT_DETAILS, TIMES, SENDING, COMMON, {0}};

const struct setting RUN_SETTINGS[] = {DEPLOYMENT, DEPLOYMENT_DETAILS, SENDING, COMMON, {0}};

const struct setting STATUS_SETTINGS[] = {
	MANY("product", "only these products"),
	MANY("environment", "only these environments"),
	OPTION("at", "TIME", "as it was then (RFC 3339)"),
	SWITCH("json", "the server's answer, for programs"),
	{.name = "watch", .kind = SETTING_DURATION, .alone = "2s", .least = SECONDS_US(1) / 10, .most = DAYS_US(1),
		.value_name = "TIME", .help = "show it again and again, each TIME; alone: 2s"},
	COMMON,
	{0},
};

const struct setting HISTORY_SETTINGS[] = {
	MANY("product", "only these products"),
	MANY("environment", "only these environments"),
	MANY("version", "only these versions"),
	MANY("status", "only these: pending, started, completed, failed, aborted"),
	MANY("deployed-by", "only by these people"),
	OPTION("since", "TIME", "from then on (RFC 3339)"),
	OPTION("until", "TIME", "before then (RFC 3339)"),
	{.name = "limit", .kind = SETTING_INT, .standard = "50", .least = 1, .most = 10000, .value_name = "N",
		.help = "at most so many"},
	SWITCH("json", "the server's answer, for programs"),
	COMMON,
	{0},
};

const struct setting DIFF_SETTINGS[] = {
	MANY("product", "only these products"),
	SWITCH("json", "the server's answer, for programs"),
	SWITCH("exit-code", "end with 3 when there are differences"),
	COMMON,
	{0},
};

const struct setting FLUSH_SETTINGS[] = {COMMON, {0}};
/* clang-format on */
