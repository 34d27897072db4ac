/* Calls the server's API: address, key, attempts, deadline. */
#include "cli/api_client.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"
#include "cli/api_answer.h"
#include "cli/api_debug.h"
#include "cli/commands.h"
#include "outgoing/client.h"

enum { ATTEMPTS = 4 };

struct api_client {
	struct client *client;
	char *url, *key, *authorization;
	int64_t timeout, deadline;
	bool debug;
	struct api_clock clock;
};

static void really_wait(int64_t micros)
{
	struct timespec t = {.tv_sec = micros / 1000000, .tv_nsec = micros % 1000000 * 1000};
	while (nanosleep(&t, &t) != 0) {
	}
}

static bool key_valid(struct text key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] > '~') return false;
	return true;
}

/* A secret from a file often brings its line break along. */
static enum rc check_key(const struct settings *s, struct text *ret, struct err *err)
{
	const char *typed = setting_text(s, "api-key");
	struct text key = typed ? text_trim(text_from(typed)) : TEXT_ABSENT;
	if (!key.n)
		return err_set(err, RC_INVALID, "there is no API key: set VERSIONER_API_KEY, or api_key in ~/.versioner/config.yaml");
	if (!key_valid(key))
		return err_set(err, RC_INVALID, "the API key holds a blank, a line break or another character that none has");
	*ret = key;
	return RC_OK;
}

static enum rc check_url(const struct settings *s, struct text *ret, struct err *err)
{
	const char *typed = setting_text(s, "api-url");
	struct text url = text_trim(typed ? text_from(typed) : TEXT(""));
	while (url.n && url.p[url.n - 1] == '/') url.n--;
	bool web = strncasecmp(url.p, "http://", 7) == 0 || strncasecmp(url.p, "https://", 8) == 0;
	bool more = url.n && (memchr(url.p, '?', url.n) || memchr(url.p, '#', url.n)); /* paths come behind it */
	if (!web || url.n < 8 || more)
		return err_set(err, RC_INVALID,
			"\"%.200s\" is no address of a server: --api-url and VERSIONER_API_URL begin with https:// or http://",
			typed ? typed : "");
	if (url.n > LIMIT_URL) return err_set(err, RC_INVALID, "the address of the server is longer than %d bytes", LIMIT_URL);
	*ret = url;
	return RC_OK;
}

static char *copy(struct text t)
{
	char *s = mem_alloc(t.n + 1);
	memcpy(s, t.p, t.n);
	s[t.n] = '\0';
	return s;
}

enum rc api_client_new(const struct settings *s, struct api_client **ret, struct err *err)
{
	struct text url = TEXT(""), key = TEXT("");
	struct client *client;
	struct client_options options = {
		.user_agent = "versioner/" VERSIONER_VERSION,
		.ca_file = setting_text(s, "ca-cert"),
		.certificate_file = setting_text(s, "client-cert"),
		.key_file = setting_text(s, "client-key"),
		.answer_most = LIMIT_CLIENT_ANSWER,
	};
	enum rc rc = check_url(s, &url, err);
	if (rc == RC_OK) rc = check_key(s, &key, err);
	if (rc == RC_OK) rc = client_new(&options, &client, err);
	if (rc != RC_OK) return rc;
	struct api_client *c = mem_zalloc(sizeof *c);
	*c = (struct api_client){
		.client = client,
		.url = copy(url),
		.key = copy(key),
		.timeout = setting_int(s, "timeout"),
		.deadline = setting_int(s, "deadline"),
		.debug = setting_bool(s, "debug"),
		.clock = {clock_monotonic, really_wait},
	};
	c->authorization = mem_alloc(key.n + sizeof "Bearer ");
	stpcpy(stpcpy(c->authorization, "Bearer "), c->key);
	*ret = c;
	return RC_OK;
}

void api_client_free(struct api_client *c)
{
	if (!c) return;
	client_free(c->client);
	free(c->url);
	free(c->key);
	free(c->authorization);
	free(c);
}

void api_client_use_clock(struct api_client *c, const struct api_clock *clock)
{
	c->clock = *clock;
}

const char *api_client_url(const struct api_client *c)
{
	return c->url;
}

