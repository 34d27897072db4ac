/* `versioner admin`: API keys, made, shown and revoked on the server's machine. */
#include <stdio.h>
#include <string.h>

#include "actions/keys.h"
#include "auth/permission.h"
#include "base/limits.h"
#include "db/wakeup.h"
#include "serve/commands.h"
#include "serve/store_open.h"
#include "store/account.h"
#include "store/api_key.h"

struct admin {
	const struct settings *settings;
	struct db *db;
	struct arena *arena;
	int64_t account;
	char **words; /* after the subcommand */
};

/* Servers look by themselves now and then. */
static void tell_servers(void *context, const char *topic, struct text payload)
{
	struct admin *w = context;
	if (wakeup_call(w->db, text_from(topic), payload) != RC_OK)
		fprintf(stderr, "Running servers could not be told, and find it within a second: %s\n", db_error(w->db)->text);
}

static enum rc create_key(struct admin *w, struct err *err)
{
	unsigned scopes;
	struct text slug = text_from(setting_text(w->settings, "account")),
				name = text_trim(text_from(setting_text(w->settings, "name")));
	if (!scopes_parse(text_from(setting_text(w->settings, "scope")), &scopes))
		return err_set(err, RC_INVALID, "--scope is events, read, admin, or several by commas");
	if (name.n > 255 || !utf8_valid(name) || text_has_control(name, false))
		return err_set(err, RC_INVALID, "--name is at most 255 bytes of text");
	char token[KEY_TOKEN_MAX + 1];
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = key_create(w->db, w->arena, w->account, slug, name, scopes, clock_now(), token, err);
	if (rc == RC_OK) rc = db_commit(w->db);
	if (rc != RC_OK) {
		db_rollback(w->db);
		return err_set(err, rc, "the key could not be stored: %s", db_error(w->db)->text);
	}
	fprintf(stderr, "A new key with scope %s. It is shown once:\n", scopes_name(scopes));
	printf("%s\n", token);
	return RC_OK;
}

static void show_key(void *context, const struct api_key *k)
{
	struct admin *w = context;
	char created[RFC3339_SIZE], used[RFC3339_SIZE] = "never";
	if (k->account != w->account) return;
	rfc3339_format(k->created_at, created);
	if (k->last_used_at != TIME_NONE) rfc3339_format(k->last_used_at, used);
	printf("k%-5lld %-9s %-18.*s created %s  used %-28s %.*s\n", (long long)k->number,
		k->revoked_at != TIME_NONE ? "revoked" : "active", TEXT_ARGS(k->scopes), created, used, TEXT_ARGS(k->name));
}

static enum rc list_keys(struct admin *w, struct err *err)
{
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = api_key_each(w->db, w->arena, show_key, w);
	db_rollback(w->db);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "the keys could not be read: %s", db_error(w->db)->text);
}

static enum rc revoke_key(struct admin *w, struct err *err)
{
	struct text word = text_from(w->words[0]);
	uint64_t number;
	if (!word.n || word.p[0] != 'k' || !text_to_u64((struct text){word.p + 1, word.n - 1}, &number) || number > INT32_MAX)
		return err_set(err, RC_INVALID, "name the key to revoke as list-keys shows it, such as k2");
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = api_key_revoke(w->db, w->account, (int64_t)number, clock_now());
	if (rc == RC_OK) rc = db_commit(w->db);
	if (rc == RC_OK) return printf("k%llu is revoked\n", (unsigned long long)number), RC_OK;
	db_rollback(w->db);
	if (rc == RC_NOT_FOUND) return err_set(err, rc, "there is no active key k%llu", (unsigned long long)number);
	return err_set(err, rc, "the key could not be revoked: %s", db_error(w->db)->text);
}

static const struct {
	const char *name;
	enum rc (*run)(struct admin *w, struct err *err);
} SUBCOMMANDS[] = {{"create-key", create_key}, {"list-keys", list_keys}, {"revoke-key", revoke_key}};

static enum rc admin_open(struct admin *w, struct err *err)
{
	const char *slug = setting_text(w->settings, "account");
	enum rc rc = store_open_existing(setting_text(w->settings, "db"), DB_WRITE, &w->db, err);
	if (rc != RC_OK) return rc;
	db_listen(w->db, tell_servers, w);
	rc = account_find(w->db, text_from(slug), &w->account);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "there is no account \"%s\": name it with --account", slug);
}

int admin_run(const struct settings *s, char **words)
{
	struct admin w = {.settings = s, .arena = arena_new(KIB(16), LIMIT_REQUEST_ARENA)};
	struct err err = {0};
	enum rc rc = err_set(&err, RC_INVALID, "say what: create-key, list-keys or revoke-key kN");
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
