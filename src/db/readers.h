/* A pool of reader threads, each with its own connection: the place where a request may wait for the store. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

struct db;
struct reader_pool;

struct reader_job {
	/* On a pool thread. In a read transaction (one consistent picture) unless `bare`. */
	void (*run)(struct reader_job *job, struct db *db);
	/* Directly after, on the same thread, when the transaction has ended. RC_UNAVAILABLE when none could be begun (run was not
	 * called). */
	void (*done)(struct reader_job *job, enum rc outcome);
	int bare; /* run without a transaction: the job does its own work, such as feeding the commit pipeline */
	struct reader_job *next; /* the pool's */
};

enum rc readers_start(
	const char *location, size_t threads, size_t queue_jobs, struct reader_pool **ret, struct err *err) must_check;
enum rc readers_submit(struct reader_pool *p, struct reader_job *job) must_check; /* RC_FULL, RC_UNAVAILABLE once stopping */
void readers_stop(struct reader_pool *p); /* runs what is queued, joins, closes */
uint64_t readers_waiting(struct reader_pool *p);
