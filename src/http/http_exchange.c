/* Exchanges are used again, with their arena and buffers, so that a request usually asks the system for no memory. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "http/http_private.h"

#define EXCHANGE_MAGIC 0x45584348u

enum { KEPT_EXCHANGES = 128 };

static struct exchange *exchange_new(void)
{
	struct exchange *x = mem_zalloc(sizeof *x);
	x->r.arena = arena_new(KIB(8), LIMIT_REQUEST_ARENA);
	x->r.response.body = BUF_INIT(LIMIT_RESPONSE);
	x->packed = BUF_INIT(LIMIT_RESPONSE);
	return x;
}

static void exchange_free(struct exchange *x)
{
	buf_done(&x->body);
	buf_done(&x->packed);
	buf_done(&x->r.response.body);
	arena_free(x->r.arena);
	free(x);
}

struct exchange *exchange_take(struct http_server *s)
{
	pthread_mutex_lock(&s->free_lock);
	struct exchange *x = s->free_exchanges;
	if (x) {
		s->free_exchanges = x->next_free;
		s->free_count--;
	}
	pthread_mutex_unlock(&s->free_lock);
	if (!x) x = exchange_new();
	x->server = s;
	x->magic = EXCHANGE_MAGIC;
	return x;
}

/* A large body's memory goes back to the system: the next request is most likely a small one. */
static struct buf buf_kept(struct buf b, size_t cap)
{
	if (b.room > KIB(16)) buf_done(&b);
	buf_clear(&b);
	b.cap = cap;
	return b;
}

static void forget_secrets(struct exchange *x)
{
	struct buf *const buffers[] = {&x->body, &x->packed, &x->r.response.body};
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		if (buffers[i]->p) explicit_bzero(buffers[i]->p, buffers[i]->room);
	arena_wipe(x->r.arena);
}

void exchange_give(struct exchange *x)
{
	struct http_server *s = x->server;
	if (x->r.route && x->r.route->flags & ROUTE_SECRET) forget_secrets(x);
	struct buf body = buf_kept(x->body, 0), packed = buf_kept(x->packed, LIMIT_RESPONSE);
	struct buf answer = buf_kept(x->r.response.body, LIMIT_RESPONSE);
	struct arena *arena = x->r.arena;
	arena_reset(arena);
	*x = (struct exchange){.r.arena = arena, .r.response.body = answer, .body = body, .packed = packed, .next_free = NULL};
	pthread_mutex_lock(&s->free_lock);
	bool keep = s->free_count < KEPT_EXCHANGES;
	if (keep) {
		x->next_free = s->free_exchanges;
		s->free_exchanges = x;
		s->free_count++;
	}
	pthread_mutex_unlock(&s->free_lock);
	if (!keep) exchange_free(x);
}

struct exchange *exchange_checked(void *p)
{
	struct exchange *x = p;
	if (x && x->magic == EXCHANGE_MAGIC) return x;
	log_error("the HTTP library gave back a pointer that is no request");
	abort();
}

void exchanges_free(struct http_server *s)
{
	while (s->free_exchanges) {
		struct exchange *x = s->free_exchanges;
		s->free_exchanges = x->next_free;
		exchange_free(x);
	}
	s->free_count = 0;
}
