/* Turns: what mixes and what does not, what a refused lock and a failure mean for whom; by a driver that only counts, then by the pipeline on
 * PostgreSQL with several writers. */
#include "item_job.h"

#include <string.h>

#include "base/arena.h"
#include "db/db_driver.h"
#include "db/turns.h"

/* ---- with a driver that only counts ---- */

struct world {
	struct db db; /* the first member */
	int rounds, fail_in; /* the round that fails; 0: none */
	char log[256];
};

static enum rc count_round(struct db *db)
{
	struct world *w = (struct world *)db;

	strcat(w->log, "|");
	w->rounds++;
	return w->rounds == w->fail_in ? db_fail(db, RC_FULL, "full") : RC_OK;
}

static const struct db_driver COUNTING = {.name = "counting", .round = count_round};

struct walker {
	struct turn turn; /* the first member */
	char name;
	int rests;
	uint64_t writes;
	int refused_at; /* the rest in which it is refused its lock; 0: never */
	enum rc told; /* by its last rest */
	bool fails; /* its own statement does, behind its rests */
	uint64_t seen; /* its own count of what it wrote, at its end */
};

static void walk(struct turn *t, struct db *db)
{
	struct walker *me = (struct walker *)t;
	struct world *w = (struct world *)db;

	assert_ptr_equal(db->turn, t);
	for (int i = 1; i <= me->rests && me->told == RC_OK; i++) {
		strncat(w->log, &me->name, 1);
		if (i == me->refused_at) t->lock_refused = true;
		me->told = turn_rest(db);
		if (me->told != RC_OK && db->sticky == RC_OK) db->sticky = me->told; /* as the front does */
	}
	if (me->told != RC_OK) return;
	db->changed += me->writes;
	me->seen = db_changed(db);
	if (me->fails) db->sticky = RC_CONFLICT;
	strncat(w->log, (char[]){(char)(me->name - 'a' + 'A')}, 1);
}

static void run_walkers(struct world *w, struct walker *walkers, size_t count)
{
	struct turn *turns[MOST_TURNS];

	w->db.driver = &COUNTING;
	for (size_t i = 0; i < count; i++) {
		walkers[i].turn.run = walk;
		walkers[i].name = (char)('a' + i);
		turns[i] = &walkers[i].turn;
	}
	turns_run(&w->db, turns, count);
	assert_null(w->db.turn);
	turns_free(w->db.turns);
	w->db.turns = NULL;
}

static void a_round_serves_all(void **state)
{
	(void)state;
	struct world w = {0};
	struct walker walkers[] = {{.turn.key = 1, .rests = 2}, {.turn.key = 2, .rests = 1}, {.turn.key = 3, .rests = 2}};

	run_walkers(&w, walkers, 3);
	assert_string_equal(w.log, "abc|aBc|AC");
	assert_int_equal(w.db.sticky, RC_OK);
}

static void one_key_does_not_mix(void **state)
{
	(void)state;
	struct world w = {0};
	struct walker walkers[] = {{.turn.key = 1, .rests = 2}, {.turn.key = 1}, {.turn.key = 2, .rests = 1},
		{.turn.key = 1, .rests = 1}, {.turn.key = 2, .rests = 1}};

	run_walkers(&w, walkers, 5);
	assert_string_equal(w.log, "ac|aCe|ABdE|D");
	for (int i = 0; i < 5; i++) assert_true(walkers[i].turn.ran);
}

static void each_counts_what_it_wrote(void **state)
{
	(void)state;
	struct world w = {.db.changed = 100};
	struct walker walkers[] = {{.turn.key = 1, .rests = 1, .writes = 5}, {.turn.key = 2, .rests = 2, .writes = 0},
		{.turn.key = 3, .rests = 1, .writes = 7}};

	run_walkers(&w, walkers, 3);
	assert_int_equal(walkers[0].seen, 5);
	assert_int_equal(walkers[1].seen, 0);
	assert_int_equal(walkers[2].turn.changed, 7);
	assert_int_equal(w.db.changed, 112);
}

static void a_refused_lock_is_ones_own(void **state)
{
	(void)state;
	struct world w = {0};
	struct walker walkers[] = {{.turn.key = 1, .rests = 2}, {.turn.key = 2, .rests = 1, .refused_at = 1},
		{.turn.key = 2, .rests = 1}, {.turn.key = 3, .rests = 1}};

	run_walkers(&w, walkers, 4);
	assert_string_equal(w.log, "abd|aD|A");
	assert_int_equal(walkers[1].told, RC_AGAIN);
	assert_false(walkers[2].turn.ran);
	assert_int_equal(w.db.sticky, RC_OK); /* the transaction is as good as before */
}

static void a_failed_round_is_everybodys(void **state)
{
	(void)state;
	struct world w = {.fail_in = 2};
	struct walker walkers[] = {
		{.turn.key = 1, .rests = 3}, {.turn.key = 1, .rests = 1}, {.turn.key = 2, .rests = 2}, {.turn.key = 3}};

	run_walkers(&w, walkers, 4);
	assert_string_equal(w.log, "acD|ac|");
	assert_int_equal(walkers[0].told, RC_FULL);
	assert_int_equal(walkers[2].told, RC_FULL);
	assert_false(walkers[1].turn.ran);
	assert_int_equal(w.db.sticky, RC_FULL);
}

