/* Versions of products. Immutable, but for a commit hash that becomes known or longer. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/status.h"
#include "store/page.h"

struct db;

struct version {
	struct text id, product_id, name, scm_sha, scm_repository;
	time_us created_at;
	struct text product_name; /* joined */
};

enum rc version_get(struct db *db, struct arena *a, int64_t account, struct text id, struct version *ret) must_check;
enum rc version_find(
	struct db *db, struct arena *a, int64_t account, struct text product_id, struct text name, struct version *ret) must_check;
enum rc version_insert(struct db *db, int64_t account, const struct version *v) must_check;
/* Keeps the repository that is known. */
enum rc version_set_source(
	struct db *db, int64_t account, struct text id, struct text scm_sha, struct text scm_repository) must_check;

typedef void version_each(void *context, const struct version *v);
struct version_filter {
	struct text product_ids; /* ",id,id,"; absent: all */
	struct text product_id; /* just one: has an index */
	struct text names; /* set of names or ids */
	struct text search; /* a part of the name (search.h) */
	/* ",completed,failed,": versions that have a build or a deployment in one of these states */
	struct text states;
	time_us since, until;
};
enum rc version_list(struct db *db, struct arena *a, int64_t account, const struct version_filter *f, const struct page *page,
	version_each *each, void *context) must_check;
