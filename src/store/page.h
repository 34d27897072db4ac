/* One page of a list. Newest first by id: UUIDv7 sort by time and an insert always comes before what was read, so the cursor (the
 * last id of a page) is stable under concurrent inserts. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct page {
	struct text after; /* the id that this page comes after; absent: the first page */
	int64_t limit; /* rows at most; one more is fetched to know whether there is a next page */
};

/* Greater than every UUID, for the first page. */
static inline struct text page_before(const struct page *p)
{
	return p->after.p ? p->after : TEXT("g");
}
