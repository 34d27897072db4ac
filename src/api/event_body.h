/* An event as JSON → a checked submission. The same for the event endpoints and for each line of the bulk endpoint. */
#pragma once

#include "actions/record_event.h"
#include "api/body.h"

/* `object` was read from `source`. False: *errors has something. ret's texts lie in the arena. */
bool event_body_read(struct arena *a, enum kind kind, struct text source, const struct json *object, time_us received,
	struct submission *ret, struct body_errors *errors);
