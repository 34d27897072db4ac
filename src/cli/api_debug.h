/* What --debug shows of a request and its answer, on stderr. Private to the API client. */
#pragma once

#include "outgoing/client.h"

/* key: never shown, wherever it stands. */
void api_debug_request(const struct client_request *r, struct text key, int attempt);
void api_debug_answer(const struct client_answer *answer, struct text key);
void api_debug_wait(int64_t micros);

/* t with the key masked wherever it stands, as its account and number alone; t itself where it does not. In the arena. */
struct text api_masked(struct arena *a, struct text t, struct text key);
