/* Where an event belongs, found by names in one round trip: product, version and environment. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/environment_type.h"

struct db;

struct place {
	struct text product_id, version_id, environment_id; /* absent: there is none yet */
	struct text scm_sha, scm_repository; /* of the version */
	enum environment_type environment_type; /* ENV_OTHER where there is no environment yet */
	int64_t notification_revision; /* of the account: preference.h */
};

/* From here to the end of the transaction no other one records an event of the product (what was read of its attempts stays true), or makes the
 * environment. As db_lock. */
enum place_lock { PLACE_PRODUCT, PLACE_ENVIRONMENT };
enum rc place_lock(struct db *db, struct arena *a, int64_t account, enum place_lock what, struct text name);
/* environment_name absent (a build): environment_id stays absent. */
enum rc place_find(struct db *db, struct arena *a, int64_t account, struct text product_name, struct text version,
	struct text environment_name, struct place *ret) must_check;
