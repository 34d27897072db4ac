/* Any bytes as a time: they are refused, or the time as we write it is the same time. */
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	time_us time, again;
	if (!rfc3339_parse((struct text){size ? (const char *)bytes : "", size}, &time)) return 0;
	char out[RFC3339_SIZE];
	size_t n = rfc3339_format(time, out);
	if (!rfc3339_parse((struct text){out, n}, &again) || again != time) abort();
	return 0;
}
