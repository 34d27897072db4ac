/* Any bytes as a configuration file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>

#include "base/limits.h"
#include "base/settings_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static enum rc take(void *context, const struct settings_entry *e, struct err *err)
{
	(void)err;
	*(int *)context += e->key && e->line > 0 && (e->count || e->list || !e->values);
	return RC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("settings", MFD_CLOEXEC), taken = 0;
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) abort();
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct arena *a = arena_new(KIB(4), LIMIT_SETTINGS_ARENA);
	struct err err;
	enum rc rc = settings_file_read(path, a, false, take, &taken, &err);
	if (rc != RC_OK && rc != RC_INVALID) abort();
	arena_free(a);
	close(fd);
	return 0;
}
