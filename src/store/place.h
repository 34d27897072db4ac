/* Where an event belongs, found by names in one round trip: product, version and environment. */
#pragma once

#include "base/arena.h"
#include "base/rc.h"
#include "base/text.h"

struct db;

struct place {
	struct text product_id, version_id, environment_id; /* absent: there is none yet */
	struct text scm_sha, scm_repository; /* of the version */
};

/* environment_name absent (a build): environment_id stays absent. */
enum rc place_find(struct db *db, struct arena *a, int64_t account, struct text product_name, struct text version,
	struct text environment_name, struct place *ret) must_check;
