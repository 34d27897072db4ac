/* A request as the HTTP room hands it to the API, made by hand: no server, no connection. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/app.h"
#include "base/limits.h"

#ifndef COUNT_OF
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#endif

enum { MOST_PARAMS = 8 };

struct made_request {
	struct http_request r;
	struct call call;
	struct http_param params[MOST_PARAMS];
};

/* target: as sent; query: "name=value&name=value", decoded already. Freed with request_free. */
static inline struct made_request *request_of(const char *target, const char *query)
{
	struct made_request *m = mem_zalloc(sizeof *m);
	m->r.arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA);
	m->r.response.body = BUF_INIT(LIMIT_RESPONSE);
	m->r.method = TEXT("GET");
	m->r.target = text_from(target);
	m->r.query = m->params;
	m->r.id = TEXT("test");
	m->call.actor = (struct actor){.account = 1, .label = TEXT("api_key:k1")};
	m->call.request = &m->r;
	m->r.work = &m->call;
	struct text rest = text_from(query), part;
	while (rest.p && text_split(&rest, '&', &part)) {
		assert_true(m->r.query_count < MOST_PARAMS);
		struct http_param *p = &m->params[m->r.query_count++];
		p->value = part;
		assert_true(text_split(&p->value, '=', &p->name));
	}
	return m;
}

static inline void request_free(struct made_request *m)
{
	buf_done(&m->r.response.body);
	arena_free(m->r.arena);
	free(m);
}

static inline const char *answer_of(struct made_request *m)
{
	return text_cstr(m->r.arena, buf_view(&m->r.response.body));
}

static inline struct text answer_header(const struct made_request *m, const char *name)
{
	for (size_t i = 0; i < m->r.response.header_count; i++)
		if (text_is(m->r.response.headers[i].name, name)) return m->r.response.headers[i].value;
	return TEXT_ABSENT;
}
