/* What a destination said, as it may be kept and shown: valid text, cut, and without the channel's own secrets should it echo them. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "outgoing/outgoing.h"

/* The answer's first LIMIT_NOTIFICATION_ANSWER bytes, or the sentence why there was none. Never absent. */
struct text answer_text(struct arena *a, const struct json *config, const struct outgoing_answer *answer);
