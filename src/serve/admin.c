/* `versioner admin`: opens the store for its subcommands, and tells running servers. */
#include "serve/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/secret.h"
#include "db/db.h"
#include "db/wakeup.h"
#include "serve/commands.h"
#include "serve/store_open.h"
#include "store/account.h"

/* Servers look by themselves now and then. */
static void tell_servers(void *context, const char *topic, struct text payload)
{
	struct admin *w = context;
	if (wakeup_call(w->db, text_from(topic), payload) != RC_OK)
		fprintf(stderr, "Running servers could not be told, and find it within a second: %s\n", db_error(w->db)->text);
}

enum rc admin_commit(struct admin *w, enum rc rc, const char *what, struct err *err)
{
	if (rc == RC_OK) rc = db_commit(w->db);
	if (rc == RC_OK) return RC_OK;
	db_rollback(w->db);
	return err_set(err, rc, "%s: %s", what, db_error(w->db)->text);
}

static const struct {
	const char *name;
	enum rc (*run)(struct admin *w, struct err *err);
} SUBCOMMANDS[] = {{"create-key", admin_create_key}, {"list-keys", admin_list_keys}, {"revoke-key", admin_revoke_key},
	{"reset-password", admin_reset_password}};

static enum rc admin_open(struct admin *w, struct err *err)
{
	const char *slug = setting_text(w->settings, "account");
	w->actor = (struct actor){.label = TEXT("admin command"), .credential = TEXT("command line")};
	enum rc rc = secret_init(err);
	if (rc == RC_OK) rc = store_open_existing(setting_text(w->settings, "db"), DB_WRITE, &w->db, err);
	if (rc != RC_OK) return rc;
	db_listen(w->db, tell_servers, w);
	rc = account_find(w->db, text_from(slug), &w->actor.account);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "there is no account \"%s\": name it with --account", slug);
}

int admin_run(const struct settings *s, char **words)
{
	struct admin w = {.settings = s, .arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA)};
	struct err err = {0};
	enum rc rc = err_set(&err, RC_INVALID, "say what: create-key, list-keys, revoke-key kN or reset-password");
	for (size_t i = 0; words[0] && i < sizeof SUBCOMMANDS / sizeof *SUBCOMMANDS; i++) {
		if (strcmp(words[0], SUBCOMMANDS[i].name) != 0) continue;
		w.words = words + 1;
		rc = admin_open(&w, &err);
		if (rc == RC_OK) rc = SUBCOMMANDS[i].run(&w, &err);
	}
	if (rc != RC_OK) fprintf(stderr, "versioner admin: %s\n", err.text);
	db_close(w.db);
	arena_free(w.arena);
	return rc == RC_OK ? EXIT_FINE : rc == RC_INVALID ? EXIT_USAGE : EXIT_TROUBLE;
}
