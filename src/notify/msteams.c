/* The channel type msteams: a message as an Adaptive Card, for a Teams workflow that waits for a webhook.
 *
 * Teams reads Markdown in TextBlock and FactSet, and its clients disagree about backslashes. So what users wrote stands in TextRuns only,
 * which take text as it is: a row of columns for each field in place of a FactSet, and a block for each line of an error, because not
 * all clients break lines within a run. */
#include "base/buf.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "notify/channel_type.h"
#include "notify/message.h"

#define LIMIT_CARD ((size_t)28000) /* bytes: Teams takes 28 KB */
#define PACE_US INT64_C(250000)
enum { BURST = 4, LINE_MOST = 255 };
#define ELLIPSIS "…"

/* How much of an error is told. The last row fits for certain: all fields, the error and all links at their longest, in characters of four
 * bytes, are 21,000 bytes, and what stands around them less than 6,500. */
static const struct size {
	size_t characters, lines;
} ERROR_SIZES[] = {{8000, 80}, {4000, 40}, {800, 15}};

/* ---- blocks ---- */

struct run {
	const char *size, *font; /* NULL: default */
	bool subtle;
};
static const struct run RUN_PLAIN = {0}, RUN_LABEL = {.subtle = true}, RUN_ERROR = {.size = "Small", .font = "Monospace"},
						RUN_CONTEXT = {.size = "Small", .subtle = true};

static void put_member(struct json_out *j, const char *key, const char *value)
{
	if (value) json_put_cstr(j, key, value);
}

static void put_run(struct json_out *j, const struct run *run, const char *spacing, struct text t)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "RichTextBlock");
	put_member(j, "spacing", spacing);
	json_put_array(j, "inlines");
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "TextRun");
	json_put_text(j, "text", t);
	put_member(j, "size", run->size);
	put_member(j, "fontType", run->font);
	if (run->subtle) json_put_bool(j, "isSubtle", true);
	json_end(j);
	json_end(j);
	json_end(j);
}

/* The only TextBlocks: the words in them are ours. */
static void put_heading(struct json_out *j, struct text t, const char *size, const char *colour)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "TextBlock");
	json_put_text(j, "text", t);
	json_put_cstr(j, "size", size);
	json_put_cstr(j, "weight", "Bolder");
	json_put_cstr(j, "color", colour);
	json_put_bool(j, "wrap", true);
	json_end(j);
}

static void put_column(struct json_out *j, const char *width, const struct run *run, struct text t)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "Column");
	json_put_cstr(j, "width", width);
	json_put_array(j, "items");
	put_run(j, run, NULL, t);
	json_end(j);
	json_end(j);
}

static void put_field(struct json_out *j, const struct message_field *f, const char *spacing)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "ColumnSet");
	put_member(j, "spacing", spacing);
	json_put_array(j, "columns");
	put_column(j, "100px", &RUN_LABEL, text_from(f->label));
	put_column(j, "stretch", &RUN_PLAIN, f->value);
	json_end(j);
	json_end(j);
}

static void put_error(struct json_out *j, struct text error, size_t most_lines)
{
	struct text line;
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "Container");
	json_put_cstr(j, "style", "attention");
	json_put_array(j, "items");
	for (size_t i = 0; i < most_lines && text_split(&error, '\n', &line); i++) {
		bool cut = i + 1 == most_lines && error.p;
		if (text_trim(line).n || cut) put_run(j, &RUN_ERROR, i ? "None" : NULL, cut ? TEXT(ELLIPSIS) : line);
	}
	json_end(j);
	json_end(j);
}

static void put_links(struct json_out *j, const struct message *m)
{
	json_put_array(j, "actions");
	for (size_t i = 0; i < m->link_count; i++) {
		json_put_object(j, NULL);
		json_put_cstr(j, "type", "Action.OpenUrl");
		json_put_cstr(j, "title", m->links[i].label);
		json_put_text(j, "url", m->links[i].url);
		json_end(j);
	}
	json_end(j);
}

/* ---- the card ---- */

