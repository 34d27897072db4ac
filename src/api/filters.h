/* The filters of a notification preference, as JSON: what a person sends → what is stored → what is shown. */
#pragma once

#include "api/body.h"
#include "base/arena.h"
#include "base/json_out.h"
#include "base/text.h"

struct json;

/* Reads the member "filters" of a body: lists of texts, a single text for a list of one. Gives compact JSON with
 * the lists that have something, states and types as canonical words, nothing twice. False: *errors has something. */
bool filters_read(struct arena *a, const struct json *given, struct text *ret, struct body_errors *errors);
/* Writes stored filters as the member "filters": every list, empty where all is meant. */
void filters_render(struct json_out *j, struct arena *a, struct text stored);
