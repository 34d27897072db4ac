/* Any event with any texts: Slack takes each message that is made of it, for the webhook, for every step of the bot, and for
 * digests, which always take at least one line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/notify/slack_limits.h"
#include "notify/channel_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LINES = 60 };

/* What is left of the input: bytes first, then texts that end with NUL. */
static unsigned take_byte(struct text *rest)
{
	if (!rest->n) return 0;
	rest->n--;
	return (unsigned char)*rest->p++;
}

static struct text take_text(struct text *rest)
{
	struct text t = TEXT_ABSENT;
	text_split(rest, '\0', &t);
	return t;
}

static time_us take_time(struct text *rest)
{
	unsigned n = take_byte(rest);
	return n == 0 ? TIME_NONE : n == 1 ? INT64_MAX : n == 2 ? INT64_MIN + 1 : SECONDS_US((int64_t)n * n * n);
}

static const struct event_type *take_type(struct text *rest)
{
	size_t count = 0;
	while (EVENT_TYPES[count].name) count++;
	return &EVENT_TYPES[take_byte(rest) % count];
}

static struct notice take_notice(struct text *rest)
{
	struct notice n = {.kind = take_byte(rest) % KIND_COUNT,
		.state = take_byte(rest) % STATE_COUNT,
		.rollout = take_byte(rest) % ROLLOUT_COUNT,
		.transitions = take_byte(rest) % 4,
		.started_at = take_time(rest),
		.ended_at = take_time(rest)};
	struct text *const texts[] = {&n.product_name, &n.version, &n.environment_name, &n.previous_version, &n.subject_id,
		&n.version_id, &n.actor, &n.actor_email, &n.actor_name, &n.scm_branch, &n.scm_sha, &n.build_url, &n.deploy_url,
		&n.error_message, &n.error_code, &n.extra_metadata};
	for (size_t i = 0; i < SLACK_COUNT(texts); i++) *texts[i] = take_text(rest);
	return n;
}

static void compose(struct delivery *d, const struct channel_type *type)
{
	struct outgoing_request request;
	struct err err = {0};
	const char *breach = type->compose(d, &request, &err) == RC_OK ? slack_breach(d->arena, request.body) : err.text;
	if (!breach) return;
	fprintf(stderr, "%s: %s\n", type->name, breach);
	abort();
}

/* The first answer is the input's. */
static void converse(struct delivery d, struct text body)
{
	struct outgoing_answer answer = {.end = OUTGOING_ANSWERED, .status = 200, .body = body};
	compose(&d, &CHANNEL_SLACK_BOT);
	while (CHANNEL_SLACK_BOT.judge(&d, &answer) == DELIVERY_NEXT_STEP) {
		if (++d.step > 2) abort();
		compose(&d, &CHANNEL_SLACK_BOT);
		answer.body = TEXT("{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.2\"}");
	}
}

/* The notice many times, its types in turn. */
static void fold(struct delivery d, unsigned count, unsigned shift)
{
	struct digest_line lines[LINES];
	struct digest digest = {.lines = lines, .count = 1 + count % LINES};
	size_t types = 0;
	while (EVENT_TYPES[types].name) types++;
	for (size_t i = 0; i < LINES; i++)
		lines[i] = (struct digest_line){shift ? &EVENT_TYPES[i * shift % types] : d.type, d.notice};
	for (size_t i = 0; i < LINES; i++) lines[i].notice.extra_metadata = TEXT_ABSENT;
	d.digest = &digest;
	compose(&d, &CHANNEL_SLACK_WEBHOOK);
	if (!digest.taken || digest.taken > digest.count) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *a = arena_new(KIB(64), LIMIT_DELIVERY_ARENA);
	struct text rest = {size ? (const char *)bytes : "", size};
	const struct json *config;
	if (json_read(a, TEXT("{\"webhook_url\":\"https://h/\",\"token\":\"t\",\"channel\":\"c\"}"), &config, NULL) != RC_OK) abort();
	unsigned flags = take_byte(&rest), count = take_byte(&rest), shift = take_byte(&rest);
	struct notify_site site = {
		.public_url = flags & 1 ? "https://versioner.example.com/a&b" : NULL, .slack_api = "https://slack.com/api"};
	struct delivery d = {.arena = a, .config = config, .site = &site, .is_test = flags & 2, .type = take_type(&rest)};
	d.notice = take_notice(&rest);
	struct text answer = take_text(&rest);
	if (flags & 4) d.remote_channel = TEXT("C1"), d.remote_id = TEXT("1.1");
	compose(&d, &CHANNEL_SLACK_WEBHOOK);
	converse(d, answer);
	fold(d, count, shift);
	arena_free(a);
	return 0;
}
