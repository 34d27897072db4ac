/* Comparing the derived tables with the event log: `versioner check`. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"

struct db;

enum { CHECK_PROBLEMS_SHOWN = 100 };

struct check {
	uint64_t deployments, builds, cells, events, without_log; /* looked at; without_log: older than what retention keeps */
	uint64_t problems;
	void (*problem)(void *context, const char *sentence); /* called for the first CHECK_PROBLEMS_SHOWN */
	void *context;
};

/* In one read transaction. For each deployment and build: its events, applied again in order, give the state and times that are
 * stored. For each cell of the matrix: the deployments give the same current version and latest attempt. No event without its
 * deployment or build. RC_OK also when problems were found: ask c->problems. */
enum rc check_derived(struct db *db, struct check *c) must_check;
