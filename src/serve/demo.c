/* `versioner demo`: fills a scratch store with a company's month. Each event goes the way of a pipeline's: as JSON through the reader of the
 * endpoints, and then through the one action that records events. Nobody is told of them. */
#include <inttypes.h>
#include <stdio.h>

#include "actions/record_event.h"
#include "api/event_body.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "db/db.h"
#include "db/migrate.h"
#include "serve/commands.h"
#include "serve/demo_story.h"
#include "serve/store_open.h"
#include "store/account.h"
#include "store/event_log.h"

enum { BATCH_EVENTS = 400, FIRST_ACCOUNT = 1 };

struct demo {
	struct db *db;
	struct actor actor;
	size_t builds, deployments; /* events of them */
};

/* ---- the store ---- */

static void note_event(void *context, const struct logged_event *e)
{
	(void)e;
	*(bool *)context = true;
}

/* Of a store that no server has been started with the account is made here; the first start finds it, and makes its key. */
static enum rc find_account(struct demo *w, time_us now)
{
	enum rc rc = db_lock(w->db, TEXT("first start"));
	if (rc == RC_OK) rc = account_next(w->db, INT64_MIN, &w->actor.account);
	if (rc != RC_NOT_FOUND) return rc;
	w->actor.account = FIRST_ACCOUNT;
	return account_insert(w->db, FIRST_ACCOUNT, TEXT("default"), TEXT("default"), now);
}

static enum rc require_no_events(struct demo *w, struct arena *a, struct err *err)
{
	bool found = false;
	int64_t account;
	enum rc rc = RC_OK;
	for (int64_t after = INT64_MIN; rc == RC_OK && !found; after = account) {
		rc = account_next(w->db, after, &account);
		if (rc == RC_OK)
			rc = event_list(w->db, a, account, &(struct event_filter){.since = TIME_NONE, .until = TIME_NONE},
				&(struct page){.limit = 1}, note_event, &found);
	}
	if (found)
		return err_set(err, RC_CONFLICT, "the store has events already: the demonstration needs an empty one, name it with --db");
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* A store of an older program is somebody's: it is not even migrated. */
static enum rc require_new(const char *location, struct err *err)
{
	struct db *db;
	int number = 0;
	enum rc rc = db_open(location, DB_WRITE, &db, err);
	if (rc != RC_OK) return rc;
	rc = migrate_current(db, &number, err);
	db_close(db);
	if (rc != RC_OK || !number || number == migrate_newest()) return rc;
	return err_set(err, RC_CONFLICT,
		"the store is of another version of the program: the demonstration needs an empty one, name it with --db");
}

static enum rc prepare(struct demo *w, struct arena *a, time_us now, struct err *err)
{
	*err = (struct err){0};
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = find_account(w, now);
	if (rc == RC_OK) rc = require_no_events(w, a, err);
	if (rc == RC_OK) rc = db_commit(w->db);
	db_rollback(w->db);
	return rc == RC_OK || err->text[0] ? rc : err_set(err, rc, "%s", db_error(w->db)->text);
}

/* ---- the events ---- */

static void put_field(struct json_out *j, const char *name, enum event_field_kind kind, const void *value)
{
	const struct text *text = value;
	const time_us *time = value;
	if (kind == FIELD_TIME && *time != TIME_NONE) json_put_time(j, name, *time);
	if ((kind == FIELD_TEXT || kind == FIELD_NUMBER_OR_TEXT) && text->p) json_put_text(j, name, *text);
}

/* What a pipeline would have sent. */
static struct text body_of(struct arena *a, const struct event_fields *e)
{
	buf_auto b = BUF_INIT(LIMIT_BODY);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	json_put_text(&j, "status", e->status);
	for (const struct event_field *f = EVENT_FIELDS; f->name[KIND_DEPLOYMENT] || f->name[KIND_BUILD]; f++)
		if (f->name[e->kind]) put_field(&j, f->name[e->kind], f->kind, (const char *)e + f->at);
	json_end(&j);
	return text_copy(a, buf_view(&b));
}

static enum rc read_event(struct arena *a, const struct story_event *e, struct submission *ret, struct err *err)
{
	const struct json *object;
	struct text body = body_of(a, &e->fields);
	enum rc rc = json_read(a, body, &object, err);
	if (rc != RC_OK) return rc;
	struct body_errors errors;
	body_errors_init(&errors);
	if (!event_body_read(a, e->fields.kind, body, object, e->received, ret, &errors))
		rc = err_set(err, RC_INVALID, "an event of the story is refused: %.*s", TEXT_ARGS(body_errors_list(&errors)));
	body_errors_done(&errors);
	return rc;
}

static enum rc record_batch(struct demo *w, struct arena *a, const struct story_event *events, size_t count, struct err *err)
{
	struct submission in;
	struct recorded out;
	enum rc rc = db_begin(w->db);
	if (rc != RC_OK) return err_set(err, rc, "%s", db_error(w->db)->text);
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		rc = read_event(a, &events[i], &in, err);
		if (rc == RC_OK) rc = record_event(w->db, a, &w->actor, &in, &out, err);
	}
	if (rc == RC_OK && (rc = db_commit(w->db)) != RC_OK) err_set(err, rc, "%s", db_error(w->db)->text);
	db_rollback(w->db);
	return rc;
}

