/* Many notifications in one Slack message. */
#pragma once

#include "base/arena.h"
#include "base/json_out.h"
#include "notify/channel_type.h"

/* The members text and blocks. Counts by event type; every failure by name; the others by name while there is room. Takes
 * (d->taken) as many lines, from the first, as keep every failure among them named. */
void slack_put_digest(struct json_out *j, struct arena *a, struct digest *d, const struct notify_site *site);
