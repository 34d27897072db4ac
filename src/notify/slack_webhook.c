/* The channel type slack_webhook: one message each to an incoming webhook. Nothing of it can be changed later. */
#include "base/buf.h"
#include "base/limits.h"
#include "notify/channel_type.h"
#include "notify/slack_blocks.h"
#include "notify/slack_digest.h"

static enum rc body_of(struct delivery *d, struct text *ret, struct err *err)
{
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	if (d->digest) {
		slack_put_digest(&j, d->arena, d->digest, d->site);
	} else {
		struct message m = message_of(d->arena, &d->notice, d->type, d->site);
		slack_put_message(&j, d->arena, &m, d->is_test, SLACK_ERROR_WHOLE);
	}
	json_put_bool(&j, "unfurl_links", false);
	json_put_bool(&j, "unfurl_media", false);
	json_end(&j);
	if (buf_failed(&b)) return err_set(err, RC_INVALID, "the message is larger than %zu bytes", LIMIT_NOTIFICATION_BODY);
	*ret = text_copy(d->arena, buf_view(&b));
	return RC_OK;
}

static enum rc compose(struct delivery *d, struct outgoing_request *ret, struct err *err)
{
	struct outgoing_header *type = arena_new_of(d->arena, struct outgoing_header);
	*type = (struct outgoing_header){TEXT("Content-Type"), TEXT("application/json")};
	const char *url = text_cstr(d->arena, config_text(d, "webhook_url"));
	struct text body;
	if (!url) return err_set(err, RC_INVALID, "the channel has no webhook_url");
	enum rc rc = body_of(d, &body, err);
	if (rc != RC_OK) return rc;
	*ret = (struct outgoing_request){.url = url, .headers = type, .header_count = 1, .body = body};
	return RC_OK;
}

/* Slack says by these words that nothing will ever arrive there again. */
static const char *const GONE[] = {
	"action_prohibited",
	"channel_is_archived",
	"invalid_token",
	"no_service",
	"no_team",
	"team_disabled",
};

static enum delivery_verdict judge(struct delivery *d, const struct outgoing_answer *answer)
{
	(void)d;
	enum delivery_verdict verdict = delivery_judge_http(answer->status);
	if (verdict != DELIVERY_DEAD) return verdict;
	struct text word = text_trim(answer->body);
	for (size_t i = 0; i < sizeof GONE / sizeof *GONE; i++)
		if (text_is(word, GONE[i])) return DELIVERY_SWITCH_OFF;
	return DELIVERY_DEAD;
}

static const struct config_field CONFIG[] = {
	{.name = "webhook_url", .kind = CONFIG_URL, .required = true, .limit = LIMIT_URL},
	{.name = NULL},
};

const struct channel_type CHANNEL_SLACK_WEBHOOK = {
	.name = "slack_webhook",
	.config = CONFIG,
	.pace = SECONDS_US(1),
	.burst = 3,
	.fold_above = 20,
	.compose = compose,
	.judge = judge,
};
