/* The hash of an entry (declared in audit.h): SHA-256 over its fields as netstrings, one after the other, so that no two entries have the same text
 * whatever their fields hold. "5:hello," is a text of five bytes, "-," a field that is not there. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/secret.h"
#include "store/audit.h"

static void put_text(struct buf *b, struct text t)
{
	if (!t.p) return buf_cstr(b, "-,");
	buf_printf(b, "%zu:", t.n);
	buf_text(b, t);
	buf_char(b, ',');
}

static void put_number(struct buf *b, int64_t n)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%" PRId64, n);
	put_text(b, text_from(digits));
}

void audit_hash(const struct audit_entry *e, char out[static AUDIT_HASH_SIZE])
{
	buf_auto b = BUF_INIT(LIMIT_AUDIT_ENTRY);
	put_text(&b, e->previous_hash);
	put_number(&b, e->account);
	put_number(&b, e->number);
	put_number(&b, e->at);
	put_text(&b, e->actor);
	put_text(&b, e->credential);
	put_text(&b, text_from(e->action));
	put_text(&b, e->subject_id);
	put_text(&b, e->subject_name);
	put_text(&b, e->before);
	put_text(&b, e->after);
	put_text(&b, e->request_id);
	out[0] = '\0';
	if (!buf_failed(&b)) sha256_hex(buf_view(&b), out);
}
