/* The location of a PostgreSQL store: a libpq URI with our own parameters in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/libpq.h"
#include "db/postgresql.h"

enum {
	MODES = 3,
	TIMEOUT_SECONDS = 15, /* longer than a lock is waited for, so that the server's own words come first */
	MOST_TIMEOUT_SECONDS = 3600,
};

/* Where the URI and the environment say nothing else. A peer that died without a word is noticed by unanswered packets after ten seconds,
 * and while a connection is idle by probes; a replica sooner, because the primary can be asked instead. */
static const struct {
	const char *keyword, *values[MODES];
} DEFAULTS[] = {
#define ALWAYS(keyword, value) \
	{ \
		keyword, \
		{ \
			value, value, value \
		} \
	}
	ALWAYS("connect_timeout", "2"),
	{"keepalives_idle", {[DB_READ] = "5", [DB_WRITE] = "5", [DB_READ_REPLICA] = "2"}},
	{"keepalives_interval", {[DB_READ] = "2", [DB_WRITE] = "2", [DB_READ_REPLICA] = "1"}},
	{"keepalives_count", {[DB_READ] = "3", [DB_WRITE] = "3", [DB_READ_REPLICA] = "2"}},
	{"tcp_user_timeout", {[DB_READ] = "10000", [DB_WRITE] = "10000", [DB_READ_REPLICA] = "4000"}},
	ALWAYS("fallback_application_name", "versioner"),
};

/* Of several hosts. One host is taken as it is: a standby can be exported, too. A list of replicas has the primary only by mistake or as the
 * last resort, and the last resort is ours (replica.c): from a replica that libpq has replaced, nothing would lead back. */
static const char *const SERVER_OF_SEVERAL[MODES] = {
	[DB_READ] = "primary", [DB_WRITE] = "read-write", [DB_READ_REPLICA] = "standby"};

/* ---- our own parameters ---- */

#define OWN "versioner_"

/* Seconds: "15s". */
static bool take_timeout(struct text parameter, struct postgresql_location *l)
{
	static const struct text NAME = {OWN "timeout=", sizeof OWN "timeout=" - 1};
	int64_t seconds = 0;

	if (!text_starts(parameter, NAME)) return false;
	struct text value = {parameter.p + NAME.n, parameter.n - NAME.n};
	if (value.n < 2 || value.n > 5 || value.p[value.n - 1] != 's') return false;
	for (size_t i = 0; i + 1 < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9') return false;
		seconds = seconds * 10 + (value.p[i] - '0');
	}
	l->timeout = SECONDS_US(seconds);
	return seconds >= 1 && seconds <= MOST_TIMEOUT_SECONDS;
}

/* One of the URI's parameters. */
static enum rc own_parameter(struct text parameter, struct postgresql_location *l, struct err *err)
{
	if (take_timeout(parameter, l)) return RC_OK;
	if (!text_is(parameter, OWN "prepared=off") && !text_is(parameter, OWN "prepared=on"))
		return err_set(err, RC_INVALID,
			"the database URI has a parameter that begins with " OWN " and is none of " OWN "prepared=on, " OWN
			"prepared=off and " OWN "timeout=15s (1s to 3600s)");
	l->prepared = text_is(parameter, OWN "prepared=on");
	l->prepared_given = true;
	return RC_OK;
}

/* Copies the URI without what is ours. */
static enum rc take_own(const char *uri, struct buf *out, struct postgresql_location *l, struct err *err)
{
	const char *query = strchr(uri, '?');
	struct text rest = query ? text_from(query + 1) : TEXT_ABSENT, parameter;
	char before = '?';

	buf_text(out, query ? (struct text){uri, (size_t)(query - uri)} : text_from(uri));
	while (text_split(&rest, '&', &parameter)) {
		if (text_starts(parameter, TEXT(OWN))) {
			enum rc rc = own_parameter(parameter, l, err);
			if (rc != RC_OK) return rc;
			continue;
		}
		buf_char(out, before);
		buf_text(out, parameter);
		before = '&';
	}
	buf_char(out, '\0');
	return RC_OK;
}

/* ---- words for libpq ---- */

static void add(struct postgresql_location *l, const char *keyword, const char *value)
{
	if (l->count + 1 >= LOCATION_WORDS) return; /* libpq knows half as many */
	l->keywords[l->count] = mem_strdup(keyword);
	l->values[l->count++] = mem_strdup(value);
}

static const PQconninfoOption *option_of(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0) return options;
	return NULL;
}

static bool is_given(const PQconninfoOption *option)
{
	return option && (option->val || (option->envvar && getenv(option->envvar)));
}

