/* Who is woken by what has been committed.
 *
 *   topic    committed here                          heard from another process
 *   outbox   the deliverer, which tells the others   the deliverer
 *            when the lane is not its own
 *   keys     the key watch, and all others           the key watch: keys, users, sessions, tokens
 *   events   the live stream, and the others while   the live stream
 *            one of them has listeners
 *   listens  (it is no commit)                       the live stream: that other has some
 *   joins    (it is no commit)                       the live stream, which answers when it
 *                                                    has listeners itself */
#include "serve/news.h"

#include <string.h>

#include "db/wakeup.h"
#include "notify/deliverer.h"
#include "serve/key_watch.h"
#include "store/signal.h"
#include "stream/hub.h"

static void note_events(struct news *n, struct text account)
{
	uint64_t id;
	if (text_to_u64(account, &id) && id <= INT64_MAX)
		stream_hub_note(n->stream, (int64_t)id);
	else
		stream_hub_note_all(n->stream);
}

static void events_committed(struct news *n, struct text account)
{
	note_events(n, account);
	if (stream_hub_tells_others(n->stream)) wakeup_tell(n->wakeup, TEXT(EVENTS_SIGNAL), account);
}

void news_committed(void *news, const char *topic, struct text payload)
{
	struct news *n = news;
	if (strcmp(topic, EVENTS_SIGNAL) == 0) return events_committed(n, payload);
	if (strcmp(topic, OUTBOX_SIGNAL) == 0) deliverer_signal(n->deliverer, topic, payload);
	if (strcmp(topic, KEYS_SIGNAL) != 0) return;
	key_watch_look(n->keys);
	wakeup_tell(n->wakeup, TEXT(KEYS_SIGNAL), payload);
}

void news_ask_for_events(void *news)
{
	struct news *n = news;
	wakeup_tell(n->wakeup, TEXT(LISTENS_SIGNAL), TEXT(""));
}

void news_tell_outbox(void *news, struct text payload)
{
	struct news *n = news;
	if (payload.p)
		wakeup_tell(n->wakeup, TEXT(OUTBOX_SIGNAL), payload);
	else
		wakeup_tell_everything(n->wakeup);
}

/* A topic that is not known is a newer program's. */
static void heard(void *news, struct text topic, struct text payload)
{
	struct news *n = news;
	if (text_equal(topic, TEXT(OUTBOX_SIGNAL)) && payload.n) deliverer_hear(n->deliverer, payload);
	if (text_equal(topic, TEXT(KEYS_SIGNAL))) key_watch_look(n->keys);
	if (text_equal(topic, TEXT(EVENTS_SIGNAL))) note_events(n, payload);
	if (text_equal(topic, TEXT(LISTENS_SIGNAL))) stream_hub_asked(n->stream);
	if (text_equal(topic, TEXT(JOINS_SIGNAL))) stream_hub_ask_again(n->stream);
}

static void heard_everything(void *news)
{
	struct news *n = news;
	deliverer_hear(n->deliverer, TEXT_ABSENT);
	key_watch_look(n->keys);
	stream_hub_note_all(n->stream);
	/* Who listens may have been among it. */
	stream_hub_ask_again(n->stream);
	wakeup_tell(n->wakeup, TEXT(JOINS_SIGNAL), TEXT(""));
}

static void set_hears(void *news, bool hears)
{
	struct news *n = news;
	deliverer_set_hears(n->deliverer, hears);
	key_watch_set_hears(n->keys, hears);
	stream_hub_set_hears(n->stream, hears);
}

enum rc news_start(struct news *n, const char *location, struct err *err)
{
	const struct wakeup_options o = {
		.location = location, .heard = heard, .everything = heard_everything, .hears = set_hears, .context = n};
	return wakeup_start(&o, &n->wakeup, err);
}

void news_stop(struct news *n)
{
	wakeup_stop(n->wakeup);
	n->wakeup = NULL;
}
