/* What differs between two states of a subject, as two JSON objects (declared in audit.h). */
#include <inttypes.h>

#include "actions/audit.h"
#include "base/json_out.h"
#include "base/limits.h"

struct text audit_bool(bool v)
{
	return v ? TEXT("true") : TEXT("false");
}

struct text audit_time(struct arena *a, time_us t)
{
	char out[RFC3339_SIZE];
	if (t == TIME_NONE) return TEXT_ABSENT;
	return text_copy(a, (struct text){out, rfc3339_format(t, out)});
}

struct text audit_number(struct arena *a, int64_t n)
{
	return text_from(arena_printf(a, "%" PRId64, n));
}

static void put_cut(struct json_out *j, struct arena *a, const char *name, struct text t)
{
	static const char *const ELLIPSIS = "…";
	size_t n = utf8_cut(t, LIMIT_AUDIT_VALUE);
	json_put_text(j, name, n == t.n ? t : text_from(arena_printf(a, "%.*s%s", (int)n, t.p, ELLIPSIS)));
}

static void put_value(struct json_out *j, struct arena *a, const struct audit_field *f, struct text value)
{
	bool is_text = f->kind == AUDIT_TEXT || f->kind == AUDIT_TIME;
	if (value.p && (is_text || value.n > LIMIT_AUDIT_VALUE)) return put_cut(j, a, f->name, value);
	json_put_raw(j, f->name, value);
}

static bool differs(const struct audit_field *f)
{
	return f->kind == AUDIT_CHANGED ? f->after.p != NULL : !text_equal(f->before, f->after);
}

static struct text object_of(struct arena *a, const struct audit_field *fields, size_t count, bool after)
{
	buf_auto b = BUF_INIT(LIMIT_AUDIT_VALUES);
	struct json_out j = json_out(&b);
	json_put_object(&j, NULL);
	for (size_t i = 0; i < count; i++)
		if (differs(&fields[i]) && (after || fields[i].kind != AUDIT_CHANGED))
			put_value(&j, a, &fields[i], after ? fields[i].after : fields[i].before);
	json_end(&j);
	return text_copy(a, buf_view(&b));
}

void audit_difference(
	struct arena *a, const struct audit_field *fields, size_t count, struct text *ret_before, struct text *ret_after)
{
	bool was = false, is = false, different = false;
	for (size_t i = 0; i < count; i++) {
		was |= fields[i].before.p != NULL;
		is |= fields[i].after.p != NULL;
		different |= differs(&fields[i]);
	}
	*ret_before = different && was ? object_of(a, fields, count, false) : TEXT_ABSENT;
	*ret_after = different && is ? object_of(a, fields, count, true) : TEXT_ABSENT;
}