static void attempt(
	struct api_client *c, struct arena *a, const struct api_request *r, int64_t most, int number, struct client_answer *ret)
{
	struct outgoing_header headers[4] = {
		{TEXT("Accept"), TEXT("application/json")}, {TEXT("Authorization"), text_from(c->authorization)}};
	size_t count = 2;
	if (r->body.p) headers[count++] = (struct outgoing_header){TEXT("Content-Type"), TEXT("application/json")};
	if (r->idempotency_key) headers[count++] = (struct outgoing_header){TEXT("Idempotency-Key"), text_from(r->idempotency_key)};
	struct client_request request = {
		.method = r->method,
		.url = arena_printf(a, "%s%s", c->url, r->path),
		.headers = headers,
		.header_count = count,
		.body = r->body,
		.timeout = c->timeout < most ? c->timeout : most,
	};
	if (c->debug) api_debug_request(&request, text_from(c->key), number);
	client_ask(c->client, &request, ret);
	if (c->debug) api_debug_answer(ret, text_from(c->key));
}

static bool may_help(const struct client_answer *answer)
{
	if (answer->end != CLIENT_ANSWERED) return answer->end != CLIENT_IMPOSSIBLE;
	return answer->status == 429 || answer->status >= 500;
}

/* After the attempt of that number: 1, 2, 4 s and up to a fifth more or less, so that many pipelines do not come back at the same time. */
static int64_t pause_after(int number, const struct client_answer *answer)
{
	uint32_t random;
	random_bytes(&random, sizeof random);
	if (answer->retry_after > 0) return SECONDS_US(answer->retry_after) + random % 250000;
	int64_t base = SECONDS_US(1) << (number - 1);
	return base - base / 5 + (int64_t)(random % (uint32_t)(base / 5 * 2));
}

/* How often it was tried, and what an earlier attempt may have done. */
static void finish(struct arena *a, struct api_answer *ret, int attempts, bool maybe_stored, int64_t refused_wait)
{
	bool unanswered = ret->end == API_UNREACHED || ret->end == API_UNKNOWN;
	ret->attempts = attempts;
	if (unanswered && maybe_stored) ret->end = API_UNKNOWN;
	if ((unanswered || ret->end == API_REFUSED) && attempts > 1)
		ret->message = text_from(arena_printf(a, "%.*s (%d attempts)", TEXT_ARGS(ret->message), attempts));
	if (refused_wait > 0)
		ret->message = text_from(arena_printf(a, "%.*s; it asks to wait %lld s, longer than --deadline leaves",
			TEXT_ARGS(ret->message), (long long)(refused_wait / 1000000)));
}

/* A server, or a proxy, may repeat what it was sent; what is said of its answer stands in logs. */
static void hide_key(const struct api_client *c, struct arena *a, struct client_answer *answer)
{
	struct text key = text_from(c->key);
	answer->body = api_masked(a, answer->body, key);
	answer->location = api_masked(a, answer->location, key);
	answer->request_id = api_masked(a, answer->request_id, key);
}

void api_call(struct api_client *c, struct arena *a, const struct api_request *request, struct api_answer *ret)
{
	int64_t end = c->clock.now() + c->deadline, refused_wait = 0;
	struct client_answer answer;
	bool maybe_stored = false;
	int number = 1;
	for (;; number++) {
		int64_t left = end - c->clock.now();
		attempt(c, a, request, left > 1000 ? left : 1000, number, &answer);
		maybe_stored |= answer.end == CLIENT_BROKEN;
		if (request->once || number == ATTEMPTS || !may_help(&answer)) break;
		int64_t pause = pause_after(number, &answer);
		if (c->clock.now() + pause >= end) {
			refused_wait = answer.retry_after > 0 ? pause : 0;
			break;
		}
		if (c->debug) api_debug_wait(pause);
		c->clock.wait(pause);
	}
	hide_key(c, a, &answer);
	api_answer_read(a, &answer, ret);
	finish(a, ret, number, maybe_stored, refused_wait);
}

int api_exit_code(enum api_end end)
{
	static const int CODES[] = {
		[API_OK] = EXIT_FINE,
		[API_BLOCKED] = EXIT_BLOCKED,
		[API_REFUSED] = EXIT_API,
		[API_UNREACHED] = EXIT_TROUBLE,
		[API_UNKNOWN] = EXIT_TROUBLE,
	};
	return CODES[end];
}
