/* The sentence that goes with a failure. */
#include "base/rc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Formats into a copy first, because the arguments may point into err->text. One byte more than fits is kept, so that the
 * cut can see whether it would split a character. */
struct draft {
	char text[ERR_TEXT_MAX + 1];
	size_t n;
};

__attribute__((format(printf, 2, 0))) static void draft_add(struct draft *d, const char *format, va_list args)
{
	int n = vsnprintf(d->text + d->n, sizeof d->text - d->n, format, args);
	if (n < 0) return;
	d->n += (size_t)n;
	if (d->n > ERR_TEXT_MAX) d->n = ERR_TEXT_MAX;
}

static void draft_store(const struct draft *d, struct err *err)
{
	size_t n = utf8_cut((struct text){d->text, d->n}, ERR_TEXT_MAX - 1);
	memcpy(err->text, d->text, n);
	err->text[n] = '\0';
}

enum rc err_set(struct err *err, enum rc rc, const char *format, ...)
{
	if (!err) return rc;
	struct draft d = {.n = 0};
	va_list args;
	va_start(args, format);
	draft_add(&d, format, args);
	va_end(args);
	err->rc = rc;
	draft_store(&d, err);
	return rc;
}

enum rc err_prefix(struct err *err, const char *format, ...)
{
	if (!err) return RC_FAILED;
	struct draft d = {.n = 0};
	va_list args;
	va_start(args, format);
	draft_add(&d, format, args);
	va_end(args);
	size_t used = strlen(err->text);
	size_t space = ERR_TEXT_MAX - d.n;
	d.n += (size_t)snprintf(d.text + d.n, space + 1, ": %.*s", (int)used, err->text);
	if (d.n > ERR_TEXT_MAX) d.n = ERR_TEXT_MAX;
	draft_store(&d, err);
	return err->rc;
}
