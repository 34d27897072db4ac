/* An export's lines into an empty store: `versioner import`.
 *
 * Rows go in by batches, and each batch's transaction also keeps how far the import has come (the table import_progress): the
 * number of lines, and their digest. So an import that was killed is begun again with the same file and goes on behind the
 * last whole batch: lines that are stored already are only digested, and must give the digest that was kept. A row is inserted
 * once, for certain, so a row that is there already is a mistake of the file.
 *
 * A file that can be read twice is read to its end first: nothing of a cut or changed file is stored. From a pipe, the damage
 * is found where it stands or at the last line; import_progress then stays, and no command but import opens such a store. */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"

struct db;

struct import {
	int64_t rows; /* looked at so far in this reading */
	int64_t total; /* of the file; 0: not known */
	int64_t resumed; /* of these, stored by an import before this one */
	const char *doing; /* "checked" in the first reading of a file, then "imported" */
	void (*progress)(void *context, const struct import *i); /* after each batch, and at the end */
	void *context;
};

/* db has the newest schema and is in no transaction. RC_OK: every row is stored, and the file was whole. RC_CONFLICT: the
 * store is not empty, or another file's import is under way. RC_INVALID: the file is wrong; the sentence names the line. */
enum rc store_import(struct db *db, int fd, struct import *i, struct err *err) must_check;
