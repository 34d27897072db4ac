/* Reads and shows the configs of channels by the table of each type, so that no type checks or masks a secret for itself.
 *
 * A secret leaves masked and may come back masked, in a form that somebody saves without having touched it: then it means the stored
 * one. Anything else that looks masked is refused, or it would replace a secret by its mask. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "notify/channel_type.h"

#define MASK "****"
enum {
	SHOWN_OF_SECRET = 4, /* characters */
	LENGTH_TO_SHOW = 16, /* of a secret of which some are shown */
	HEADER_NAME_MOST = 128, /* bytes */
	HEADER_VALUE_MOST = 1024, /* characters */
	EXTRA_MOST = 20, /* unknown members that are told of */
	EXTRA_NAME_MOST = 64, /* bytes of their names */
};

struct reading {
	struct arena *arena;
	const struct channel_type *type;
	const struct notify_site *site;
	const struct config_field *field;
	const struct json *stored; /* the field's value before; NULL: none */
	struct json_out *out;
	config_problem *tell;
	void *context;
	bool moved; /* the URL leads to another host than before: what is sent along in the clear must be given again */
	bool failed;
};

static void wrong_at(struct reading *r, const char *field, const char *message, const char *error_type)
{
	r->failed = true;
	r->tell(r->context, field, message, error_type);
}

static void wrong(struct reading *r, const char *message, const char *error_type)
{
	wrong_at(r, arena_printf(r->arena, "config.%s", r->field->name), message, error_type);
}

static void wrong_header(struct reading *r, struct text name, const char *message, const char *error_type)
{
	wrong_at(r, arena_printf(r->arena, "config.%s.%.*s", r->field->name, TEXT_ARGS(name)), message, error_type);
}

static const char *too_long(struct reading *r, size_t limit)
{
	return arena_printf(r->arena, "ensure this value has at most %zu characters", limit);
}

/* ---- masks ---- */

static struct text secret_masked(struct arena *a, struct text secret)
{
	if (!utf8_valid(secret) || utf8_length(secret) < LENGTH_TO_SHOW) return TEXT(MASK);
	size_t from = secret.n;
	for (int shown = 0; from > 0 && shown < SHOWN_OF_SECRET;)
		if (((unsigned char)secret.p[--from] & 0xC0) != 0x80) shown++;
	return text_from(arena_printf(a, MASK "%.*s", (int)(secret.n - from), secret.p + from));
}

static bool looks_masked(enum config_kind kind, struct text t)
{
	if (kind == CONFIG_PLAIN) return false;
	if (kind == CONFIG_URL) return memmem(t.p, t.n, "…", strlen("…")) != NULL; /* a URL has it percent-encoded */
	return text_starts(t, TEXT(MASK));
}

static struct text masked(struct arena *a, enum config_kind kind, struct text t)
{
	return kind == CONFIG_URL ? outgoing_url_masked(a, t) : kind == CONFIG_PLAIN ? t : secret_masked(a, t);
}

static const char MASKED_ALREADY[] = "this is the masked form of a value that is not stored here: give the value itself";

/* A key that may change a channel but never read its headers must not learn them by pointing the channel at itself. */
static bool may_keep(struct reading *r)
{
	if (!r->moved || r->field->kind != CONFIG_HEADERS) return true;
	return wrong(r, "give the headers again: the URL leads to another host now", "value_error.moved"), false;
}

/* The stored value stays as it is, unchecked: what was right when it was set is not refused because of another field. */
static void keep(struct reading *r)
{
	if (!may_keep(r)) return;
	buf_auto b = BUF_INIT(LIMIT_CONFIG);
	json_write_value(&b, r->stored);
	json_put_raw(r->out, r->field->name, text_copy(r->arena, buf_view(&b)));
}

/* ---- one text ---- */

static bool text_of(struct reading *r, const struct json *given, struct text *ret)
{
	if (json_kind(given) != JSON_IS_TEXT) return wrong(r, "str type expected", "type_error.str"), false;
	*ret = text_trim(json_text(given));
	if (!text_has_control(*ret, false)) return true;
	return wrong(r, "control characters are not allowed", "value_error.str.control"), false;
}

