/* Reading query parameters. */
#include "api/query.h"

#include <stddef.h>
#include <string.h>

#include "actions/audit.h"
#include "api/app.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "domain/event_type.h"
#include "domain/rollout.h"
#include "domain/status.h"
#include "domain/subscription.h"
#include "notify/channel_type.h"
#include "store/channel.h"
#include "store/environment.h"
#include "store/notification.h"
#include "store/product.h"

/* A parser takes the value to its place; it gives NULL, or what is wrong. */
typedef const char *query_parse(struct http_request *r, struct text value, struct query *q, size_t at);

static const char *parse_text(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r;
	if (value.n > 512) return "at most 512 bytes";
	if (value.n) *(struct text *)((char *)q + at) = value;
	return NULL;
}

/* More than are looked up later would be passed over in silence. */
static const char *parse_names(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r;
	size_t values = 1;
	for (size_t i = 0; i < value.n; i++) values += value.p[i] == ',';
	if (values > LIMIT_FILTER_VALUES) return "at most 20 names or ids by commas";
	if (value.n) *(struct text *)((char *)q + at) = value;
	return NULL;
}

static const char *parse_one_name(struct http_request *r, struct text value, struct query *q, size_t at)
{
	if (value.n && memchr(value.p, ',', value.n)) return "one name or id";
	return parse_text(r, value, q, at);
}

static const char *parse_limit(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r, (void)at;
	uint64_t n;
	if (!text_to_u64(value, &n) || n < 1 || n > LIMIT_PAGE) return "a number from 1 to 200";
	q->page.limit = (int64_t)n;
	return NULL;
}

static const char *parse_cursor(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	if (!uuid_valid(value)) return "the next_cursor of an earlier answer";
	q->page.after = text_lower(r->arena, value);
	return NULL;
}

static const char *parse_number_cursor(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r, (void)at;
	uint64_t n;
	if (!text_to_u64(value, &n) || n < 1 || n > INT64_MAX) return "the next_cursor of an earlier answer";
	q->before_number = (int64_t)n;
	return NULL;
}

static const char *parse_id(struct http_request *r, struct text value, struct query *q, size_t at)
{
	if (!uuid_valid(value)) return "an id";
	*(struct text *)((char *)q + at) = text_lower(r->arena, value);
	return NULL;
}

/* "+02:00" arrives as " 02:00" from clients that do not encode the plus sign. */
static const char *parse_time(struct http_request *r, struct text value, struct query *q, size_t at)
{
	struct text t = text_copy(r->arena, value);
	if (t.n > 6 && t.p[t.n - 6] == ' ') ((char *)t.p)[t.n - 6] = '+';
	return rfc3339_parse(t, (time_us *)((char *)q + at)) ? NULL : "an RFC 3339 time with an offset";
}

static const char *parse_bool(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r;
	bool yes = text_is(value, "true") || text_is(value, "1"), no = text_is(value, "false") || text_is(value, "0");
	if (!yes && !no) return "true or false";
	*(bool *)((char *)q + at) = yes;
	return NULL;
}

static bool is_state(struct text word)
{
	enum state s;
	return state_from_name(word, &s);
}
static bool is_rollout(struct text word)
{
	enum rollout r;
	return rollout_from_name(word, &r);
}
static bool is_event_type(struct text word)
{
	enum kind k;
	enum state s;
	return event_type_parse(word, &k, &s);
}

static bool is_notification_state(struct text word)
{
	enum notification_state s;
	return notification_state_from_name(word, &s);
}
static bool is_channel_type(struct text word)
{
	return channel_type_find(word) != NULL;
}
static bool is_told_type(struct text word)
{
	return event_type_find(word) != NULL;
}

/* "a,b" → ",a,b,", each word checked. */
static const char *parse_set(
	struct http_request *r, struct text value, struct text *ret, bool (*fine)(struct text word), const char *expected)
{
	buf_auto set = BUF_INIT(KIB(8));
	struct text rest = value, word;
	size_t n = 0;
	while (text_split(&rest, ',', &word)) {
		word = text_trim(word);
		if (!word.n) continue;
		if (!fine(word) || ++n > LIMIT_FILTER_VALUES) return expected;
		if (!set.n) buf_char(&set, ',');
		buf_text(&set, word);
		buf_char(&set, ',');
	}
	if (n) *ret = text_copy(r->arena, buf_view(&set));
	return NULL;
}

static bool is_word(struct text word)
{
	return word.n <= 4 * 255; /* characters of four bytes */
}

