/* The loop: begins requests, waits for their sockets, tells how they ended. */
#include "outgoing/outgoing.h"

#include <limits.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "outgoing/outgoing_private.h"

/* Milliseconds, rounded up: a wait of 300 µs must not become a busy loop, and 0 means "no limit" to the library. */
static long milliseconds(int64_t micros)
{
	if (micros <= 0) return 0;
	return micros / 1000 >= INT_MAX ? INT_MAX : (long)((micros + 999) / 1000);
}

enum rc outgoing_new(const struct outgoing_options *options, struct outgoing **ret, struct err *err)
{
	struct authorities authorities;
	if (options->timeout <= 0) return err_set(err, RC_INVALID, "a request needs a timeout");
	enum rc rc = libcurl_load(err);
	if (rc == RC_OK) rc = authorities_read(options->ca_file, &authorities, err);
	if (rc != RC_OK) return rc;
	struct outgoing *o = mem_zalloc(sizeof *o);
	*o = (struct outgoing){
		.multi = curl_multi_init(),
		.guard = options->guard,
		.authorities = authorities,
		.user_agent = mem_strdup(options->user_agent),
		.timeout_ms = milliseconds(options->timeout),
	};
	if (!o->multi || curl_multi_setopt(o->multi, CURLMOPT_MAXCONNECTS, (long)LIMIT_OUTGOING_CONNECTIONS) != CURLM_OK) {
		outgoing_free(o);
		return err_set(err, RC_FAILED, "the HTTP library does not start");
	}
	*ret = o;
	return RC_OK;
}

static void recycle(struct transfer *t)
{
	struct outgoing *o = t->o;
	if (o->stopping || o->idle_count >= LIMIT_OUTGOING_IDLE) {
		transfer_free(t);
		return;
	}
	transfer_clear(t);
	t->next = o->idle;
	o->idle = t;
	o->idle_count++;
}

static struct transfer *take_idle(struct outgoing *o)
{
	struct transfer *t = o->idle;
	if (!t) return transfer_new(o);
	o->idle = t->next;
	o->idle_count--;
	t->next = NULL;
	return t;
}

enum rc outgoing_send(
	struct outgoing *o, const struct outgoing_request *request, outgoing_done *done, void *context, struct err *err)
{
	if (o->stopping) return err_set(err, RC_UNAVAILABLE, "requests are no longer sent: stopping");
	struct transfer *t = take_idle(o);
	if (!t) return err_set(err, RC_FAILED, "the HTTP library has no memory");
	t->done = done;
	t->context = context;
	t->started = clock_monotonic();
	enum rc rc = transfer_prepare(t, request, err);
	if (rc == RC_OK && curl_multi_add_handle(o->multi, t->easy) != CURLM_OK)
		rc = err_set(err, RC_FAILED, "the HTTP library does not begin the request");
	if (rc != RC_OK) {
		recycle(t);
		return rc;
	}
	t->next = o->under_way;
	if (t->next) t->next->before = t;
	o->under_way = t;
	o->count++;
	return RC_OK;
}

/* done() may send the next request, which takes another record: this one goes back after it. */
static void finish(struct transfer *t, const struct outgoing_answer *answer)
{
	struct outgoing *o = t->o;
	curl_multi_remove_handle(o->multi, t->easy);
	if (t->before)
		t->before->next = t->next;
	else
		o->under_way = t->next;
	if (t->next) t->next->before = t->before;
	o->count--;
	t->done(t->context, answer);
	recycle(t);
}

static void collect(struct outgoing *o)
{
	int left;
	const CURLMsg *message;
	while ((message = curl_multi_info_read(o->multi, &left))) {
		struct transfer *t = NULL;
		if (message->msg != CURLMSG_DONE) continue;
		CURLcode code = message->data.result;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) != CURLE_OK) continue;
		struct outgoing_answer answer = transfer_answer(t, code);
		finish(t, &answer);
	}
}

void outgoing_run(struct outgoing *o, int64_t timeout)
{
	int moving;
	curl_multi_poll(o->multi, NULL, 0, (int)milliseconds(timeout), NULL);
	curl_multi_perform(o->multi, &moving);
	collect(o);
}

void outgoing_wake(struct outgoing *o)
{
	curl_multi_wakeup(o->multi);
}

size_t outgoing_under_way(const struct outgoing *o)
{
	return o->count;
}

void outgoing_free(struct outgoing *o)
{
	if (!o) return;
	o->stopping = true;
	while (o->under_way) {
		struct transfer *t = o->under_way;
		struct outgoing_answer answer = {
			.end = OUTGOING_STOPPED,
			.retry_after = -1,
			.body = TEXT(""),
			.error = "stopped before there was an answer",
			.micros = clock_monotonic() - t->started,
		};
		finish(t, &answer);
	}
	while (o->idle) transfer_free(take_idle(o));
	if (o->multi) curl_multi_cleanup(o->multi);
	authorities_done(&o->authorities);
	free(o->mail_sockets);
	free(o->user_agent);
	free(o);
}
