/* Making, changing and hiding products and environments by hand, each with its entry in the audit log. (Events make them by themselves:
 * record_event.h.) */
#pragma once

#include <stdint.h>

#include "actions/actor.h"
#include "base/arena.h"
#include "base/rc.h"
#include "store/environment.h"
#include "store/product.h"

struct db;

/* RC_CONFLICT with a sentence when the name is taken. `p` has name, description and extra_metadata; the rest is set. */
enum rc product_create(
	struct db *db, struct arena *a, const struct actor *actor, struct product *p, time_us now, struct err *err) must_check;
/* `p` as product_get gave it, with its changes; it becomes what is stored. RC_CONFLICT when the new name is another's. */
enum rc product_change(
	struct db *db, struct arena *a, const struct actor *actor, struct product *p, time_us now, struct err *err) must_check;
/* Hidden from lists and the matrix; its events and deployments stay. RC_NOT_FOUND. */
enum rc product_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now) must_check;

enum rc environment_create(
	struct db *db, struct arena *a, const struct actor *actor, struct environment *e, time_us now, struct err *err) must_check;
enum rc environment_change(
	struct db *db, struct arena *a, const struct actor *actor, struct environment *e, time_us now, struct err *err) must_check;
enum rc environment_delete(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now) must_check;
