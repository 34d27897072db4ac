/* gzip of a whole body, and back. */
#include <zlib.h>

#include "base/limits.h"
#include "http/http_private.h"

enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, BULKY = 1 << 20 };

bool gzip_bytes(struct text plain, struct buf *out)
{
	buf_clear(out);
	/* Less effort for what is bulky: these are JSON lists, which shrink to a tenth at any level. */
	int level = plain.n >= BULKY ? 1 : 5;
	z_stream z = {0};
	if (plain.n > LIMIT_RESPONSE) return false;
	if (deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) return false;
	buf_reserve(out, deflateBound(&z, plain.n));
	bool done = false;
	if (!buf_failed(out)) {
		z.next_in = (z_const Bytef *)(uintptr_t)plain.p;
		z.avail_in = (uInt)plain.n;
		z.next_out = (Bytef *)out->p;
		z.avail_out = (uInt)out->room;
		done = deflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out < plain.n;
		out->n = done ? z.total_out : 0;
	}
	deflateEnd(&z);
	return done;
}

bool gunzip_bytes(struct text gzip, size_t plain, struct buf *out)
{
	z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)gzip.p, .avail_in = (uInt)gzip.n};
	buf_clear(out);
	buf_reserve(out, plain);
	if (buf_failed(out) || inflateInit2(&z, GZIP_WINDOW) != Z_OK) return false;
	z.next_out = (Bytef *)out->p;
	z.avail_out = (uInt)plain;
	bool done = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == plain;
	inflateEnd(&z);
	out->n = done ? plain : 0;
	return done;
}
