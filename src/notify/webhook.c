/* The channel type webhook: an event as JSON, signed where the receiver gave a secret. Source: "Webhook request". */
#include "notify/webhook.h"

#include "base/buf.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/secret.h"
#include "notify/channel_type.h"
#include "notify/message_link.h"

enum { MAC_BYTES = 32, OWN_HEADERS = 7, CONFIG_HEADERS_MOST = 20 };

/* ---- signatures ---- */

static struct text key_of_secret(struct arena *a, struct text secret)
{
	const struct text prefix = TEXT("whsec_");
	struct text key;
	if (!text_starts(secret, prefix)) return secret;
	struct text encoded = {secret.p + prefix.n, secret.n - prefix.n};
	if (!base64_decode(a, encoded, &key) || key.n < 24 || key.n > 64) return secret;
	return key;
}

struct text webhook_signature(struct arena *a, struct text secret, struct text id, int64_t timestamp, struct text body)
{
	struct text time = text_from(arena_printf(a, ".%lld.", (long long)timestamp));
	uint8_t mac[MAC_BYTES];
	hmac_sha256(key_of_secret(a, secret), (struct text[]){id, time, body}, 3, mac);
	return text_from(arena_printf(a, "v1,%s", base64_encode(a, (struct text){(const char *)mac, sizeof mac}).p));
}

/* The older signature, of the body alone. */
static struct text signature_of_body(struct arena *a, struct text secret, struct text body)
{
	uint8_t mac[MAC_BYTES];
	char hex[2 * MAC_BYTES + 1];
	hmac_sha256(secret, &body, 1, mac);
	hex_encode(mac, sizeof mac, hex);
	return text_from(arena_printf(a, "sha256=%s", hex));
}

/* ---- body ---- */

static struct text first_of(struct text a, struct text b)
{
	return a.n ? a : b.n ? b : TEXT_ABSENT;
}

static void put_success(struct json_out *j, enum event_success success)
{
	if (success == SUCCESS_NOT_SAID)
		json_put_null(j, "is_successful");
	else
		json_put_bool(j, "is_successful", success == SUCCESS_YES);
}

/* Clocks of two machines may disagree: what ended before it began took no time. */
static void put_duration(struct json_out *j, const struct notice *n)
{
	if (n->started_at == TIME_NONE || n->ended_at == TIME_NONE)
		json_put_null(j, "duration_seconds");
	else if (n->ended_at <= n->started_at)
		json_put_real(j, "duration_seconds", 0);
	else
		json_put_real(j, "duration_seconds", ((double)n->ended_at - (double)n->started_at) / 1e6);
}

static void put_transitions(struct json_out *j, unsigned transitions)
{
	json_put_array(j, "transitions");
	if (transitions & TRANSITION_RECOVERED) json_put_cstr(j, NULL, transition_name(TRANSITION_RECOVERED));
	if (transitions & TRANSITION_ROLLED_BACK) json_put_cstr(j, NULL, transition_name(TRANSITION_ROLLED_BACK));
	json_end(j);
}

static void put_contract_members(struct json_out *j, struct arena *a, const struct notice *n, const struct event_type *type)
{
	json_put_text(j, "id", n->subject_id);
	json_put_time(j, "deployed_at", n->deployed_at);
	json_put_cstr(j, "event_type", type->name);
	json_put_text(j, "environment", n->kind == KIND_BUILD ? TEXT_ABSENT : n->environment_name);
	put_success(j, type->success);
	json_put_text(j, "deployer", first_of(n->actor_name, first_of(n->actor, n->actor_email)));
	json_put_text(j, "product_name", n->product_name);
	json_put_text(j, "version", n->version);
	json_put_text(j, "repo_name", n->scm_repository);
	json_put_text(j, "commit_sha", n->scm_sha);
	json_put_text(j, "preflight_status", n->preflight_status);
	json_put_text(j, "source_url", first_of(message_link_url(a, n->deploy_url), message_link_url(a, n->build_url)));
}

static void put_our_members(struct json_out *j, const struct notice *n)
{
	json_put_text(j, "event_id", n->event_id);
	json_put_cstr(j, "kind", rollout_name(n->rollout));
	json_put_text(j, "previous_version", n->previous_version);
	put_duration(j, n);
	json_put_raw(j, "extra_metadata", n->extra_metadata);
	put_transitions(j, n->transitions);
}

static enum rc body_of(const struct delivery *d, struct text *ret, struct err *err)
{
	buf_auto b = BUF_INIT(LIMIT_NOTIFICATION_BODY);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	put_contract_members(&j, d->arena, &d->notice, d->type);
	put_our_members(&j, &d->notice);
	json_end(&j);
	if (buf_failed(&b)) return err_set(err, RC_INVALID, "the message is larger than %zu bytes", LIMIT_NOTIFICATION_BODY);
	*ret = text_copy(d->arena, buf_view(&b));
	return RC_OK;
}

/* ---- headers ---- */

struct headers {
	struct outgoing_header *list;
	size_t count;
};

static void add_header(struct headers *h, struct text name, struct text value)
{
	h->list[h->count++] = (struct outgoing_header){name, value};
}

static void add_signatures(struct headers *h, const struct delivery *d, struct text body)
{
	struct text secret = config_text(d, "secret");
	int64_t timestamp = d->now / SECONDS_US(1);
	add_header(h, TEXT("webhook-id"), d->id);
	add_header(h, TEXT("webhook-timestamp"), text_from(arena_printf(d->arena, "%lld", (long long)timestamp)));
	if (!secret.n) return;
	add_header(h, TEXT("webhook-signature"), webhook_signature(d->arena, secret, d->id, timestamp, body));
	add_header(h, TEXT("X-Versioner-Signature"), signature_of_body(d->arena, secret, body));
}

/* Those of the config come last. That none has the name of one above was checked when the config was set. */
static struct headers headers_of(const struct delivery *d, struct text body)
{
	const struct json *own = json_member(d->config, "headers");
	struct headers h = {.list = arena_array_of(d->arena, struct outgoing_header, OWN_HEADERS + json_size(own))};
	add_header(&h, TEXT("Content-Type"), TEXT("application/json"));
	add_header(&h, TEXT("X-Versioner-Event"), text_from(d->type->name));
	if (d->is_test) add_header(&h, TEXT("X-Versioner-Test"), TEXT("true"));
	add_signatures(&h, d, body);
	for (struct json_iter i = json_members(own); json_next(&i);) add_header(&h, i.key, json_text(i.value));
	return h;
}

static enum rc compose(struct delivery *d, struct outgoing_request *ret, struct err *err)
{
	const char *url = text_cstr(d->arena, config_text(d, "url"));
	struct text body;
	if (!url) return err_set(err, RC_INVALID, "the channel has no url");
	enum rc rc = body_of(d, &body, err);
	if (rc != RC_OK) return rc;
	struct headers h = headers_of(d, body);
	*ret = (struct outgoing_request){.url = url, .headers = h.list, .header_count = h.count, .body = body};
	return RC_OK;
}

static const struct config_field CONFIG[] = {
	{.name = "url", .kind = CONFIG_URL, .required = true, .limit = LIMIT_URL},
	{.name = "secret", .kind = CONFIG_SECRET, .limit = 255},
	{.name = "headers", .kind = CONFIG_HEADERS, .limit = CONFIG_HEADERS_MOST},
	{.name = NULL},
};

const struct channel_type CHANNEL_WEBHOOK = {
	.name = "webhook",
	.config = CONFIG,
	.compose = compose,
};
