/* A delivery of each kind for the tests of channel types: what is told, by which config, from which installation. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"
#include "notify/channel_type.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define SAMPLE_URL "https://hooks.example.com/in/T000/secret-path"
#define SAMPLE_AT INT64_C(1614265330123456) /* 2021-02-25T15:02:10.123456Z */

/* Texts that were written to break out of a JSON text, a header, HTML, Markdown, a line. All are valid UTF-8. */
static const char *const HOSTILE[] = {
	"\"}],\"text\":\"taken over",
	"\\",
	"a\r\nBcc: everybody@example.com\r\n\r\nbody",
	"\n\n.\r\nQUIT",
	"<script>alert(1)</script><img src=x onerror=alert(1)>&amp;",
	"' onmouseover='alert(1)",
	"[click](javascript:alert(1)) **bold** _it_ # head\n- list",
	"<!channel> <@U123> <https://evil.example|good>",
	"\xE2\x80\xAEgnp.exe \xE2\x80\x8B\xEF\xBB\xBF",
	"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD9\x85\xD8\xB1",
	"tab\tbell\a escape\x1B[31m del\x7F c1\xC2\x85",
	"line\xE2\x80\xA8separator",
	"\xF0\x9F\x9A\x80\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
	"{{DATE(2017-02-14T06:00:00Z, SHORT)}} ${expression} <at>Somebody</at>",
};

struct sample {
	struct arena *arena;
	struct notify_site site;
	struct delivery delivery;
	struct outgoing_request request;
	struct err err;
};

static inline struct text sample_long(struct arena *a, const char *unit, size_t times)
{
	size_t n = strlen(unit);
	char *p = arena_alloc(a, n * times + 1);
	for (size_t i = 0; i < times; i++) memcpy(p + i * n, unit, n);
	return (struct text){p, n * times};
}

static inline const struct json *sample_json(struct arena *a, struct text bytes)
{
	const struct json *v;
	struct err err;
	if (json_read(a, bytes, &v, &err) != RC_OK) fail_msg("%s in %.*s", err.text, TEXT_ARGS(bytes));
	return v;
}

static inline struct notice sample_notice(void)
{
	return (struct notice){.kind = KIND_DEPLOYMENT,
		.state = STATE_COMPLETED,
		.rollout = ROLLOUT_UPGRADE,
		.event_id = TEXT("0195b0a0-0000-7000-8000-00000000000e"),
		.subject_id = TEXT("0195b0a0-0000-7000-8000-00000000000d"),
		.version_id = TEXT("0195b0a0-0000-7000-8000-00000000000f"),
		.product_name = TEXT("shop"),
		.version = TEXT("1.4.2"),
		.environment_name = TEXT("production"),
		.environment_type = ENV_PRODUCTION,
		.previous_version = TEXT("1.4.1"),
		.actor = TEXT("ada"),
		.actor_email = TEXT("ada@example.com"),
		.actor_name = TEXT("Ada L."),
		.scm_repository = TEXT("acme/shop"),
		.scm_sha = TEXT("0123456789abcdef0123456789abcdef01234567"),
		.scm_branch = TEXT("main"),
		.build_url = TEXT("https://ci.example.com/builds/7"),
		.deploy_url = TEXT("https://ci.example.com/deploys/8?a=1&b=2"),
		.occurred_at = SAMPLE_AT,
		.deployed_at = SAMPLE_AT,
		.started_at = SAMPLE_AT - SECONDS_US(125),
		.ended_at = SAMPLE_AT,
		.extra_metadata = TEXT("{\"ticket\":\"OPS-1\"}")};
}

/* A notice of which only what must be there is known. */
static inline struct notice sample_bare_notice(void)
{
	return (struct notice){.kind = KIND_BUILD,
		.state = STATE_PENDING,
		.environment_type = ENV_TYPE_COUNT,
		.event_id = TEXT("e"),
		.subject_id = TEXT("s"),
		.product_name = TEXT("p"),
		.version = TEXT("v"),
		.occurred_at = SAMPLE_AT,
		.deployed_at = SAMPLE_AT,
		.started_at = TIME_NONE,
		.ended_at = TIME_NONE};
}

static inline void sample_begin(struct sample *s, const char *config, const char *event_type)
{
	*s = (struct sample){.arena = arena_new(KIB(16), LIMIT_DELIVERY_ARENA)};
	s->site = (struct notify_site){.public_url = "https://versioner.example.com",
		.mail_server = "smtp://mail.example.com",
		.mail_from = "Versioner <versioner@example.com>"};
	s->delivery = (struct delivery){.arena = s->arena,
		.config = sample_json(s->arena, text_from(config)),
		.site = &s->site,
		.now = SAMPLE_AT,
		.id = TEXT("0195b0a0-0000-7000-8000-00000000000a"),
		.type = event_type_find(text_from(event_type)),
		.notice = sample_notice()};
	assert_non_null(s->delivery.type);
}

static inline void sample_end(struct sample *s)
{
	arena_free(s->arena);
}

static inline void sample_compose(struct sample *s, const struct channel_type *type)
{
	s->err.text[0] = '\0';
	if (type->compose(&s->delivery, &s->request, &s->err) != RC_OK) fail_msg("%s: %s", type->name, s->err.text);
}

static inline void sample_state(struct sample *s, enum kind k, enum state state)
{
	s->delivery.notice.kind = k;
	s->delivery.notice.state = state;
	s->delivery.type = event_type_find(text_from(event_type_name(k, state)));
	assert_non_null(s->delivery.type);
}

/* Every text that a person or program can set. */
static inline void sample_fill(struct notice *n, struct text t)
{
	struct text *const texts[] = {&n->product_name, &n->version, &n->environment_name, &n->previous_version, &n->actor,
		&n->actor_email, &n->actor_name, &n->scm_repository, &n->scm_sha, &n->scm_branch, &n->build_number, &n->source_system,
		&n->error_message, &n->error_code};
	for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = t;
}

static inline bool sample_contains(struct text t, const char *part)
{
	return memmem(t.p, t.n, part, strlen(part)) != NULL;
}

/* Absent when there is none. */
static inline struct text sample_header(const struct outgoing_header *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(list[i].name, name)) return list[i].value;
	return TEXT_ABSENT;
}

static inline void assert_text(struct text t, const char *expected)
{
	if (!text_is(t, expected)) fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(t), expected);
}

static inline void assert_one_line(struct text t)
{
	if (!utf8_valid(t) || text_has_control(t, false)) fail_msg("\"%.*s\" is not one clean line", TEXT_ARGS(t));
}

static inline void assert_clean_headers(const struct outgoing_header *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_one_line(list[i].name);
		assert_one_line(list[i].value);
	}
}
