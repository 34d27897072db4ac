/* status: what runs where. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/reading.h"
#include "cli/status_table.h"
#include "cli/status_watch.h"

const char STATUS_DETAILS[] =
	"A line for each product, a column for each environment: the version that runs there. \"≠\" stands\n"
	"before a product that has not the same version everywhere. Where the latest attempt is not the one\n"
	"that runs, a second line has it: ✗ failed, ▸ running, ○ pending, ⊘ aborted, ⊗ blocked. What does\n"
	"not fit the terminal is cut, or continued below; not when the output goes elsewhere. For programs\n"
	"there is --json: the answer of GET /environment-state/, with --watch a line each.\n"
	"\n"
	"Exit codes: 0; 1 no answer, or wrong flags; 4 refused by the server.";

/* A name that is nowhere is most often a mistake in typing. */
static void note_missing(const struct reading *r, const char *setting, const char *sentence, const struct json *found,
	const char *name, const char *id)
{
	for (size_t i = 0; i < setting_count(r->settings, setting); i++) {
		struct text wanted = text_trim(text_from(setting_item(r->settings, setting, i)));
		bool there = !wanted.n;
		for (size_t k = 0; k < json_size(found) && !there; k++) {
			const struct json *item = json_element(found, k);
			there = text_equal(json_text(json_member(item, name)), wanted) ||
					text_equal(json_text(json_member(item, id)), wanted);
		}
		if (!there) fprintf(stderr, "versioner status: %s \"%.*s\"\n", sentence, TEXT_ARGS(wanted));
	}
}

static int show_once(const struct reading *r, const struct buf *path)
{
	struct api_answer answer;
	buf_auto out = BUF_INIT(LIMIT_CLIENT_ARENA);
	int code = reading_get(r, r->arena, path, &answer);
	if (code != EXIT_FINE) return code;
	note_missing(r, "product", "nothing is deployed there of", json_member(answer.json, "items"), "product_name", "product_id");
	note_missing(r, "environment", "there is no environment", json_member(answer.json, "environments"), "name", "id");
	if (setting_bool(r->settings, "json")) {
		ci_log_json(&out, answer.body);
		buf_char(&out, '\n');
	} else {
		status_table(r->arena, answer.json, r->width, r->colour, &out);
	}
	return reading_print(r, &out);
}

int status_run(const struct settings *s, char **words)
{
	struct reading r;
	buf_auto path = BUF_INIT(LIMIT_TARGET);
	if (*words) return fprintf(stderr, "versioner status: \"%.80s\" is not expected here\n", *words), EXIT_TROUBLE;
	int code = reading_open(&r, "status", s);
	if (code != EXIT_FINE) return code;
	buf_cstr(&path, "/environment-state/");
	reading_add_list(&r, &path, "product", "product");
	reading_add_list(&r, &path, "environment", "environment");
	if (!reading_add_time(&r, &path, "at"))
		code = EXIT_TROUBLE;
	else
		code = setting_int(s, "watch") > 0 ? status_watch(&r, &path) : show_once(&r, &path);
	reading_close(&r);
	return code;
}
