/* API keys, and the first start. */
#include "actions/keys.h"

#include "auth/keyring.h"
#include "auth/permission.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "db/db.h"
#include "store/account.h"
#include "store/api_key.h"

enum { FIRST_ACCOUNT = 1 };

static enum rc key_store(struct db *db, struct arena *a, int64_t account, int64_t number, struct text name, unsigned scopes,
	struct text token, time_us now)
{
	char hex[DIGEST_HEX_SIZE];
	digest_hex(token, hex);
	struct api_key k = {.account = account,
		.number = number,
		.id = uuid_text(a),
		.name = name,
		.scopes = text_from(scopes_name(scopes)),
		.secret_digest = text_from(hex),
		.created_at = now};
	return api_key_insert(db, &k);
}

enum rc key_create(struct db *db, struct arena *a, int64_t account, struct text account_slug, struct text name, unsigned scopes,
	time_us now, char token[static KEY_TOKEN_MAX + 1], struct err *err)
{
	int64_t number;
	enum rc rc = db_lock(db, TEXT("keys"));
	if (rc == RC_OK) rc = api_key_next_number(db, account, &number);
	if (rc != RC_OK) return err_set(err, rc, "cannot read the keys");
	key_token_new(account_slug, number, token);
	rc = key_store(db, a, account, number, name, scopes, text_from(token), now);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "cannot store the key");
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
	rc = user_insert(db, FIRST_ACCOUNT, uuid_text(a), admin_email, TEXT("admin"), TEXT_ABSENT, now);
	if (rc == RC_OK)
		rc = key_store(db, a, FIRST_ACCOUNT, parts.number, TEXT("first key"), SCOPE_ADMIN,
			given_token.p ? given_token : text_from(first.token), now);
	if (rc != RC_OK) return err_set(err, rc, "cannot store the first account");
	*ret = first;
	return RC_OK;
}
