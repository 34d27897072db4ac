/* Any bytes as text: validation, trimming and cutting stay inside and keep what is valid valid. */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct text t = {size ? (const char *)bytes : "", size};
	uint64_t number;
	(void)text_to_u64(t, &number);
	if (!utf8_valid(t)) return 0;
	(void)text_has_control(t, true);
	struct text trimmed = text_trim(t);
	if (!utf8_valid(trimmed) || !text_equal(text_trim(trimmed), trimmed)) abort();
	for (size_t most = 0; most < size && most < 16; most++) {
		size_t cut = utf8_cut(t, most);
		if (cut > most || !utf8_valid((struct text){t.p, cut})) abort();
	}
	if (utf8_length(t) > size) abort();
	return 0;
}
