/* Users: people who log in. Deleted ones stay as rows without a password, because what they did names them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "store/page.h"

struct db;

struct user {
	int64_t account;
	struct text id, email; /* in lower case; older stores may have others, and find them all the same */
	struct text name, role;
	struct text password_hash; /* absent: cannot log in yet */
	time_us created_at, updated_at, last_login_at, deactivated_at, deleted_at; /* TIME_NONE: not */
	int64_t revision; /* set by whoever writes it */
};

/* RC_CONFLICT is the caller's to foresee: user_find_email(). Each change but that of last_login_at raises the revision of people
 * (people_revision.h). */
enum rc user_insert(struct db *db, struct user *u) must_check;
enum rc user_update(struct db *db, struct user *u) must_check; /* all but id, created_at, last_login_at */
enum rc user_logged_in(struct db *db, int64_t account, struct text id, time_us now) must_check;
/* RC_NOT_FOUND also when it is deleted. */
enum rc user_get(struct db *db, struct arena *a, int64_t account, struct text id, struct user *ret) must_check;
enum rc user_find_email(struct db *db, struct arena *a, int64_t account, struct text email, struct user *ret) must_check;
typedef void user_each(void *context, const struct user *u);
enum rc user_list(
	struct db *db, struct arena *a, int64_t account, const struct page *page, user_each *each, void *context) must_check;
/* Active ones of a role. */
enum rc user_count_active(struct db *db, int64_t account, struct text role, int64_t *ret) must_check;
/* The mail addresses of the active users with that role, each into each(). */
enum rc user_emails(struct db *db, struct arena *a, int64_t account, struct text role,
	void (*each)(void *context, struct text email), void *context) must_check;
/* Of all accounts: who has changed since that revision, deleted ones too. */
enum rc user_each_since(struct db *db, struct arena *a, int64_t revision, user_each *each, void *context) must_check;
