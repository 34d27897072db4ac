/* One message: from the row that is due to a request, and from its answer to what is written down. */
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "notify/answer_text.h"
#include "notify/deliverer_private.h"

void sending_drop(struct lane_work *w)
{
	arena_free(w->sending.arena);
	w->sending = (struct sending){0};
}

/* ---- composing ---- */

static enum rc delivery_of_row(struct sending *s, const struct due_notification *row, struct err *err)
{
	struct delivery *d = &s->delivery;
	d->id = row->n.id;
	d->type = event_type_find(row->n.event_type);
	d->remote_channel = row->remote_channel;
	d->remote_id = s->remote_id = row->remote_id;
	if (!d->type) return err_set(err, RC_INVALID, "this version does not know the event type");
	if (notice_read(s->arena, row->notice, row->extra_metadata, &d->notice) == RC_OK) return RC_OK;
	return err_set(err, RC_INVALID, "the event's snapshot is missing or damaged");
}

/* Rows that cannot be read are left for a message of their own, which says so in the history. */
static enum rc delivery_of_digest(struct sending *s, struct window *v, struct err *err)
{
	struct digest_line *lines = arena_array_of(s->arena, struct digest_line, v->count);
	size_t readable = 0;
	for (; readable < v->count; readable++) {
		const struct due_notification *row = &v->rows[readable];
		lines[readable].type = event_type_find(row->n.event_type);
		if (!lines[readable].type) break;
		if (notice_read(s->arena, row->notice, TEXT_ABSENT, &lines[readable].notice) != RC_OK) break;
	}
	if (readable < 2) {
		v->is_digest = false;
		v->count = 1;
		return delivery_of_row(s, &v->rows[0], err);
	}
	s->digest = (struct digest){.lines = lines, .count = readable, .taken = readable};
	s->delivery.digest = &s->digest;
	s->delivery.id = v->rows[0].n.id;
	s->delivery.type = lines[0].type;
	return RC_OK;
}

static void answered(void *context, const struct outgoing_answer *answer)
{
	lane_answered(context, answer);
}

static enum rc compose_and_send(struct lane_work *w, struct err *err)
{
	struct sending *s = &w->sending;
	struct outgoing_request *request = arena_new_of(s->arena, struct outgoing_request);
	enum rc rc = w->window.type->compose(&s->delivery, request, err);
	if (rc != RC_OK) return rc;
	return outgoing_send(w->deliverer->outgoing, request, answered, w, err);
}

/* ---- what is written down ---- */

static struct text *ids_of(struct lane_work *w, size_t *ret_count)
{
	const struct window *v = &w->window;
	size_t n = w->sending.delivery.digest ? w->sending.digest.taken : 1;
	struct text *ids = arena_array_of(w->sending.arena, struct text, n);
	for (size_t i = 0; i < n; i++) ids[i] = v->rows[v->at + i].n.id;
	*ret_count = n;
	return ids;
}

static uint32_t any_number(void)
{
	uint32_t n;
	random_bytes(&n, sizeof n);
	return n;
}

/* The destination's health, apart from this message's. */
static void record_health(
	struct lane_work *w, struct attempt_record *r, enum delivery_verdict verdict, int64_t retry_after, time_us now)
{
	int64_t failures = verdict == DELIVERY_AGAIN ? w->failures + 1 : verdict == DELIVERY_LATER ? w->failures : 0;
	int64_t pause = verdict == DELIVERY_LATER ? delivery_retry_after(retry_after) : delivery_channel_pause(failures);
	r->pause_lane = failures != w->failures || pause > 0;
	r->failures = w->failures = failures;
	r->not_before = pause > 0 ? now + pause : TIME_NONE;
	w->not_before = r->not_before;
	r->bury_old = verdict == DELIVERY_AGAIN && pause > 0;
}

static const char *const FATES[] = {[RECORD_DELIVERED] = "delivered", [RECORD_PUT_OFF] = "put off", [RECORD_DEAD] = "given up"};

static void tell_log(const struct lane_work *w, const struct attempt_record *r)
{
	const struct due_notification *row = &w->window.rows[w->window.at];
	if (r->fate == RECORD_DELIVERED) return;
	if (r->fate == RECORD_PUT_OFF && row->n.attempts) return; /* the first failure is news, the others are in the history */
	log_warn("a notification was not delivered", LOG_STR("fate", FATES[r->fate]), LOG_TEXT("channel", w->window.channel.name),
		LOG_TEXT("event_type", row->n.event_type), LOG_TEXT("notification", row->n.id), LOG_INT("status", r->outcome.status));
}

