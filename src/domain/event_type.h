/* Everything that people and programs can be told of, with the words for it. Source: the table of event types
 * (data/event-types.tsv); deployment.recovered and deployment.rolled_back are ours and stand behind it. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum event_success { SUCCESS_NOT_SAID, SUCCESS_YES, SUCCESS_NO };

struct event_type {
	const char *name; /* "deployment.failed" */
	const char *icon; /* one emoji, or "" */
	const char *headline; /* "Deployment failed" */
	enum event_success success; /* is_successful of a webhook's body */
	bool is_failure; /* bad news: *.failed, deployment.preflight_failed; a digest names these one by one */
};

/* One row an event type: name, icon, headline, success, is_failure. */
#define EVENT_TYPE_TABLE(ROW) \
	ROW("deployment.pending", "⏳", "Deployment queued", SUCCESS_NOT_SAID, false) \
	ROW("deployment.started", "🚀", "Deployment in progress", SUCCESS_NOT_SAID, false) \
	ROW("deployment.completed", "✅", "Deployment succeeded", SUCCESS_YES, false) \
	ROW("deployment.failed", "❌", "Deployment failed", SUCCESS_NO, true) \
	ROW("deployment.aborted", "🛑", "Deployment aborted", SUCCESS_NOT_SAID, false) \
	ROW("deployment.preflight_failed", "⛔", "Deployment blocked", SUCCESS_NO, true) \
	ROW("build.pending", "⏳", "Build queued", SUCCESS_NOT_SAID, false) \
	ROW("build.started", "🔨", "Build in progress", SUCCESS_NOT_SAID, false) \
	ROW("build.completed", "✅", "Build succeeded", SUCCESS_NOT_SAID, false) \
	ROW("build.failed", "❌", "Build failed", SUCCESS_NOT_SAID, true) \
	ROW("build.aborted", "🛑", "Build aborted", SUCCESS_NOT_SAID, false) \
	ROW("dr.created", "", "Deployment request created", SUCCESS_NOT_SAID, false) \
	ROW("dr.activated", "", "Deployment request opened", SUCCESS_NOT_SAID, false) \
	ROW("dr.deactivated", "", "Deployment request reverted to draft", SUCCESS_NOT_SAID, false) \
	ROW("dr.approved", "", "Approval granted", SUCCESS_NOT_SAID, false) \
	ROW("dr.rejected", "", "Approval denied", SUCCESS_NOT_SAID, false) \
	ROW("dr.completed", "", "Deployment request completed", SUCCESS_NOT_SAID, false) \
	ROW("dr.cancelled", "", "Deployment request cancelled", SUCCESS_NOT_SAID, false) \
	ROW("version.approved", "", "Version approved", SUCCESS_NOT_SAID, false) \
	ROW("deployment.recovered", "💚", "Deployment recovered", SUCCESS_YES, false) \
	ROW("deployment.rolled_back", "⏪", "Deployment rolled back", SUCCESS_YES, false)

extern const struct event_type EVENT_TYPES[]; /* ends with a row without a name */
/* "channel.switched_off": of the product itself, told to the admins; nobody can subscribe to it, so it stands apart. */
extern const struct event_type CHANNEL_SWITCHED_OFF;
const struct event_type *event_type_find(struct text name); /* exact, both of these; NULL: there is none */

/* Beside deployment.completed, what a completed deployment also was. */
enum transition { TRANSITION_RECOVERED = 1, TRANSITION_ROLLED_BACK = 2 };
const char *transition_event_type(enum transition t); /* "deployment.recovered" */
const char *transition_name(enum transition t); /* "recovered" */
