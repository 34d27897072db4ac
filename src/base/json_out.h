/* Writing JSON straight into a buffer: no tree, no allocation for a value. Commas are put by the writer.
 *
 *   struct json_out j = json_out(&buf);
 *   json_put_object(&j, NULL);
 *     json_put_text(&j, "name", name);          // absent text gives null
 *     json_put_array(&j, "tags"); json_put_int(&j, NULL, 3); json_end(&j);
 *   json_end(&j);
 *
 * `key` is NULL for an array's element and for the top. Keys are literals of the project, not escaped. Text is escaped: quote,
 * backslash, control characters (C0, DEL, C1), and U+2028/9; invalid UTF-8 is the caller's fault. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

struct json_out {
	struct buf *b;
	uint8_t depth;
	bool first[32]; /* no comma before the next value of this level */
	bool is_array[32];
};

struct json_out json_out(struct buf *b);
void json_put_object(struct json_out *j, const char *key);
void json_put_array(struct json_out *j, const char *key);
void json_end(struct json_out *j);
void json_put_text(struct json_out *j, const char *key, struct text t);
void json_put_cstr(struct json_out *j, const char *key, const char *s); /* NULL gives null */
void json_put_int(struct json_out *j, const char *key, int64_t v);
void json_put_real(struct json_out *j, const char *key, double v); /* NaN and infinities give null */
void json_put_bool(struct json_out *j, const char *key, bool v);
void json_put_null(struct json_out *j, const char *key);
void json_put_time(struct json_out *j, const char *key, time_us t); /* TIME_NONE gives null */
void json_put_raw(struct json_out *j, const char *key, struct text compact_json); /* absent gives null */
void json_escape(struct buf *b, struct text t); /* the escaped characters, without quotes */
void json_write_real(struct buf *b, double v); /* shortest digits that read back as v, always with "." or "e"; not finite: null */
