/* The table of channel types. How to add one: README.md in this folder.
 *
 * A type says which config it takes, how a notification becomes a request, and what an answer means. Everything else (order, leases, pace,
 * trying again, history) happens around it, in the deliverer. compose() and judge() are pure: they run on the deliverer's thread, touch
 * neither store nor clock, and must not block. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/rc.h"
#include "base/text.h"
#include "domain/delivery.h"
#include "domain/event_type.h"
#include "notify/site.h"
#include "outgoing/outgoing.h"
#include "store/notice.h"

/* ---- config ---- */

enum config_kind {
	CONFIG_URL, /* a destination: outgoing_url_check; shown masked */
	CONFIG_PLAIN, /* text; shown as it is */
	CONFIG_SECRET, /* text; shown as "****" and its last four characters where it has at least 16, else "****" */
	CONFIG_ADDRESSES, /* a list of mail addresses, or one; at most `limit` of them */
	CONFIG_HEADERS, /* an object of header names and values; values shown as "****" */
};

struct config_field {
	const char *name; /* NULL: the end */
	enum config_kind kind;
	bool required;
	size_t limit; /* characters; members */
};

/* ---- a notification on its way ---- */

struct digest_line {
	const struct event_type *type;
	struct notice notice; /* without extra_metadata */
};

struct digest {
	const struct digest_line *lines; /* in order */
	size_t count;
	size_t taken; /* set by compose: how many of them, from the first, this message tells of; at least 1 */
};

struct delivery {
	struct arena *arena; /* of this attempt */
	const struct json *config;
	const struct notify_site *site;
	time_us now; /* of this attempt */
	struct text id; /* of the notification: the same over retries */
	const struct event_type *type;
	struct notice notice;
	bool is_test; /* a sample: the message says so */
	struct digest *digest; /* instead of one notification: only for types that fold */
	int step; /* 0, 1, …: compose is called again after DELIVERY_NEXT_STEP */
	/* A message that this deployment has in the channel already (absent: none); judge sets it, and it is kept over restarts. */
	struct text remote_channel, remote_id;
};

struct channel_type {
	const char *name; /* "slack_webhook" */
	const struct config_field *config;
	int64_t pace; /* microseconds from one request to the next of a channel; 0: none */
	int burst; /* requests that may follow each other at once after a rest; at least 1 where there is a pace */
	size_t fold_above; /* more than so many that wait are told in one message; 0: never */
	bool changes_in_place; /* has remote messages */
	/* RC_INVALID (err says what): it can never be sent; RC_UNAVAILABLE: not now (no mail server is set up). The request and all that it
	 * points to lie in the arena. */
	enum rc (*compose)(struct delivery *d, struct outgoing_request *ret, struct err *err);
	/* NULL: delivery_judge_http. May set d->remote_…, copied into the arena. */
	enum delivery_verdict (*judge)(struct delivery *d, const struct outgoing_answer *answer);
};

/* A row each, in its own file; the table is in channel_type.c. */
extern const struct channel_type CHANNEL_SLACK_WEBHOOK, CHANNEL_SLACK_BOT, CHANNEL_WEBHOOK, CHANNEL_EMAIL, CHANNEL_MSTEAMS;

const struct channel_type *channel_type_find(struct text name); /* NULL: there is none */
const char *channel_type_names(void); /* comma-separated, for the error that lists them; static */

/* ---- config for the front doors ---- */

typedef void config_problem(
	void *context, const char *field, const char *message, const char *error_type); /* field: "config.url" */
/* Checks `given` (what a person sent) and gives the config to store: compact JSON with the type's fields alone, in their order.
 * before: the stored config when it is being changed, else NULL: members that are not given stay, null removes one, and a value that is
 * exactly the masked form of the stored one means that one. Unknown members are problems too. False: there were problems, all of them told. */
bool channel_config_read(struct arena *a, const struct channel_type *type, const struct json *given, const struct json *before,
	const struct notify_site *site, struct text *ret, config_problem *problem, void *context);
/* Writes the config as the member `key`, with secrets masked. */
void channel_config_show(
	struct json_out *j, const char *key, struct arena *a, const struct channel_type *type, const struct json *config);

struct text config_text(const struct delivery *d, const char *name); /* absent: not given */
