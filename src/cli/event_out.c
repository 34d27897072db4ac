/* Options, detection and overrides → the JSON of an event. */
#include "cli/event_out.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cli/ci_log.h"
#include "domain/event.h"

enum { DETECTED_MOST = 1000 }; /* characters of a detected value of metadata */

/* Where a field comes from when the options are silent. */
struct field_source {
	const char *wire, *setting;
	const char *detected; /* field of the CI system; NULL: none */
	const char *otherwise; /* … and when nothing is known; NULL: it is left out */
	bool required;
};

#define WHAT(wire, setting, detected) \
	{ \
		wire, setting, detected, NULL, true \
	}
#define FROM_CI(wire, setting, detected) \
	{ \
		wire, setting, detected, NULL, false \
	}
#define GIVEN(wire, setting) \
	{ \
		wire, setting, NULL, NULL, false \
	}
#define SOURCE_ROWS \
	{"source_system", "source-system", "system", "unknown", false}, FROM_CI("build_number", "build-number", "build_number"), \
		FROM_CI("scm_sha", "scm-sha", "scm_sha"), FROM_CI("scm_repository", "scm-repository", "scm_repository"), \
		FROM_CI("scm_branch", "scm-branch", "scm_branch"), FROM_CI("invoke_id", "invoke-id", "invoke_id")

static const struct field_source DEPLOYMENT_FIELDS[] = {
	WHAT("product_name", "product", "product"),
	WHAT("version", "version", "version"),
	WHAT("environment_name", "environment", NULL),
	SOURCE_ROWS,
	FROM_CI("deploy_url", "deploy-url", "run_url"), /* the run that deploys; who built it is not known */
	GIVEN("build_url", "build-url"),
	FROM_CI("deployed_by", "deployed-by", "actor"),
	FROM_CI("deployed_by_email", "deployed-by-email", "actor_email"),
	FROM_CI("deployed_by_name", "deployed-by-name", "actor_name"),
	{0},
};

static const struct field_source BUILD_FIELDS[] = {
	WHAT("product_name", "product", "product"),
	WHAT("version", "version", "version"),
	SOURCE_ROWS,
	FROM_CI("build_url", "build-url", "run_url"),
	FROM_CI("built_by", "built-by", "actor"),
	FROM_CI("built_by_email", "built-by-email", "actor_email"),
	FROM_CI("built_by_name", "built-by-name", "actor_name"),
	{0},
};

static const struct field_source *const FIELDS[KIND_COUNT] = {
	[KIND_DEPLOYMENT] = DEPLOYMENT_FIELDS,
	[KIND_BUILD] = BUILD_FIELDS,
};
static const char *const PATHS[KIND_COUNT] = {[KIND_DEPLOYMENT] = "/deployment-events/", [KIND_BUILD] = "/build-events/"};

struct building {
	struct arena *arena;
	enum kind kind;
	const struct settings *settings;
	const struct ci *ci;
	const struct event_override *override;
	struct json_out out;
	struct buf problems; /* one sentence after the other */
};

static void __attribute__((format(printf, 2, 3))) problem(struct building *b, const char *format, ...)
{
	va_list list;
	char sentence[ERR_TEXT_MAX];
	va_start(list, format);
	vsnprintf(sentence, sizeof sentence, format, list);
	va_end(list);
	buf_printf(&b->problems, "%s%s", b->problems.n ? "; " : "", sentence);
}

/* The text of an option, trimmed; absent when it is empty. */
static struct text option(struct building *b, const char *name)
{
	const char *typed = settings_has(b->settings, name) ? setting_text(b->settings, name) : NULL;
	struct text t = typed ? text_trim(text_from(typed)) : TEXT_ABSENT;
	if (t.n && !utf8_valid(t)) {
		problem(b, "--%s is not UTF-8", name);
		return TEXT_ABSENT;
	}
	return t.n ? t : TEXT_ABSENT;
}

static size_t limit_of(enum kind kind, const char *wire)
{
	for (const struct event_field *f = EVENT_FIELDS; f->name[KIND_DEPLOYMENT] || f->name[KIND_BUILD]; f++)
		if (f->name[kind] && strcmp(f->name[kind], wire) == 0) return f->limit;
	return 0;
}

/* Nobody typed it, so nobody can mend it: what the server would refuse is cut, or left out. */
static struct text made_fit(struct text t, size_t most)
{
	t = text_trim(t);
	if (!t.n || text_has_control(t, false)) return TEXT_ABSENT;
	size_t end = 0;
	for (size_t count = 0; end < t.n && count < most; count++)
		for (end++; end < t.n && ((unsigned char)t.p[end] & 0xc0) == 0x80;) end++;
	return text_trim((struct text){t.p, end});
}

