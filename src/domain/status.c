/* The status table, the canonical states and the names of event types. */
#include "domain/status.h"

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* One row a word, in the order in which an error lists them. BOTH kinds take it, or one of them only. */
#define STATUS_TABLE(BOTH, DEPLOYMENT, BUILD) \
	BOTH("pending", STATE_PENDING) \
	BOTH("queued", STATE_PENDING) \
	BOTH("scheduled", STATE_PENDING) \
	BOTH("started", STATE_STARTED) \
	BOTH("in_progress", STATE_STARTED) \
	BOTH("init", STATE_STARTED) \
	DEPLOYMENT("deploying", STATE_STARTED) \
	BUILD("building", STATE_STARTED) \
	BOTH("success", STATE_COMPLETED) \
	BOTH("completed", STATE_COMPLETED) \
	BOTH("complete", STATE_COMPLETED) \
	BOTH("finished", STATE_COMPLETED) \
	DEPLOYMENT("deployed", STATE_COMPLETED) \
	BUILD("built", STATE_COMPLETED) \
	BOTH("failed", STATE_FAILED) \
	BOTH("fail", STATE_FAILED) \
	BOTH("failure", STATE_FAILED) \
	BOTH("error", STATE_FAILED) \
	BOTH("aborted", STATE_ABORTED) \
	BOTH("abort", STATE_ABORTED) \
	BOTH("cancelled", STATE_ABORTED) \
	BOTH("cancel", STATE_ABORTED) \
	BOTH("skipped", STATE_ABORTED) \
	BOTH("canceled", STATE_ABORTED) \
	BOTH("in-progress", STATE_STARTED) \
	BOTH("running", STATE_STARTED) \
	BOTH("succeeded", STATE_COMPLETED) \
	BOTH("waiting", STATE_PENDING)

#define ROW_DEPLOYMENT(word, state) {KIND_DEPLOYMENT, word, state},
#define ROW_BUILD(word, state) {KIND_BUILD, word, state},
#define ROW_BOTH(word, state) ROW_DEPLOYMENT(word, state) ROW_BUILD(word, state)
#define LISTED(word, state) ", " word
#define UNLISTED(word, state)

static const struct {
	enum kind kind;
	const char *word;
	enum state state;
} STATUS_WORDS[] = {STATUS_TABLE(ROW_BOTH, ROW_DEPLOYMENT, ROW_BUILD)};

static const char *const STATUS_LISTS[KIND_COUNT] = {
	[KIND_DEPLOYMENT] = STATUS_TABLE(LISTED, LISTED, UNLISTED),
	[KIND_BUILD] = STATUS_TABLE(LISTED, UNLISTED, LISTED),
};

static const struct {
	const char *name;
	bool final;
} STATES[STATE_COUNT] = {
	[STATE_PENDING] = {"pending", false},
	[STATE_STARTED] = {"started", false},
	[STATE_COMPLETED] = {"completed", true},
	[STATE_FAILED] = {"failed", true},
	[STATE_ABORTED] = {"aborted", true},
	[STATE_PREFLIGHT_FAILED] = {"preflight_failed", true},
};

static const char *const KINDS[KIND_COUNT] = {
	[KIND_DEPLOYMENT] = "deployment",
	[KIND_BUILD] = "build",
};

static const char *const EVENT_TYPES[KIND_COUNT][STATE_COUNT] = {
	[KIND_DEPLOYMENT] =
		{
			[STATE_PENDING] = "deployment.pending",
			[STATE_STARTED] = "deployment.started",
			[STATE_COMPLETED] = "deployment.completed",
			[STATE_FAILED] = "deployment.failed",
			[STATE_ABORTED] = "deployment.aborted",
			[STATE_PREFLIGHT_FAILED] = "deployment.preflight_failed",
		},
	[KIND_BUILD] =
		{
			[STATE_PENDING] = "build.pending",
			[STATE_STARTED] = "build.started",
			[STATE_COMPLETED] = "build.completed",
			[STATE_FAILED] = "build.failed",
			[STATE_ABORTED] = "build.aborted",
		},
};

bool state_is_final(enum state s)
{
	return STATES[s].final;
}

const char *state_name(enum state s)
{
	return STATES[s].name;
}

bool state_from_name(struct text name, enum state *ret)
{
	for (enum state s = 0; s < STATE_COUNT; s++) {
		if (text_is(name, STATES[s].name)) {
			*ret = s;
			return true;
		}
	}
	return false;
}

const char *kind_name(enum kind k)
{
	return KINDS[k];
}

bool kind_from_name(struct text name, enum kind *ret)
{
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		if (text_is(name, KINDS[k])) {
			*ret = k;
			return true;
		}
	}
	return false;
}

bool status_from_word(enum kind k, struct text word, enum state *ret)
{
	struct text trimmed = text_trim(word);
	for (size_t i = 0; i < COUNT_OF(STATUS_WORDS); i++) {
		if (STATUS_WORDS[i].kind == k && text_equal_nocase(trimmed, text_from(STATUS_WORDS[i].word))) {
			*ret = STATUS_WORDS[i].state;
			return true;
		}
	}
	return false;
}

const char *status_words(enum kind k)
{
	return STATUS_LISTS[k] + sizeof(", ") - 1; /* every word brings its comma, the first one too */
}

const char *event_type_name(enum kind k, enum state s)
{
	return EVENT_TYPES[k][s];
}

bool event_type_parse(struct text name, enum kind *ret_kind, enum state *ret_state)
{
	for (enum kind k = 0; k < KIND_COUNT; k++) {
		for (enum state s = 0; s < STATE_COUNT; s++) {
			if (EVENT_TYPES[k][s] && text_is(name, EVENT_TYPES[k][s])) {
				*ret_kind = k;
				*ret_state = s;
				return true;
			}
		}
	}
	return false;
}