static const char *value_of(const struct postgresql_location *l, const char *keyword)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->keywords[i], keyword) == 0) return l->values[i];
	return NULL;
}

static bool has_several_hosts(const PQconninfoOption *options)
{
	static const char *const WHERE[] = {"host", "hostaddr", "port"};

	for (size_t i = 0; i < sizeof WHERE / sizeof *WHERE; i++) {
		const PQconninfoOption *o = option_of(options, WHERE[i]);
		const char *value = !o ? NULL : o->val ? o->val : o->envvar ? getenv(o->envvar) : NULL;
		if (value && strchr(value, ',')) return true;
	}
	return false;
}

/* A writer also leaves a single host that takes no writes: what was the primary may be a standby now. */
static void add_server(struct postgresql_location *l, const PQconninfoOption *options, enum db_mode mode)
{
	static const char KEYWORD[] = "target_session_attrs";

	if (is_given(option_of(options, KEYWORD))) return;
	if (mode == DB_WRITE || has_several_hosts(options)) add(l, KEYWORD, SERVER_OF_SEVERAL[mode]);
}

static void add_all(struct postgresql_location *l, const PQconninfoOption *options, enum db_mode mode)
{
	for (const PQconninfoOption *o = options; o->keyword; o++)
		if (o->val && strcmp(o->keyword, "client_encoding") != 0) add(l, o->keyword, o->val);
	for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
		if (!is_given(option_of(options, DEFAULTS[i].keyword))) add(l, DEFAULTS[i].keyword, DEFAULTS[i].values[mode]);
	add_server(l, options, mode);
	add(l, "client_encoding", "UTF8");
}

enum rc postgresql_location_read(const char *uri, enum db_mode mode, struct postgresql_location *ret, struct err *err)
{
	struct postgresql_location l = {.prepared = true, .timeout = SECONDS_US(TIMEOUT_SECONDS)};
	buf_auto rest = BUF_INIT(65536);
	char *sentence = NULL;
	enum rc rc = libpq_load(err);

	if (rc == RC_OK) rc = take_own(uri, &rest, &l, err);
	if (rc != RC_OK) return rc;
	if (buf_failed(&rest)) return err_set(err, RC_INVALID, "the database URI is too long");
	PQconninfoOption *options = PQconninfoParse(rest.p, &sentence);
	PQfreemem(sentence); /* it may quote the password */
	if (!options)
		return err_set(err, RC_INVALID,
			"the database URI is not one that libpq understands: "
			"special characters in user and password are written as %%xx, and unknown parameters are refused");
	add_all(&l, options, mode);
	PQconninfoFree(options);
	/* libpq ends user and password at the first @ and would look up the rest of the password as a host. */
	if (value_of(&l, "host") && strchr(value_of(&l, "host"), '@')) {
		postgresql_location_done(&l);
		return err_set(err, RC_INVALID, "the database URI has an @ in user or password: it is written as %%40");
	}
	*ret = l;
	return RC_OK;
}

void postgresql_location_done(struct postgresql_location *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->keywords[i]);
		free(l->values[i]);
	}
	*l = (struct postgresql_location){0};
}

/* ---- sentences ---- */

void postgresql_location_show(const char *uri, char *ret, size_t size)
{
	struct postgresql_location l = {0};

	if (postgresql_location_read(uri, DB_READ, &l, NULL) != RC_OK) {
		snprintf(ret, size, "a PostgreSQL database");
		return;
	}
	const char *host = value_of(&l, "host"), *port = value_of(&l, "port"), *name = value_of(&l, "dbname");
	snprintf(ret, size, "postgresql://%s%s%s/%s", host ? host : "", port ? ":" : "", port ? port : "", name ? name : "");
	postgresql_location_done(&l);
}

void postgresql_location_mask(const struct postgresql_location *l, const char *sentence, char *ret, size_t size)
{
	static const char MASK[] = "***";
	const char *password = value_of(l, "password");
	size_t secret = password ? strlen(password) : 0, n = 0;

	for (const char *p = sentence; *p && n + sizeof MASK < size;) {
		if (secret && strncmp(p, password, secret) == 0) {
			memcpy(ret + n, MASK, sizeof MASK - 1);
			n += sizeof MASK - 1;
			p += secret;
			continue;
		}
		if (*p != '\n' && *p != '\t')
			ret[n++] = *p;
		else if (n && p[1] && ret[n - 1] != ' ')
			ret[n++] = ' ';
		p++;
	}
	ret[n] = '\0';
}
