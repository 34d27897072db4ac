/* Parts of names as patterns of LIKE; see the header. */
#include "store/search.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

struct text search_pattern(struct arena *a, struct text part)
{
	if (!part.p) return TEXT_ABSENT;
	struct text lower = text_lower(a, part);
	buf_auto b = BUF_INIT(KIB(8));
	buf_char(&b, '%');
	for (size_t i = 0; i < lower.n; i++) {
		if (strchr("!%_", lower.p[i]) && lower.p[i]) buf_char(&b, '!');
		buf_char(&b, lower.p[i]);
	}
	buf_char(&b, '%');
	return text_copy(a, buf_view(&b));
}
