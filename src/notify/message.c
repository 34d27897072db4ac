/* What a message says of a notice: its fields, its lines and its links; see the header. */
#include "notify/message.h"

#include "base/buf.h"
#include "domain/rollout.h"
#include "domain/subscription.h"
#include "notify/message_error.h"
#include "notify/message_link.h"

enum { LONGEST_NAME = 255, SHORT_HASH = 8, SHORT_OTHER = 12, LONGEST_LINE = 4096 };

#define SEPARATOR " \xC2\xB7 "
#define ARROW " \xE2\x86\x92 "

/* As it is shown, or absent when nothing of it is. */
static struct text shown(struct arena *a, struct text t)
{
	struct text clean = text_trim(message_clean(a, t, LONGEST_NAME, false));
	return clean.n ? clean : TEXT_ABSENT;
}

static struct text who(struct arena *a, const struct notice *n)
{
	const struct text names[] = {n->actor_name, n->actor, n->actor_email};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct text name = shown(a, names[i]);
		if (name.p) return name;
	}
	return TEXT_ABSENT;
}

static bool is_hash(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		bool digit = t.p[i] >= '0' && t.p[i] <= '9', letter = (t.p[i] | 0x20) >= 'a' && (t.p[i] | 0x20) <= 'f';
		if (!digit && !letter) return false;
	}
	return t.n >= SHORT_HASH;
}

static struct text short_commit(struct arena *a, struct text sha)
{
	struct text commit = shown(a, sha);
	if (is_hash(commit)) return (struct text){commit.p, SHORT_HASH};
	return message_clean(a, commit, SHORT_OTHER, false);
}

static void add_field(struct message *m, const char *label, struct text value)
{
	if (value.n) m->fields[m->field_count++] = (struct message_field){label, value};
}

static void add_fields(struct message *m, struct arena *a, const struct notice *n)
{
	add_field(m, "Channel", shown(a, n->channel_name));
	add_field(m, "Product", shown(a, n->product_name));
	add_field(m, "Version", shown(a, n->version));
	add_field(m, "Environment", shown(a, n->environment_name));
	add_field(m, n->kind == KIND_BUILD ? "Built by" : "Deployed by", who(a, n));
	add_field(m, "Branch", shown(a, n->scm_branch));
	add_field(m, "Commit", short_commit(a, n->scm_sha));
}

static void add_link(struct message *m, const char *label, struct text url)
{
	if (url.n) m->links[m->link_count++] = (struct message_link){label, url};
}

static void add_links(struct message *m, struct arena *a, const struct notice *n, const struct notify_site *site)
{
	bool is_build = n->kind == KIND_BUILD;
	if (n->channel_name.p) return;
	add_link(m, "View",
		message_page_url(a, site->public_url,
			is_build ? "/manage/versions?view=" : "/manage/deployments?view=", is_build ? n->version_id : n->subject_id));
	struct text logs = message_link_url(a, n->deploy_url);
	add_link(m, "Logs", logs.p ? logs : message_link_url(a, n->build_url));
}

static void add_part(struct buf *b, const char *separator, const char *words, struct text t)
{
	if (b->n) buf_cstr(b, separator);
	buf_cstr(b, words);
	buf_text(b, t);
}

/* "Deployment failed: shop 1.4.2 → production" */
static struct text summary_of(struct arena *a, const struct notice *n, struct text headline)
{
	struct text product = shown(a, n->product_name), version = shown(a, n->version), environment = shown(a, n->environment_name);
	buf_auto names = BUF_INIT(LONGEST_LINE);
	struct text channel = shown(a, n->channel_name);
	if (channel.p) add_part(&names, "", "", channel);
	if (product.p) add_part(&names, "", "", product);
	if (version.p) add_part(&names, " ", "", version);
	if (environment.p) add_part(&names, ARROW, "", environment);
	buf_auto b = BUF_INIT(LONGEST_LINE);
	buf_text(&b, headline);
	if (names.n) add_part(&b, ": ", "", buf_view(&names));
	return text_copy(a, buf_view(&b));
}

/* Requests and approvals have no such state. */
static bool tells_of_state(const struct event_type *type)
{
	struct text name = text_from(type->name);
	return text_starts(name, TEXT("deployment.")) || text_starts(name, TEXT("build."));
}

static struct text state_words(enum state s)
{
	return s == STATE_PREFLIGHT_FAILED ? TEXT("blocked") : text_from(state_name(s));
}

static bool took(const struct notice *n, int64_t *ret)
{
	if (!state_is_final(n->state) || n->started_at == TIME_NONE || n->ended_at == TIME_NONE) return false;
	return !__builtin_sub_overflow(n->ended_at, n->started_at, ret) && *ret >= 0;
}

static void add_rollout(struct buf *b, struct arena *a, const struct notice *n)
{
	struct text previous = shown(a, n->previous_version);
	bool back = n->rollout == ROLLOUT_ROLLBACK || (n->transitions & TRANSITION_ROLLED_BACK);
	if (back)
		add_part(b, SEPARATOR, previous.p ? "rollback from " : "rollback", previous);
	else if (n->rollout == ROLLOUT_UPGRADE && previous.p)
		add_part(b, SEPARATOR, "replaces ", previous);
	else if (n->rollout == ROLLOUT_REDEPLOY)
		add_part(b, SEPARATOR, "", TEXT("the same version again"));
	else if (n->rollout == ROLLOUT_INITIAL)
		add_part(b, SEPARATOR, "", TEXT("first deployment there"));
}

static struct text context_of(struct arena *a, const struct notice *n, const struct event_type *type)
{
	if (!tells_of_state(type)) return TEXT_ABSENT;
	int64_t duration;
	buf_auto b = BUF_INIT(LONGEST_LINE);
	buf_text(&b, state_words(n->state));
	if (took(n, &duration)) add_part(&b, SEPARATOR, "took ", message_duration(a, duration));
	if (n->state == STATE_COMPLETED) {
		if (n->transitions & TRANSITION_RECOVERED) add_part(&b, SEPARATOR, "", TEXT("first success after a failure"));
		add_rollout(&b, a, n);
	}
	return text_copy(a, buf_view(&b));
}

struct message message_of(struct arena *a, const struct notice *n, const struct event_type *type, const struct notify_site *site)
{
	struct message m = {
		.icon = type->icon,
		.headline = text_from(type->headline),
		.error = type->is_failure ? message_error(a, n) : TEXT_ABSENT,
		.context = context_of(a, n, type),
		.success = type->success,
		.is_failure = type->is_failure,
	};
	m.summary = summary_of(a, n, m.headline);
	add_fields(&m, a, n);
	add_links(&m, a, n, site);
	return m;
}