static const char *colour_of(enum event_success success)
{
	static const char *const colours[] = {[SUCCESS_NOT_SAID] = "default", [SUCCESS_YES] = "good", [SUCCESS_NO] = "attention"};
	return colours[success];
}

static struct text cut(struct delivery *d, struct text t, size_t most, bool keep_lines)
{
	return message_clean(d->arena, t, most, keep_lines);
}

static void put_body(struct json_out *j, struct delivery *d, const struct message *m, const struct size *size)
{
	const char *heading = arena_printf(d->arena, "%s%s%.*s", m->icon, *m->icon ? " " : "", TEXT_ARGS(m->headline));
	json_put_array(j, "body");
	if (d->is_test) put_heading(j, TEXT("This is a test: nothing was deployed."), "Default", "warning");
	put_heading(j, text_from(heading), "Large", colour_of(m->success));
	for (size_t i = 0; i < m->field_count; i++) {
		struct message_field f = {m->fields[i].label, cut(d, m->fields[i].value, LINE_MOST, false)};
		put_field(j, &f, i ? "Small" : NULL);
	}
	if (m->error.n) put_error(j, cut(d, m->error, size->characters, true), size->lines);
	if (m->context.n) put_run(j, &RUN_CONTEXT, NULL, cut(d, m->context, LINE_MOST, false));
	json_end(j);
}

static void put_card(struct json_out *j, struct delivery *d, const struct message *m, const struct size *size)
{
	json_put_object(j, "content");
	json_put_cstr(j, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	json_put_cstr(j, "type", "AdaptiveCard");
	json_put_cstr(j, "version", "1.4");
	json_put_object(j, "msteams");
	json_put_cstr(j, "width", "Full");
	json_end(j);
	put_body(j, d, m, size);
	if (m->link_count) put_links(j, m);
	json_end(j);
}

static void put_message(struct json_out *j, struct delivery *d, const struct message *m, const struct size *size)
{
	json_put_object(j, NULL);
	json_put_cstr(j, "type", "message");
	json_put_array(j, "attachments");
	json_put_object(j, NULL);
	json_put_cstr(j, "contentType", "application/vnd.microsoft.card.adaptive");
	json_put_null(j, "contentUrl");
	put_card(j, d, m, size);
	json_end(j);
	json_end(j);
	json_end(j);
}

static bool body_of(struct delivery *d, struct text *ret)
{
	struct message m = message_of(d->arena, &d->notice, d->type, d->site);
	buf_auto b = BUF_INIT(LIMIT_CARD);
	for (size_t i = 0; i < sizeof ERROR_SIZES / sizeof *ERROR_SIZES; i++) {
		buf_clear(&b);
		struct json_out j = json_out(&b);
		put_message(&j, d, &m, &ERROR_SIZES[i]);
		if (buf_failed(&b)) continue;
		*ret = text_copy(d->arena, buf_view(&b));
		return true;
	}
	return false;
}

static enum rc compose(struct delivery *d, struct outgoing_request *ret, struct err *err)
{
	static const struct outgoing_header headers[] = {{{"Content-Type", 12}, {"application/json", 16}}};
	const char *url = text_cstr(d->arena, config_text(d, "webhook_url"));
	struct text body;
	if (!url) return err_set(err, RC_INVALID, "the channel has no webhook_url");
	if (!body_of(d, &body)) return err_set(err, RC_INVALID, "the message is larger than %zu bytes", LIMIT_CARD);
	*ret = (struct outgoing_request){
		.url = url, .headers = headers, .header_count = sizeof headers / sizeof *headers, .body = body};
	return RC_OK;
}

static const struct config_field CONFIG[] = {
	{.name = "webhook_url", .kind = CONFIG_URL, .required = true, .limit = LIMIT_URL},
	{.name = NULL},
};

const struct channel_type CHANNEL_MSTEAMS = {
	.name = "msteams",
	.config = CONFIG,
	.pace = PACE_US,
	.burst = BURST,
	.compose = compose,
};
