/* Every setting of the server and of the commands on its machine: a row each. docs/operations/settings.md is made from it. */
#include "serve/command.h"

#define STORE \
	{ \
		.name = "db", .kind = SETTING_TEXT, .standard = "./versioner.db", .value_name = "PATH", \
		.help = "where the data is: a file of SQLite" \
	}
#define LOG \
	{.name = "log-level", \
		.kind = SETTING_CHOICE, \
		.standard = "info", \
		.choices = "debug|info|warn|error", \
		.value_name = "LEVEL", \
		.help = "the least important log lines that are written"}, \
	{ \
		.name = "log-format", .kind = SETTING_CHOICE, .standard = "logfmt", .choices = "logfmt|json", .value_name = "FORMAT", \
		.help = "the form of a log line" \
	}
#define CONFIG \
	{ \
		.name = "config", .kind = SETTING_TEXT, .value_name = "FILE", .help = "a YAML file with any of these settings" \
	}
#define SECOND INT64_C(1000000)

const struct setting SERVE_SETTINGS[] = {
	CONFIG,
	STORE,
	{.name = "listen",
		.kind = SETTING_TEXT,
		.standard = "127.0.0.1:8080",
		.value_name = "ADDRESS:PORT",
		.help = "where to listen; port 0 takes a free one"},
	{.name = "public-url",
		.kind = SETTING_TEXT,
		.value_name = "URL",
		.help = "the address at which people and pipelines reach the server"},
	{.name = "tls-cert",
		.kind = SETTING_TEXT,
		.value_name = "FILE",
		.help = "PEM certificate chain; with --tls-key the server speaks TLS"},
	{.name = "tls-key", .kind = SETTING_TEXT, .value_name = "FILE", .help = "PEM private key of --tls-cert"},
	{.name = "trusted-proxy",
		.kind = SETTING_LIST,
		.value_name = "ADDRESS",
		.help = "addresses or networks whose X-Forwarded-* headers count"},
	{.name = "cors-origin", .kind = SETTING_LIST, .value_name = "ORIGIN", .help = "web origins whose pages may call the API"},
	{.name = "rate-limit",
		.kind = SETTING_INT,
		.standard = "6000",
		.most = 6000000,
		.value_name = "N",
		.help = "requests a minute for one key; 0 for no limit"},
	{.name = "max-connections",
		.kind = SETTING_INT,
		.standard = "10000",
		.least = 1,
		.most = 1000000,
		.value_name = "N",
		.help = "connections at a time"},
	{.name = "idle-timeout",
		.kind = SETTING_DURATION,
		.standard = "75s",
		.least = SECOND / 10,
		.most = SECOND * 86400,
		.value_name = "TIME",
		.help = "a connection without a request is closed after this time"},
	{.name = "header-timeout",
		.kind = SETTING_DURATION,
		.standard = "15s",
		.least = SECOND / 10,
		.most = SECOND * 3600,
		.value_name = "TIME",
		.help = "for the headers of a request to arrive"},
	{.name = "body-timeout",
		.kind = SETTING_DURATION,
		.standard = "60s",
		.least = SECOND / 10,
		.most = SECOND * 3600,
		.value_name = "TIME",
		.help = "for the body of a request to arrive"},
	{.name = "shutdown-timeout",
		.kind = SETTING_DURATION,
		.standard = "8s",
		.least = 0,
		.most = SECOND * 3600,
		.value_name = "TIME",
		.help = "for requests under way to be answered when the server stops"},
	{.name = "http-threads",
		.kind = SETTING_INT,
		.standard = "0",
		.most = 256,
		.value_name = "N",
		.help = "threads that read requests; 0: half of the processors"},
	{.name = "readers",
		.kind = SETTING_INT,
		.standard = "2",
		.least = 1,
		.most = 256,
		.value_name = "N",
		.help = "threads that read the store"},
	{.name = "queue-size",
		.kind = SETTING_INT,
		.standard = "4096",
		.least = 1,
		.most = 1000000,
		.value_name = "N",
		.help = "writes that may wait; beyond it the answer is 503"},
	{.name = "batch-size",
		.kind = SETTING_INT,
		.standard = "256",
		.least = 1,
		.most = 100000,
		.value_name = "N",
		.help = "writes in one transaction at most"},
	{.name = "batch-time",
		.kind = SETTING_DURATION,
		.standard = "5ms",
		.least = 0,
		.most = SECOND * 10,
		.value_name = "TIME",
		.help = "of applying writes before a transaction is committed"},
	{.name = "retain-events",
		.kind = SETTING_INT,
		.standard = "0",
		.most = 36500,
		.value_name = "DAYS",
		.help = "days that events are kept in the log; 0: for ever"},
	{.name = "metrics-public", .kind = SETTING_BOOL, .standard = "false", .help = "answer /metrics without credentials"},
	{.name = "log-requests", .kind = SETTING_BOOL, .standard = "true", .help = "a log line for each request, at level info"},
	LOG,
	{.name = "admin-email",
		.kind = SETTING_TEXT,
		.standard = "admin@localhost",
		.value_name = "ADDRESS",
		.help = "the admin that the first start makes"},
	{.name = "bootstrap-api-key",
		.kind = SETTING_TEXT,
		.value_name = "KEY",
		.help = "the key that the first start makes, instead of a random one",
		.secret = true,
		.env_only = true},
	{0},
};

const struct setting STORE_SETTINGS[] = {CONFIG, STORE, LOG, {0}};

const struct setting ADMIN_SETTINGS[] = {
	CONFIG,
	STORE,
	LOG,
	{.name = "account",
		.kind = SETTING_TEXT,
		.standard = "default",
		.value_name = "NAME",
		.help = "the account that the key belongs to"},
	{.name = "scope",
		.kind = SETTING_TEXT,
		.standard = "events",
		.value_name = "SCOPES",
		.help = "events, read, admin, or several by commas"},
	{.name = "name", .kind = SETTING_TEXT, .standard = "unnamed", .value_name = "TEXT", .help = "what the key is for"},
	{0},
};

const struct setting NO_SETTINGS[] = {{0}};