static void count(struct lane_work *w, const struct attempt_record *r)
{
	struct type_counts *c = counts_of(w->deliverer, w->window.type->name);
	if (r->fate == RECORD_PUT_OFF) atomic_fetch_add(&c->retried, 1);
	if (r->fate == RECORD_DEAD) atomic_fetch_add(&c->dead, r->id_count);
	if (r->fate != RECORD_DELIVERED) return;
	atomic_fetch_add(&c->delivered, 1);
	atomic_fetch_add(&c->folded, r->id_count - 1);
}

/* The verdict on what was sent, or on what could not be sent. */
static void record_make(
	struct lane_work *w, enum delivery_verdict verdict, const struct outgoing_answer *answer, struct text words, time_us now)
{
	const struct due_notification *row = &w->window.rows[w->window.at];
	struct sending *s = &w->sending;
	struct attempt_record *r = &w->step.record;
	*r = (struct attempt_record){.outcome = {.at = s->at,
									 .duration = answer ? answer->micros : 0,
									 .status = answer && answer->end == OUTGOING_ANSWERED ? answer->status : 0,
									 .answer = words}};
	r->ids = ids_of(w, &r->id_count);
	r->fate = verdict == DELIVERY_DONE ? RECORD_DELIVERED : RECORD_DEAD;
	bool again = verdict == DELIVERY_AGAIN || verdict == DELIVERY_LATER;
	if (again) r->id_count = 1; /* of a digest, the one that carries it: the next digest is another's */
	if (again && !delivery_gives_up(row->n.waiting_since, now)) {
		r->fate = RECORD_PUT_OFF;
		r->due_at = now + (verdict == DELIVERY_LATER ? delivery_retry_after(answer ? answer->retry_after : -1)
													 : delivery_pause(row->n.attempts + 1, any_number()));
	}
	if (verdict == DELIVERY_SWITCH_OFF) r->switch_off = words.n ? words : TEXT("the destination is gone");
	if (!s->delivery.digest && s->delivery.remote_id.p && !text_equal(s->delivery.remote_id, s->remote_id)) {
		r->keep_message = true;
		r->subject_id = row->n.subject_id;
		r->remote_channel = s->delivery.remote_channel;
		r->remote_id = s->delivery.remote_id;
	}
	record_health(w, r, verdict, answer ? answer->retry_after : -1, now);
	tell_log(w, r);
	count(w, r);
}

/* ---- the interface ---- */

bool lane_send(struct lane_work *w, time_us now)
{
	struct window *v = &w->window;
	struct sending *s = &w->sending;
	struct err err = {0};
	sending_drop(w);
	s->arena = arena_new(KIB(16), LIMIT_DELIVERY_ARENA);
	s->at = now;
	s->delivery = (struct delivery){.arena = s->arena, .config = v->config, .site = &w->deliverer->options.site, .now = now};
	enum rc rc = v->is_digest ? delivery_of_digest(s, v, &err) : delivery_of_row(s, &v->rows[v->at], &err);
	if (rc == RC_OK) rc = compose_and_send(w, &err);
	if (rc == RC_OK) return true;
	record_make(w, rc == RC_INVALID ? DELIVERY_DEAD : DELIVERY_AGAIN, NULL, text_copy(s->arena, text_from(err.text)), now);
	return false;
}

static enum delivery_verdict verdict_of(struct lane_work *w, const struct outgoing_answer *answer)
{
	if (answer->end == OUTGOING_FORBIDDEN) return DELIVERY_DEAD;
	if (answer->end != OUTGOING_ANSWERED) return DELIVERY_AGAIN;
	const struct channel_type *type = w->window.type;
	return type->judge ? type->judge(&w->sending.delivery, answer) : delivery_judge_http(answer->status);
}

bool lane_judge(struct lane_work *w, const struct outgoing_answer *answer, time_us now)
{
	struct sending *s = &w->sending;
	struct err err = {0};
	enum delivery_verdict verdict = verdict_of(w, answer);
	if (verdict == DELIVERY_NEXT_STEP) {
		s->delivery.step++;
		enum rc rc = compose_and_send(w, &err);
		if (rc == RC_OK) return false;
		record_make(w, rc == RC_INVALID ? DELIVERY_DEAD : DELIVERY_AGAIN, answer, text_copy(s->arena, text_from(err.text)), now);
		return true;
	}
	record_make(w, verdict, answer, answer_text(s->arena, s->delivery.config, answer), now);
	return true;
}
