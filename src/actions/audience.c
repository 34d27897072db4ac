/* The audience: for each account a roll of its active preferences, compiled, channel by channel.
 *
 * A roll never changes. Whoever uses one holds it; a roll of another revision takes its place in the table and the old one is freed when nobody
 * holds it any more. So the lock is kept for a search only, never while the store is read or an event's notifications are written: those
 * may wait for locks of the store, whose holders may be waiting here. */
#include "actions/audience.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "actions/preference_compile.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/preference.h"

struct wish {
	struct text channel_id;
	struct subscription subscription;
};

struct roll {
	int64_t account, revision;
	size_t holders; /* the table, and those who use it; under the audience's lock */
	struct arena *arena; /* of what the wishes point to */
	struct wish *wishes; /* a channel's stand together, as they are read */
	size_t count, room;
};

struct audience {
	pthread_mutex_t lock;
	struct roll **rolls; /* by account */
	size_t count, room;
};

struct audience *audience_new(void)
{
	struct audience *a = mem_zalloc(sizeof *a);
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

static void roll_free(struct roll *r)
{
	arena_free(r->arena);
	free(r->wishes);
	free(r);
}

void audience_free(struct audience *a)
{
	if (!a) return;
	for (size_t i = 0; i < a->count; i++) roll_free(a->rolls[i]);
	free(a->rolls);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* ---- reading an account's roll ---- */

/* One that cannot be read asks for nothing: neither must it keep events out, nor send what nobody asked for. */
static void roll_add(void *context, const struct preference *p)
{
	struct roll *r = context;
	struct wish wish = {.channel_id = text_copy(r->arena, p->channel_id)};
	struct err err;
	if (preference_compile(r->arena, p, &wish.subscription, &err) != RC_OK) {
		log_warn("a notification preference cannot be read and is left out", LOG_INT("account", r->account),
			LOG_TEXT("preference", p->id), LOG_STR("error", err.text));
		return;
	}
	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 16;
		r->wishes = mem_realloc(r->wishes, r->room * sizeof *r->wishes);
	}
	r->wishes[r->count++] = wish;
}

static enum rc roll_read(struct db *db, int64_t account, int64_t revision, struct roll **ret)
{
	enum { PREFERENCE_AT_MOST = 2 * LIMIT_FILTERS }; /* as a row, and as a subscription */
	struct roll *r = mem_zalloc(sizeof *r);
	r->account = account;
	r->revision = revision;
	r->arena = arena_new(KIB(1), (size_t)LIMIT_PREFERENCES * PREFERENCE_AT_MOST);
	struct arena *rows = arena_new(KIB(16), (size_t)LIMIT_PREFERENCES * PREFERENCE_AT_MOST);
	enum rc rc = preference_each_active(db, rows, account, roll_add, r);
	arena_free(rows);
	if (rc != RC_OK) return roll_free(r), rc;
	*ret = r;
	return RC_OK;
}

/* ---- the table ---- */

/* Where the account's roll is, or where it belongs. */
static size_t place_of(const struct audience *a, int64_t account)
{
	size_t low = 0, high = a->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (a->rolls[middle]->account < account)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct audience *a, size_t place, int64_t account)
{
	return place < a->count && a->rolls[place]->account == account;
}

static void let_go(struct audience *a, struct roll *r)
{
	pthread_mutex_lock(&a->lock);
	bool last = --r->holders == 0;
	pthread_mutex_unlock(&a->lock);
	if (last) roll_free(r);
}

/* NULL: there is none of this revision. Any other number is another state of the preferences, a smaller one too. */
static struct roll *hold_known(struct audience *a, int64_t account, int64_t revision)
{
	pthread_mutex_lock(&a->lock);
	size_t place = place_of(a, account);
	struct roll *r = is_at(a, place, account) && a->rolls[place]->revision == revision ? a->rolls[place] : NULL;
	if (r) r->holders++;
	pthread_mutex_unlock(&a->lock);
	return r;
}

static void make_place(struct audience *a, size_t place)
{
	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 4;
		a->rolls = mem_realloc(a->rolls, a->room * sizeof *a->rolls);
	}
	memmove(a->rolls + place + 1, a->rolls + place, (a->count - place) * sizeof *a->rolls);
	a->count++;
}

/* Held by the table and by the caller. */
static void put_and_hold(struct audience *a, struct roll *r)
{
	struct roll *old = NULL;
	r->holders = 2;
	pthread_mutex_lock(&a->lock);
	size_t place = place_of(a, r->account);
	if (is_at(a, place, r->account))
		old = a->rolls[place];
	else
		make_place(a, place);
	a->rolls[place] = r;
	pthread_mutex_unlock(&a->lock);
	if (old) let_go(a, old);
}

static enum rc hold(struct audience *a, struct db *db, int64_t account, int64_t revision, struct roll **ret)
{
	struct roll *r = hold_known(a, account, revision);
	if (!r) {
		enum rc rc = roll_read(db, account, revision, &r);
		if (rc != RC_OK) return rc;
		put_and_hold(a, r);
	}
	*ret = r;
	return RC_OK;
}

/* ---- asking ---- */

/* The greatest interest of the channel whose wishes begin at `from`; *ret_next: where the next channel's begin. */
static enum interest channel_interest(const struct roll *r, size_t from, const struct occasion *o, size_t *ret_next)
{
	enum interest greatest = INTEREST_NONE;
	size_t i = from;
	for (; i < r->count && text_equal(r->wishes[i].channel_id, r->wishes[from].channel_id); i++) {
		if (greatest == INTEREST_OWN_TYPE) continue;
		enum interest interest = subscription_interest(&r->wishes[i].subscription, o);
		if (interest > greatest) greatest = interest;
	}
	*ret_next = i;
	return greatest;
}

enum rc audience_of(struct audience *a, struct db *db, int64_t account, int64_t revision, const struct occasion *o,
	audience_each *each, void *context)
{
	struct roll *r;
	enum rc rc = hold(a, db, account, revision, &r);
	if (rc != RC_OK) return rc;
	for (size_t i = 0, next; rc == RC_OK && i < r->count; i = next) {
		enum interest interest = channel_interest(r, i, o, &next);
		if (interest != INTEREST_NONE) rc = each(context, r->wishes[i].channel_id, interest);
	}
	let_go(a, r);
	return rc;
}

enum rc audience_any(struct audience *a, struct db *db, int64_t account, int64_t revision, const struct occasion *o, bool *ret)
{
	struct roll *r;
	enum rc rc = hold(a, db, account, revision, &r);
	if (rc != RC_OK) return rc;
	bool any = false;
	for (size_t i = 0; i < r->count && !any; i++) any = subscription_interest(&r->wishes[i].subscription, o) != INTEREST_NONE;
	*ret = any;
	let_go(a, r);
	return RC_OK;
}
