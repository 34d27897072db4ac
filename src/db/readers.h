/* A pool of reader threads, each with its own connections: the place where a request may wait for the store. With a replica, jobs read there
 * while it is good for it, and from the primary otherwise (replica.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

struct db;
struct reader_pool;

struct reader_job {
	/* On a pool thread. In a read transaction (one consistent picture) unless `bare`. With a replica it may be run twice, from the
	 * beginning: what the replica failed to read is read from the primary. */
	void (*run)(struct reader_job *job, struct db *db);
	/* Directly after, on the same thread, when the transaction has ended. RC_UNAVAILABLE when none could be begun (run was not
	 * called). */
	void (*done)(struct reader_job *job, enum rc outcome);
	bool bare; /* run without a transaction: the job does its own work, such as feeding the commit pipeline */
	bool current; /* must see what is committed: never from a replica. So are bare ones */
	struct reader_job *next; /* the pool's */
};

struct reader_options {
	const char *location;
	const char *replica; /* another location, or NULL. Need not be reachable */
	size_t threads, queue_jobs;
};
enum rc readers_start(const struct reader_options *options, struct reader_pool **ret, struct err *err) must_check;
enum rc readers_submit(struct reader_pool *p, struct reader_job *job) must_check; /* RC_FULL, RC_UNAVAILABLE once stopping */
void readers_stop(struct reader_pool *p); /* runs what is queued, joins, closes */
uint64_t readers_waiting(struct reader_pool *p);

struct reader_stats {
	bool has_replica, replica_here; /* as of the last read */
	uint64_t from_replica, from_primary; /* jobs */
	uint64_t repeated; /* jobs of from_primary that a replica had begun and failed */
};
struct reader_stats readers_stats(struct reader_pool *p);
