/* Libraries that are loaded when they are first needed, so that a command starts without those that it never uses.
 *
 * The room that owns a library has a header named after it, and nothing else includes the library's own. That header has the list of the
 * functions that are used, from which a struct of pointers to them is made, and a #define for each, so that a call reads as if the library
 * were linked. What is called and not in the list does not link; what is in the list and not in the library is said when it is loaded. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"

struct library_function {
	const char *name;
	void *pointer; /* to the pointer that is filled */
};

struct library {
	const char *files[3]; /* with the version of their ABI, ended by NULL: the first one that is there is taken */
	const char *package; /* Debian's, for who lacks it */
	const struct library_function *functions;
	size_t function_count;
	pthread_mutex_t lock;
	atomic_bool loaded;
};

/* Before the first call of one of its functions; from any thread, as often as is convenient. It is never unloaded. */
enum rc library_load(struct library *l, struct err *err) must_check;
