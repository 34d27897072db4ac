/* status --watch: the table again and again, in place on a terminal, one below the other elsewhere. */
#pragma once

#include "base/buf.h"
#include "cli/reading.h"

/* path: of the GET. Comes back only when the first answer is a failure, with its exit code; signals end it. */
int status_watch(struct reading *r, const struct buf *path);
