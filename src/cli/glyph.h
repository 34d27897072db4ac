/* How many columns of a terminal a character takes, and whether it may be written there at all. Independent of the locale.
 * Source: Unicode 14, general categories Mn and Me, and East Asian Width W and F. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct glyph {
	size_t bytes;
	size_t width; /* 0, 1 or 2 */
	/* Not a control character, no mark that turns the direction of writing around or is not seen, no byte that is no UTF-8. What is not
	 * safe is written as GLYPH_UNSAFE, one column. */
	bool safe;
};

#define GLYPH_UNSAFE "·"
#define GLYPH_CUT "…"

/* The character that begins at t.p[at]; at < t.n. */
struct glyph glyph_at(struct text t, size_t at);
