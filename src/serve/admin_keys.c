/* `versioner admin create-key`, `list-keys`, `revoke-key`. */
#include <stdio.h>

#include "actions/keys.h"
#include "auth/permission.h"
#include "db/db.h"
#include "serve/admin.h"

enum rc admin_create_key(struct admin *w, struct err *err)
{
	unsigned scopes;
	struct text name = text_trim(text_from(setting_text(w->settings, "name")));
	if (!scopes_parse(text_from(setting_text(w->settings, "scope")), &scopes))
		return err_set(err, RC_INVALID, "--scope is events, read, admin, or several by commas");
	if (name.n > 255 || !utf8_valid(name) || text_has_control(name, false))
		return err_set(err, RC_INVALID, "--name is at most 255 bytes of text");
	char token[KEY_TOKEN_MAX + 1];
	struct api_key key;
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = key_create(w->db, w->arena, &w->actor, name, scopes, clock_now(), token, &key, err);
	rc = admin_commit(w, rc, "the key could not be stored", err);
	if (rc != RC_OK) return rc;
	fprintf(stderr, "A new key with scope %s. It is shown once:\n", scopes_name(scopes));
	printf("%s\n", token);
	return RC_OK;
}

static void show_key(void *context, const struct api_key *k)
{
	const struct admin *w = context;
	char created[RFC3339_SIZE], used[RFC3339_SIZE] = "never";
	if (k->account != w->actor.account) return;
	rfc3339_format(k->created_at, created);
	if (k->last_used_at != TIME_NONE) rfc3339_format(k->last_used_at, used);
	printf("k%-5lld %-9s %-18.*s created %s  used %-28s %.*s\n", (long long)k->number,
		k->revoked_at != TIME_NONE ? "revoked" : "active", TEXT_ARGS(k->scopes), created, used, TEXT_ARGS(k->name));
}

enum rc admin_list_keys(struct admin *w, struct err *err)
{
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = api_key_each(w->db, w->arena, show_key, w);
	db_rollback(w->db);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "the keys could not be read: %s", db_error(w->db)->text);
}

enum rc admin_revoke_key(struct admin *w, struct err *err)
{
	struct text word = text_from(w->words[0]);
	uint64_t number;
	if (!word.n || word.p[0] != 'k' || !text_to_u64((struct text){word.p + 1, word.n - 1}, &number) || number > INT32_MAX)
		return err_set(err, RC_INVALID, "name the key to revoke as list-keys shows it, such as k2");
	struct api_key key;
	enum rc rc = db_begin(w->db);
	if (rc == RC_OK) rc = api_key_get(w->db, w->arena, w->actor.account, (int64_t)number, &key);
	if (rc == RC_OK) rc = key_revoke(w->db, w->arena, &w->actor, key.id, clock_now(), &key);
	bool missing = rc == RC_NOT_FOUND;
	rc = admin_commit(w, rc, "the key could not be revoked", err);
	if (missing) return err_set(err, RC_NOT_FOUND, "there is no active key k%llu", (unsigned long long)number);
	if (rc == RC_OK) printf("k%llu is revoked\n", (unsigned long long)number);
	return rc;
}