static struct text detected(const struct ci *ci, const char *field, size_t most)
{
	if (!field) return TEXT_ABSENT;
	return made_fit(strcmp(field, "system") == 0 ? text_from(ci->system) : ci_field(ci, field), most);
}

static struct text value_of(struct building *b, const struct field_source *f)
{
	struct text t = option(b, f->setting);
	if (!t.n) t = detected(b->ci, f->detected, limit_of(b->kind, f->wire));
	if (!t.n) t = text_from(f->otherwise);
	if (!t.n && f->required) problem(b, "--%s is required", f->setting);
	return t;
}

static void remember(struct event_out *e, const struct field_source *f, struct text value)
{
	struct text *const members[] = {&e->product, &e->version, &e->environment, &e->scm_sha, &e->run_url};
	const char *const settings[] = {
		"product", "version", "environment", "scm-sha", e->kind == KIND_DEPLOYMENT ? "deploy-url" : "build-url"};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (strcmp(f->setting, settings[i]) == 0) *members[i] = value;
}

static void put_fields(struct building *b, struct event_out *e)
{
	for (const struct field_source *f = FIELDS[b->kind]; f->wire; f++) {
		struct text value = value_of(b, f);
		if (!value.n) continue;
		json_put_text(&b->out, f->wire, value);
		remember(e, f, value);
	}
}

static void put_status(struct building *b, struct event_out *e)
{
	enum state state;
	struct text status = b->override->status ? text_from(b->override->status) : option(b, "status");
	if (!status.n) problem(b, "--status is required");
	e->status = status;
	bool skip = settings_has(b->settings, "skip-preflight-checks") && setting_bool(b->settings, "skip-preflight-checks");
	bool starts = status_from_word(b->kind, status, &state) && state == STATE_STARTED;
	e->needs_rules = b->kind == KIND_DEPLOYMENT && starts && !skip;
	json_put_text(&b->out, "status", status);
	if (skip) json_put_bool(&b->out, "skip_preflight_checks", true);
}

static void put_time(struct building *b, const char *wire, const char *name, time_us override)
{
	time_us t;
	struct text typed = option(b, name);
	if (override != TIME_NONE) {
		json_put_time(&b->out, wire, override);
	} else if (typed.n && !rfc3339_parse(typed, &t)) {
		problem(b, "--%s \"%.*s\" is no time such as 2026-05-24T14:06:05Z", name, (int)utf8_cut(typed, 80), typed.p);
	} else if (typed.n) {
		json_put_text(&b->out, wire, typed);
	}
}

/* NULL when there is none, or it is wrong. */
static const struct json *own_metadata(struct building *b)
{
	const struct json *own = NULL;
	struct err err;
	const char *typed = setting_text(b->settings, "extra-metadata");
	struct text t = text_from(typed);
	if (!t.n) return NULL;
	if (t.n > LIMIT_EXTRA_METADATA) {
		problem(b, "--extra-metadata has %zu bytes, at most %zu are taken", t.n, LIMIT_EXTRA_METADATA);
	} else if (json_read(b->arena, t, &own, &err) != RC_OK) {
		problem(b, "--extra-metadata is no valid JSON: %s", err.text);
	} else if (json_kind(own) != JSON_IS_OBJECT) {
		problem(b, "--extra-metadata must be a JSON object, such as {\"key\": \"value\"}");
		own = NULL;
	}
	return own;
}

static void put_member(struct buf *out, struct text key, const struct json *value, struct text text)
{
	buf_cstr(out, out->n ? ",\"" : "{\"");
	json_escape(out, key);
	buf_cstr(out, "\":");
	if (value) {
		json_write_value(out, value);
		return;
	}
	buf_char(out, '"');
	json_escape(out, text);
	buf_char(out, '"');
}

static bool has_member(const struct json *object, struct text key)
{
	for (struct json_iter i = json_members(object); json_next(&i);)
		if (text_equal(i.key, key)) return true;
	return false;
}

/* Detected, then the caller's, then the user's own: the later one wins. */
static void put_metadata(struct building *b)
{
	static const struct text prefix = {"extra.", 6};
	const struct json *own = own_metadata(b), *callers = NULL;
	struct buf merged = BUF_INIT(LIMIT_BODY);
	if (b->override->metadata.n && json_read(b->arena, b->override->metadata, &callers, NULL) != RC_OK) callers = NULL;
	for (size_t i = 0; i < b->ci->count; i++) {
		struct text key = text_from(b->ci->values[i].field), value = made_fit(b->ci->values[i].value, DETECTED_MOST);
		if (!value.n || !text_starts(key, prefix)) continue;
		key = (struct text){key.p + prefix.n, key.n - prefix.n};
		if (!has_member(own, key) && !has_member(callers, key)) put_member(&merged, key, NULL, value);
	}
	for (struct json_iter i = json_members(callers); json_next(&i);)
		if (!has_member(own, i.key)) put_member(&merged, i.key, i.value, TEXT_ABSENT);
	for (struct json_iter i = json_members(own); json_next(&i);) put_member(&merged, i.key, i.value, TEXT_ABSENT);
	if (merged.n) {
		buf_char(&merged, '}');
		json_put_raw(&b->out, "extra_metadata", buf_view(&merged));
	}
	buf_done(&merged);
}

