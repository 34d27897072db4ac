/* `versioner admin reset-password`: a one-time link, or with --stdin a password. The password is never an argument: other users of the machine see
 * those. */
#include <stdio.h>
#include <string.h>

#include "actions/people.h"
#include "auth/permission.h"
#include "base/secret.h"
#include "db/db.h"
#include "serve/admin.h"
#include "serve/announce.h"
#include "store/user.h"

struct admins {
	struct text email;
	int count;
};

static void admin_seen(void *context, struct text email)
{
	struct admins *a = context;
	a->email = email;
	a->count++;
}

/* Of --email, or the only admin. */
static enum rc find_user(struct admin *w, struct user *ret, struct err *err)
{
	struct admins admins = {.email = text_from(setting_text(w->settings, "email"))};
	enum rc rc = RC_OK;
	if (!admins.email.p) rc = user_emails(w->db, w->arena, w->actor.account, TEXT("admin"), admin_seen, &admins);
	if (rc == RC_OK && !admins.email.p) return err_set(err, RC_NOT_FOUND, "there is no active admin: name a user with --email");
	if (rc == RC_OK && admins.count > 1)
		return err_set(err, RC_INVALID, "there are %d admins: name one with --email", admins.count);
	if (rc == RC_OK) rc = user_find_email(w->db, w->arena, w->actor.account, admins.email, ret);
	if (rc == RC_NOT_FOUND) return err_set(err, rc, "there is no user %.*s", TEXT_ARGS(admins.email));
	if (rc != RC_OK) return err_set(err, rc, "the users could not be read: %s", db_error(w->db)->text);
	if (ret->deactivated_at == TIME_NONE) return RC_OK;
	return err_set(err, RC_CONFLICT, "%.*s is deactivated: an admin has to activate that user first", TEXT_ARGS(ret->email));
}

enum { LINE_SIZE = PASSWORD_MOST * 4 + 4 };

/* The first line, without its end. */
static enum rc read_password(const struct user *u, char line[static LINE_SIZE], struct err *err)
{
	if (!fgets(line, LINE_SIZE, stdin)) return err_set(err, RC_INVALID, "there is no password on standard input");
	line[strcspn(line, "\r\n")] = '\0';
	const char *trouble = password_trouble(text_from(line), u->email);
	return trouble ? err_set(err, RC_INVALID, "%s", trouble) : RC_OK;
}

static enum rc set_password(struct admin *w, struct user *u, struct err *err)
{
	char line[LINE_SIZE], hash[PASSWORD_HASH_SIZE];
	enum rc rc = read_password(u, line, err);
	if (rc == RC_OK) rc = password_hash(text_from(line), hash, err);
	secret_wipe(line, sizeof line);
	if (rc != RC_OK) return rc;
	rc = db_begin(w->db);
	if (rc == RC_OK) rc = user_set_password(w->db, w->arena, &w->actor, u, text_from(hash), clock_now());
	rc = admin_commit(w, rc, "the password could not be stored", err);
	if (rc == RC_OK) fprintf(stderr, "%.*s has a new password, and no session any more\n", TEXT_ARGS(u->email));
	return rc;
}

static enum rc make_link(struct admin *w, const struct user *u, struct err *err)
{
	char link[LINK_TOKEN_SIZE], url[512];
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = user_link(w->db, w->arena, &w->actor, u->id, clock_now(), link, NULL);
	rc = admin_commit(w, rc, "the link could not be stored", err);
	if (rc != RC_OK) return rc;
	announce_url(w->settings, setting_text(w->settings, "listen"), url, sizeof url);
	fprintf(stderr, "With this link %.*s sets a new password. It works once, within 72 hours:\n", TEXT_ARGS(u->email));
	printf("%s%s%s\n", url, LINK_PAGE, link);
	return RC_OK;
}

enum rc admin_reset_password(struct admin *w, struct err *err)
{
	struct user u = {0};
	if (w->words[0])
		return err_set(err, RC_INVALID, "reset-password takes no word: a password comes by --stdin, a user by --email");
	enum rc rc = find_user(w, &u, err);
	if (rc != RC_OK) return rc;
	return setting_bool(w->settings, "stdin") ? set_password(w, &u, err) : make_link(w, &u, err);
}
