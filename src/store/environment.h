/* Environments. A deleted one is hidden, not gone: its history is the audit trail. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/environment_type.h"
#include "store/page.h"

struct db;

enum { POSITION_UNSET = -1 };

struct environment {
	struct text id, name, description, extra_metadata;
	enum environment_type type;
	int64_t position; /* chosen by somebody, ≥ 0; POSITION_UNSET: the type decides */
	time_us created_at, updated_at;
};

/* Where it stands in the matrix: its position, else (type + 1) * 1000. */
int64_t environment_rank(const struct environment *e);
/* Matrix order: rank, then name. */
int environment_compare(const struct environment *a, const struct environment *b);

enum rc environment_get(struct db *db, struct arena *a, int64_t account, struct text id, struct environment *ret) must_check;
enum rc environment_find(struct db *db, struct arena *a, int64_t account, struct text name, struct environment *ret) must_check;
enum rc environment_insert(struct db *db, int64_t account, const struct environment *e) must_check;
/* The same, unless there is one with the name. e gets the id and type of what is there now, in the arena. */
enum rc environment_ensure(struct db *db, struct arena *a, int64_t account, struct environment *e) must_check;
enum rc environment_update(struct db *db, int64_t account, const struct environment *e) must_check;
enum rc environment_hide(struct db *db, int64_t account, struct text id, time_us now) must_check;

typedef void environment_each(void *context, const struct environment *e);
/* names: a set (set.h), search: a part of the name (search.h); absent: all; type_or_count ENV_TYPE_COUNT: all. */
enum rc environment_list(struct db *db, struct arena *a, int64_t account, struct text names, struct text search,
	enum environment_type type, const struct page *page, environment_each *each, void *context) must_check;
