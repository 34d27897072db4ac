/* Reads a table of tests/data: tab-separated, lines that begin with '#' are left out, the first other line names the columns. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TSV_COLUMNS_MAX = 12, TSV_ROWS_MAX = 256 };

struct tsv {
	char *bytes;
	size_t columns, rows; /* without the line of names */
	const char *name[TSV_COLUMNS_MAX];
	const char *cell[TSV_ROWS_MAX][TSV_COLUMNS_MAX]; /* "" where a line is shorter */
};

/* A table that cannot be read must fail the test, never pass it with no rows. */
static inline void tsv_die(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	abort();
}

static inline char *tsv_slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) tsv_die(path, "cannot open");
	size_t n = 0, room = 1 << 18;
	char *bytes = malloc(room);
	if (!bytes) tsv_die(path, "no memory");
	n = fread(bytes, 1, room - 1, f);
	if (n == room - 1) tsv_die(path, "too long");
	fclose(f);
	bytes[n] = '\0';
	return bytes;
}

static inline size_t tsv_cells(char *line, const char *ret_cells[static TSV_COLUMNS_MAX])
{
	size_t n = 0;
	for (char *cell; n < TSV_COLUMNS_MAX && (cell = strsep(&line, "\t"));) ret_cells[n++] = cell;
	for (size_t i = n; i < TSV_COLUMNS_MAX; i++) ret_cells[i] = "";
	return n;
}

/* Freed with tsv_free. `file` is a name in the data folder: VERSIONER_TEST_DATA, else tests/data. */
static inline struct tsv *tsv_read(const char *file)
{
	const char *folder = getenv("VERSIONER_TEST_DATA");
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder ? folder : "tests/data", file);

	struct tsv *t = calloc(1, sizeof(*t));
	if (!t) tsv_die(path, "no memory");
	t->bytes = tsv_slurp(path);
	char *rest = t->bytes;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (!*line || *line == '#') continue;
		if (!t->columns)
			t->columns = tsv_cells(line, t->name);
		else if (t->rows < TSV_ROWS_MAX)
			tsv_cells(line, t->cell[t->rows++]);
		else
			tsv_die(path, "too many rows");
	}
	if (!t->rows) tsv_die(path, "no rows");
	return t;
}

static inline void tsv_free(struct tsv *t)
{
	if (!t) return;
	free(t->bytes);
	free(t);
}

static inline const char *tsv_get(const struct tsv *t, size_t row, const char *column)
{
	for (size_t i = 0; i < t->columns; i++) {
		if (strcmp(t->name[i], column) == 0) return t->cell[row][i];
	}
	tsv_die(column, "no such column");
	return "";
}
