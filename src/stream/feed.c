/* A ring of rendered events. */
#include "stream/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "domain/status.h"
#include "stream/place.h"

/* ---- entries ---- */

static struct text put(char **at, struct text t)
{
	if (!t.p) return TEXT_ABSENT;
	struct text copy = {*at, t.n};
	memcpy(*at, t.p, t.n);
	*at += t.n;
	return copy;
}

/* The white space of a foreign payload must not end a line of the stream; inside of strings JSON has none. */
static void put_on_one_line(struct buf *out, size_t from)
{
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r') out->p[i] = ' ';
}

static void write_event(
	struct buf *out, const struct entry *e, const struct logged_event *l, const char *epoch, stream_render *render)
{
	char place[PLACE_SIZE];
	place_format(place, epoch, &e->position);
	buf_printf(out, "id: %s\nevent: %s\ndata: ", place, e->type);
	size_t from = out->n;
	render(out, l);
	put_on_one_line(out, from);
	buf_cstr(out, "\n\n");
}

struct entry *entry_new(const struct logged_event *l, const char *epoch, stream_render *render)
{
	buf_auto out = BUF_INIT(LIMIT_STREAM_EVENT);
	struct entry head = {.holders = 1, .position.order = l->order, .type = event_type_name(l->kind, l->state)};
	if (l->id.n < UUID_SIZE) memcpy(head.position.id, l->id.p, l->id.n);
	write_event(&out, &head, l, epoch, render);
	size_t names = l->product_id.n + l->product_name.n + l->environment_id.n + l->environment_name.n;
	struct entry *e = mem_alloc(sizeof *e + names + out.n);
	char *at = (char *)(e + 1);
	*e = head;
	e->product_id = put(&at, l->product_id);
	e->product_name = put(&at, l->product_name);
	e->environment_id = put(&at, l->environment_id);
	e->environment_name = put(&at, l->environment_name);
	e->bytes = put(&at, buf_view(&out));
	return e;
}

void entry_hold(struct entry *e)
{
	e->holders++;
}

void entry_release(struct entry *e)
{
	if (e && --e->holders == 0) free(e);
}

/* Names are no set's business when they hold a comma; then the id does. */
static bool is_in(struct text set, struct text word)
{
	if (!word.p) return false;
	for (const char *at = set.p, *end = set.p + set.n; at + word.n + 2 <= end; at++) {
		if (*at != ',') continue;
		if (memcmp(at + 1, word.p, word.n) == 0 && at[1 + word.n] == ',') return true;
	}
	return false;
}

bool entry_wanted(const struct entry *e, const struct stream_filter *f)
{
	if (f->types.p && !is_in(f->types, text_from(e->type))) return false;
	if (f->products.p && !is_in(f->products, e->product_id) && !is_in(f->products, e->product_name)) return false;
	return !f->environments.p || is_in(f->environments, e->environment_id) || is_in(f->environments, e->environment_name);
}

/* ---- the ring ---- */

struct feed *feed_new(int64_t account, const struct event_position *now)
{
	struct feed *f = mem_zalloc(sizeof *f);
	f->account = account;
	f->whole_from = f->tail = *now;
	f->entries = mem_zalloc(FEED_ENTRIES * sizeof(struct entry *));
	return f;
}

static void forget_first(struct feed *f)
{
	struct entry *e = f->entries[f->first % FEED_ENTRIES];
	f->whole_from = e->position;
	f->bytes -= e->bytes.n;
	f->first++;
	entry_release(e);
}

void feed_free(struct feed *f)
{
	if (!f) return;
	while (f->first < f->end) forget_first(f);
	free(f->entries);
	free(f);
}

void feed_append(struct feed *f, struct entry *e)
{
	f->entries[f->end++ % FEED_ENTRIES] = e;
	f->bytes += e->bytes.n;
	f->tail = e->position;
	/* One is always kept, however large it is. */
	while (f->end - f->first > 1 && (f->bytes > LIMIT_STREAM_RING || f->end - f->first >= FEED_ENTRIES)) forget_first(f);
}

struct entry *feed_entry(const struct feed *f, uint64_t number)
{
	return f->entries[number % FEED_ENTRIES];
}
