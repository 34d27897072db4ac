/* The way of a reading command: client, filters, one GET, output. */
#include "cli/reading.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/table.h"
#include "outgoing/client.h"

int reading_open(struct reading *ret, const char *command, const struct settings *s)
{
	struct err err;
	struct reading r = {.command = command, .settings = s};
	if (api_client_new(s, &r.client, &err) != RC_OK)
		return fprintf(stderr, "versioner %s: %s\n", command, err.text), EXIT_TROUBLE;
	r.arena = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	r.colour = report_colour(stdout, &CI_OF_PROCESS);
	r.width = table_terminal_width(STDOUT_FILENO);
	*ret = r;
	return EXIT_FINE;
}

void reading_close(struct reading *r)
{
	api_client_free(r->client);
	arena_free(r->arena);
}

static void add_name(struct buf *path, const char *parameter)
{
	bool first = !path->n || !memchr(path->p, '?', path->n);
	buf_printf(path, "%c%s=", first ? '?' : '&', parameter);
}

void reading_add(struct buf *path, const char *parameter, struct text value)
{
	add_name(path, parameter);
	client_escape(value, path);
}

void reading_add_list(const struct reading *r, struct buf *path, const char *setting, const char *parameter)
{
	size_t count = setting_count(r->settings, setting);
	for (size_t i = 0; i < count; i++) {
		if (i == 0)
			add_name(path, parameter);
		else
			buf_char(path, ',');
		client_escape(text_from(setting_item(r->settings, setting, i)), path);
	}
}

bool reading_add_time(const struct reading *r, struct buf *path, const char *setting)
{
	time_us ignored;
	const char *typed = setting_text(r->settings, setting);
	if (!typed || !*typed) return true;
	if (!rfc3339_parse(text_from(typed), &ignored)) {
		fprintf(stderr, "versioner %s: --%s \"%.80s\" is no time such as 2026-05-24T14:06:05Z\n", r->command, setting, typed);
		return false;
	}
	reading_add(path, setting, text_from(typed));
	return true;
}

int reading_get(const struct reading *r, struct arena *a, const struct buf *path, struct api_answer *ret)
{
	if (buf_failed(path)) return fprintf(stderr, "versioner %s: the filters are too long\n", r->command), EXIT_TROUBLE;
	struct api_request request = {.method = "GET", .path = text_cstr(a, buf_view(path))};
	api_call(r->client, a, &request, ret);
	if (ret->end == API_OK) return EXIT_FINE;
	fprintf(stderr, "versioner %s: %.*s\n", r->command, TEXT_ARGS(ret->message));
	return api_exit_code(ret->end);
}

int reading_print(const struct reading *r, const struct buf *text)
{
	if (buf_failed(text)) return fprintf(stderr, "versioner %s: the answer is too long to be shown\n", r->command), EXIT_TROUBLE;
	bool written = !text->n || fwrite(text->p, 1, text->n, stdout) == text->n;
	if (fflush(stdout) == 0 && written) return EXIT_FINE;
	return fprintf(stderr, "versioner %s: cannot write: %s\n", r->command, strerror(errno)), EXIT_TROUBLE;
}

struct text reading_time(struct arena *a, struct text rfc3339)
{
	time_us t;
	char written[RFC3339_SIZE];
	enum { DAY = 10, TO_SECOND = 8 };
	if (!rfc3339_parse(rfc3339, &t)) return rfc3339;
	rfc3339_format(t, written);
	return text_from(arena_printf(a, "%.*s %.*sZ", DAY, written, TO_SECOND, written + DAY + 1));
}