static enum rc record_story(struct demo *w, const struct story *story, struct err *err)
{
	struct arena *a = arena_new(KIB(256), MIB(256));
	enum rc rc = RC_OK;
	for (size_t at = 0; rc == RC_OK && at < story->count; at += BATCH_EVENTS) {
		size_t left = story->count - at;
		rc = record_batch(w, a, story->events + at, left < BATCH_EVENTS ? left : BATCH_EVENTS, err);
		arena_reset(a);
	}
	arena_free(a);
	for (size_t i = 0; i < story->count; i++) story->events[i].fields.kind == KIND_BUILD ? w->builds++ : w->deployments++;
	return rc;
}

/* ---- the command ---- */

static void say(const struct demo *w, const char *location)
{
	char shown[512];
	db_location_shown(location, shown, sizeof shown);
	printf("%s: %d days of a company, %zu events of deployments and %zu of builds\n\n"
		   "To look at it, start a server; the first start prints an API key:\n\n"
		   "  versioner serve --db '%s'\n\n"
		   "and then, in another terminal:\n\n"
		   "  VERSIONER_API_KEY=sk_default_k1_… versioner status --api-url http://127.0.0.1:8080\n",
		shown, STORY_DAYS, w->deployments, w->builds, shown);
}

static enum rc fill(struct demo *w, const struct settings *s, struct err *err)
{
	time_us now = clock_now();
	int applied;
	enum rc rc = require_new(setting_text(s, "db"), err);
	if (rc == RC_OK) rc = store_open_migrated(setting_text(s, "db"), &w->db, &applied, err);
	if (rc != RC_OK) return rc;
	struct arena *a = arena_new(MIB(1), MIB(64));
	rc = prepare(w, a, now, err);
	if (rc == RC_OK) {
		struct story story = story_make(a, (uint64_t)setting_int(s, "seed"), now);
		rc = record_story(w, &story, err);
	}
	arena_free(a);
	db_close(w->db);
	return rc;
}

int demo_run(const struct settings *s, char **words)
{
	if (words[0]) return fprintf(stderr, "versioner demo: takes no words, only flags\n"), EXIT_USAGE;
	struct demo w = {.actor.label = TEXT("demo")};
	struct err err;
	if (fill(&w, s, &err) != RC_OK) return fprintf(stderr, "versioner demo: %s\n", err.text), EXIT_TROUBLE;
	say(&w, setting_text(s, "db"));
	return EXIT_FINE;
}
