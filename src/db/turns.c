/* Turns.
 *
 * A job asks the store, thinks, asks again, and writes: four or five questions, each of which waits for its answer. Over a network a
 * transaction of many such jobs would be nothing but waiting. But jobs about different things do not need each other's answers. So each runs as a
 * fiber; where it would wait for an answer it rests instead, the next one begins, and when all rest their questions have been sent as one
 * piece, and their answers are read as one piece. A batch costs as many round trips as its longest job has questions, not as all have together.
 *
 *   job a   lock, ask ·rest·        think, ask ·rest·        write, end
 *   job b            lock, ask ·rest·         think, ask ·rest·        write, end
 *   wire    [a b →           ← a b] [a b →           ← a b] [a b →
 *           `---- round 1 -------'  `---- round 2 -------'
 *
 * It is still one transaction on one connection, and one thread: statements come one after the other, nothing happens at the same time. What is
 * different from jobs one by one is that another job's statements may stand between two of one's own. So:
 *
 *   1. Jobs about the same thing have the same key and do not mix: the second begins when the first has ended, and sees what it wrote.
 *   2. Jobs of different keys must be as independent as they have to be anyway where several processes write. When they are not after all (two
 *      of them make the same environment), the one that comes second violates an index, and the batch is applied again, job by job.
 *   3. A statement that fails spoils the transaction for all, as ever: each turn learns of it at its next statement.
 *   4. A lock that another process has concerns one turn only, because it comes before anything that the turn does: that turn ends with
 *      RC_AGAIN, what had the same key and waits behind it is not begun, and the others go on.
 *   5. What the connection keeps for "the transaction so far" (rows written, the sticky failure) is each turn's own while it runs. */
#include "db/turns.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/fiber.h"
#include "db/db_driver.h"

/* Fibers that have no work are kept: their stacks are already there. */
struct turns {
	struct fiber *idle[MOST_TURNS];
	size_t idle_count;
	struct turn *running[MOST_TURNS]; /* begun and not ended, in the order of their beginning */
	size_t running_count;
	uint64_t changed; /* by all of them */
	enum rc failure; /* the transaction's */
};

void turns_free(struct turns *t)
{
	if (!t) return;
	while (t->idle_count > 0) fiber_free(t->idle[--t->idle_count]);
	free(t);
}

static struct turns *turns_of(struct db *db)
{
	if (!db->turns) db->turns = mem_zalloc(sizeof *db->turns);
	return db->turns;
}

/* ---- one turn ---- */

static void turn_main(void *context)
{
	struct db *db = context;

	db->turn->run(db->turn, db);
}

/* Runs it until it rests or ends. Whether it rests. */
static bool go_on(struct turns *all, struct turn *t, struct db *db)
{
	db->turn = t;
	db->changed = t->changed;
	db->sticky = all->failure != RC_OK ? all->failure : t->sticky;
	bool rests = fiber_resume(t->fiber);
	all->changed += db->changed - t->changed;
	t->changed = db->changed;
	t->sticky = db->sticky;
	if (!t->lock_refused && all->failure == RC_OK) all->failure = db->sticky;
	db->turn = NULL;
	return rests;
}

/* Begins t, or what waits behind it, until something rests. */
static void begin(struct turns *all, struct turn *t, struct db *db)
{
	for (; t && all->failure == RC_OK; t = t->after) {
		t->fiber = all->idle_count ? all->idle[--all->idle_count] : fiber_new();
		if (!t->fiber) {
			all->failure = db_fail(db, RC_UNAVAILABLE, "no memory for a job's stack");
			return;
		}
		t->ran = true;
		fiber_start(t->fiber, turn_main, db);
		if (go_on(all, t, db)) {
			all->running[all->running_count++] = t;
			return;
		}
		all->idle[all->idle_count++] = t->fiber;
		if (t->lock_refused) return;
	}
}

/* Everyone who rests goes on, in the order of their beginning; who ends makes room for the next with its key. */
static void next_round(struct turns *all, struct db *db)
{
	size_t count = all->running_count;
	struct turn *rested[MOST_TURNS];

	for (size_t i = 0; i < count; i++) rested[i] = all->running[i];
	all->running_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct turn *t = rested[i];
		if (go_on(all, t, db)) {
			all->running[all->running_count++] = t;
			continue;
		}
		all->idle[all->idle_count++] = t->fiber;
		if (!t->lock_refused) begin(all, t->after, db);
	}
}

enum rc turn_rest(struct db *db)
{
	struct turn *t = db->turn;

	fiber_pause();
	if (t->lock_refused) return db_fail(db, RC_AGAIN, "another transaction has the lock");
	return db->sticky;
}

/* ---- all of them ---- */

/* Hangs each turn behind the one before it with the same key; the others are marked as heads. */
static void chain(struct turn **turns, size_t count, bool *ret_head)
{
	for (size_t i = 0; i < count; i++) {
		size_t before = i;
		turns[i]->after = NULL;
		while (before > 0 && turns[before - 1]->key != turns[i]->key) before--;
		ret_head[i] = before == 0;
		if (before > 0) turns[before - 1]->after = turns[i];
	}
}

void turns_run(struct db *db, struct turn **turns, size_t count)
{
	struct turns *all = turns_of(db);
	bool head[MOST_TURNS];

	chain(turns, count, head);
	all->changed = db->changed;
	all->failure = db->sticky;
	for (size_t i = 0; i < count; i++)
		if (head[i]) begin(all, turns[i], db);
	while (all->running_count > 0) {
		enum rc rc = all->failure == RC_OK ? db->driver->round(db) : all->failure;
		if (all->failure == RC_OK) all->failure = rc;
		next_round(all, db);
	}
	db->changed = all->changed;
	db->sticky = all->failure;
}
