/* Where a listener stands, as the text that it is given and brings back: the `id:` of an event, Last-Event-ID.
 *
 *   EPOCH-ORDER-ID   behind that event
 *   EPOCH-ORDER~ID   before all of that order; the id is no event's, but the time
 *
 * The order means something in its epoch only. Elsewhere the id tells the time. To clients all of it is opaque. */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "base/uuid.h"
#include "store/event_log.h"

enum { PLACE_SIZE = EPOCH_SIZE + 20 + UUID_SIZE + 2 };

struct place_in_stream {
	char epoch[EPOCH_SIZE];
	struct event_position position;
	char time_id[UUID_SIZE]; /* the event's id, or that of the time */
};

void place_format(char ret[static PLACE_SIZE], const char *epoch, const struct event_position *p);
bool place_parse(struct text t, struct place_in_stream *ret); /* false: never one of ours */
