/* A failure of an action → the answer. The one place that maps enum rc to HTTP. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"

struct db;
struct http_request;

/* NOT_FOUND 404, DENIED 403, FULL and UNAVAILABLE 503, the rest 500. Takes back what the response held. */
void failure_answer(struct http_request *r, enum rc rc);
/* Whether an action's RC_FULL is a limit of the account, with a sentence, and not the store's. */
bool failure_is_limit(enum rc rc, const struct db *db);
/* 429 to somebody who has failed to log in too often. */
void failure_throttled(struct http_request *r, unsigned seconds);
/* 409 {"detail":sentence,"message":sentence,"error":code}: one client reads detail, the other message, then error. */
void failure_conflict(struct http_request *r, const char *code, const struct err *err);
