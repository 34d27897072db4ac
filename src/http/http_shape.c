/* Refuses requests whose header fields are ambiguous or too many. */
#include "http/http_shape.h"

#include <string.h>

#include "base/limits.h"

enum repetition { REFUSED, JOINED, FIRST_COUNTS };

/* A compound literal is no constant in a static table. */
#define ROW_NAME(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct text name;
	enum repetition repeated;
} field_rows[FIELD_KINDS] = {
	[FIELD_HOST] = {ROW_NAME("Host"), REFUSED},
	[FIELD_CONTENT_LENGTH] = {ROW_NAME("Content-Length"), REFUSED},
	[FIELD_TRANSFER_ENCODING] = {ROW_NAME("Transfer-Encoding"), REFUSED},
	[FIELD_AUTHORIZATION] = {ROW_NAME("Authorization"), REFUSED},
	[FIELD_CONTENT_TYPE] = {ROW_NAME("Content-Type"), REFUSED},
	[FIELD_CONTENT_ENCODING] = {ROW_NAME("Content-Encoding"), JOINED},
	[FIELD_EXPECT] = {ROW_NAME("Expect"), FIRST_COUNTS},
	[FIELD_REQUEST_ID] = {ROW_NAME("X-Request-Id"), FIRST_COUNTS},
	[FIELD_ORIGIN] = {ROW_NAME("Origin"), REFUSED},
	[FIELD_PREFLIGHT_METHOD] = {ROW_NAME("Access-Control-Request-Method"), FIRST_COUNTS},
	[FIELD_ACCEPT_ENCODING] = {ROW_NAME("Accept-Encoding"), JOINED},
	[FIELD_IF_NONE_MATCH] = {ROW_NAME("If-None-Match"), JOINED},
	[FIELD_FORWARDED_FOR] = {ROW_NAME("X-Forwarded-For"), JOINED},
	[FIELD_FORWARDED_PROTO] = {ROW_NAME("X-Forwarded-Proto"), JOINED},
	[FIELD_FORWARDED_HOST] = {ROW_NAME("X-Forwarded-Host"), JOINED},
	[FIELD_COOKIE] = {ROW_NAME("Cookie"), REFUSED}, /* RFC 6265 5.4: one field has them all */
};

bool shape_is_token(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) continue;
		if (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)) return false;
	}
	return t.n > 0;
}

static bool value_allowed(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
	}
	return true;
}

static void see_known(struct shape *s, struct arena *a, enum field field, struct text value)
{
	struct text *slot = &s->fields[field];
	if (!slot->p) {
		*slot = value;
		return;
	}
	switch (field_rows[field].repeated) {
	case REFUSED: s->broken = true; break;
	case JOINED: *slot = text_from(arena_printf(a, "%.*s,%.*s", TEXT_ARGS(*slot), TEXT_ARGS(value))); break;
	case FIRST_COUNTS: break;
	}
}

void shape_see(struct shape *s, struct arena *a, struct text name, struct text value)
{
	if (++s->count > LIMIT_HEADER_COUNT || !shape_is_token(name) || !value_allowed(value)) s->broken = true;
	if (s->broken) return;
	for (int field = 0; field < FIELD_KINDS; field++) {
		if (field_rows[field].name.n != name.n || !text_equal_nocase(field_rows[field].name, name)) continue;
		see_known(s, a, (enum field)field, text_trim_blanks(value));
		return;
	}
}

bool shape_sound(struct shape *s)
{
	struct text length = s->fields[FIELD_CONTENT_LENGTH], coding = s->fields[FIELD_TRANSFER_ENCODING];
	if (s->broken || (length.p && coding.p)) return false;
	if (length.p && !text_to_u64(length, &s->length)) return false;
	if (coding.p && !text_equal_nocase(coding, TEXT("chunked"))) return false;
	s->chunked = coding.p != NULL;
	s->expects_continue = s->fields[FIELD_EXPECT].p && text_equal_nocase(s->fields[FIELD_EXPECT], TEXT("100-continue"));
	return true;
}

bool shape_has_body(const struct shape *s)
{
	return s->chunked || s->length > 0;
}
