/* The cookies of a request (RFC 6265 4.2.1). Pure functions. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* The value of the cookie of that name, a part of `header`. Absent when there is none, when its value is not made of what a value may be made of,
 * or when the name stands twice: which of two is ours cannot be known, and a neighbour on the same host may have set one of them. Other
 * cookies may be as odd as they like. Names are compared byte for byte. */
struct text cookie_find(struct text header, struct text name);
