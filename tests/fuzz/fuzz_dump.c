/* Any bytes as the lines of an export: each is refused, or its row is written back as a line that reads as the same row. */
#include <stdint.h>
#include <stdlib.h>

#include "actions/dump_format.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool rows_equal(const struct dump_table *t, const struct param *a, const struct param *b)
{
	for (size_t i = 0; i < t->count; i++)
		if (a[i].kind != b[i].kind || (a[i].kind == PARAM_INT && a[i].integer != b[i].integer) ||
			(a[i].kind == PARAM_TEXT && !text_equal(a[i].text, b[i].text)))
			return false;
	return true;
}

static void read_line(struct arena *a, struct text line)
{
	const struct dump_table *table, *again;
	struct param row[DUMP_COLUMNS], same[DUMP_COLUMNS];
	struct dump_header header;
	struct dump_trailer trailer;
	buf_auto out = BUF_INIT(MIB(16));
	(void)!dump_read_header(a, line, &header, NULL);
	(void)!dump_read_trailer(a, line, &trailer, NULL);
	if (dump_read_row(a, line, &table, row, NULL) != RC_OK) return;
	dump_write_row(&out, table, row);
	if (buf_failed(&out)) return;
	if (dump_look(buf_view(&out), &again) != DUMP_LINE_ROW || again != table) abort();
	if (dump_read_row(a, buf_view(&out), &again, same, NULL) != RC_OK || !rows_equal(table, row, same)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *a = arena_new(KIB(4), MIB(64));
	struct text rest = {size ? (const char *)bytes : "", size}, line;
	while (text_split(&rest, '\n', &line)) read_line(a, line);
	arena_free(a);
	return 0;
}
