/* What the files about people share: people.c, password_links.c. */
#pragma once

#include "actions/people.h"

/* Stores a new link and notes it. Under audit_lock(). */
enum rc link_make(struct db *db, struct arena *a, const struct actor *actor, const struct user *u, time_us now,
	char link[static LINK_TOKEN_SIZE]) must_check;
/* Whose account a link is of, by its form. */
enum rc link_account(struct db *db, struct text link, int64_t *ret) must_check;
