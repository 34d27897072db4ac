/* Any bytes as JSON: they are refused, or what is written back reads back and is written the same again. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct text written(struct arena *a, struct text bytes, struct buf *out)
{
	const struct json *value = NULL;
	if (json_read(a, bytes, &value, NULL) != RC_OK) return TEXT_ABSENT;
	if (json_kind(value) == JSON_IS_OBJECT) (void)json_number_source(bytes, "version");
	(void)json_depth(value);
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
