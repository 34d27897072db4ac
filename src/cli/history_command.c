/* history: the deployments, newest first. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/reading.h"
#include "cli/state_sign.h"
#include "cli/table.h"
#include "domain/status.h"

const char HISTORY_DETAILS[] =
	"Each deployment is one attempt to bring a version of a product into an environment. Filters of\n"
	"several names take any of them; --status takes the words that track takes. For programs there is\n"
	"--json: {\"items\": [...], \"next_cursor\": ...} as of GET /deployments/, up to --limit.\n"
	"\n"
	"Exit codes: 0, also when there are none; 1 no answer, or wrong flags; 4 refused by the server.";

enum column { WHEN, PRODUCT, ENVIRONMENT, VERSION, STATUS, KIND, BY, TOOK, COLUMNS };
static const struct table_column TITLES[COLUMNS] = {
	[WHEN] = {.title = "WHEN"},
	[PRODUCT] = {.title = "PRODUCT", .least = 6},
	[ENVIRONMENT] = {.title = "ENVIRONMENT", .least = 6},
	[VERSION] = {.title = "VERSION", .least = 6},
	[STATUS] = {.title = "STATUS"},
	[KIND] = {.title = "KIND", .least = 4},
	[BY] = {.title = "BY", .least = 4},
	[TOOK] = {.title = "TOOK", .right = true},
};

struct history {
	const struct reading *reading;
	struct arena *page; /* of one answer */
	struct table *table; /* NULL: JSON */
	struct buf out;
	int64_t shown;
	struct text cursor; /* of the next page; absent: there is none */
};

static struct text kept(const struct history *h, const struct json *item, const char *member)
{
	struct text t = json_text(json_member(item, member));
	return t.p ? text_copy(h->reading->arena, t) : TEXT_ABSENT;
}

/* "45s", "3m 20s", "2h 05m"; absent unless both ends are known. */
static struct text took(const struct history *h, const struct json *item)
{
	time_us from, to;
	struct text started = json_text(json_member(item, "started_at")), ended = json_text(json_member(item, "completed_at"));
	if (!started.n || !ended.n || !rfc3339_parse(started, &from) || !rfc3339_parse(ended, &to) || to < from) return TEXT_ABSENT;
	int64_t s = (to - from) / 1000000;
	struct arena *a = h->reading->arena;
	if (s < 60) return text_from(arena_printf(a, "%" PRId64 "s", s));
	if (s < 3600) return text_from(arena_printf(a, "%" PRId64 "m %02" PRId64 "s", s / 60, s % 60));
	return text_from(arena_printf(a, "%" PRId64 "h %02" PRId64 "m", s / 3600, s / 60 % 60));
}

static void add_row(struct history *h, const struct json *item)
{
	struct arena *a = h->reading->arena;
	struct table_cell cells[COLUMNS] = {0};
	cells[WHEN].text = reading_time(a, kept(h, item, "deployed_at"));
	cells[PRODUCT].text = kept(h, item, "product_name");
	cells[ENVIRONMENT].text = kept(h, item, "environment_name");
	cells[VERSION].text = kept(h, item, "version");
	cells[STATUS] = state_cell(a, json_text(json_member(item, "status")), TEXT_ABSENT);
	cells[KIND].text = kept(h, item, "kind");
	cells[KIND].mark = text_is(cells[KIND].text, "rollback") ? TABLE_WARNING : TABLE_PLAIN;
	cells[BY].text = kept(h, item, "deployed_by_name");
	if (!cells[BY].text.n) cells[BY].text = kept(h, item, "deployed_by");
	cells[TOOK].text = took(h, item);
	table_row(h->table, cells);
}

static void add_page(struct history *h, const struct json *page)
{
	const struct json *items = json_member(page, "items");
	for (size_t i = 0; json_kind(items) == JSON_IS_ARRAY && i < json_size(items); i++) {
		if (h->table) {
			add_row(h, json_element(items, i));
		} else {
			if (h->shown) buf_char(&h->out, ',');
			json_write_value(&h->out, json_element(items, i));
		}
		h->shown++;
	}
	h->cursor = kept(h, page, "next_cursor");
}

