/* Tells the month product by product: releases are built, go from environment to environment in their order, fail there, are tried again
 * or taken back. Each environment of a product has one deployment at a time, so a story that is sorted by time is one that can have been.
 *
 * What would happen after now has not happened: deployments are under way. Some products end with a release of today whose fate is in a table,
 * so that there is something to see at any hour of the week. */
#include "serve/demo_story.h"

#include <stdbool.h>
#include <stdlib.h>

#include "serve/demo_company.h"

#define MINUTES_US(n) SECONDS_US((int64_t)(n)*60)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- chance ---- */

static uint64_t draw(uint64_t *chance) /* SplitMix64 */
{
	uint64_t x = *chance += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static unsigned between(uint64_t *chance, unsigned least, unsigned most)
{
	return least + (unsigned)(draw(chance) % (most - least + 1));
}

static bool happens(uint64_t *chance, unsigned in_a_hundred)
{
	return between(chance, 0, 99) < in_a_hundred;
}

static int64_t minutes_between(uint64_t *chance, unsigned least, unsigned most)
{
	return SECONDS_US(between(chance, least * 60, most * 60));
}

/* ---- what is told ---- */

struct release {
	struct text version, sha, branch, build_number;
	const struct demo_person *author;
	time_us built;
	bool certain; /* nothing goes wrong, and it goes all the way */
	bool urgent; /* at any hour */
};

/* A product's month as far as it is told. */
struct telling {
	struct arena *arena;
	struct story *story;
	uint64_t chance;
	time_us now, until; /* nothing begins after `until` */
	const struct demo_product *product;
	struct text repository;
	unsigned minor, patch, builds;
	time_us free[DEMO_ENVIRONMENTS]; /* when the last deployment there had ended */
	struct release current[DEMO_ENVIRONMENTS]; /* version absent: none yet */
};

static void tell(struct telling *t, const struct event_fields *e)
{
	if (e->occurred_at > t->now || t->story->count == STORY_MOST) return;
	time_us received = e->occurred_at + (time_us)between(&t->chance, 150000, 1900000);
	t->story->events[t->story->count++] = (struct story_event){*e, received < t->now ? received : t->now};
}

static void take_state(struct telling *t, struct event_fields *e, enum state state, time_us at)
{
	e->state = state;
	e->status = text_from(DEMO_SYSTEMS[t->product->system].words[state]);
	e->occurred_at = at;
	if (state == STATE_STARTED) e->started_at = at;
	if (state_is_final(state)) e->completed_at = at;
	if (state != STATE_FAILED) return;
	const struct demo_error *error = &DEMO_ERROR_TABLE[e->kind][between(&t->chance, 0, DEMO_ERRORS - 1)];
	e->error_code = text_from(error->code), e->error_message = text_from(error->message);
}

static void take_actor(struct event_fields *e, struct arena *a, const struct demo_person *who)
{
	e->actor = text_from(who->login), e->actor_name = text_from(who->name);
	e->actor_email = text_from(arena_printf(a, "%s@example.com", who->login));
}

/* A run of a pipeline: what all of its events say. */
static struct event_fields run_of(struct telling *t, enum kind kind, const struct release *r)
{
	const struct demo_system *system = &DEMO_SYSTEMS[t->product->system];
	const char *run = arena_printf(t->arena, "%u", between(&t->chance, 10000000, 99999999));
	const char *url = arena_printf(t->arena, "%s%.*s%s%s", system->url, TEXT_ARGS(t->repository), system->runs, run);
	bool by_author = kind == KIND_BUILD || happens(&t->chance, 60);
	struct event_fields e = {.kind = kind, .started_at = TIME_NONE, .completed_at = TIME_NONE, .occurred_at = TIME_NONE};
	e.product_name = text_from(t->product->name), e.version = r->version;
	e.scm_repository = t->repository, e.scm_sha = r->sha, e.scm_branch = r->branch;
	e.build_number = r->build_number, e.invoke_id = text_from(run), e.source_system = text_from(system->name);
	e.build_url = text_from(url);
	if (kind == KIND_DEPLOYMENT) e.deploy_url = e.build_url;
	take_actor(&e, t->arena, by_author ? r->author : &DEMO_PEOPLE_TABLE[between(&t->chance, 0, DEMO_PEOPLE - 1)]);
	return e;
}

/* ---- hours ---- */

static bool is_weekend(time_us at)
{
	int64_t day = (at / DAYS_US(1) + 4) % 7; /* 1970 began on a Thursday; Sunday is 0 */
	return day == 0 || day == 6;
}

static bool is_friday(time_us at)
{
	return (at / DAYS_US(1) + 4) % 7 == 5;
}

/* The first time from `at` on at which people deploy there. */
static time_us working_time(struct telling *t, const struct demo_environment *env, time_us at)
{
	for (;;) {
		unsigned hour = (unsigned)(at % DAYS_US(1) / MINUTES_US(60));
		unsigned until = is_friday(at) ? env->friday_until : env->until;
		if (!is_weekend(at) && hour >= env->from && hour < until) return at;
		time_us day = at - at % DAYS_US(1);
		if (is_weekend(at) || hour >= until) day += DAYS_US(1);
		at = day + MINUTES_US(env->from * 60) + minutes_between(&t->chance, 0, 110);
	}
}

/* ---- builds ---- */

static enum state outcome(struct telling *t, bool certain, unsigned goes_wrong)
{
	if (certain || !happens(&t->chance, goes_wrong)) return STATE_COMPLETED;
	return happens(&t->chance, 22) ? STATE_ABORTED : STATE_FAILED;
}

static struct text next_version(struct telling *t, time_us at)
{
	char date[RFC3339_SIZE];
	rfc3339_format(at, date);
	bool big = happens(&t->chance, 18);
	t->minor += big, t->patch = big ? 0 : t->patch + 1;
	if (t->product->versions == VERSIONS_BY_MONTH)
		return text_from(arena_printf(t->arena, "%.4s.%.2s.%u", date, date + 5, t->builds));
	const char *v = t->product->versions == VERSIONS_WITH_V ? "v" : "";
	return text_from(arena_printf(t->arena, "%s%u.%u.%u", v, t->product->major, t->minor, t->patch));
}

static struct text branch_of(struct telling *t, const struct release *r)
{
	if (r->urgent) return text_from(arena_printf(t->arena, "hotfix/%u", between(&t->chance, 1200, 4800)));
	if (happens(&t->chance, 88)) return TEXT("main");
	return text_from(arena_printf(t->arena, "release/%u.%u", t->product->major, t->minor));
}

/* False: there is nothing to deploy. */
static bool build(struct telling *t, struct release *r, time_us at)
{
	t->builds++;
	r->version = next_version(t, at);
	r->sha = text_from(arena_printf(t->arena, "%016llx%016llx%08x", (unsigned long long)draw(&t->chance),
		(unsigned long long)draw(&t->chance), (unsigned)draw(&t->chance)));
	r->branch = branch_of(t, r);
	r->build_number = text_from(arena_printf(t->arena, "%u", t->builds));
	r->author = &DEMO_PEOPLE_TABLE[between(&t->chance, 0, DEMO_PEOPLE - 1)];
	r->built = at + minutes_between(&t->chance, 2, 14);
	struct event_fields e = run_of(t, KIND_BUILD, r);
	enum state end = outcome(t, r->certain, 9);
	take_state(t, &e, STATE_STARTED, at);
	tell(t, &e);
	take_state(t, &e, end, r->built);
	tell(t, &e);
	return end == STATE_COMPLETED && r->built <= t->until;
}

/* ---- deployments ---- */

/* One run. Its end is told too, if it has come. */
static void deploy_once(struct telling *t, const struct release *r, size_t env, time_us at, enum state end)
{
	struct event_fields e = run_of(t, KIND_DEPLOYMENT, r);
	time_us asked = at - minutes_between(&t->chance, 4, 30);
	e.environment_name = text_from(DEMO_ENVIRONMENT_TABLE[env].name);
	if (asked > t->free[env] && asked > r->built && happens(&t->chance, DEMO_ENVIRONMENT_TABLE[env].waits)) {
		take_state(t, &e, STATE_PENDING, asked);
		tell(t, &e);
	}
	take_state(t, &e, STATE_STARTED, at);
	tell(t, &e);
	t->free[env] = at + minutes_between(&t->chance, 1, 12);
	take_state(t, &e, end, t->free[env]);
	tell(t, &e);
	if (end == STATE_COMPLETED) t->current[env] = *r;
}

/* Until it is there or somebody gives up. */
static bool deploy(struct telling *t, const struct release *r, size_t env, time_us at)
{
	const struct demo_environment *where = &DEMO_ENVIRONMENT_TABLE[env];
	if (at < t->free[env] + MINUTES_US(2)) at = t->free[env] + MINUTES_US(2);
	if (!r->urgent) at = working_time(t, where, at);
	while (at <= t->until) {
		enum state end = outcome(t, r->certain, where->goes_wrong);
		deploy_once(t, r, env, at, end);
		if (end == STATE_COMPLETED) return t->free[env] <= t->until;
		if (!happens(&t->chance, 70)) return false;
		at = t->free[env] + minutes_between(&t->chance, 6, 55);
	}
	return false;
}

/* The version that was there before comes back. */
static bool is_taken_back(struct telling *t, size_t env, struct release before)
{
	if (!before.version.p || !happens(&t->chance, DEMO_ENVIRONMENT_TABLE[env].taken_back)) return false;
	before.certain = before.urgent = true;
	(void)deploy(t, &before, env, t->free[env] + minutes_between(&t->chance, 12, 140));
	return true;
}

static void travel(struct telling *t, const struct release *r)
{
	time_us there = r->built;
	for (size_t env = 0; env < DEMO_ENVIRONMENTS; env++) {
		const struct demo_environment *where = &DEMO_ENVIRONMENT_TABLE[env];
		struct release before = t->current[env];
		unsigned latest = r->certain || r->urgent ? where->soonest + 30 : where->latest;
		if (!r->certain && !happens(&t->chance, where->taken_on)) return;
		if (!deploy(t, r, env, there + minutes_between(&t->chance, where->soonest, latest))) return;
		if (!r->certain && is_taken_back(t, env, before)) return;
		there = t->free[env];
	}
}

static void release(struct telling *t, struct release r, time_us at)
{
	if (at <= t->until && build(t, &r, at)) travel(t, &r);
}

/* ---- how the month ends ---- */

/* The release of today of some products: how far it came, and what became of it there. */
static const struct fate {
	const char *product;
	size_t environment;
	enum state state;
	unsigned minutes; /* ago */
} FATES[] = {
	{"storefront", 3, STATE_STARTED, 4},
	{"catalog", 2, STATE_STARTED, 3},
	{"search", 1, STATE_STARTED, 2},
	{"checkout", 3, STATE_FAILED, 38},
	{"payments", 3, STATE_FAILED, 95},
	{"shipping", 4, STATE_FAILED, 52},
	{"recommendations", 2, STATE_FAILED, 21},
	{"orders", 3, STATE_PENDING, 17},
	{"billing", 4, STATE_ABORTED, 64},
};
#define TODAY MINUTES_US(6 * 60)

static const struct fate *fate_of(const struct demo_product *p)
{
	for (size_t i = 0; i < COUNT_OF(FATES); i++)
		if (text_is(text_from(p->name), FATES[i].product)) return &FATES[i];
	return NULL;
}

static void meet(struct telling *t, const struct release *r, const struct fate *f)
{
	time_us at = t->now - MINUTES_US(f->minutes);
	if (state_is_final(f->state)) {
		deploy_once(t, r, f->environment, at, f->state);
		return;
	}
	struct event_fields e = run_of(t, KIND_DEPLOYMENT, r);
	e.environment_name = text_from(DEMO_ENVIRONMENT_TABLE[f->environment].name);
	take_state(t, &e, f->state, at);
	tell(t, &e);
}

static void tell_today(struct telling *t, const struct fate *f)
{
	struct release r = {.certain = true, .urgent = true};
	t->until = t->now;
	if (!build(t, &r, t->now - MINUTES_US(4 * 60 + 30))) return;
	time_us at = r.built;
	for (size_t env = 0; env < f->environment; env++, at = t->free[env - 1])
		(void)deploy(t, &r, env, at + minutes_between(&t->chance, 3, 14));
	meet(t, &r, f);
}

/* ---- the month ---- */

static void tell_day(struct telling *t, time_us day)
{
	bool weekend = is_weekend(day);
	struct release r = {.urgent = weekend};
	unsigned tries = weekend ? 1 : 3, likely = weekend ? 2 : t->product->weekly * 100 / 15;
	for (unsigned i = 0; i < tries; i++) {
		time_us at = day + MINUTES_US((6 + 4 * i) * 60) + minutes_between(&t->chance, 30, 220);
		if (happens(&t->chance, likely)) release(t, r, at);
	}
}

/* A product that rests: a release goes all the way, and then nobody touches it. */
static int last_day(struct telling *t)
{
	return happens(&t->chance, 60) ? STORY_DAYS - (int)between(&t->chance, 5, 12) : STORY_DAYS;
}

static void tell_product(struct story *story, struct arena *a, uint64_t seed, time_us now, const struct demo_product *p)
{
	const struct fate *fate = fate_of(p);
	time_us first = now - now % DAYS_US(1) - DAYS_US(STORY_DAYS - 1);
	struct telling t = {.arena = a, .story = story, .chance = seed ^ text_hash(text_from(p->name), 0), .now = now, .product = p};
	t.until = fate ? now - TODAY : now;
	t.minor = p->minor, t.builds = between(&t.chance, 120, 2400);
	t.repository = text_from(arena_printf(a, "%s/%s", p->group, p->name));
	time_us at = first + MINUTES_US(7 * 60) + minutes_between(&t.chance, 0, 120);
	release(&t, (struct release){.certain = true, .urgent = is_weekend(at)}, at);
	int days = fate ? STORY_DAYS : last_day(&t);
	for (int day = 1; day < days; day++) tell_day(&t, first + DAYS_US(day));
	if (days < STORY_DAYS) release(&t, (struct release){.certain = true}, first + DAYS_US(days) + MINUTES_US(8 * 60));
	if (fate) tell_today(&t, fate);
}

static int compare_events(const void *a, const void *b)
{
	const struct story_event *x = a, *y = b;
	if (x->received != y->received) return x->received < y->received ? -1 : 1;
	if (x->fields.occurred_at != y->fields.occurred_at) return x->fields.occurred_at < y->fields.occurred_at ? -1 : 1;
	int by_product = text_compare(x->fields.product_name, y->fields.product_name);
	return by_product ? by_product : text_compare(x->fields.invoke_id, y->fields.invoke_id);
}

struct story story_make(struct arena *a, uint64_t seed, time_us now)
{
	struct story story = {.events = arena_array_of(a, struct story_event, STORY_MOST)};
	for (size_t i = 0; i < DEMO_PRODUCTS; i++) tell_product(&story, a, seed, now, &DEMO_PRODUCT_TABLE[i]);
	qsort(story.events, story.count, sizeof *story.events, compare_events);
	return story;
}
