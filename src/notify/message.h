/* What a message for people says, before it takes the form of a channel: headline, fields, error, links. Plain UTF-8 text:
 * each channel escapes and cuts for itself. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "domain/event_type.h"
#include "notify/site.h"
#include "store/notice.h"

enum { MESSAGE_FIELDS = 8, MESSAGE_LINKS = 4 };

struct message_field {
	const char *label; /* "Product" */
	struct text value; /* never absent or empty */
};

struct message_link {
	const char *label; /* "View", "Logs" */
	struct text url; /* http or https, at most LIMIT_URL bytes, valid UTF-8 without white space */
};

struct message {
	const char *icon; /* "❌", or "" */
	struct text headline; /* "Deployment failed" */
	struct text summary; /* one line for previews and subjects: "Deployment failed: shop 1.4.2 → production" */
	/* product, version, environment, who, branch, short commit: those that are known */
	struct message_field fields[MESSAGE_FIELDS];
	size_t field_count;
	/* Of a failure: extra_metadata.error, error_message, error_code, without a stack trace; may have several lines; absent otherwise. */
	struct text error;
	/* "failed · took 2 min 5 s", and what a completed one also was ("first success after a failure", "rollback from 1.4.3"). */
	struct text context;
	struct message_link links[MESSAGE_LINKS]; /* the first is the page of the deployment or build, where there is a public URL */
	size_t link_count;
	enum event_success success; /* for a colour: yes green, no red, else grey */
	bool is_failure;
};

/* Everything given lies in the arena or in n. */
struct message message_of(struct arena *a, const struct notice *n, const struct event_type *type, const struct notify_site *site);

/* "45 s", "2 min 5 s", "3 h 2 min", "1 d 4 h"; negative gives "0 s". */
struct text message_duration(struct arena *a, int64_t micros);
/* t as valid UTF-8 without control characters (they and U+2028/9 become spaces; with keep_lines newline and tab stay; of CR LF
 * the CR goes), and without the characters that reverse or hide the text around them (U+202A–E, U+2060–F, U+200B–F, U+061C,
 * U+FEFF), cut to at most so many characters with "…" at the end when something was cut. A byte that is no UTF-8 becomes
 * U+FFFD. Absent stays absent. */
struct text message_clean(struct arena *a, struct text t, size_t most_characters, bool keep_lines);
