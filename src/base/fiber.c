/* Fibers on ucontext. Sanitizers are told of each change of stacks: they keep their books by stack. */
#include "base/fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define ADDRESSES_WATCHED 1
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define RACES_WATCHED 1
#endif

enum { FIBER_STACK = 256 * 1024 };

struct fiber {
	ucontext_t own, resumer;
	char *stack; /* FIBER_STACK bytes behind a guard page; the system gives memory for what is touched */
	size_t guard;
	void (*run)(void *context);
	void *context;
	bool under_way;
	struct fiber *outer; /* the one that resumed this one, if any */
#ifdef ADDRESSES_WATCHED
	void *own_books, *resumer_books;
	const void *resumer_bottom;
	size_t resumer_size;
#endif
#ifdef RACES_WATCHED
	void *own_books, *resumer_books;
#endif
};

static _Thread_local struct fiber *running;

/* ---- what sanitizers want to know ----
 * Always inlined: a function that is entered on one stack must not be left on another. */

static inline __attribute__((always_inline)) void books_open(struct fiber *f)
{
	(void)f;
#ifdef RACES_WATCHED
	f->own_books = __tsan_create_fiber(0);
#endif
}

static inline __attribute__((always_inline)) void books_close(struct fiber *f)
{
	(void)f;
#ifdef RACES_WATCHED
	__tsan_destroy_fiber(f->own_books);
#endif
}

static inline __attribute__((always_inline)) void books_enter(struct fiber *f)
{
	(void)f;
#ifdef ADDRESSES_WATCHED
	__sanitizer_start_switch_fiber(&f->resumer_books, f->stack, FIBER_STACK);
#endif
#ifdef RACES_WATCHED
	f->resumer_books = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(f->own_books, 0);
#endif
}

/* On the fiber's stack, after each way in. */
static inline __attribute__((always_inline)) void books_entered(struct fiber *f)
{
	(void)f;
#ifdef ADDRESSES_WATCHED
	__sanitizer_finish_switch_fiber(f->own_books, &f->resumer_bottom, &f->resumer_size);
#endif
}

static inline __attribute__((always_inline)) void books_leave(struct fiber *f, bool for_ever)
{
	(void)f, (void)for_ever;
#ifdef ADDRESSES_WATCHED
	__sanitizer_start_switch_fiber(for_ever ? NULL : &f->own_books, f->resumer_bottom, f->resumer_size);
	if (for_ever) f->own_books = NULL;
#endif
#ifdef RACES_WATCHED
	__tsan_switch_to_fiber(f->resumer_books, 0);
#endif
}

static inline __attribute__((always_inline)) void books_left(struct fiber *f)
{
	(void)f;
#ifdef ADDRESSES_WATCHED
	__sanitizer_finish_switch_fiber(f->resumer_books, NULL, NULL);
#endif
}

/* ---- the fiber ---- */

struct fiber *fiber_new(void)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, guard + FIBER_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED) return NULL;
	if (mprotect(memory, guard, PROT_NONE) != 0) {
		munmap(memory, guard + FIBER_STACK);
		return NULL;
	}
	struct fiber *f = mem_zalloc(sizeof *f);
	f->guard = guard;
	f->stack = memory + guard;
	books_open(f);
	return f;
}

void fiber_free(struct fiber *f)
{
	if (!f) return;
	if (f->under_way) {
		log_error("a fiber was freed in its middle");
		abort();
	}
	books_close(f);
	munmap(f->stack - f->guard, f->guard + FIBER_STACK);
	free(f);
}

/* Where a fiber's life is spent. makecontext() passes ints, and running says as much. */
static void fiber_main(void)
{
	struct fiber *f = running;

	books_entered(f);
	f->run(f->context);
	f->under_way = false;
	books_leave(f, true);
	setcontext(&f->resumer);
	abort(); /* setcontext has failed: there is no way back */
}

void fiber_start(struct fiber *f, void (*run)(void *context), void *context)
{
	getcontext(&f->own);
	f->own.uc_stack.ss_sp = f->stack;
	f->own.uc_stack.ss_size = FIBER_STACK;
	f->own.uc_link = NULL;
	makecontext(&f->own, fiber_main, 0);
	f->run = run;
	f->context = context;
	f->under_way = true;
}

bool fiber_resume(struct fiber *f)
{
	f->outer = running;
	running = f;
	books_enter(f);
	swapcontext(&f->resumer, &f->own);
	books_left(f);
	running = f->outer;
	return f->under_way;
}

void fiber_pause(void)
{
	struct fiber *f = running;

	books_leave(f, false);
	swapcontext(&f->own, &f->resumer);
	books_entered(f);
}
