/* Runs each file of the given folders (or the given files) through a fuzz target once and says how many there were: a corpus is
 * replayed with any compiler, without a fuzzer. Finding nothing to run is a failure. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void fail(const char *path)
{
	fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
	exit(2);
}

/* The bytes are in a block of exactly their size, so that a sanitizer sees a read behind the end. */
static void replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	if (!f) fail(path);
	uint8_t *bytes = malloc(size ? size : 1);
	if (!bytes || fread(bytes, 1, size, f) != size) fail(path);
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dot(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static size_t replay(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0) fail(path);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return 1;
	}
	struct dirent **entries;
	int n = scandir(path, &entries, no_dot, by_name);
	if (n < 0) fail(path);
	size_t count = 0;
	for (int i = 0; i < n; i++) {
		char *inner = NULL;
		if (asprintf(&inner, "%s/%s", path, entries[i]->d_name) < 0) fail(path);
		count += replay(inner);
		free(inner);
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	for (int i = 1; i < argc; i++) count += replay(argv[i]);
	printf("%zu inputs\n", count);
	return count ? 0 : 1;
}
