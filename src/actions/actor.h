/* Who does something: the account it is done in, and how the logs name the one who asked. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct actor {
	int64_t account;
	struct text label; /* "api_key:k1", "user:ada@example.com", "admin command" */
	struct text credential; /* by what it came: "api_key:k1", "session:ID", "token:ID", "command line" */
	struct text user_id; /* absent for a key */
	struct text request_id; /* absent without a request */
};
