/* Jobs of one transaction that take turns on its connection, so that what each asks the server travels together with what the others ask.
 * The idea stands at the head of turns.c. Private to this room. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

enum { MOST_TURNS = 128 };

struct db;
struct fiber;
struct turn {
	/* Given */
	void (*run)(struct turn *t, struct db *db);
	uint64_t key; /* turns of one key run one after the other, in their order */
	/* What became of it */
	bool ran; /* false: the transaction had failed before, or the one before it with the same key was refused a lock */
	bool lock_refused; /* set by the driver: it wrote nothing, and the transaction is as good as without it */
	uint64_t changed; /* rows that it wrote */
	/* The turns' own */
	struct turn *after; /* the next one with the same key */
	struct fiber *fiber;
	enum rc sticky; /* its db's sticky failure while it rests */
};

/* In a transaction: runs all of them, at most MOST_TURNS. Behind it db_failure() is the transaction's. Only where driver->round is. */
void turns_run(struct db *db, struct turn **turns, size_t count);
/* For a driver, inside of a turn: rests until the answers to all that has been sent are read. RC_OK, or the failure of the transaction, or
 * RC_AGAIN when this turn was refused a lock. */
enum rc turn_rest(struct db *db);

struct turns;
void turns_free(struct turns *t); /* NULL is fine */