enum rc event_out_build(struct arena *a, enum kind kind, const struct settings *s, const struct ci *ci,
	const struct event_override *override, time_us occurred_at, struct event_out *ret, struct err *err)
{
	buf_auto body = BUF_INIT(LIMIT_BODY);
	struct building b = {.arena = a, .kind = kind, .settings = s, .ci = ci, .override = override, .problems = BUF_INIT(KIB(4))};
	struct event_out e = {.kind = kind, .path = PATHS[kind]};
	b.out = json_out(&body);
	json_put_object(&b.out, NULL);
	put_fields(&b, &e);
	put_status(&b, &e);
	put_time(&b, "started_at", "started-at", override->started_at);
	put_time(&b, "completed_at", "completed-at", override->completed_at);
	if (occurred_at != TIME_NONE) json_put_time(&b.out, "occurred_at", occurred_at);
	if (override->error_message.n) json_put_text(&b.out, "error_message", override->error_message);
	if (override->error_code.n) json_put_text(&b.out, "error_code", override->error_code);
	put_metadata(&b);
	json_end(&b.out);
	if (buf_failed(&body)) problem(&b, "the event has more than %zu bytes", LIMIT_BODY);
	enum rc rc = b.problems.n ? err_set(err, RC_INVALID, "%.*s", (int)b.problems.n, b.problems.p) : RC_OK;
	buf_done(&b.problems);
	if (rc != RC_OK) return rc;
	e.body = text_copy(a, buf_view(&body));
	*ret = e;
	return RC_OK;
}

/* ---- --verbose ---- */

static void explain(struct buf *out, const char *wire, struct text value, const char *from, const char *where)
{
	buf_printf(out, "  %s: ", wire);
	ci_log_text(out, value, false);
	buf_printf(out, " (%s%s)\n", from, where);
}

static void explain_option(struct building *b, struct buf *out, const char *wire, const char *setting, struct text value)
{
	switch (setting_source(b->settings, setting)) {
	case FROM_FLAG: explain(out, wire, value, "from --", setting); break;
	case FROM_ENVIRONMENT: explain(out, wire, value, "from the environment", ""); break;
	case FROM_FILE: explain(out, wire, value, "from ", settings_file(b->settings)); break;
	case FROM_DEFAULT: explain(out, wire, value, "the default", ""); break;
	}
}

static const char *expression_of(const struct ci *ci, const char *field)
{
	for (size_t i = 0; i < ci->count; i++)
		if (strcmp(ci->values[i].field, field) == 0) return ci->values[i].source;
	return ci->system;
}

static void explain_field(struct building *b, const struct field_source *f, struct buf *out)
{
	struct text given = option(b, f->setting), found = detected(b->ci, f->detected, limit_of(b->kind, f->wire));
	if (given.n)
		explain_option(b, out, f->wire, f->setting, given);
	else if (found.n)
		explain(out, f->wire, found, "detected: ", expression_of(b->ci, f->detected));
	else if (f->otherwise)
		explain(out, f->wire, text_from(f->otherwise), "nothing was detected", "");
}

void event_out_explain(const struct event_out *e, const struct settings *s, const struct ci *ci, struct buf *out)
{
	static const struct event_override none = {.started_at = TIME_NONE, .completed_at = TIME_NONE};
	struct building b = {.kind = e->kind, .settings = s, .ci = ci, .override = &none, .problems = BUF_INIT(KIB(4))};
	buf_printf(out, "Tracking %s event:\n", kind_name(e->kind));
	if (ci->system) buf_printf(out, "  ℹ Auto-detected CI system: %s\n", ci->system);
	for (const struct field_source *f = FIELDS[e->kind]; f->wire; f++) explain_field(&b, f, out);
	if (settings_has(s, "status"))
		explain_option(&b, out, "status", "status", e->status);
	else
		explain(out, "status", e->status, "of the command", "");
	for (size_t i = 0; i < ci->count; i++)
		if (strncmp(ci->values[i].field, "extra.", 6) == 0)
			explain(out, ci->values[i].field + 6, ci->values[i].value, "detected: ", ci->values[i].source);
	if (settings_file(s)) buf_printf(out, "  Config file: %s\n", settings_file(s));
	buf_printf(out, "  API URL: %s\n", setting_text(s, "api-url"));
	buf_done(&b.problems);
}
