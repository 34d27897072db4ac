/* The lines of a file or pipe, one after the other, each with a limit. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

struct lines {
	int fd;
	struct buf bytes; /* read and not yet given */
	size_t at; /* of them, given already */
	uint64_t read; /* bytes of the file so far */
	bool ended; /* nothing more to read */
};

struct lines lines_of(int fd, size_t longest);
void lines_done(struct lines *l); /* does not close the descriptor */
/* The next line with its newline, valid until the next call. RC_NOT_FOUND: there is none. The last one may lack its newline.
 * RC_INVALID: one is too long. */
enum rc lines_next(struct lines *l, struct text *ret, struct err *err) must_check;