static const char *parse_words(struct http_request *r, struct text value, struct query *q, size_t at)
{
	return parse_set(r, value, (struct text *)((char *)q + at), is_word, "at most 20 names by commas");
}

static const char *parse_search(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r;
	value = text_trim(value);
	if (value.n > 4 * 255 || utf8_length(value) > 255 || text_has_control(value, false))
		return "at most 255 characters of a name";
	if (value.n) *(struct text *)((char *)q + at) = value;
	return NULL;
}

static const char *parse_states(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	return parse_set(
		r, value, &q->states, is_state, "states by commas: pending, started, completed, failed, aborted, preflight_failed");
}

static const char *parse_rollouts(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	return parse_set(r, value, &q->rollouts, is_rollout, "kinds by commas: initial, upgrade, redeploy, rollback");
}

static const char *parse_types(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	const char *wrong = parse_set(r, value, &q->types, is_event_type, "event types by commas, such as deployment.failed");
	if (!wrong && is_event_type(text_trim(value))) q->one_type = text_trim(value);
	return wrong;
}

static const char *parse_actions(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	return parse_set(r, value, &q->types, audit_action_known, "actions of the audit log by commas, such as product.updated");
}

static const char *parse_notification_states(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	return parse_set(r, value, &q->states, is_notification_state, "states by commas: waiting, delivered, folded, dead");
}

static const char *parse_channel_types(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	const char *wrong = parse_set(r, value, &q->types, is_channel_type, "");
	return wrong ? arena_printf(r->arena, "channel types by commas: %s", channel_type_names()) : NULL;
}

static const char *parse_told_types(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)at;
	return parse_set(r, value, &q->types, is_told_type, "event types by commas, such as deployment.failed");
}

static const char *parse_subscription(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r, (void)at;
	return subscription_type_parse(text_trim(value), &q->one_type) ? NULL : "an event type, such as deployment.failed";
}

static const char *parse_environment_type(struct http_request *r, struct text value, struct query *q, size_t at)
{
	(void)r, (void)at;
	return environment_type_parse(value, &q->environment_type) ? NULL : "one of dev, test, staging, production, other";
}

static const struct query_row {
	const char *name;
	unsigned parameter;
	query_parse *parse;
	size_t at;
} QUERY_ROWS[] = {
	{"limit", QUERY_PAGE, parse_limit, 0},
	{"cursor", QUERY_PAGE, parse_cursor, 0},
	{"product", QUERY_PRODUCT, parse_names, offsetof(struct query, product)},
	{"environment", QUERY_ENVIRONMENT, parse_names, offsetof(struct query, environment)},
	{"version", QUERY_VERSION, parse_words, offsetof(struct query, versions)},
	{"status", QUERY_STATUS, parse_states, 0},
	{"kind", QUERY_KIND, parse_rollouts, 0},
	{"deployed_by", QUERY_DEPLOYED_BY, parse_words, offsetof(struct query, actors)},
	{"built_by", QUERY_BUILT_BY, parse_words, offsetof(struct query, actors)},
	{"since", QUERY_TIMES, parse_time, offsetof(struct query, since)},
	{"until", QUERY_TIMES, parse_time, offsetof(struct query, until)},
	{"at", QUERY_AT, parse_time, offsetof(struct query, at)},
	{"type", QUERY_TYPE, parse_types, 0},
	{"type", QUERY_ENVIRONMENT_TYPE, parse_environment_type, 0},
	{"type", QUERY_CHANNEL_TYPE, parse_channel_types, 0},
	{"type", QUERY_TOLD_TYPE, parse_told_types, 0},
	{"type", QUERY_SUBSCRIPTION, parse_subscription, 0},
	{"state", QUERY_STATE, parse_notification_states, 0},
	{"channel", QUERY_CHANNEL, parse_names, offsetof(struct query, channel)},
	{"channel", QUERY_ONE_CHANNEL, parse_one_name, offsetof(struct query, channel)},
	{"name", QUERY_NAME, parse_words, offsetof(struct query, names)},
	{"q", QUERY_SEARCH, parse_search, offsetof(struct query, search)},
	{"from", QUERY_FROM_TO, parse_text, offsetof(struct query, from)},
	{"to", QUERY_FROM_TO, parse_text, offsetof(struct query, to)},
	{"deployment", QUERY_SUBJECT, parse_id, offsetof(struct query, subject_id)},
	{"build", QUERY_SUBJECT, parse_id, offsetof(struct query, subject_id)},
	{"limit", QUERY_NUMBERED, parse_limit, 0},
	{"cursor", QUERY_NUMBERED, parse_number_cursor, 0},
	{"actor", QUERY_AUDIT, parse_words, offsetof(struct query, actors)},
	{"action", QUERY_AUDIT, parse_actions, 0},
	{"subject", QUERY_AUDIT, parse_text, offsetof(struct query, subject_id)},
	{"last_event_id", QUERY_LAST_EVENT_ID, parse_text, offsetof(struct query, last_event_id)},
	{"notify", QUERY_NOTIFY, parse_bool, offsetof(struct query, notify)},
};

