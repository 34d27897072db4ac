/* The newest events of one account in memory, each rendered once for all who listen, oldest forgotten first. Without locks: the hub's protects
 * it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/event_log.h"

/* What a listener wants; absent: all. Sets are ",a,b,"; products and environments by name or id. */
struct stream_filter {
	struct text types, products, environments;
};

/* An event as it goes out, with what filters look at. Shared: freed when nobody holds it. */
struct entry {
	unsigned holders;
	struct event_position position;
	const char *type; /* static */
	struct text product_id, product_name, environment_id, environment_name;
	struct text bytes;
};

/* Writes the event as one JSON object. */
typedef void stream_render(struct buf *out, const struct logged_event *e);

struct entry *entry_new(const struct logged_event *e, const char *epoch, stream_render *render); /* held once */
void entry_hold(struct entry *e);
void entry_release(struct entry *e); /* NULL is fine */
bool entry_wanted(const struct entry *e, const struct stream_filter *f);

struct feed {
	int64_t account;
	struct feed *next; /* the hub's */
	size_t listeners;
	uint64_t generation; /* of its making: an account's later feed is another one */
	/* Everything between these two has been read; what of it is not in the ring any more is in the store. */
	struct event_position whole_from, tail;
	/* Entries number first … next-1, each at number % FEED_ENTRIES. */
	struct entry **entries;
	uint64_t first, end;
	size_t bytes;
};

enum { FEED_ENTRIES = 4096 };

struct feed *feed_new(int64_t account, const struct event_position *now);
void feed_free(struct feed *f);
void feed_append(struct feed *f, struct entry *e); /* takes it over; behind all that is there */
struct entry *feed_entry(const struct feed *f, uint64_t number); /* of first … end-1 */
