/* Events that could not be sent, kept for the next `track` or `flush`: one file an event in $XDG_STATE_HOME/versioner/spool (else
 * ~/.local/state/versioner/spool), written atomically, mode 0600, sent oldest first.
 *
 * A file's name is "<UUIDv7>.json": names sort by time. It holds {"api_url", "path", "idempotency_key", "body"}: the same body and key as
 * when it was first tried, so that an event that did reach the server is not stored twice. The key of the API is not in it.
 * Senders hold a lock on the folder; writers need none. What is no event any more is renamed to "<name>.corrupt", what the server will
 * never take to "<name>.refused"; both are named, and the others are still sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/rc.h"
#include "base/text.h"
#include "cli/api_client.h"
#include "cli/ci_detect.h"

struct spool {
	char folder[4096];
};

/* Finds the folder's name; makes nothing. RC_INVALID: there is neither XDG_STATE_HOME nor HOME. */
enum rc spool_find(const struct ci_environment *environment, struct spool *ret, struct err *err) must_check;
bool spool_is_empty(const struct spool *p); /* also when there is no folder: one system call */

struct spool_event {
	const char *api_url; /* as api_client_url(): the event is sent to no other server */
	const char *path;
	const char *idempotency_key;
	struct text body;
};
/* On disk when it returns RC_OK; nothing of it is left when it does not. */
enum rc spool_put(const struct spool *p, const struct spool_event *event, struct err *err) must_check;

struct spool_result {
	size_t sent, corrupt, refused;
	size_t left; /* still there, for this server: it did not answer, or did not take the key */
	size_t elsewhere; /* for other servers */
	enum api_end end; /* what stopped it; API_OK: nothing */
	struct text message; /* …; in the arena */
};
/* Sends what is there. `wait`: until another process that sends is done; else RC_UNAVAILABLE at once. Says on `notes` what was set
 * aside. RC_FAILED: the folder cannot be read or locked. */
enum rc spool_send(const struct spool *p, struct api_client *c, struct arena *a, bool wait, FILE *notes, struct spool_result *ret,
	struct err *err) must_check;
