/* The error of a failed deployment or build; see the header. */
#include "notify/message_error.h"

#include <string.h>

#include "base/json.h"
#include "notify/message.h"

enum { LONGEST_ERROR = 10000, LONGEST_CODE = 255 };

/* How lines of stack traces begin: those of the JVM, .NET, JavaScript, Ruby, Python, Go, Rust, PHP. */
static const struct {
	const char *start;
	bool indented; /* only behind white space: without it, it may be a sentence */
	const char *within; /* and this stands somewhere in the line; NULL: nothing more */
} STACK_LINES[] = {
	{"at ", true, NULL},
	{"... ", true, " more"},
	{"from ", true, ":in "},
	{"File \"", true, "\", line "},
	{"Traceback (most recent call last)", false, NULL},
	{"Stack trace:", false, NULL},
	{"stack backtrace:", false, NULL},
	{"Stacktrace:", false, NULL},
	{"goroutine ", false, " ["},
	{"#0 ", false, NULL},
};

static bool text_contains(struct text t, struct text part)
{
	return part.n && t.n >= part.n && memmem(t.p, t.n, part.p, part.n);
}

static bool is_stack_line(struct text line)
{
	size_t indent = 0;
	while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t')) indent++;
	struct text rest = {line.p + indent, line.n - indent};
	for (size_t i = 0; i < sizeof STACK_LINES / sizeof *STACK_LINES; i++) {
		if (STACK_LINES[i].indented && !indent) continue;
		if (!text_starts(rest, text_from(STACK_LINES[i].start))) continue;
		if (!STACK_LINES[i].within || text_contains(rest, text_from(STACK_LINES[i].within))) return true;
	}
	return false;
}

/* Python says what happened behind the trace: the last line that is not indented. */
static struct text last_message(struct text t)
{
	struct text line, last = TEXT_ABSENT;
	while (text_split(&t, '\n', &line)) {
		bool is_message = text_trim(line).n && line.p[0] != ' ' && line.p[0] != '\t' && !is_stack_line(line);
		if (is_message) last = text_trim(line);
	}
	return last;
}

static struct text without_stack(struct text t)
{
	struct text rest = t, line;
	while (text_split(&rest, '\n', &line)) {
		if (!is_stack_line(line)) continue;
		struct text before = text_trim((struct text){t.p, (size_t)(line.p - t.p)});
		return before.n ? before : last_message((struct text){line.p, t.n - (size_t)(line.p - t.p)});
	}
	return t;
}

/* extra_metadata.error: a sentence, or an object that has one. */
static struct text error_of_metadata(struct arena *a, struct text extra_metadata)
{
	const struct json *object;
	if (!extra_metadata.n || json_read(a, extra_metadata, &object, NULL) != RC_OK) return TEXT_ABSENT;
	const struct json *error = json_member(object, "error");
	return json_kind(error) == JSON_IS_OBJECT ? json_text(json_member(error, "message")) : json_text(error);
}

static struct text clean_part(struct arena *a, struct text t)
{
	return text_trim(message_clean(a, without_stack(t), LONGEST_ERROR, true));
}

/* Both on lines of their own; one that the other contains is left out. */
static struct text joined(struct arena *a, struct text first, const char *between, struct text second)
{
	if (!second.n || text_contains(first, second)) return first;
	if (!first.n || text_contains(second, first)) return second;
	char *p = arena_alloc(a, first.n + strlen(between) + second.n + 1);
	char *end = mempcpy(mempcpy(mempcpy(p, first.p, first.n), between, strlen(between)), second.p, second.n);
	return (struct text){p, (size_t)(end - p)};
}

struct text message_error(struct arena *a, const struct notice *n)
{
	struct text error = joined(a, clean_part(a, error_of_metadata(a, n->extra_metadata)), "\n", clean_part(a, n->error_message));
	struct text code = text_trim(message_clean(a, n->error_code, LONGEST_CODE, false));
	error = joined(a, code, ": ", error);
	return error.n ? error : TEXT_ABSENT;
}
