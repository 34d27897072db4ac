/* One-time links that set a password: "SLUG.SECRET" behind the "#" of an address, so that no server and no proxy on the way logs it. */
#include <stdio.h>

#include "actions/audit.h"
#include "actions/people_private.h"
#include "base/secret.h"
#include "db/db.h"
#include "store/account.h"

const char *const LINK_PAGE = "/setup#";

_Static_assert(LINK_TOKEN_SIZE >= 40 + 1 + SESSION_TOKEN_SIZE, "room for the longest slug");

enum rc link_make(struct db *db, struct arena *a, const struct actor *actor, const struct user *u, time_us now,
	char link[static LINK_TOKEN_SIZE])
{
	struct account account;
	char secret[SESSION_TOKEN_SIZE], hex[DIGEST_HEX_SIZE];
	enum rc rc = account_get(db, a, u->account, &account);
	if (rc != RC_OK) return rc;
	session_token_new(secret);
	snprintf(link, LINK_TOKEN_SIZE, "%.*s.%s", TEXT_ARGS(account.slug), secret);
	digest_hex(text_from(link), hex);
	const struct password_link l = {u->account, u->id, text_from(hex), now, now + LINK_LIFE};
	const struct audit_change c = {.action = "password_link.created", .subject_id = u->id, .subject_name = u->email};
	rc = password_link_put(db, &l);
	return rc == RC_OK ? audit_note(db, a, actor, &c, now) : rc;
}

enum rc link_account(struct db *db, struct text link, int64_t *ret)
{
	struct text rest = link, slug;
	if (!link.p || link.n >= LINK_TOKEN_SIZE || !text_split(&rest, '.', &slug) || !account_slug_valid(slug)) return RC_NOT_FOUND;
	return account_find(db, slug, ret);
}

enum rc link_user(struct db *db, struct arena *a, struct text link, time_us now, struct user *ret)
{
	char hex[DIGEST_HEX_SIZE];
	int64_t account;
	struct password_link l;
	struct user u;
	enum rc rc = link_account(db, link, &account);
	if (rc != RC_OK) return rc;
	digest_hex(link, hex);
	rc = password_link_find(db, a, account, text_from(hex), &l);
	if (rc == RC_OK && l.expires_at <= now) rc = RC_NOT_FOUND;
	if (rc == RC_OK) rc = user_get(db, a, account, l.user_id, &u);
	if (rc == RC_OK && u.deactivated_at != TIME_NONE) rc = RC_NOT_FOUND;
	if (rc == RC_OK) *ret = u;
	return rc;
}
