/* How a state of a deployment is shown in a table: a sign, a word and a colour. */
#pragma once

#include "base/arena.h"
#include "base/text.h"
#include "cli/table.h"

/* "✗ failed", or "✗ 1.6.0 failed" with a version: the sign first, which is left when the cell is cut. In the arena. */
struct table_cell state_cell(struct arena *a, struct text state, struct text version);
