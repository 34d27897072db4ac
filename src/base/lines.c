/* Lines of a file; see the header. */
#include "base/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

#define CHUNK KIB(256)

struct lines lines_of(int fd, size_t longest)
{
	return (struct lines){.fd = fd, .bytes = BUF_INIT(longest + CHUNK)};
}

void lines_done(struct lines *l)
{
	buf_done(&l->bytes);
}

static void forget_given(struct lines *l)
{
	if (!l->at) return;
	memmove(l->bytes.p, l->bytes.p + l->at, l->bytes.n - l->at);
	l->bytes.n -= l->at;
	l->at = 0;
}

static enum rc read_more(struct lines *l, struct err *err)
{
	ssize_t n;
	if (l->bytes.n + CHUNK > l->bytes.cap)
		return err_set(err, RC_INVALID, "a line is longer than %zu bytes", l->bytes.cap - CHUNK);
	buf_reserve(&l->bytes, CHUNK);
	do n = read(l->fd, l->bytes.p + l->bytes.n, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0) return err_set(err, RC_UNAVAILABLE, "reading: %s", strerror(errno));
	l->ended = n == 0;
	l->bytes.n += (size_t)n;
	l->read += (uint64_t)n;
	return RC_OK;
}

enum rc lines_next(struct lines *l, struct text *ret, struct err *err)
{
	for (size_t searched = 0;;) {
		size_t waiting = l->bytes.n - l->at;
		const char *from = waiting ? l->bytes.p + l->at : NULL;
		const char *newline = waiting > searched ? memchr(from + searched, '\n', waiting - searched) : NULL;
		if (!newline && !l->ended) {
			searched = waiting;
			forget_given(l);
			enum rc rc = read_more(l, err);
			if (rc != RC_OK) return rc;
			continue;
		}
		if (!waiting) return RC_NOT_FOUND;
		*ret = (struct text){from, newline ? (size_t)(newline + 1 - from) : waiting};
		l->at += ret->n;
		return RC_OK;
	}
}
