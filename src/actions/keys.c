/* API keys, and the first start. */
#include "actions/keys.h"

#include "actions/audit.h"
#include "auth/keyring.h"
#include "auth/permission.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "db/db.h"
#include "store/account.h"

enum { FIRST_ACCOUNT = 1 };

static enum rc key_note(struct db *db, struct arena *a, const struct actor *actor, const char *action,
	const struct api_key *before, const struct api_key *after, time_us now)
{
	const struct api_key none = {0}, *b = before ? before : &none, *c = after ? after : &none, *subject = after ? after : before;
	const struct audit_field fields[] = {
		{"number", AUDIT_TEXT, before ? text_from(arena_printf(a, "k%lld", (long long)b->number)) : TEXT_ABSENT,
			after ? text_from(arena_printf(a, "k%lld", (long long)c->number)) : TEXT_ABSENT},
		{"name", AUDIT_TEXT, b->name, c->name},
		{"scopes", AUDIT_TEXT, b->scopes, c->scopes},
	};
	return audit_note_fields(db, a, actor, action, subject->id, subject->name, fields, sizeof fields / sizeof *fields, now);
}

/* k: account, account_slug, number, name, created_by. */
static enum rc key_store(
	struct db *db, struct arena *a, const struct actor *actor, struct api_key *k, unsigned scopes, struct text token, time_us now)
{
	char hex[DIGEST_HEX_SIZE];
	digest_hex(token, hex);
	k->id = uuid_text(a);
	k->scopes = text_from(scopes_name(scopes));
	k->secret_digest = text_copy(a, text_from(hex));
	k->created_at = now;
	k->last_used_at = k->revoked_at = TIME_NONE;
	enum rc rc = api_key_insert(db, k);
	return rc == RC_OK ? key_note(db, a, actor, "api_key.created", NULL, k, now) : rc;
}

enum rc key_create(struct db *db, struct arena *a, const struct actor *actor, struct text name, unsigned scopes, time_us now,
	char token[static KEY_TOKEN_MAX + 1], struct api_key *ret, struct err *err)
{
	struct account account;
	struct api_key k = {.account = actor->account, .name = name, .created_by = actor->label};
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = account_get(db, a, actor->account, &account);
	if (rc == RC_OK) rc = api_key_next_number(db, actor->account, &k.number);
	if (rc != RC_OK) return err_set(err, rc, "cannot read the keys");
	k.account_slug = account.slug;
	key_token_new(k.account_slug, k.number, token);
	rc = key_store(db, a, actor, &k, scopes, text_from(token), now);
	if (rc != RC_OK) return err_set(err, rc, "cannot store the key");
	*ret = k;
	return RC_OK;
}

enum rc key_revoke(struct db *db, struct arena *a, const struct actor *actor, struct text id, time_us now, struct api_key *ret)
{
	struct api_key k;
	enum rc rc = audit_lock(db, actor->account);
	if (rc == RC_OK) rc = api_key_find(db, a, actor->account, id, &k);
	if (rc == RC_OK) rc = api_key_revoke(db, actor->account, k.number, now);
	if (rc == RC_OK) rc = key_note(db, a, actor, "api_key.revoked", &k, NULL, now);
	k.revoked_at = now;
	if (rc == RC_OK) *ret = k;
	return rc;
}

static void key_learn(void *context, const struct api_key *k)
{
	struct keyring_key key = {.account = k->account,
		.number = k->number,
		.slug = k->account_slug,
		.scopes = k->scopes,
		.secret_digest = k->secret_digest,
		.revoked = k->revoked_at != TIME_NONE};
	keyring_learn(context, &key);
}

void key_learn_now(struct keyring *k, const struct api_key *key)
{
	key_learn(k, key);
}

enum rc keys_refresh(struct db *db, struct keyring *k, int64_t *revision)
{
	int64_t now;
	enum rc rc = api_key_revision(db, &now);
	if (rc != RC_OK || now == *revision) return rc;
	struct arena *a = arena_new(KIB(16), MIB(1024));
	rc = api_key_each(db, a, key_learn, k);
	arena_free(a);
	if (rc == RC_OK) *revision = now;
	return rc;
}

