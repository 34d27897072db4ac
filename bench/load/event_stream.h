/* The stream of deployment events that every side of a comparison gets: 200 products in 5 environments, each place walking through
 * its versions, each version pending, started, success. load/events.lua is the same stream for wrk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_PRODUCTS = 200, STREAM_ENVIRONMENTS = 5, STREAM_PHASES = 3, STREAM_BODY_SIZE = 2048 };

extern const char *const STREAM_ENVIRONMENT[STREAM_ENVIRONMENTS];
extern const char *const STREAM_STATUS[STREAM_PHASES];

struct event_stream {
	const char *run; /* goes into versions and run keys: another run meets no version of this one */
	uint64_t next; /* number of the next event */
	unsigned lane, lanes; /* several streams share the places: place number modulo lanes; lanes 0 is 1 */
};

/* One event, as its parts. */
struct stream_event {
	unsigned product, environment, phase;
	uint32_t build; /* number of the version within the run, from 0 */
	char product_name[16], version[48], scm_repository[64], scm_sha[41], build_number[16], invoke_id[64], build_url[128];
	char extra_metadata[256];
};

void stream_next(struct event_stream *s, struct stream_event *ret);

/* The event as one JSON object without line ends; `bulk` adds "kind". Returns its length. */
size_t stream_body(const struct stream_event *e, bool bulk, char out[static STREAM_BODY_SIZE]);
