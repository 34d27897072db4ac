/* A sample, sent at once and outside of every lane: somebody presses "test" and waits for what the destination says. */
#include "notify/answer_text.h"
#include "notify/deliverer_private.h"

#include <stdlib.h>

struct sample {
	struct deliverer *deliverer;
	struct deliverer_test *test;
	struct arena *arena;
	struct delivery delivery;
};

static struct notice sample_notice(time_us now)
{
	return (struct notice){.kind = KIND_DEPLOYMENT,
		.state = STATE_COMPLETED,
		.event_id = TEXT("00000000-0000-7000-8000-000000000001"),
		.subject_id = TEXT("00000000-0000-7000-8000-000000000002"),
		.product_id = TEXT("00000000-0000-7000-8000-000000000003"),
		.environment_id = TEXT("00000000-0000-7000-8000-000000000004"),
		.version_id = TEXT("00000000-0000-7000-8000-000000000005"),
		.product_name = TEXT("example-service"),
		.version = TEXT("1.2.3"),
		.environment_name = TEXT("production"),
		.environment_type = ENV_PRODUCTION,
		.actor_name = TEXT("Versioner"),
		.occurred_at = now,
		.deployed_at = now,
		.started_at = now - SECONDS_US(125),
		.ended_at = now};
}

static void sample_end(struct sample *s, enum delivery_verdict verdict, int status, struct text words)
{
	struct deliverer_test *t = s->test;
	t->verdict = verdict;
	t->status = status;
	t->answer = words;
	t->done(t);
	arena_free(s->arena);
	free(s);
}

static void sample_compose(struct sample *s);

static void sample_answered(void *context, const struct outgoing_answer *a)
{
	struct sample *s = context;
	enum delivery_verdict verdict = DELIVERY_AGAIN;
	const struct channel_type *type = s->test->type;
	s->test->micros += a->micros;
	if (a->end == OUTGOING_ANSWERED) verdict = type->judge ? type->judge(&s->delivery, a) : delivery_judge_http(a->status);
	if (verdict != DELIVERY_NEXT_STEP)
		return sample_end(s, verdict, a->end == OUTGOING_ANSWERED ? a->status : 0, answer_text(s->arena, s->delivery.config, a));
	s->delivery.step++;
	sample_compose(s);
}

static void sample_compose(struct sample *s)
{
	struct err err = {0};
	struct outgoing_request *request = arena_new_of(s->arena, struct outgoing_request);
	enum rc rc = s->test->type->compose(&s->delivery, request, &err);
	if (rc == RC_OK) rc = outgoing_send(s->deliverer->outgoing, request, sample_answered, s, &err);
	if (rc != RC_OK) sample_end(s, DELIVERY_DEAD, 0, text_copy(s->arena, text_from(err.text)));
}

static void sample_begin(struct deliverer *d, struct deliverer_test *t)
{
	struct sample *s = mem_zalloc(sizeof *s);
	struct err err = {0};
	time_us now = clock_now();
	*s = (struct sample){.deliverer = d, .test = t, .arena = arena_new(KIB(16), LIMIT_DELIVERY_ARENA)};
	s->delivery = (struct delivery){.arena = s->arena,
		.site = &d->options.site,
		.now = now,
		.id = uuid_text(s->arena),
		.type = event_type_find(TEXT("deployment.completed")),
		.notice = sample_notice(now),
		.is_test = true};
	t->micros = 0;
	if (json_read(s->arena, t->config, &s->delivery.config, &err) != RC_OK)
		return sample_end(s, DELIVERY_DEAD, 0, TEXT("the channel's config is damaged"));
	sample_compose(s);
}

void samples_begin(struct deliverer *d, struct deliverer_test *tests)
{
	struct deliverer_test *next;
	for (; tests; tests = next) {
		next = tests->next;
		sample_begin(d, tests);
	}
}

enum rc deliverer_test(struct deliverer *d, struct deliverer_test *t)
{
	enum rc rc = RC_OK;
	pthread_mutex_lock(&d->lock);
	if (!d->started || atomic_load(&d->quiescing)) rc = RC_UNAVAILABLE;
	if (rc == RC_OK && d->test_count >= TESTS_WAITING) rc = RC_FULL;
	if (rc == RC_OK) {
		t->next = d->tests;
		d->tests = t;
		d->test_count++;
	}
	pthread_mutex_unlock(&d->lock);
	if (rc == RC_OK) outgoing_wake(d->outgoing);
	return rc;
}
