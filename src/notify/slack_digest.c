/* A digest for Slack; see the header.
 *
 * First it is settled how many lines are taken, with nothing but their failures in the message. What room is left then lists the
 * others. */
#include "notify/slack_digest.h"

#include "base/buf.h"
#include "base/limits.h"
#include "notify/slack_blocks.h"

enum {
	LONGEST_LINE = 1800, /* three names of 255 characters, each of two units, and a headline */
	AROUND_SECTION = 100, /* the JSON around a section's text */
	NEWLINE = 2,
	/* What is kept free for the header, the counts of every event type, and "and 480 more". */
	RESERVED = 300 + 1700 + 200,
};

struct line {
	struct text words;
	size_t size;
	bool is_failure, is_listed;
};

/* Lines on their way into sections. */
struct room {
	size_t taken; /* of the message */
	size_t section; /* of the section that is being filled */
};

/* False, and nothing changes, when the line does not fit into the message any more. */
static bool room_take(struct room *r, size_t size)
{
	bool is_new = r->section == 0 || r->section + NEWLINE + size > SLACK_SECTION;
	size_t more = size + (is_new ? AROUND_SECTION : NEWLINE);
	if (r->taken + more + RESERVED > SLACK_MESSAGE) return false;
	r->taken += more;
	r->section = is_new ? size : r->section + NEWLINE + size;
	return true;
}

/* "❌ Deployment failed: shop 1.4.2 → production · View" */
static struct line line_of(struct arena *a, const struct digest_line *l, const struct notify_site *site)
{
	struct message m = message_of(a, &l->notice, l->type, site);
	struct text summary = slack_inert(a, m.summary, LONGEST_LINE), link = TEXT_ABSENT;
	if (site->public_url && m.link_count) link = slack_link(a, m.links[0].url, m.links[0].label);
	const char *words = arena_printf(
		a, "%s%s%.*s%s%.*s", m.icon, *m.icon ? " " : "", TEXT_ARGS(summary), link.n ? " \xC2\xB7 " : "", TEXT_ARGS(link));
	struct text t = text_from(words);
	return (struct line){.words = t, .size = slack_size(t), .is_failure = m.is_failure};
}

/* How many lines are taken: all before the first failure that does not fit. */
static size_t take_failures(struct line *lines, size_t count, struct room *r)
{
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].is_failure) continue;
		if (!room_take(r, lines[i].size)) return i;
		lines[i].is_listed = true;
	}
	return count;
}

/* How many are not listed. */
static size_t list_others(struct line *lines, size_t count, struct room *r)
{
	bool full = false;
	size_t left_out = 0;
	r->section = 0;
	for (size_t i = 0; i < count; i++) {
		if (lines[i].is_failure) continue;
		full = full || !room_take(r, lines[i].size);
		lines[i].is_listed = !full;
		left_out += full;
	}
	return left_out;
}

/* The same sections as room_take() reckoned with. */
static void add_lines(struct slack_blocks *b, const struct line *lines, size_t count, bool failures)
{
	buf_auto section = BUF_INIT(KIB(64));
	size_t size = 0;
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].is_listed || lines[i].is_failure != failures) continue;
		if (size && size + NEWLINE + lines[i].size > SLACK_SECTION) {
			slack_add_section(b, buf_view(&section));
			buf_clear(&section);
			size = 0;
		}
		if (size) buf_char(&section, '\n');
		buf_text(&section, lines[i].words);
		size += (size ? NEWLINE : 0) + lines[i].size;
	}
	slack_add_section(b, buf_view(&section));
}

static size_t count_of(const struct digest *d, const struct event_type *type)
{
	size_t n = 0;
	for (size_t i = 0; i < d->taken; i++) n += text_is(text_from(type->name), d->lines[i].type->name);
	return n;
}

static void add_counts(struct slack_blocks *b, const struct digest *d)
{
	buf_auto counts = BUF_INIT(KIB(16));
	for (const struct event_type *t = EVENT_TYPES; t->name; t++) {
		size_t n = count_of(d, t);
		if (n) buf_printf(&counts, "%s%s%s%s: %zu", counts.n ? "\n" : "", t->icon, *t->icon ? " " : "", t->headline, n);
	}
	slack_add_section(b, buf_view(&counts));
}

static struct text notifications(struct arena *a, size_t n)
{
	return text_from(arena_printf(a, "%zu notification%s", n, n == 1 ? "" : "s"));
}

static struct text preview_of(struct arena *a, const struct line *lines, size_t taken)
{
	size_t failures = 0;
	for (size_t i = 0; i < taken; i++) failures += lines[i].is_failure;
	const char *first = notifications(a, taken).p;
	if (!failures) return text_from(first);
	if (taken == 1) return text_from(arena_printf(a, "%s, a failure", first));
	return text_from(arena_printf(a, "%s, %zu of them failure%s", first, failures, failures == 1 ? "" : "s"));
}

void slack_put_digest(struct json_out *j, struct arena *a, struct digest *d, const struct notify_site *site)
{
	struct line *lines = arena_array_of(a, struct line, d->count);
	for (size_t i = 0; i < d->count; i++) lines[i] = line_of(a, &d->lines[i], site);
	struct room room = {0};
	d->taken = take_failures(lines, d->count, &room);
	size_t left_out = list_others(lines, d->taken, &room);

	struct slack_blocks b = {.arena = a};
	slack_add_header(&b, notifications(a, d->taken));
	add_counts(&b, d);
	add_lines(&b, lines, d->taken, true);
	add_lines(&b, lines, d->taken, false);
	if (left_out) slack_add_context(&b, text_from(arena_printf(a, "and %zu more", left_out)));
	slack_put_preview(j, a, preview_of(a, lines, d->taken));
	slack_put_blocks(j, &b);
}
