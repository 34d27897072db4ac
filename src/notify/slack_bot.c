/* The channel type slack_bot: one message for each deployment, changed in place as it moves on, a failure's error in its thread.
 *
 * What a request is follows from two things, for compose() as for judge():
 *   no remote message         the message is posted
 *   one, and step 0           it is changed
 *   one, and a later step     the details go into its thread
 * When the message to change is gone, it is forgotten, and the next step posts a new one. Digests and samples are posted, and no
 * more. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "notify/channel_type.h"
#include "notify/slack_blocks.h"
#include "notify/slack_digest.h"

enum request { POST, POST_ALONE, CHANGE, REPLY };

static const char *const METHOD[] = {
	[POST] = "/chat.postMessage",
	[POST_ALONE] = "/chat.postMessage",
	[CHANGE] = "/chat.update",
	[REPLY] = "/chat.postMessage",
};

static enum request request_of(const struct delivery *d)
{
	if (d->digest || d->is_test) return POST_ALONE;
	if (!d->remote_id.n || !d->remote_channel.n) return POST;
	return d->step == 0 ? CHANGE : REPLY;
}

/* ---- composing ---- */

static void put_place(struct json_out *j, const struct delivery *d, enum request r)
{
	bool is_there = r == CHANGE || r == REPLY;
	json_put_text(j, "channel", is_there ? d->remote_channel : config_text(d, "channel"));
	if (is_there) json_put_text(j, r == CHANGE ? "ts" : "thread_ts", d->remote_id);
	if (r == CHANGE) return;
	json_put_bool(j, "unfurl_links", false);
	json_put_bool(j, "unfurl_media", false);
}

static void put_content(struct json_out *j, struct delivery *d, enum request r, const struct message *m)
{
	if (d->digest)
		slack_put_digest(j, d->arena, d->digest, d->site);
	else if (r == REPLY)
		slack_put_details(j, d->arena, m);
	else
		slack_put_message(j, d->arena, m, d->is_test, d->is_test ? SLACK_ERROR_WHOLE : SLACK_ERROR_FIRST_LINE);
}

static enum rc body_of(struct delivery *d, enum request r, struct text *ret, struct err *err)
{
	struct message m = {0};
	if (!d->digest) m = message_of(d->arena, &d->notice, d->type, d->site);
	if (r == REPLY && !m.error.n) return err_set(err, RC_INVALID, "there is nothing for the thread");
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	put_place(&j, d, r);
	put_content(&j, d, r, &m);
	json_end(&j);
	if (buf_failed(&b)) return err_set(err, RC_INVALID, "the message is larger than %zu bytes", LIMIT_NOTIFICATION_BODY);
	*ret = text_copy(d->arena, buf_view(&b));
	return RC_OK;
}

static enum rc compose(struct delivery *d, struct outgoing_request *ret, struct err *err)
{
	enum { HEADERS = 2 };
	enum request r = request_of(d);
	struct text token = config_text(d, "token"), body;
	if (!token.n || !config_text(d, "channel").n) return err_set(err, RC_INVALID, "the channel has no token or no channel");
	enum rc rc = body_of(d, r, &body, err);
	if (rc != RC_OK) return rc;
	struct outgoing_header *headers = arena_array_of(d->arena, struct outgoing_header, HEADERS);
	headers[0] = (struct outgoing_header){TEXT("Content-Type"), TEXT("application/json; charset=utf-8")};
	headers[1] = (struct outgoing_header){
		TEXT("Authorization"), text_from(arena_printf(d->arena, "Bearer %.*s", TEXT_ARGS(token)))};
	*ret = (struct outgoing_request){.url = arena_printf(d->arena, "%s%s", d->site->slack_api, METHOD[r]),
		.headers = headers,
		.header_count = HEADERS,
		.body = body};
	return RC_OK;
}

/* ---- judging ---- */

/* Errors that are not the message's own fault. With `lost`, a message that was to be changed cannot be any more: it is posted
 * anew. */
