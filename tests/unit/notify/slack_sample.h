/* Slack's messages for the tests: composed, held against Slack's limits, and asked what they hold. */
#pragma once

#include "sample.h"

#include "slack_limits.h"

#define WEBHOOK_CONFIG "{\"webhook_url\":\"" SAMPLE_URL "\"}"
#define BOT_CONFIG "{\"token\":\"xoxb-17-secret\",\"channel\":\"#deploys\"}"

static inline void slack_begin(struct sample *s, const char *config, const char *event_type)
{
	sample_begin(s, config, event_type);
	s->site.slack_api = "https://slack.example.com/api";
	if (s->delivery.type->is_failure) s->delivery.notice.error_message = TEXT("it broke\nin two lines");
}

/* The message that was composed; one that Slack would refuse fails the test. */
static inline const struct json *slack_message(struct sample *s, const struct channel_type *type)
{
	sample_compose(s, type);
	const char *breach = slack_breach(s->arena, s->request.body);
	if (breach) fail_msg("%s: %s in %.*s", type->name, breach, TEXT_ARGS(s->request.body));
	return sample_json(s->arena, s->request.body);
}

static inline const struct json *slack_block(const struct json *message, const char *type, size_t number)
{
	const struct json *blocks = json_member(message, "blocks");
	for (size_t i = 0; i < json_size(blocks); i++) {
		const struct json *block = json_element(blocks, i);
		if (text_is(json_text(json_member(block, "type")), type) && number-- == 0) return block;
	}
	return NULL;
}

static inline struct text slack_words(const struct json *block)
{
	return json_text(json_member(json_member(block, "text"), "text"));
}

static inline struct text slack_header(const struct json *message)
{
	return slack_words(slack_block(message, "header", 0));
}

static inline struct text slack_context(const struct json *message)
{
	return json_text(json_member(json_element(json_member(slack_block(message, "context", 0), "elements"), 0), "text"));
}

/* The section that is a code block; absent: there is none. */
static inline struct text slack_code_block(const struct json *message)
{
	const struct json *block;
	for (size_t i = 0; (block = slack_block(message, "section", i)); i++)
		if (text_starts(slack_words(block), TEXT("```"))) return slack_words(block);
	return TEXT_ABSENT;
}

static inline const struct json *slack_field(const struct json *message, size_t i)
{
	return json_element(json_member(slack_block(message, "section", 0), "fields"), i);
}

static inline struct text slack_field_words(const struct json *message, size_t i)
{
	return json_text(json_member(slack_field(message, i), "text"));
}

static inline enum delivery_verdict slack_judged(struct sample *s, const struct channel_type *type, int status, const char *body)
{
	struct outgoing_answer answer = {
		.end = status ? OUTGOING_ANSWERED : OUTGOING_NO_ANSWER, .status = status, .body = text_from(body), .retry_after = -1};
	return type->judge(&s->delivery, &answer);
}