static const struct query_row *row_find(struct text name, unsigned allowed)
{
	for (size_t i = 0; i < sizeof QUERY_ROWS / sizeof *QUERY_ROWS; i++)
		if ((QUERY_ROWS[i].parameter & allowed) && text_is(name, QUERY_ROWS[i].name)) return &QUERY_ROWS[i];
	return NULL;
}

bool query_read(struct http_request *r, unsigned allowed, struct query *ret)
{
	struct query q = {.page.limit = DEFAULT_PAGE,
		.environment_type = ENV_TYPE_COUNT,
		.since = TIME_NONE,
		.until = TIME_NONE,
		.at = TIME_NONE,
		.before_number = INT64_MAX,
		.notify = true};
	for (size_t i = 0; i < r->query_count; i++) {
		const struct http_param *p = &r->query[i];
		const struct query_row *row = row_find(p->name, allowed);
		const char *wrong = row ? row->parse(r, p->value, &q, row->at) : "not a parameter of this path";
		if (!wrong) continue;
		http_error(r, 400,
			arena_printf(r->arena, "Invalid query parameter: %.*s: %s", TEXT_ARGS(p->name),
				row ? arena_printf(r->arena, "%s expected", wrong) : wrong));
		return false;
	}
	*ret = q;
	return true;
}

/* ---- names to ids ---- */

static enum rc product_id_of(struct http_request *r, struct db *db, struct text name, struct text *ret)
{
	struct product p;
	enum rc rc = product_find(db, r->arena, account_of(r), name, &p);
	if (rc == RC_OK) *ret = p.id;
	return rc;
}

static enum rc environment_id_of(struct http_request *r, struct db *db, struct text name, struct text *ret)
{
	struct environment e;
	enum rc rc = environment_find(db, r->arena, account_of(r), name, &e);
	if (rc == RC_OK) *ret = e.id;
	return rc;
}

static enum rc channel_id_of(struct http_request *r, struct db *db, struct text name, struct text *ret)
{
	struct channel c;
	enum rc rc = channel_find(db, r->arena, account_of(r), name, &c);
	if (rc == RC_OK) *ret = c.id;
	return rc;
}

/* An id is taken as it is, so that the history of a hidden object can be asked for. "," alone matches nothing. */
static enum rc resolve_set(struct http_request *r, struct db *db, struct text words,
	enum rc (*id_of)(struct http_request *, struct db *, struct text, struct text *), struct text *ret_set, struct text *ret_one)
{
	if (!words.p) return RC_OK;
	buf_auto set = BUF_INIT(KIB(4));
	buf_char(&set, ',');
	struct text word, one = TEXT_ABSENT;
	size_t n = 0;
	while (text_split(&words, ',', &word) && n < LIMIT_FILTER_VALUES) {
		struct text id = TEXT_ABSENT;
		enum rc rc = id_of(r, db, text_trim(word), &id);
		if (rc == RC_NOT_FOUND && uuid_valid(text_trim(word))) id = text_lower(r->arena, text_trim(word));
		if (rc != RC_OK && rc != RC_NOT_FOUND) return rc;
		if (!id.p) continue;
		buf_text(&set, id);
		buf_char(&set, ',');
		one = id;
		n++;
	}
	*ret_set = text_copy(r->arena, buf_view(&set));
	*ret_one = n == 1 ? one : TEXT_ABSENT;
	return RC_OK;
}

enum rc query_resolve(struct http_request *r, struct db *db, struct query *q)
{
	enum rc rc = resolve_set(r, db, q->product, product_id_of, &q->product_ids, &q->product_id);
	if (rc == RC_OK) rc = resolve_set(r, db, q->environment, environment_id_of, &q->environment_ids, &q->environment_id);
	return rc == RC_OK ? resolve_set(r, db, q->channel, channel_id_of, &q->channel_ids, &q->channel_id) : rc;
}