/* Scheme, host and port: what the masked form shows before the path. */
static struct text origin_of(struct arena *a, struct text url)
{
	struct text shown = outgoing_url_masked(a, url);
	const char *path = memmem(shown.p, shown.n, "/…", strlen("/…"));
	return path ? (struct text){shown.p, (size_t)(path - shown.p)} : shown;
}

static bool url_right(struct reading *r, struct text t)
{
	struct err err;
	struct text stored = json_text(r->stored);
	if (outgoing_url_check(t, r->site->guard, &err) == RC_OK) {
		r->moved = stored.n && !text_equal(origin_of(r->arena, stored), origin_of(r->arena, t));
		return true;
	}
	return wrong(r, arena_printf(r->arena, "%s", err.text), "value_error.url"), false;
}

static bool length_right(struct reading *r, struct text t)
{
	if (utf8_length(t) <= r->field->limit) return true;
	return wrong(r, too_long(r, r->field->limit), "value_error.any_str.max_length"), false;
}

static void read_text(struct reading *r, const struct json *given)
{
	struct text t;
	enum config_kind kind = r->field->kind;
	if (!text_of(r, given, &t)) return;
	if (looks_masked(kind, t)) {
		struct text stored = json_text(r->stored);
		if (stored.n && text_equal(t, masked(r->arena, kind, stored))) return keep(r);
		return wrong(r, MASKED_ALREADY, "value_error.masked");
	}
	bool right = kind == CONFIG_URL ? url_right(r, t) : length_right(r, t);
	if (right) json_put_text(r->out, r->field->name, t);
}

static void show_text(struct json_out *j, struct arena *a, const struct config_field *f, const struct json *stored)
{
	json_put_text(j, f->name, masked(a, f->kind, json_text(stored)));
}

/* ---- addresses ---- */

static bool list_has(const struct text *list, size_t count, struct text t)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase(list[i], t)) return true;
	return false;
}

/* The addresses of a list, or the one of a text, each once; false: not all are right. */
static bool addresses_of(struct reading *r, const struct json *given, struct text *list, size_t *ret_count)
{
	bool is_list = json_kind(given) == JSON_IS_ARRAY;
	size_t given_count = is_list ? json_size(given) : 1, count = 0;
	for (size_t i = 0; i < given_count; i++) {
		const struct json *item = is_list ? json_element(given, i) : given;
		struct text t = text_trim(json_text(item));
		if (json_kind(item) != JSON_IS_TEXT) return wrong(r, "str type expected", "type_error.str"), false;
		if (!outgoing_mail_address_valid(t)) {
			wrong(r, arena_printf(r->arena, "number %zu is not a valid email address", i + 1), "value_error.email");
			return false;
		}
		if (!list_has(list, count, t)) list[count++] = t;
	}
	*ret_count = count;
	return true;
}

static void read_addresses(struct reading *r, const struct json *given)
{
	size_t most = r->field->limit, count;
	if (json_size(given) > most)
		return wrong(r, arena_printf(r->arena, "ensure this value has at most %zu items", most), "value_error.list.max_items");
	struct text *list = arena_array_of(r->arena, struct text, most);
	if (!addresses_of(r, given, list, &count)) return;
	json_put_array(r->out, r->field->name);
	for (size_t i = 0; i < count; i++) json_put_text(r->out, NULL, list[i]);
	json_end(r->out);
}

static void show_addresses(struct json_out *j, struct arena *a, const struct config_field *f, const struct json *stored)
{
	(void)a;
	json_put_array(j, f->name);
	for (size_t i = 0; i < json_size(stored); i++) json_put_text(j, NULL, json_text(json_element(stored, i)));
	json_end(j);
}

/* ---- headers ---- */

/* RFC 9110, 5.6.2. Such a name is also safe as a key of JSON. */
static bool is_token(struct text name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && (!c || !strchr("!#$%&'*+-.^_`|~", c))) return false;
	}
	return name.n > 0;
}

