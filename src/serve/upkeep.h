/* What a running server does beside requests: writes down last uses of keys, sessions and tokens, cuts what is no longer kept, and tells the service
 * manager that it lives. One thread; writes go through the commit pipeline. */
#pragma once

#include "actions/retention.h"
#include "base/rc.h"

struct commit_pipeline;
struct keyring;
struct people;
struct upkeep;

struct upkeep_options {
	struct keyring *keyring;
	struct people *people;
	struct commit_pipeline *writer;
	struct retention retention;
};

enum rc upkeep_start(const struct upkeep_options *options, struct upkeep **ret, struct err *err) must_check;
/* Ends the thread after it has written down the last uses. Before the commit pipeline stops. */
void upkeep_stop(struct upkeep *u); /* NULL is fine */