/* The server's names of states; another word is given as it is, so that the server says what it takes. */
static void add_states(const struct reading *r, struct buf *path)
{
	buf_auto states = BUF_INIT(LIMIT_TARGET);
	for (size_t i = 0; i < setting_count(r->settings, "status"); i++) {
		enum state state;
		struct text word = text_from(setting_item(r->settings, "status", i));
		if (i) buf_char(&states, ',');
		buf_text(&states, status_from_word(KIND_DEPLOYMENT, word, &state) ? text_from(state_name(state)) : word);
	}
	if (states.n) reading_add(path, "status", buf_view(&states));
}

static bool add_filters(const struct reading *r, struct buf *path)
{
	buf_cstr(path, "/deployments/");
	reading_add_list(r, path, "product", "product");
	reading_add_list(r, path, "environment", "environment");
	reading_add_list(r, path, "version", "version");
	reading_add_list(r, path, "deployed-by", "deployed_by");
	add_states(r, path);
	return reading_add_time(r, path, "since") && reading_add_time(r, path, "until");
}

static int print_json(struct history *h)
{
	buf_auto safe = BUF_INIT(LIMIT_CLIENT_ARENA);
	ci_log_json(&safe, buf_view(&h->out));
	buf_clear(&h->out);
	return reading_print(h->reading, &safe);
}

/* Page by page, up to the limit. JSON leaves at once, so that it never has to be in memory as a whole. */
static int read_pages(struct history *h, const struct buf *filters)
{
	int64_t limit = setting_int(h->reading->settings, "limit");
	int code = EXIT_FINE;
	do {
		struct api_answer answer;
		buf_auto path = BUF_INIT(LIMIT_TARGET);
		char number[24];
		snprintf(number, sizeof number, "%" PRId64, limit - h->shown < LIMIT_PAGE ? limit - h->shown : LIMIT_PAGE);
		buf_text(&path, buf_view(filters));
		reading_add(&path, "limit", text_from(number));
		if (h->cursor.n) reading_add(&path, "cursor", h->cursor);
		arena_reset(h->page);
		code = buf_failed(filters) ? EXIT_TROUBLE : reading_get(h->reading, h->page, &path, &answer);
		if (code != EXIT_FINE) break;
		int64_t before = h->shown;
		if (!h->table && !h->shown) buf_cstr(&h->out, "{\"items\":[");
		add_page(h, answer.json);
		if (h->shown == before) h->cursor = TEXT_ABSENT;
		if (!h->table) code = print_json(h);
	} while (code == EXIT_FINE && h->cursor.n && h->shown < limit);
	return code;
}

static int print_end(struct history *h)
{
	if (h->table && !h->shown) buf_cstr(&h->out, "No deployment is like that.\n");
	if (h->table && h->shown) table_print(h->table, h->reading->width, h->reading->colour, &h->out);
	if (!h->table) {
		struct text cursor = h->cursor;
		buf_printf(&h->out, cursor.n ? "],\"next_cursor\":\"%.*s\"}\n" : "],\"next_cursor\":null}\n", TEXT_ARGS(cursor));
	}
	int code = reading_print(h->reading, &h->out);
	if (h->table && h->cursor.n)
		fprintf(stderr, "versioner history: these are the newest %" PRId64 "; --limit shows more\n", h->shown);
	return code;
}

int history_run(const struct settings *s, char **words)
{
	struct reading r;
	buf_auto filters = BUF_INIT(LIMIT_TARGET);
	if (*words) return fprintf(stderr, "versioner history: \"%.80s\" is not expected here\n", *words), EXIT_TROUBLE;
	int code = reading_open(&r, "history", s);
	if (code != EXIT_FINE) return code;
	struct history h = {.reading = &r, .out = BUF_INIT(LIMIT_CLIENT_ARENA)};
	h.page = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	if (!setting_bool(s, "json")) h.table = table_new(r.arena, TITLES, COLUMNS);
	code = add_filters(&r, &filters) ? read_pages(&h, &filters) : EXIT_TROUBLE;
	if (code == EXIT_FINE) code = print_end(&h);
	buf_done(&h.out);
	arena_free(h.page);
	reading_close(&r);
	return code;
}
