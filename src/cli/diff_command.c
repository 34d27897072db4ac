/* diff: where two environments differ. */
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/reading.h"
#include "cli/table.h"

const char DIFF_DETAILS[] = "The products whose version is not the same in both environments, which side is ahead, and by how\n"
							"many builds. For programs there is --json: the answer of GET /environment-state/diff.\n"
							"\n"
							"Exit codes: 0 answered, whether or not they differ; with --exit-code 3 when they differ and 0 when\n"
							"they do not; 1 no answer, or wrong flags; 4 refused by the server, for instance because there is\n"
							"no such environment.";

enum column { PRODUCT, FROM, TO, AHEAD, COLUMNS };

static struct text text_of(const struct json *object, const char *member)
{
	return json_text(json_member(object, member));
}

/* "staging by 3 builds", "only in staging". */
static struct text ahead(struct arena *a, const struct json *item, struct text from, struct text to)
{
	bool has_from = json_kind(json_member(item, "from")) == JSON_IS_OBJECT,
		 has_to = json_kind(json_member(item, "to")) == JSON_IS_OBJECT;
	if (!has_from || !has_to) return text_from(arena_printf(a, "only in %.*s", TEXT_ARGS(has_from ? from : to)));
	struct text newer = text_is(text_of(item, "newer"), "from") ? from : to;
	int64_t builds = json_int(json_member(item, "builds_apart"));
	if (!builds) return newer;
	return text_from(arena_printf(a, "%.*s by %" PRId64 " build%s", TEXT_ARGS(newer), builds, builds == 1 ? "" : "s"));
}

static void put_table(const struct reading *r, const struct json *diff, struct buf *out)
{
	const struct json *items = json_member(diff, "items");
	struct text from = text_of(json_member(diff, "from"), "name"), to = text_of(json_member(diff, "to"), "name");
	const struct table_column columns[COLUMNS] = {
		[PRODUCT] = {.title = "PRODUCT", .least = 10},
		[FROM] = {.title = text_cstr(r->arena, from), .least = 10},
		[TO] = {.title = text_cstr(r->arena, to), .least = 10},
		[AHEAD] = {.title = "AHEAD", .least = 10},
	};
	struct table *t = table_new(r->arena, columns, COLUMNS);
	for (size_t i = 0; i < json_size(items); i++) {
		const struct json *item = json_element(items, i);
		bool from_newer = text_is(text_of(item, "newer"), "from"), to_newer = text_is(text_of(item, "newer"), "to");
		const struct table_cell cells[COLUMNS] = {
			[PRODUCT] = {text_of(item, "product_name"), TABLE_PLAIN},
			[FROM] = {text_of(json_member(item, "from"), "version"), from_newer ? TABLE_GOOD : TABLE_PLAIN},
			[TO] = {text_of(json_member(item, "to"), "version"), to_newer ? TABLE_GOOD : TABLE_PLAIN},
			[AHEAD] = {ahead(r->arena, item, from, to), TABLE_PLAIN},
		};
		table_row(t, cells);
	}
	table_print(t, r->width, r->colour, out);
}

static void put_diff(const struct reading *r, const struct api_answer *answer, struct buf *out)
{
	if (setting_bool(r->settings, "json")) {
		ci_log_json(out, answer->body);
		buf_char(out, '\n');
	} else if (json_size(json_member(answer->json, "items")) == 0) {
		buf_cstr(out, "No differences.\n");
	} else {
		put_table(r, answer->json, out);
	}
}

/* "Not found" could be either of the two, or an address that is not the API's: asked for by name. False: it was the address. */
static bool name_missing(const struct reading *r, char **words)
{
	struct api_answer answer;
	struct api_request request = {.method = "GET"};
	bool said = false;
	for (int i = 0; i < 2; i++) {
		buf_auto path = BUF_INIT(LIMIT_TARGET);
		buf_cstr(&path, "/environments/");
		reading_add(&path, "name", text_from(words[i]));
		request.path = text_cstr(r->arena, buf_view(&path));
		api_call(r->client, r->arena, &request, &answer);
		if (answer.end != API_OK) return said;
		if (json_size(json_member(answer.json, "items")) > 0) continue;
		fprintf(stderr, "versioner diff: there is no environment \"%.255s\"\n", words[i]);
		said = true;
	}
	return said;
}

static int compare(const struct reading *r, char **words)
{
	struct api_answer answer;
	buf_auto path = BUF_INIT(LIMIT_TARGET);
	buf_auto out = BUF_INIT(LIMIT_CLIENT_ARENA);
	buf_cstr(&path, "/environment-state/diff");
	reading_add(&path, "from", text_from(words[0]));
	reading_add(&path, "to", text_from(words[1]));
	reading_add_list(r, &path, "product", "product");
	struct api_request request = {.method = "GET", .path = text_cstr(r->arena, buf_view(&path))};
	api_call(r->client, r->arena, &request, &answer);
	if (answer.end != API_OK) {
		if (answer.status != 404 || !name_missing(r, words)) fprintf(stderr, "versioner diff: %.*s\n", TEXT_ARGS(answer.message));
		return api_exit_code(answer.end);
	}
	put_diff(r, &answer, &out);
	int code = reading_print(r, &out);
	bool differ = json_size(json_member(answer.json, "items")) > 0;
	return code == EXIT_FINE && differ && setting_bool(r->settings, "exit-code") ? EXIT_DIFFERENT : code;
}

int diff_run(const struct settings *s, char **words)
{
	struct reading r;
	if (!words[0] || !words[1] || words[2])
		return fprintf(stderr, "versioner diff: two environments are compared: versioner diff STAGING PRODUCTION\n"),
			   EXIT_TROUBLE;
	int code = reading_open(&r, "diff", s);
	if (code != EXIT_FINE) return code;
	code = compare(&r, words);
	reading_close(&r);
	return code;
}