static void a_failed_statement_is_everybodys(void **state)
{
	(void)state;
	struct world w = {0};
	struct walker walkers[] = {{.turn.key = 1, .rests = 1, .fails = true}, {.turn.key = 2, .rests = 2}, {.turn.key = 1}};

	run_walkers(&w, walkers, 3);
	assert_string_equal(w.log, "ab|A");
	assert_int_equal(walkers[1].told, RC_CONFLICT);
	assert_false(walkers[2].turn.ran);
	assert_int_equal(w.db.sticky, RC_CONFLICT);
	assert_int_equal(w.rounds, 1); /* nothing more is asked */
}

/* ---- by the pipeline ---- */

/* Deeds that must come to the same in every order, as many at once as there can be, on several writers. */
static struct commit_stats run_deeds(const struct place *place, const enum deed *deeds, int deed_count)
{
	enum { MANY = 150 };
	const struct commit_options options = {.writers = 3, .queue_jobs = MANY, .batch_jobs = MANY, .batch_time = SECONDS_US(5)};
	struct item_job jobs[MANY];
	struct db *db = place_with_items(place);
	struct commit_pipeline *p;
	struct err err;
	atomic_int left = MANY;

	assert_int_equal(commit_start(db, &options, &p, &err), RC_OK);
	for (int i = 0; i < MANY; i++) {
		jobs[i] = item_job(deeds[i % deed_count], i, &left);
		jobs[i].job.key = i % 7 == 0 ? 0 : commit_key(1, (struct text){(char[]){(char)('a' + i % 13)}, 1});
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	await(&left);
	struct commit_stats stats = commit_stats(p);
	commit_stop(p);
	require_results(place, jobs, MANY);
	return stats;
}

static void all_is_kept(void **state)
{
	static const enum deed DEEDS[] = {KEEP, KEEP, LOOK_AND_UNDO};
	struct commit_stats stats = run_deeds(*state, DEEDS, 3);

	assert_int_equal(stats.reruns, 0);
	assert_int_equal(stats.undone, 50);
	assert_int_equal(stats.waiting, 0);
}

static void deeds_come_to_what_they_must(void **state)
{
	static const enum deed DEEDS[] = {
		KEEP, LOOK_AND_UNDO, KEEP, KEEP, WRITE_AND_UNDO, KEEP, VIOLATE, KEEP, VIOLATE_AND_UNDO, MISUSE};

	run_deeds(*state, DEEDS, 10);
}

struct numbered_job {
	struct item_job item;
	int64_t key, number;
};
SQL_STATEMENT(put_item, "INSERT INTO item (id, note) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET note = excluded.note");
SQL_STATEMENT(note_of, "SELECT note FROM item WHERE id = $1");

/* Reads what the one before it with its key wrote, and writes its own number. */
static enum commit_vote count_on(struct commit_job *base, struct db *db)
{
	struct numbered_job *job = (struct numbered_job *)base;
	struct rows r;
	char note[16] = "";

	db_select(db, &r, &note_of, P_INT(job->key));
	if (rows_next(&r)) snprintf(note, sizeof note, "%.*s", TEXT_ARGS(row_text(&r, "note")));
	if (rows_done(&r) != RC_OK) return COMMIT_UNDO;
	job->item.seen = note[0] ? atoll(note) : 0;
	snprintf(note, sizeof note, "%lld", (long long)job->number);
	return db_exec(db, &put_item, P_INT(job->key), P_CSTR(note)) == RC_OK ? COMMIT_KEEP : COMMIT_UNDO;
}

static void each_sees_the_one_before_it(void **state)
{
	enum { MANY = 400, KEYS = 9 };
	struct numbered_job *jobs = mem_zalloc(MANY * sizeof *jobs);
	struct db *db = place_with_items(*state);
	const struct commit_options options = {.writers = 2, .queue_jobs = MANY, .batch_jobs = 50, .batch_time = SECONDS_US(5)};
	struct commit_pipeline *p;
	struct err err;
	atomic_int left = MANY;

	assert_int_equal(commit_start(db, &options, &p, &err), RC_OK);
	for (int i = 0; i < MANY; i++) {
		jobs[i] = (struct numbered_job){.item = item_job(KEEP, 0, &left), .key = i % KEYS, .number = i / KEYS + 1};
		jobs[i].item.job.apply = count_on;
		jobs[i].item.job.key = commit_key(jobs[i].key, TEXT("counter"));
		assert_int_equal(commit_submit(p, &jobs[i].item.job), RC_OK);
	}
	await(&left);
	commit_stop(p);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(jobs[i].item.outcome, RC_OK);
		assert_int_equal(jobs[i].item.seen, jobs[i].number - 1);
	}
	free(jobs);
}

