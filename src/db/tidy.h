/* Keeps the engine's log short without making a commit wait: a thread with its own connection moves finished pages into the main
 * file. Private to this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"

struct tidier;

enum rc tidier_start(const char *location, struct tidier **ret, struct err *err) must_check;
/* From the writer, after each commit, with db_log_pages(). True: the writer itself should call db_tidy now. */
bool tidier_note(struct tidier *t, int64_t log_pages);
void tidier_stop(struct tidier *t); /* NULL is fine */
