/* What a webhook's receiver checks, apart from the request: Standard Webhooks 1.0. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* The value of webhook-signature: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". timestamp: unix seconds. secret:
 * "whsec_" with the base64 of 24 to 64 bytes means those; any other is its own bytes. */
struct text webhook_signature(struct arena *a, struct text secret, struct text id, int64_t timestamp, struct text body);
