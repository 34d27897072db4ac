/* Who does something: the account it is done in, and how the log names the one who asked. */
#pragma once

#include <stdint.h>

#include "base/text.h"

struct actor {
	int64_t account;
	struct text label; /* "api_key:k1" */
};
