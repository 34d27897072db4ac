/* libmicrohttpd 0.9.75 cuts names and values at a NUL, takes a bare LF for a line's end, glues a folded line to the one
 * before, and takes a line that begins with a colon for the end of the fields. Another server in front may read such requests
 * differently, so they are refused, but nothing of it shows in the values. It shows in their places: the library works inside its read buffer and writes NULs over the
 * colon, the CR and the LF. Later versions refuse these requests themselves at the strictness that is asked for, and lay out
 * their buffers in other ways. */
#include "http/http_wire.h"

#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "http/libmicrohttpd.h"

static bool layout_known(void)
{
	return strcmp(MHD_get_version(), "0.9.75") == 0;
}

bool wire_target_whole(const char *target)
{
	return !layout_known() || memcmp(target + strlen(target) + 1, "HTTP/", 5) == 0;
}

/* Between a name and its value stand the colon, written over, and blanks. */
static bool value_follows(struct text name, struct text value)
{
	uintptr_t end = (uintptr_t)name.p + name.n, start = (uintptr_t)value.p;
	if (start <= end || start - end > LIMIT_HEADERS || name.p[name.n] != '\0') return false;
	for (const char *p = name.p + name.n + 1; p < value.p; p++)
		if (*p != ' ' && *p != '\t') return false;
	return true;
}

struct wire wire_begin(const char *method, const char *version)
{
	return (struct wire){method, version + strlen(version)};
}

bool wire_field_whole(struct wire *w, struct text name, struct text value)
{
	if (!layout_known()) return true;
	if (name.p != w->end + 2) return false;
	if (!value_follows(name, value) || value.p[value.n] != '\0' || value.p[value.n + 1] != '\0') return false;
	w->end = value.p + value.n;
	return true;
}

bool wire_head_whole(const struct wire *w, size_t head_size)
{
	return !layout_known() || w->start + head_size == w->end + strlen("\r\n\r\n");
}
