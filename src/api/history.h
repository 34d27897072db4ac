/* Notifications as members of other answers. */
#pragma once

#include "base/json_out.h"
#include "store/notification.h"

struct db;
struct http_request;

/* Writes the newest `most` that the filter lets through as the list `key`, as in the history; with_payload: with what they told. */
enum rc put_notifications(struct http_request *r, struct db *db, struct json_out *j, const char *key,
	const struct notification_filter *f, int64_t most, bool with_payload) must_check;
