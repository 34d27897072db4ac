/* Slack's messages as Block Kit, within Slack's limits whatever the texts are. Source: "Slack message", Slack's published limits.
 *
 * Slack does not say how it counts. So a size here is the strictest of what it could be: UTF-16 units of the text as it stands in
 * the JSON, entities, quotes and backslashes included; and over all blocks their whole JSON counts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/json_out.h"
#include "base/text.h"
#include "notify/message.h"

enum {
	SLACK_BLOCKS = 50,
	SLACK_MESSAGE = 13000, /* over all blocks: not published, measured by many at about 13,200 */
	SLACK_HEADER = 150,
	SLACK_SECTION = 3000,
};

/* ---- texts ---- */

size_t slack_size(struct text t);
/* For mrkdwn: & < > as entities, cut to the size on a character boundary with "…". t: of message_clean. */
struct text slack_escape(struct arena *a, struct text t, size_t most);
/* The same, and nothing in it opens formatting, an emoji or a quotation: what could is shown as a sign that looks alike. */
struct text slack_inert(struct arena *a, struct text t, size_t most);
/* In a code block that nothing in it can close; the size holds for all of it, and is at least 20. */
struct text slack_code(struct arena *a, struct text t, size_t most);
/* <url|label>; absent when the URL is absent or too long to stand among other text. */
struct text slack_link(struct arena *a, struct text url, const char *label);

/* ---- blocks ---- */

struct slack_blocks {
	struct arena *arena;
	struct text block[SLACK_BLOCKS]; /* JSON */
	size_t count;
	size_t size; /* of all, with what stands between them */
};

/* An empty text adds nothing, because Slack refuses it. */
void slack_add_header(struct slack_blocks *b, struct text plain);
void slack_add_section(struct slack_blocks *b, struct text mrkdwn);
void slack_add_context(struct slack_blocks *b, struct text mrkdwn);
/* A code block, cut to a section and to what is left of the message when `reserved` is kept free. */
void slack_add_error(struct slack_blocks *b, struct text error, size_t reserved);
void slack_put_blocks(struct json_out *j, const struct slack_blocks *b); /* the member "blocks" */

/* ---- a message ---- */

enum slack_error { SLACK_ERROR_WHOLE, SLACK_ERROR_FIRST_LINE };

/* The members text and blocks. */
void slack_put_message(struct json_out *j, struct arena *a, const struct message *m, bool is_test, enum slack_error error);
/* The same for the details of a failure alone, for its thread; m->error is not absent. */
void slack_put_details(struct json_out *j, struct arena *a, const struct message *m);
/* The member text. */
void slack_put_preview(struct json_out *j, struct arena *a, struct text plain);
