/* Any bytes as JSON: they are refused, or what is written back reads back and is written the same again; and the scan before the
 * parser counted the values that the parser made. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t count_values(const struct json *v)
{
	size_t n = 1;
	if (json_kind(v) == JSON_IS_ARRAY)
		for (size_t i = 0; i < json_size(v); i++) n += count_values(json_element(v, i));
	for (struct json_iter i = json_members(v); json_next(&i);) n += count_values(i.value);
	return n;
}

static void check_scan(struct text bytes, const struct json *v)
{
	size_t depth = json_depth(v), values = count_values(v), at;
	if (json_find_excess(bytes, depth, values, &at) != JSON_FITS) abort();
	if (values > 1 && json_find_excess(bytes, depth, values - 1, &at) != JSON_TOO_MANY) abort();
	if (depth > 0 && json_find_excess(bytes, depth - 1, values, &at) != JSON_TOO_DEEP) abort();
}

static struct text written(struct arena *a, struct text bytes, struct buf *out)
{
	const struct json *value = NULL;
	if (json_read(a, bytes, &value, NULL) != RC_OK) return TEXT_ABSENT;
	if (json_kind(value) == JSON_IS_OBJECT) (void)json_number_source(bytes, "version");
	check_scan(bytes, value);
	json_write_value(out, value);
	return buf_view(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *a = arena_new(KIB(4), MIB(64));
	buf_auto first = BUF_INIT(MIB(16)), second = BUF_INIT(MIB(16));
	struct text once = written(a, (struct text){size ? (const char *)bytes : "", size}, &first);
	if (once.p && !buf_failed(&first) && !text_equal(written(a, once, &second), once)) abort();
	arena_free(a);
	return 0;
}