static enum rc given_key(struct text token, struct key_token *ret, struct err *err)
{
	if (key_token_parse(token, ret) && account_slug_valid(ret->slug)) return RC_OK;
	return err_set(err, RC_INVALID,
		"the given API key is not of the form sk_ACCOUNT_k1_SECRET with a secret of at least %d letters and digits",
		KEY_SECRET_LEAST);
}

enum rc key_check_given(struct text token, struct err *err)
{
	struct key_token parts;
	return given_key(token, &parts, err);
}

/* No account yet, or only the first one, and without a key: neither a server nor an import has been here. */
static enum rc look_for_start(struct db *db, bool *ret_has_account, bool *ret_first)
{
	int64_t accounts, id = 0, number = 1;
	enum rc rc = db_lock(db, TEXT("first start")); /* of several servers at once, one is the first */
	if (rc == RC_OK) rc = account_count(db, &accounts);
	if (rc == RC_OK && accounts) rc = account_next(db, INT64_MIN, &id);
	if (rc == RC_OK && accounts) rc = api_key_next_number(db, id, &number);
	if (rc != RC_OK) return rc;
	*ret_has_account = accounts > 0;
	*ret_first = !accounts || (accounts == 1 && id == FIRST_ACCOUNT && number == 1);
	return RC_OK;
}

/* The account of the first key: made, or there already under that name. */
static enum rc first_account(struct db *db, struct text slug, bool is_there, time_us now, struct err *err)
{
	int64_t id;
	enum rc rc = is_there ? account_find(db, slug, &id) : account_insert(db, FIRST_ACCOUNT, slug, slug, now);
	if (rc == RC_NOT_FOUND)
		return err_set(
			err, RC_INVALID, "the given API key is of the account %.*s, and this store has another one", TEXT_ARGS(slug));
	return rc == RC_OK ? RC_OK : err_set(err, rc, "cannot store the first account");
}

/* The admin cannot log in yet: the link sets the password. */
static enum rc first_people(struct db *db, struct arena *a, struct text admin_email, const struct key_token *parts,
	struct text token, time_us now, struct first_start *first)
{
	struct user admin = {.email = admin_email, .role = TEXT("admin")};
	struct api_key k = {
		.account = FIRST_ACCOUNT, .account_slug = first->slug, .number = parts->number, .name = TEXT("first key")};
	const struct actor nobody = {.account = FIRST_ACCOUNT, .label = TEXT("first start"), .credential = TEXT("command line")};
	const char *code;
	struct err err;
	enum rc rc = user_create(db, a, &nobody, &admin, now, first->link, &code, &err);
	return rc == RC_OK ? key_store(db, a, &nobody, &k, SCOPE_ADMIN, token, now) : rc;
}

enum rc first_start(struct db *db, struct arena *a, struct text admin_email, struct text given_token, time_us now,
	struct first_start *ret, struct err *err)
{
	bool has_account, is_first;
	struct first_start first = {.slug = TEXT("default")};
	enum rc rc = look_for_start(db, &has_account, &is_first);
	if (rc != RC_OK) return err_set(err, rc, "cannot read the accounts");
	if (!is_first) return *ret = first, RC_OK;

	struct key_token parts = {.slug = first.slug, .number = 1};
	if (given_token.p && (rc = given_key(given_token, &parts, err)) != RC_OK) return rc;
	if (!given_token.p) key_token_new(parts.slug, parts.number, first.token);
	first.slug = text_copy(a, parts.slug);
	first.happened = true;
	rc = first_account(db, parts.slug, has_account, now, err);
	if (rc != RC_OK) return rc;
	rc = first_people(db, a, admin_email, &parts, given_token.p ? given_token : text_from(first.token), now, &first);
	if (rc != RC_OK) return err_set(err, rc, "cannot store the first account");
	*ret = first;
	return RC_OK;
}