/* Those that the product or the connection sets, and what would change how a request is read. '*': all that begin so. */
static bool is_reserved(struct text name)
{
	static const char *const reserved[] = {"accept-encoding", "connection", "content-*", "expect", "host", "http2-settings",
		"keep-alive", "proxy-*", "te", "trailer", "transfer-encoding", "upgrade", "webhook-*", "x-versioner-*"};
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		struct text r = text_from(reserved[i]);
		bool family = r.p[r.n - 1] == '*';
		r.n -= family;
		if (text_equal_nocase((struct text){name.p, family && name.n > r.n ? r.n : name.n}, r)) return true;
	}
	return false;
}

static struct text stored_header(const struct json *stored, struct text name)
{
	for (struct json_iter i = json_members(stored); json_next(&i);)
		if (text_equal_nocase(i.key, name)) return json_text(i.value);
	return TEXT_ABSENT;
}

static bool header_name_right(struct reading *r, struct text name)
{
	if (name.n > HEADER_NAME_MOST || !is_token(name)) {
		wrong(r, "the name of a header has 1 to 128 letters, digits and -", "value_error.header.name");
		return false;
	}
	if (is_reserved(name)) return wrong_header(r, name, "this header is set by the server", "value_error.header.reserved"), false;
	return true;
}

/* Trimmed, and what a mask stands for; empty where there is none. */
static bool header_value(struct reading *r, struct text name, const struct json *given, struct text *ret)
{
	struct text t = text_trim(json_text(given));
	if (json_kind(given) != JSON_IS_TEXT && json_kind(given) != JSON_IS_NULL)
		return wrong_header(r, name, "str type expected", "type_error.str"), false;
	if (text_has_control(t, false))
		return wrong_header(r, name, "control characters are not allowed", "value_error.str.control"), false;
	if (utf8_length(t) > HEADER_VALUE_MOST)
		return wrong_header(r, name, too_long(r, HEADER_VALUE_MOST), "value_error.any_str.max_length"), false;
	struct text stored = stored_header(r->stored, name);
	if (looks_masked(CONFIG_HEADERS, t) && !(stored.n && text_is(t, MASK)))
		return wrong_header(r, name, MASKED_ALREADY, "value_error.masked"), false;
	if (looks_masked(CONFIG_HEADERS, t) && !may_keep(r)) return false;
	*ret = looks_masked(CONFIG_HEADERS, t) ? stored : t;
	return true;
}

static void read_headers(struct reading *r, const struct json *given)
{
	size_t most = r->field->limit, count = 0;
	if (json_kind(given) != JSON_IS_OBJECT) return wrong(r, "value is not a valid dict", "type_error.dict");
	if (json_size(given) > most)
		return wrong(r, arena_printf(r->arena, "ensure this value has at most %zu members", most), "value_error.dict.max_items");
	struct text *names = arena_array_of(r->arena, struct text, most), value;
	json_put_object(r->out, r->field->name);
	for (struct json_iter i = json_members(given); json_next(&i);) {
		if (!header_name_right(r, i.key) || !header_value(r, i.key, i.value, &value) || !value.n) continue;
		if (list_has(names, count, i.key)) {
			wrong_header(r, i.key, "this header is given twice", "value_error.header.twice");
			continue;
		}
		names[count++] = i.key;
		json_put_text(r->out, text_cstr(r->arena, i.key), value);
	}
	json_end(r->out);
}

static void show_headers(struct json_out *j, struct arena *a, const struct config_field *f, const struct json *stored)
{
	json_put_object(j, f->name);
	for (struct json_iter i = json_members(stored); json_next(&i);)
		if (is_token(i.key)) json_put_cstr(j, text_cstr(a, i.key), MASK);
	json_end(j);
}

/* ---- all fields ---- */