static const struct {
	const char *word;
	enum delivery_verdict verdict;
	bool lost;
} ERRORS[] = {
	{"account_inactive", DELIVERY_SWITCH_OFF, false},
	{"cant_update_message", DELIVERY_DEAD, true},
	{"channel_not_found", DELIVERY_SWITCH_OFF, true},
	{"edit_window_closed", DELIVERY_DEAD, true},
	{"fatal_error", DELIVERY_AGAIN, false},
	{"internal_error", DELIVERY_AGAIN, false},
	{"invalid_auth", DELIVERY_SWITCH_OFF, false},
	{"is_archived", DELIVERY_SWITCH_OFF, true},
	{"message_not_found", DELIVERY_DEAD, true},
	{"missing_scope", DELIVERY_SWITCH_OFF, false},
	{"no_permission", DELIVERY_SWITCH_OFF, false},
	{"not_allowed_token_type", DELIVERY_SWITCH_OFF, false},
	{"not_authed", DELIVERY_SWITCH_OFF, false},
	{"not_in_channel", DELIVERY_SWITCH_OFF, true},
	{"rate_limited", DELIVERY_LATER, false},
	{"ratelimited", DELIVERY_LATER, false},
	{"request_timeout", DELIVERY_AGAIN, false},
	{"restricted_action", DELIVERY_SWITCH_OFF, false},
	{"service_unavailable", DELIVERY_AGAIN, false},
	{"team_access_not_granted", DELIVERY_SWITCH_OFF, false},
	{"team_added_to_org", DELIVERY_AGAIN, false},
	{"team_disabled", DELIVERY_SWITCH_OFF, false},
	{"token_expired", DELIVERY_SWITCH_OFF, false},
	{"token_revoked", DELIVERY_SWITCH_OFF, false},
};

static enum delivery_verdict judge_error(struct delivery *d, enum request r, struct text word)
{
	for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++) {
		if (!text_is(word, ERRORS[i].word)) continue;
		if (r != CHANGE || !ERRORS[i].lost) return ERRORS[i].verdict;
		d->remote_channel = d->remote_id = TEXT_ABSENT;
		return DELIVERY_NEXT_STEP;
	}
	return DELIVERY_DEAD;
}

/* Slack repeats the whole message at the end of its answer, which may then be longer than what was read of it. */
static const struct json *answer_of(struct arena *a, struct text body)
{
	const struct json *v;
	if (json_read(a, body, &v, NULL) == RC_OK) return v;
	const struct text copy = TEXT(",\"message\":{");
	const char *at = body.n ? memmem(body.p, body.n, copy.p, copy.n) : NULL;
	if (!at) return NULL;
	struct text head = text_copy(a, (struct text){body.p, (size_t)(at - body.p) + 1});
	((char *)head.p)[head.n - 1] = '}';
	return json_read(a, head, &v, NULL) == RC_OK ? v : NULL;
}

static enum delivery_verdict judge_success(struct delivery *d, enum request r, const struct json *answer)
{
	if (r == POST_ALONE || r == REPLY) return DELIVERY_DONE;
	struct text channel = json_text(json_member(answer, "channel")), ts = json_text(json_member(answer, "ts"));
	if (channel.n && ts.n) {
		d->remote_channel = text_copy(d->arena, channel);
		d->remote_id = text_copy(d->arena, ts);
	}
	bool has_thread = d->remote_id.n && d->type->is_failure;
	return has_thread && message_of(d->arena, &d->notice, d->type, d->site).error.n ? DELIVERY_NEXT_STEP : DELIVERY_DONE;
}

static enum delivery_verdict judge(struct delivery *d, const struct outgoing_answer *answer)
{
	enum request r = request_of(d);
	enum delivery_verdict verdict = delivery_judge_http(answer->status);
	if (verdict == DELIVERY_AGAIN || verdict == DELIVERY_LATER) return verdict;
	const struct json *object = answer_of(d->arena, answer->body), *ok = json_member(object, "ok");
	/* Something else answers in the place of Slack with a page of its own. */
	if (json_kind(ok) != JSON_IS_BOOL) return verdict == DELIVERY_DONE ? DELIVERY_AGAIN : verdict;
	if (!json_bool(ok)) return judge_error(d, r, json_text(json_member(object, "error")));
	return verdict == DELIVERY_DONE ? judge_success(d, r, object) : verdict;
}

static const struct config_field CONFIG[] = {
	{.name = "token", .kind = CONFIG_SECRET, .required = true, .limit = 255},
	{.name = "channel", .kind = CONFIG_PLAIN, .required = true, .limit = 80},
	{.name = NULL},
};

const struct channel_type CHANNEL_SLACK_BOT = {
	.name = "slack_bot",
	.config = CONFIG,
	.pace = SECONDS_US(1),
	.burst = 3,
	.fold_above = 20,
	.changes_in_place = true,
	.compose = compose,
	.judge = judge,
};
