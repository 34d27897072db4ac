/* Reading the Cookie field. */
#include "http/http_cookie.h"

#include <string.h>

/* cookie-octet: printable ASCII without blank, quote, comma, semicolon and backslash. */
static bool value_allowed(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\') return false;
	}
	return true;
}

struct text cookie_find(struct text header, struct text name)
{
	struct text rest = header, pair, found = TEXT_ABSENT;
	size_t count = 0;
	while (rest.p && text_split(&rest, ';', &pair)) {
		const char *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
		if (!equals) continue;
		size_t before = (size_t)(equals - pair.p);
		if (!text_equal(text_trim_blanks((struct text){pair.p, before}), name)) continue;
		found = text_trim_blanks((struct text){equals + 1, pair.n - before - 1});
		count++;
	}
	return count == 1 && value_allowed(found) ? found : TEXT_ABSENT;
}
