/* A chain of blocks from which memory is cut; see the header. The first block stays when the arena is reset.
 *
 * Under AddressSanitizer what was not handed out is poisoned and a gap is left behind each piece, so that running over the
 * end of one, or using it after a reset, is found as it would be with malloc. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"

#ifdef __SANITIZE_ADDRESS__ /* gcc */
#define WITH_ASAN 1
#elif defined __has_feature /* clang */
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { ALIGN = alignof(max_align_t), BLOCK_MAX = 1 << 20 };

struct block {
	struct block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *first;
	struct block *last; /* the one that memory is cut from */
	char *at;
	size_t left; /* bytes behind `at` in the last block */
	size_t used; /* bytes handed out, with what alignment cost */
	size_t cap;
};

static _Noreturn void die(const char *why, size_t size)
{
	log_error(why, LOG_INT("bytes", (int64_t)size));
	abort();
}

static struct block *block_new(size_t size)
{
	struct block *b = mem_alloc(sizeof *b + size);
	b->next = NULL;
	b->size = size;
	return b;
}

static void block_free(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
	free(b);
}

static void cut_from(struct arena *a, struct block *b)
{
	a->last = b;
	a->at = b->bytes;
	a->left = b->size;
	ASAN_POISON_MEMORY_REGION(b->bytes, b->size);
}

struct arena *arena_new(size_t first_block, size_t cap)
{
	struct arena *a = mem_zalloc(sizeof *a);
	a->cap = cap;
	a->first = block_new(first_block < KIB(1) ? KIB(1) : first_block);
	cut_from(a, a->first);
	return a;
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		block_free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a) return;
	free_blocks(a->first);
	free(a);
}

void arena_reset(struct arena *a)
{
	free_blocks(a->first->next);
	a->first->next = NULL;
	a->used = 0;
	cut_from(a, a->first);
}

void arena_wipe(struct arena *a)
{
	struct block *b = a->first;
	do {
		ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
		explicit_bzero(b->bytes, b == a->last ? (size_t)(a->at - b->bytes) : b->size);
	} while ((b = b->next));
	arena_reset(a);
}

/* A piece that fits no ordinary block gets one of its own size. What is left in the old block is given up: blocks double,
 * so that it is never more than half of what was asked from the system. */
static void add_block(struct arena *a, size_t least)
{
	size_t size = a->last->size * 2;
	if (size > BLOCK_MAX) size = BLOCK_MAX;
	if (size < least) size = least;
	struct block *b = block_new(size);
	a->last->next = b;
	cut_from(a, b);
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > a->cap || a->cap - size < a->used) die("an arena passed its cap", size);
	size_t whole = (size + GAP + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
	if (whole < size) die("an arena passed its cap", size);
	if (whole > a->left) add_block(a, whole);
	char *p = a->at;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	a->at += whole;
	a->left -= whole;
	a->used += whole;
	return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

void *arena_zalloc_array(struct arena *a, size_t size, size_t count)
{
	size_t bytes;
	if (__builtin_mul_overflow(size, count, &bytes)) die("an arena passed its cap", SIZE_MAX);
	return arena_zalloc(a, bytes);
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
	void *p = arena_alloc(a, size);
	if (size > 0) memcpy(p, bytes, size);
	return p;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	char small[256];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (n < 0) die("a text could not be formatted", 0);
	if ((size_t)n < sizeof small) return arena_copy(a, small, (size_t)n + 1);
	char *p = arena_alloc(a, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return p;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

void *mem_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p) die("out of memory", size);
	return p;
}

void *mem_zalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);
	if (!p) die("out of memory", size);
	return p;
}

void *mem_realloc(void *p, size_t size)
{
	void *grown = realloc(p, size ? size : 1);
	if (!grown) die("out of memory", size);
	return grown;
}

char *mem_strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	return memcpy(mem_alloc(size), s, size);
}
