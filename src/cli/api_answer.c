/* What an answer of the server means, and the sentence for the user. */
#include "cli/api_answer.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/ci_log.h"

/* What to do about a status; the first row of its range. */
static const struct {
	int from, to;
	const char *advice;
} ADVICE[] = {
	{300, 399, "give the address that it names as --api-url or VERSIONER_API_URL"},
	{401, 401, "check the API key: VERSIONER_API_KEY, or api_key in the configuration file"},
	{403, 403, "the API key lacks the scope for this: ask for one that has it"},
	{404, 404, "check the address: --api-url or VERSIONER_API_URL"},
	{405, 405, "check the address: --api-url or VERSIONER_API_URL"},
	{409, 409, NULL},
	{413, 413, "send less, in --extra-metadata for instance"},
	{429, 429, "send less often, or have the server's limit raised"},
	{500, 599, "try again later; the server's log says more"},
};

static const char *advice_of(int status)
{
	for (size_t i = 0; i < sizeof ADVICE / sizeof *ADVICE; i++)
		if (status >= ADVICE[i].from && status <= ADVICE[i].to) return ADVICE[i].advice;
	return NULL;
}

struct text api_plain_text(struct arena *a, struct text t)
{
	if (!t.p) return TEXT_ABSENT;
	if (!utf8_valid(t)) return TEXT("(not text)");
	t.n = utf8_cut(t, LIMIT_CLIENT_MESSAGE);
	buf_auto plain = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2); /* a blank may stand before each byte */
	ci_log_text(&plain, t, true);
	return text_copy(a, plain.n ? buf_view(&plain) : TEXT(""));
}

/* "product_name: field required": one of a 422. */
static void add_field(struct buf *out, const struct json *problem)
{
	const struct json *loc = json_member(problem, "loc");
	struct text message = json_text(json_member(problem, "msg"));
	if (out->n) buf_char(out, '\n');
	size_t shown = 0;
	for (size_t i = 0; i < json_size(loc) && json_kind(loc) == JSON_IS_ARRAY; i++) {
		const struct json *part = json_element(loc, i);
		if (i == 0 && text_is(json_text(part), "body")) continue;
		if (shown++) buf_char(out, '.');
		if (json_kind(part) == JSON_IS_TEXT)
			buf_text(out, json_text(part));
		else
			buf_printf(out, "%" PRId64, json_int(part));
	}
	if (shown) buf_cstr(out, ": ");
	if (message.p)
		buf_text(out, message);
	else
		json_write_value(out, problem);
}

/* The server's own words; absent when there are none. */
static struct text words_of(struct arena *a, const struct json *body)
{
	const struct json *detail = json_member(body, "detail");
	if (json_kind(detail) == JSON_IS_TEXT) return json_text(detail);
	if (json_kind(detail) == JSON_IS_OBJECT && json_text(json_member(detail, "message")).n)
		return json_text(json_member(detail, "message"));
	if (json_kind(detail) == JSON_IS_ARRAY && json_size(detail)) {
		buf_auto out = BUF_INIT(LIMIT_CLIENT_MESSAGE);
		for (size_t i = 0; i < json_size(detail); i++) add_field(&out, json_element(detail, i));
		return text_copy(a, buf_view(&out));
	}
	struct text message = json_text(json_member(body, "message"));
	return message.n ? message : json_text(json_member(body, "error"));
}

static struct text sentence_of(struct arena *a, const struct client_answer *answer, const struct json *body)
{
	struct text words = api_plain_text(a, words_of(a, body)), id = api_plain_text(a, answer->request_id);
	const char *advice = advice_of(answer->status);
	buf_auto out = BUF_INIT(LIMIT_CLIENT_MESSAGE * 2);
	if (words.n)
		buf_printf(&out, "%.*s (HTTP %d", TEXT_ARGS(words), answer->status);
	else if (answer->status >= 300 && answer->status < 400)
		buf_printf(
			&out, "the server sends us to \"%.*s\" (HTTP %d", TEXT_ARGS(api_plain_text(a, answer->location)), answer->status);
	else if (answer->status < 300)
		buf_printf(
			&out, "the answer is not one of Versioner's API: check --api-url or VERSIONER_API_URL (HTTP %d", answer->status);
	else
		buf_printf(&out, "the server, or a proxy before it, refused without a reason (HTTP %d", answer->status);
	if (answer->status >= 500 && id.n) buf_printf(&out, ", request %.*s", TEXT_ARGS(id));
	buf_char(&out, ')');
	if (advice) buf_printf(&out, ": %s", advice);
	return text_copy(a, buf_view(&out));
}

static void read_blocked(struct arena *a, const struct client_answer *answer, struct api_answer *ret)
{
	const struct json *detail = json_member(ret->json, "detail");
	const struct json *from = json_kind(detail) == JSON_IS_OBJECT ? detail : ret->json;
	const struct json *details = json_member(from, "details"), *again = json_member(from, "retry_after");
	struct text code = json_text(json_member(from, "code"));
	ret->end = API_BLOCKED;
	ret->code = api_plain_text(a, code.n ? code : json_text(json_member(from, "error")));
	ret->details = json_kind(details) == JSON_IS_OBJECT ? details : NULL;
	ret->rule_name = api_plain_text(a, json_text(json_member(ret->details, "rule_name")));
	ret->retry_after = api_plain_text(a, json_text(again));
	int64_t seconds = json_kind(again) == JSON_IS_INT ? json_int(again) : answer->retry_after;
	if (!ret->retry_after.n && seconds >= 0) ret->retry_after = text_from(arena_printf(a, "%" PRId64 " s", seconds));
	struct text words = api_plain_text(a, words_of(a, ret->json));
	if (words.n) ret->message = words; /* without a status: the rule speaks, not the protocol */
}

void api_answer_read(struct arena *a, const struct client_answer *answer, struct api_answer *ret)
{
	*ret = (struct api_answer){.status = answer->status};
	if (answer->end != CLIENT_ANSWERED) {
		ret->end = answer->end == CLIENT_BROKEN ? API_UNKNOWN : API_UNREACHED;
		ret->message = text_copy(a, text_from(answer->error));
		return;
	}
	ret->body = text_copy(a, answer->body);
	if (json_read_most(a, ret->body, LIMIT_CLIENT_VALUES, &ret->json, NULL) != RC_OK) ret->json = NULL;
	enum json_kind kind = json_kind(ret->json);
	bool fine = answer->status >= 200 && answer->status < 300;
	if (fine && (kind == JSON_IS_OBJECT || kind == JSON_IS_ARRAY)) {
		ret->end = API_OK;
		return;
	}
	ret->end = API_REFUSED;
	ret->message = sentence_of(a, answer, fine ? NULL : ret->json);
	if (answer->status == 409 || answer->status == 423 || answer->status == 428) read_blocked(a, answer, ret);
}