/* What another process has locked: those jobs wait, in their order, and nobody with them. */
static enum commit_vote lock_and_insert(struct commit_job *base, struct db *db)
{
	struct item_job *job = (struct item_job *)base;

	db_lock(db, job->note);
	return item_apply(base, db);
}

static void only_who_needs_the_lock_waits_for_it(void **state)
{
	enum { MANY = 12 };
	struct db *db = place_with_items(*state), *other = place_open(*state, DB_WRITE);
	struct item_job jobs[MANY];
	atomic_int free_ones = MANY / 2 + 1, locked = MANY / 2;
	sem_t gate;

	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(db_lock(other, TEXT("b")), RC_OK);
	assert_int_equal(items_in(other), 0);
	struct commit_pipeline *p = pipeline(db, 100, 100);
	struct item_job wait = item_job(WAIT, 0, &free_ones);
	sem_init(&gate, 0, 0);
	wait.gate = &gate;
	assert_int_equal(commit_submit(p, &wait.job), RC_OK);
	for (int i = 0; i < MANY; i++) {
		jobs[i] = item_job(KEEP, i, i % 2 ? &locked : &free_ones);
		jobs[i].job.apply = lock_and_insert;
		jobs[i].note = i % 2 ? TEXT("b") : TEXT("a");
		jobs[i].job.key = commit_key(1, jobs[i].note);
		assert_int_equal(commit_submit(p, &jobs[i].job), RC_OK);
	}
	sem_post(&gate);
	await(&free_ones);
	assert_int_equal(atomic_load(&locked), MANY / 2);
	assert_int_equal(items_in(other), MANY / 2);
	db_rollback(other);
	await(&locked);
	for (int i = 1; i < MANY; i += 2) assert_int_equal(jobs[i].seen, MANY / 2 + i / 2);
	assert_int_equal(commit_stats(p).reruns, 0);
	commit_stop(p);
	db_close(other);
	sem_destroy(&gate);
}

struct locker {
	struct turn turn; /* the first member */
	int64_t id;
	enum rc told;
};

static void lock_and_write(struct turn *t, struct db *db)
{
	struct locker *me = (struct locker *)t;
	struct rows r;

	me->told = db_lock(db, TEXT("b"));
	if (me->told == RC_OK) me->told = db_select(db, &r, &count_items);
	if (me->told == RC_OK) (void)rows_next(&r), me->told = rows_done(&r);
	if (me->told == RC_OK) me->told = db_exec(db, &insert_item, P_INT(me->id), P_NULL);
}

/* Two turns of different keys want one lock: that the first has asked for it is not yet to have it. */
static void a_lock_that_another_turn_has_asked_for_is_asked_for_again(void **state)
{
	struct db *db = place_with_items(*state), *other = place_open(*state, DB_WRITE);
	struct locker lockers[] = {
		{.turn = {.run = lock_and_write, .key = 1}, .id = 1}, {.turn = {.run = lock_and_write, .key = 2}, .id = 2}};
	struct turn *turns[] = {&lockers[0].turn, &lockers[1].turn};

	assert_int_equal(db_begin(other), RC_OK);
	assert_int_equal(db_lock(other, TEXT("b")), RC_OK);
	assert_int_equal(items_in(other), 0);
	db->lock_waits = false;
	assert_int_equal(db_begin(db), RC_OK);
	assert_int_equal(db_lock(db, TEXT("a")), RC_OK); /* who has one does not wait for another */
	assert_int_equal(items_in(db), 0);
	turns_run(db, turns, 2);
	for (int i = 0; i < 2; i++) {
		assert_true(lockers[i].turn.ran);
		assert_int_equal(lockers[i].told, RC_AGAIN);
		assert_true(lockers[i].turn.lock_refused);
	}
	assert_int_equal(items_in(db), 0);
	assert_int_equal(db_commit(db), RC_OK);
	db_close(db);
	db_close(other);
}

int main(void)
{
	const struct CMUnitTest counted[] = {
		cmocka_unit_test(a_round_serves_all),
		cmocka_unit_test(one_key_does_not_mix),
		cmocka_unit_test(each_counts_what_it_wrote),
		cmocka_unit_test(a_refused_lock_is_ones_own),
		cmocka_unit_test(a_failed_round_is_everybodys),
		cmocka_unit_test(a_failed_statement_is_everybodys),
	};
	const struct CMUnitTest piped[] = {
		TEST_AT_PLACE(all_is_kept),
		TEST_AT_PLACE(deeds_come_to_what_they_must),
		TEST_AT_PLACE(each_sees_the_one_before_it),
		TEST_AT_PLACE(only_who_needs_the_lock_waits_for_it),
		TEST_AT_PLACE(a_lock_that_another_turn_has_asked_for_is_asked_for_again),
	};
	int failed = cmocka_run_group_tests_name("turns", counted, NULL, NULL);
	return engine_url() ? failed + cmocka_run_group_tests_name("turns on PostgreSQL", piped, NULL, NULL) : failed;
}
