/* From an answer's status and body to what a user is told. Private to the API client. */
#pragma once

#include "cli/api_client.h"
#include "outgoing/client.h"

/* Fills all of *ret but attempts. */
void api_answer_read(struct arena *a, const struct client_answer *answer, struct api_answer *ret);
/* A sentence of somebody else without control characters but line breaks, cut to LIMIT_CLIENT_MESSAGE. In the arena. */
struct text api_plain_text(struct arena *a, struct text t);
