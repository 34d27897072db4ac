/* Shows requests and answers with their secrets masked. */
#include "cli/api_debug.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/ci_log.h"

/* The account and the number of a key are no secret, and tell which one it is: "sk_acme_k1_****". */
static void add_masked_key(struct buf *out, struct text key)
{
	size_t shown = 0, bars = 0;
	while (shown < key.n && bars < 3) bars += key.p[shown++] == '_';
	if (bars == 3 && text_starts(key, TEXT("sk_")) && key.n - shown >= 16) buf_add(out, key.p, shown);
	buf_cstr(out, "****");
}

enum { LEAST_KEY = 4 }; /* a shorter one would blot out words */

static const char *find_key(struct text t, struct text key)
{
	return key.n >= LEAST_KEY && t.n ? memmem(t.p, t.n, key.p, key.n) : NULL;
}

struct text api_masked(struct arena *a, struct text t, struct text key)
{
	const char *found = find_key(t, key);
	if (!found) return t;
	buf_auto out = BUF_INIT(t.n * 2 + KIB(1));
	for (; found; found = find_key(t, key)) {
		buf_add(&out, t.p, (size_t)(found - t.p));
		add_masked_key(&out, key);
		t = (struct text){found + key.n, t.n - (size_t)(found + key.n - t.p)};
	}
	buf_text(&out, t);
	return text_copy(a, buf_view(&out));
}

/* Masked, and without what a CI system would obey. */
static void add_text(struct buf *out, struct text t, struct text key)
{
	const char *found = find_key(t, key);
	for (; found; found = find_key(t, key)) {
		ci_log_text(out, (struct text){t.p, (size_t)(found - t.p)}, false);
		add_masked_key(out, key);
		t = (struct text){found + key.n, t.n - (size_t)(found + key.n - t.p)};
	}
	ci_log_text(out, t, false);
}

static void add_body(struct buf *out, const char *arrow, struct text body, struct text key)
{
	size_t n = utf8_valid(body) ? utf8_cut(body, LIMIT_DEBUG_BODY) : 0;
	if (!body.n) return;
	buf_printf(out, "%s ", arrow);
	add_text(out, (struct text){body.p, n}, key);
	if (n < body.n) buf_printf(out, "… (%zu bytes)", body.n);
	buf_char(out, '\n');
}

static void add_header(struct buf *out, const char *name, struct text value, struct text key)
{
	if (!value.n) return;
	buf_printf(out, "← %s: ", name);
	add_text(out, value, key);
	buf_char(out, '\n');
}

static void show(const struct buf *out)
{
	fflush(stdout);
	fwrite(out->p, 1, out->n, stderr);
}

void api_debug_request(const struct client_request *r, struct text key, int attempt)
{
	buf_auto out = BUF_INIT(LIMIT_DEBUG_BODY * 8);
	buf_printf(&out, "→ %s ", r->method);
	add_text(&out, text_from(r->url), key);
	if (attempt > 1) buf_printf(&out, " (attempt %d)", attempt);
	buf_char(&out, '\n');
	for (size_t i = 0; i < r->header_count; i++) {
		buf_printf(&out, "→ %.*s: ", TEXT_ARGS(r->headers[i].name));
		add_text(&out, r->headers[i].value, key);
		buf_char(&out, '\n');
	}
	add_body(&out, "→", r->body, key);
	show(&out);
}

void api_debug_answer(const struct client_answer *answer, struct text key)
{
	buf_auto out = BUF_INIT(LIMIT_DEBUG_BODY * 8);
	if (answer->end == CLIENT_ANSWERED) {
		buf_printf(&out, "← %d (%.1f ms)\n", answer->status, (double)answer->micros / 1000);
		add_header(&out, "X-Request-Id", answer->request_id, key);
		if (answer->retry_after >= 0) buf_printf(&out, "← Retry-After: %lld\n", (long long)answer->retry_after);
		add_header(&out, "Location", answer->location, key);
		add_body(&out, "←", answer->body, key);
	} else {
		buf_printf(&out, "← %s (%.1f ms)\n", answer->error, (double)answer->micros / 1000);
	}
	show(&out);
}

void api_debug_wait(int64_t micros)
{
	fprintf(stderr, "  waiting %.1f s\n", (double)micros / 1000000);
}
