/* Blocks of Slack's messages; see the header. */
#include "notify/slack_blocks.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

enum {
	LONGEST_VALUE = 520, /* a name of 255 characters, each of two units */
	LONGEST_CONTEXT = 700,
	LONGEST_PREVIEW = 3000,
	SHORTEST_ERROR = 100,
	AROUND_ERROR = 100, /* the JSON around an error's text */
};

_Static_assert(LIMIT_URL <= 3000, "a button takes no longer URL");

/* ---- blocks ---- */

static void put_words(struct json_out *j, const char *key, const char *type, struct text t)
{
	json_put_object(j, key);
	json_put_cstr(j, "type", type);
	json_put_text(j, "text", t);
	/* URLs and names in it are no links; ":tada:" stays what it is. */
	bool is_mrkdwn = strcmp(type, "mrkdwn") == 0;
	json_put_bool(j, is_mrkdwn ? "verbatim" : "emoji", is_mrkdwn);
	json_end(j);
}

static struct json_out begin_block(struct buf *b, const char *type)
{
	struct json_out j = json_out(b);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "type", type);
	return j;
}

/* UTF-16 units of JSON, and the comma behind it. */
static size_t units_of(struct text json)
{
	size_t size = 1;
	for (size_t i = 0; i < json.n; i++) {
		unsigned char c = (unsigned char)json.p[i];
		size += c >= 0xF0 ? 2 : c < 0x80 || c >= 0xC0;
	}
	return size;
}

static void add_block(struct slack_blocks *b, struct text json)
{
	if (b->count == SLACK_BLOCKS) return;
	b->block[b->count++] = text_copy(b->arena, json);
	b->size += units_of(json);
}

/* The text that is not empty for a person either. */
static bool says_something(struct text t)
{
	return text_trim(t).n > 0;
}

static void add_words(struct slack_blocks *b, const char *block_type, const char *text_type, struct text t)
{
	if (!says_something(t)) return;
	buf_auto out = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = begin_block(&out, block_type);
	put_words(&j, "text", text_type, t);
	json_end(&j);
	add_block(b, buf_view(&out));
}

void slack_add_header(struct slack_blocks *b, struct text plain)
{
	add_words(b, "header", "plain_text", slack_escape(b->arena, plain, SLACK_HEADER));
}

void slack_add_section(struct slack_blocks *b, struct text mrkdwn)
{
	add_words(b, "section", "mrkdwn", mrkdwn);
}

void slack_add_context(struct slack_blocks *b, struct text mrkdwn)
{
	if (!says_something(mrkdwn)) return;
	buf_auto out = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = begin_block(&out, "context");
	json_put_array(&j, "elements");
	put_words(&j, NULL, "mrkdwn", mrkdwn);
	json_end(&j);
	json_end(&j);
	add_block(b, buf_view(&out));
}

void slack_add_error(struct slack_blocks *b, struct text error, size_t reserved)
{
	size_t taken = b->size + reserved + AROUND_ERROR;
	if (!says_something(error) || taken + SHORTEST_ERROR > SLACK_MESSAGE) return;
	size_t room = SLACK_MESSAGE - taken;
	slack_add_section(b, slack_code(b->arena, error, room < SLACK_SECTION ? room : SLACK_SECTION));
}

void slack_put_blocks(struct json_out *j, const struct slack_blocks *b)
{
	json_put_array(j, "blocks");
	for (size_t i = 0; i < b->count; i++) json_put_raw(j, NULL, b->block[i]);
	json_end(j);
}

/* ---- the blocks of a message ---- */

static bool has_entity(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (strchr("&<>", t.p[i])) return true;
	return false;
}

/* A value that would format something is plain text, which shows it as it is. With one of & < > it cannot be that, because it
 * is not said whether Slack reads entities there. */
static void put_field(struct json_out *j, struct arena *a, const struct message_field *f)
{
	struct text exact = slack_escape(a, f->value, LONGEST_VALUE), inert = slack_inert(a, f->value, LONGEST_VALUE);
	bool is_plain = !text_equal(exact, inert) && !has_entity(f->value);
	struct text t = text_from(
		is_plain ? arena_printf(a, "%s\n%s", f->label, exact.p) : arena_printf(a, "*%s*\n%s", f->label, inert.p));
	put_words(j, NULL, is_plain ? "plain_text" : "mrkdwn", t);
}

static void add_fields(struct slack_blocks *b, const struct message *m)
{
	if (!m->field_count) return;
	buf_auto out = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = begin_block(&out, "section");
	json_put_array(&j, "fields");
	for (size_t i = 0; i < m->field_count; i++) put_field(&j, b->arena, &m->fields[i]);
	json_end(&j);
	json_end(&j);
	add_block(b, buf_view(&out));
}

static void put_button(struct json_out *j, struct arena *a, const struct message_link *link, size_t number)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "button");
	json_put_cstr(j, "action_id", arena_printf(a, "link_%zu", number));
	put_words(j, "text", "plain_text", text_from(link->label));
	json_put_text(j, "url", link->url);
	json_end(j);
}

static void add_buttons(struct slack_blocks *b, const struct message *m)
{
	if (!m->link_count) return;
	buf_auto out = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = begin_block(&out, "actions");
	json_put_array(&j, "elements");
	for (size_t i = 0; i < m->link_count; i++) put_button(&j, b->arena, &m->links[i], i + 1);
	json_end(&j);
	json_end(&j);
	add_block(b, buf_view(&out));
}

/* State, duration, and the page where there is one. */
static void add_context_line(struct slack_blocks *b, const struct message *m)
{
	struct text words = slack_inert(b->arena, m->context, LONGEST_CONTEXT), link = TEXT_ABSENT;
	if (m->link_count && strcmp(m->links[0].label, "View") == 0)
		link = slack_link(b->arena, m->links[0].url, "Open in Versioner");
	const char *between = words.n && link.n ? " \xC2\xB7 " : "";
	slack_add_context(b, text_from(arena_printf(b->arena, "%.*s%s%.*s", TEXT_ARGS(words), between, TEXT_ARGS(link))));
}

static struct text first_line(struct text t)
{
	struct text line = t;
	text_split(&t, '\n', &line);
	return text_trim(line);
}

/* ---- a message ---- */

void slack_put_preview(struct json_out *j, struct arena *a, struct text plain)
{
	json_put_text(j, "text", slack_escape(a, plain, LONGEST_PREVIEW));
}

void slack_put_message(struct json_out *j, struct arena *a, const struct message *m, bool is_test, enum slack_error error)
{
	const char *prefix = is_test ? "Test: " : "", *gap = *m->icon ? " " : "";
	struct slack_blocks b = {.arena = a}, rest = {.arena = a};
	slack_add_header(&b, text_from(arena_printf(a, "%s%s%s%.*s", prefix, m->icon, gap, TEXT_ARGS(m->headline))));
	add_fields(&b, m);
	add_buttons(&rest, m);
	add_context_line(&rest, m);
	slack_add_error(&b, error == SLACK_ERROR_WHOLE ? m->error : first_line(m->error), rest.size);
	for (size_t i = 0; i < rest.count; i++) add_block(&b, rest.block[i]);
	slack_put_preview(j, a, text_from(arena_printf(a, "%s%.*s", prefix, TEXT_ARGS(m->summary))));
	slack_put_blocks(j, &b);
}

void slack_put_details(struct json_out *j, struct arena *a, const struct message *m)
{
	struct slack_blocks b = {.arena = a};
	slack_add_error(&b, m->error, 0);
	slack_put_preview(j, a, m->error);
	slack_put_blocks(j, &b);
}
