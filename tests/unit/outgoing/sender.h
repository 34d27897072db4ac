/* A loop for a test, and what came of its requests. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/outgoing.h"

struct outcome {
	int calls; /* of done() */
	enum outgoing_end end;
	int status;
	char *body; /* owned */
	size_t body_n;
	int64_t retry_after;
	char error[200]; /* empty: none */
};

struct sender {
	struct guard *guard;
	struct outgoing *o;
};

/* exception: one that the guard lets through; NULL: none. */
static inline struct sender sender_open(const char *exception, int64_t timeout, const char *ca_file)
{
	struct sender s = {0};
	struct err err = {0};
	const char *const exceptions[] = {exception, NULL};
	assert_int_equal(guard_new(exceptions, &s.guard, &err), RC_OK);
	struct outgoing_options options = {.guard = s.guard, .ca_file = ca_file, .user_agent = "versioner/test", .timeout = timeout};
	if (outgoing_new(&options, &s.o, &err) != RC_OK) fail_msg("%s", err.text);
	return s;
}

static inline void sender_close(struct sender *s)
{
	outgoing_free(s->o);
	guard_free(s->guard);
}

static inline void outcome_take(void *context, const struct outgoing_answer *a)
{
	struct outcome *out = context;
	out->calls++;
	out->end = a->end;
	out->status = a->status;
	free(out->body);
	out->body = calloc(1, a->body.n + 1);
	memcpy(out->body, a->body.p, a->body.n);
	out->body_n = a->body.n;
	out->retry_after = a->retry_after;
	snprintf(out->error, sizeof out->error, "%s", a->error ? a->error : "");
	assert_true((a->error == NULL) == (a->end == OUTGOING_ANSWERED));
	assert_true(a->micros >= 0);
}

static inline void outcome_done(struct outcome *out)
{
	free(out->body);
	*out = (struct outcome){0};
}

static inline void sender_wait(struct sender *s)
{
	while (outgoing_under_way(s->o)) outgoing_run(s->o, SECONDS_US(1));
}

static inline void sender_send(struct sender *s, const struct outgoing_request *request, struct outcome *out)
{
	struct err err = {0};
	if (outgoing_send(s->o, request, outcome_take, out, &err) != RC_OK) fail_msg("%s", err.text);
	assert_int_equal(out->calls, 0); /* never from there */
}