static const struct {
	void (*read)(struct reading *r, const struct json *given);
	void (*show)(struct json_out *j, struct arena *a, const struct config_field *f, const struct json *stored);
} KINDS[] = {
	[CONFIG_URL] = {read_text, show_text},
	[CONFIG_PLAIN] = {read_text, show_text},
	[CONFIG_SECRET] = {read_text, show_text},
	[CONFIG_ADDRESSES] = {read_addresses, show_addresses},
	[CONFIG_HEADERS] = {read_headers, show_headers},
};

/* null, and an empty value of the field's own form. */
static bool is_nothing(const struct config_field *f, const struct json *v)
{
	switch (json_kind(v)) {
	case JSON_ABSENT:
	case JSON_IS_NULL: return true;
	case JSON_IS_TEXT: return f->kind != CONFIG_HEADERS && text_trim(json_text(v)).n == 0;
	case JSON_IS_ARRAY: return f->kind == CONFIG_ADDRESSES && json_size(v) == 0;
	case JSON_IS_OBJECT: return f->kind == CONFIG_HEADERS && json_size(v) == 0;
	default: return false;
	}
}

static void read_field(struct reading *r, const struct json *given)
{
	if (json_kind(given) == JSON_ABSENT && !is_nothing(r->field, r->stored))
		keep(r);
	else if (!is_nothing(r->field, given))
		KINDS[r->field->kind].read(r, given);
	else if (r->field->required)
		wrong(r, "field required", "value_error.missing");
}

static const char *field_names(struct arena *a, const struct channel_type *type)
{
	const char *names = "";
	for (const struct config_field *f = type->config; f->name; f++)
		names = arena_printf(a, "%s%s%s", names, *names ? ", " : "", f->name);
	return names;
}

static bool is_field(const struct channel_type *type, struct text name)
{
	for (const struct config_field *f = type->config; f->name; f++)
		if (text_is(name, f->name)) return true;
	return false;
}

static void refuse_extra(struct reading *r, const struct json *given)
{
	size_t told = 0;
	for (struct json_iter i = json_members(given); json_next(&i) && told < EXTRA_MOST;) {
		if (is_field(r->type, i.key)) continue;
		const char *field = arena_printf(r->arena, "config.%.*s", (int)utf8_cut(i.key, EXTRA_NAME_MOST), i.key.p);
		wrong_at(
			r, field, arena_printf(r->arena, "unknown field, one of: %s", field_names(r->arena, r->type)), "value_error.extra");
		told++;
	}
}

bool channel_config_read(struct arena *a, const struct channel_type *type, const struct json *given, const struct json *before,
	const struct notify_site *site, struct text *ret, config_problem *problem, void *context)
{
	buf_auto b = BUF_INIT(LIMIT_CONFIG);
	struct json_out out = json_out(&b);
	struct reading r = {.arena = a, .type = type, .site = site, .out = &out, .tell = problem, .context = context};
	enum json_kind kind = json_kind(given);
	if (kind != JSON_IS_OBJECT && kind != JSON_ABSENT && kind != JSON_IS_NULL)
		return wrong_at(&r, "config", "value is not a valid dict", "type_error.dict"), false;
	json_put_object(&out, NULL);
	for (const struct config_field *f = type->config; f->name; f++) {
		r.field = f;
		r.stored = json_member(before, f->name);
		read_field(&r, json_member(given, f->name));
	}
	json_end(&out);
	refuse_extra(&r, given);
	if (!r.failed && buf_failed(&b))
		wrong_at(&r, "config", arena_printf(a, "ensure this value has at most %zu bytes as compact JSON", LIMIT_CONFIG),
			"value_error.config.size");
	if (r.failed) return false;
	*ret = text_copy(a, buf_view(&b));
	return true;
}

void channel_config_show(
	struct json_out *j, const char *key, struct arena *a, const struct channel_type *type, const struct json *config)
{
	json_put_object(j, key);
	for (const struct config_field *f = type->config; f->name; f++) {
		const struct json *stored = json_member(config, f->name);
		if (is_nothing(f, stored))
			json_put_null(j, f->name);
		else
			KINDS[f->kind].show(j, a, f, stored);
	}
	json_end(j);
}
