/* Memory of one request, command or delivery: given piece by piece, taken back all at once.
 *
 * Running out of the system's memory ends the process with a log line (what was acknowledged is on disk, and a
 * half-working server is worse than a restart). So is passing the arena's cap, which inputs cannot do: every input
 * has its own limit (base/limits.h), far below. Nothing here returns NULL. Not thread-safe: an arena has one user at a time. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/rc.h"

struct arena;

struct arena *arena_new(size_t first_block, size_t cap);
void arena_free(struct arena *a); /* NULL is fine */
void arena_reset(struct arena *a); /* takes all back, keeps the first block */
void arena_wipe(struct arena *a); /* the same, and what was in it is overwritten: it held secrets */
void *arena_alloc(struct arena *a, size_t size); /* aligned for any type; not zeroed */
void *arena_zalloc(struct arena *a, size_t size);
void *arena_zalloc_array(struct arena *a, size_t size, size_t count); /* also safe when size × count overflows */
void *arena_copy(struct arena *a, const void *bytes, size_t size);
char *arena_printf(struct arena *a, const char *format, ...) printf_like(2, 3);
size_t arena_used(const struct arena *a);

#define arena_new_of(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define arena_array_of(a, type, count) ((type *)arena_zalloc_array((a), sizeof(type), (count)))

/* malloc, calloc and realloc that end the process instead of returning NULL. Freed with free(). */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s);
