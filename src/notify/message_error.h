/* What a failure says of itself, without its stack trace. */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "store/notice.h"

/* Code, extra_metadata.error and error_message together, none of them twice; may have several lines. Absent when there is
 * none. */
struct text message_error(struct arena *a, const struct notice *n);
