/* What the two files of the spool share. */
#pragma once

#include "cli/spool.h"

bool spool_name_is_event(const char *name); /* "<UUID>.json" */
int spool_open_folder(const struct spool *p, struct err *err); /* made where it is not there; -1: err says why */
