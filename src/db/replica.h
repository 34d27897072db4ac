/* Whether a replica is good for reading: what the readers of a pool know of it together. Private to this room.
 *
 *   HERE   every reader reads there           ── cannot be reached, broke, or has another schema ──▶ AWAY
 *   AWAY   nobody does; now and then one of   ── there is a connection, and the schema is ours   ──▶ HERE
 *          them looks whether it is back
 *
 * The pause between two looks grows while the replica does not stay, and with it the one between two lines in the log. A query that the
 * replica's recovery cancelled says nothing about the next one. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"

struct db;

struct replica {
	pthread_mutex_t lock;
	bool here;
	bool told; /* the log has a line about the state that it is in */
	int64_t look_at, pause; /* when AWAY: the next look, and the pause after it */
	int64_t came_at;
};

void replica_init(struct replica *r);
void replica_done(struct replica *r);
bool replica_is_here(struct replica *r);
/* Whether a job is to be read on this connection to it; in a transaction then. False: by the primary. */
bool replica_begin(struct replica *r, struct db *db);
/* The job that replica_begin() began has failed with `rc`; db is not in a transaction any more. */
void replica_failed(struct replica *r, const struct db *db, enum rc rc);
