/* A byte buffer that grows up to its cap. Passing the cap is sticky and asked once, at the end: buf_failed(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"
#include "base/text.h"

struct buf {
	char *p; /* n bytes, owned; may be NULL while n is 0; not terminated */
	size_t n;
	size_t room;
	size_t cap;
	bool failed; /* something did not fit: the content ends before it */
};

#define BUF_INIT(max) ((struct buf){.cap = (max)})

void buf_done(struct buf *b); /* frees the bytes; the buffer may be used again */
void buf_clear(struct buf *b); /* forgets the content and the failure, keeps the room */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_text(struct buf *b, struct text t);
void buf_cstr(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) printf_like(2, 3);
bool buf_failed(const struct buf *b);
struct text buf_view(const struct buf *b); /* valid until the next change */
#define buf_auto __attribute__((cleanup(buf_done))) struct buf
