/* A byte buffer that doubles up to its cap; see the header. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

void buf_done(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->cap);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

/* Whether `more` bytes have room now. */
static bool make_room(struct buf *b, size_t more)
{
	if (b->failed) return false;
	if (more <= b->room - b->n) return true;
	if (b->n > b->cap || more > b->cap - b->n) {
		b->failed = true;
		return false;
	}
	size_t room = b->room > b->cap / 2 ? b->cap : b->room * 2;
	if (room < FIRST_ROOM) room = FIRST_ROOM;
	if (room < b->n + more) room = b->n + more;
	if (room > b->cap) room = b->cap;
	b->p = mem_realloc(b->p, room);
	b->room = room;
	return true;
}

void buf_reserve(struct buf *b, size_t more)
{
	make_room(b, more);
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (n == 0 || !make_room(b, n)) return;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
}

void buf_text(struct buf *b, struct text t)
{
	buf_add(b, t.p, t.n);
}

void buf_cstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c)
{
	if (make_room(b, 1)) b->p[b->n++] = c;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	char small[256];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
		return;
	}
	if (!make_room(b, (size_t)n)) return;
	char *whole = mem_alloc((size_t)n + 1); /* vsnprintf wants a byte more for NUL, which the cap may not have */
	va_start(args, format);
	vsnprintf(whole, (size_t)n + 1, format, args);
	va_end(args);
	buf_add(b, whole, (size_t)n);
	free(whole);
}

bool buf_failed(const struct buf *b)
{
	return b->failed;
}

struct text buf_view(const struct buf *b)
{
	return (struct text){b->p ? b->p : "", b->n};
}
