/* Channels, preferences and notifications as JSON. A channel's secrets are masked here. */
#pragma once

#include "base/arena.h"
#include "base/json_out.h"
#include "store/channel.h"
#include "store/notice.h"
#include "store/notification.h"
#include "store/preference.h"

/* The members of each, between json_put_object and json_end of the caller. The arena is for what must be read on the way. */
void render_channel(struct json_out *j, struct arena *a, const struct channel *c);
void render_preference(struct json_out *j, struct arena *a, const struct preference *p);
void render_notification(struct json_out *j, const struct notification *n);
/* "payload": what is told, as it was when the event was recorded; null without a notice. */
void render_payload(struct json_out *j, const struct notice *n);
/* One of "attempt_list". */
void render_attempt(struct json_out *j, int64_t number, const struct attempt_outcome *o);
