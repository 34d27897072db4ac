/* Every text of the config that is long enough to be a secret is blotted out, wherever it stands in the answer; and so are the parts of one that
 * an answer may hold alone: the path of a URL, what follows the scheme in "Bearer …". */
#include "notify/answer_text.h"

#include <string.h>

#include "base/limits.h"
#include "notify/message.h"

enum { SECRET_LEAST = 8 };
#define BLOT "****"

/* In place of each occurrence: shorter or as long, so the text stays in its room. */
static void blot_out(char *text, size_t *n, struct text secret)
{
	const size_t blot = sizeof BLOT - 1;
	char *at = text;
	while ((at = memmem(at, *n - (size_t)(at - text), secret.p, secret.n)) != NULL) {
		memcpy(at, BLOT, blot);
		size_t behind = *n - (size_t)(at - text) - secret.n;
		memmove(at + blot, at + secret.n, behind);
		*n -= secret.n - blot;
		at += blot;
	}
}

static struct text behind(struct text t, const char *part)
{
	const char *at = memmem(t.p, t.n, part, strlen(part));
	if (!at) return TEXT_ABSENT;
	at += strlen(part);
	return (struct text){at, t.n - (size_t)(at - t.p)};
}

static void blot_out_text(char *text, size_t *n, struct text t)
{
	if (t.n < SECRET_LEAST) return;
	blot_out(text, n, t);
	struct text place = behind(t, "://");
	const struct text parts[] = {place.p ? behind(place, "/") : TEXT_ABSENT, place.p ? behind(place, "?") : behind(t, " ")};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].n >= SECRET_LEAST) blot_out(text, n, parts[i]);
}

static void blot_out_all(char *text, size_t *n, const struct json *v)
{
	struct text t = json_text(v);
	blot_out_text(text, n, t);
	for (size_t i = 0; json_kind(v) == JSON_IS_ARRAY && i < json_size(v); i++) blot_out_all(text, n, json_element(v, i));
	for (struct json_iter i = json_members(v); json_next(&i);) blot_out_all(text, n, i.value);
}

struct text answer_text(struct arena *a, const struct json *config, const struct outgoing_answer *answer)
{
	struct text said = answer->end == OUTGOING_ANSWERED ? answer->body : text_from(answer->error);
	if (!said.p) return TEXT("");
	char *copy = arena_copy(a, said.p, said.n);
	size_t n = said.n;
	blot_out_all(copy, &n, config);
	struct text clean = message_clean(a, (struct text){copy, n}, LIMIT_NOTIFICATION_ANSWER, true);
	clean.n = utf8_cut(clean, LIMIT_NOTIFICATION_ANSWER);
	return clean;
}
