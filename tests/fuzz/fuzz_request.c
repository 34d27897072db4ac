/* A script of requests from the target to the store and back: each is answered, never with 500 or 503, with JSON where JSON is
 * promised, and at the end the derived tables are what the event log says. Requests are separated by a byte 0x1E; each is
 *
 *   METHOD target
 *   Idempotency-Key, or an empty line
 *   body
 *
 * "$0" … "$9" in a target or body stand for the identifiers that earlier answers gave, in their order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "inline_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST_REQUESTS = 40, MOST_IDS = 10, CHECK_EACH = 8 };

struct script {
	struct arena *arena; /* of one input */
	struct text ids[MOST_IDS];
	size_t id_count;
};

static void must(bool holds)
{
	if (!holds) abort();
}

static bool id_known(const struct script *s, struct text id)
{
	for (size_t i = 0; i < s->id_count; i++)
		if (text_equal(s->ids[i], id)) return true;
	return false;
}

/* "id", "product_id", "next_cursor" … of the answer itself and of the first item of a list. */
static void remember_ids(struct script *s, const struct json *v)
{
	if (json_kind(v) == JSON_IS_ARRAY) return remember_ids(s, json_element(v, 0));
	for (struct json_iter i = json_members(v); json_next(&i);) {
		struct text t = json_text(i.value);
		if (json_kind(i.value) == JSON_IS_ARRAY) remember_ids(s, i.value);
		if (t.n == 36 && !id_known(s, t) && s->id_count < MOST_IDS) s->ids[s->id_count++] = t;
	}
}

static struct text with_ids(struct script *s, struct text words)
{
	buf_auto b = BUF_INIT(LIMIT_BULK_BODY);
	for (size_t i = 0; i < words.n; i++) {
		size_t n = i + 1 < words.n ? (size_t)(words.p[i + 1] - '0') : MOST_IDS;
		if (words.p[i] != '$' || n >= s->id_count)
			buf_char(&b, words.p[i]);
		else
			buf_text(&b, s->ids[n]), i++;
	}
	return text_copy(s->arena, buf_view(&b));
}

static void check_headers(const struct http_response *response)
{
	for (size_t i = 0; i < response->header_count; i++) {
		struct text value = response->headers[i].value;
		must(response->headers[i].name.n && value.n && utf8_valid(value) && !text_has_control(value, false));
	}
}

static void check_lines(struct script *s, struct text body)
{
	const struct json *v;
	struct text line;
	while (body.p && text_split(&body, '\n', &line))
		must(!line.n || (json_read(s->arena, line, &v, NULL) == RC_OK && json_int(json_member(v, "status")) >= 200));
}

static void check_answer(struct script *s, struct answer answer)
{
	const struct http_response *response = &answer.request->response;
	struct text body = buf_view(&response->body);
	if (answer.refused_early) return;
	must(response->status >= 200 && response->status < 600 && response->status != 500 && response->status != 503);
	must(!buf_failed(&response->body) && utf8_valid(body));
	check_headers(response);
	if (response->status == 204) return must(body.n == 0);
	if (response->content_type && strstr(response->content_type, "ndjson")) return check_lines(s, body);
	if (response->content_type && strstr(response->content_type, "text/plain")) return;
	const struct json *v;
	must(json_read(s->arena, body, &v, NULL) == RC_OK && json_kind(v) == JSON_IS_OBJECT);
	must((response->status >= 400) == (json_member(v, "detail") != NULL));
	remember_ids(s, v);
}

static void ask_one(struct script *s, struct text request)
{
	struct asked asked = {.body = TEXT("")};
	struct text line, key;
	if (!text_split(&request, '\n', &line) || !text_split(&line, ' ', &asked.method) || !line.p) return;
	asked.target = with_ids(s, line);
	if (request.p && text_split(&request, '\n', &key) && key.n) asked.idempotency_key = text_trim(key);
	if (request.p) asked.body = with_ids(s, request);
	check_answer(s, api_ask(&asked));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static unsigned runs;
	struct script s = {.arena = arena_new(KIB(64), LIMIT_REQUEST_ARENA)};
	struct text rest = {size ? (const char *)bytes : "", size}, request;
	api_begin();
	for (int i = 0; i < MOST_REQUESTS && rest.p && text_split(&rest, '\x1e', &request); i++) ask_one(&s, request);
	if (runs++ % CHECK_EACH == 0) api_check();
	api_forget();
	arena_free(s.arena);
	return 0;
}
