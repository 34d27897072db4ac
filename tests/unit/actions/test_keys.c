/* API keys: the first start happens once, keys are numbered and stored as digests, and the keyring learns of each change. */
#include "../fresh_store.h"

#include "actions/keys.h"
#include "auth/keyring.h"
#include "auth/permission.h"
#include "store/api_key.h"

#define TEST_OF_EMPTY_STORE(f) cmocka_unit_test_setup_teardown(f, empty_store_make, fresh_store_remove)
#define SECRET "abcdefghijklmnopqrstuvwxyz012345"

SQL_STATEMENT(all_users, "SELECT account_id, email, role, password_hash FROM app_user");

struct key_list {
	struct api_key keys[8];
	size_t count;
};

static void list_key(void *context, const struct api_key *k)
{
	struct key_list *l = context;
	assert_true(l->count < COUNT_OF(l->keys));
	l->keys[l->count++] = *k;
}

static struct key_list keys_of(struct fresh_store *s)
{
	struct key_list l = {.count = 0};
	assert_ok(api_key_each(s->db, s->arena, list_key, &l));
	return l;
}

static enum rc start(struct fresh_store *s, const char *given, struct first_start *ret, struct err *err)
{
	assert_ok(db_begin(s->db));
	enum rc rc = first_start(s->db, s->arena, TEXT("admin@localhost"), text_from(given), 1000, ret, err);
	if (rc == RC_OK) assert_ok(db_commit(s->db));
	db_rollback(s->db);
	return rc;
}

static struct first_start started(struct fresh_store *s, const char *given)
{
	struct first_start first = {.happened = false};
	struct err err = {0};
	if (start(s, given, &first, &err) != RC_OK) fail_msg("%s", err.text);
	return first;
}

static void a_store_that_was_filled_before_any_server_gets_its_first_key(void **state)
{
	struct fresh_store *s = *state;
	struct first_start first = {.happened = false};
	struct err err = {0};
	assert_int_equal(start(s, "sk_acme_k1_" SECRET, &first, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "acme"));
	assert_int_equal(keys_of(s).count, 0);
	first = started(s, NULL);
	assert_true(first.happened);
	assert_int_equal(strncmp(first.token, "sk_default_k1_", 14), 0);
	struct key_list l = keys_of(s);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.keys[0].account, ACCOUNT);
	assert_false(started(s, NULL).happened);
}

static void assert_digest_of(struct text digest, const char *token)
{
	char hex[DIGEST_HEX_SIZE];
	digest_hex(text_from(token), hex);
	assert_text(digest, hex);
}

static void the_first_start_makes_account_admin_and_key(void **state)
{
	struct fresh_store *s = *state;
	struct first_start first = started(s, NULL);
	assert_true(first.happened);
	assert_text(first.slug, "default");
	assert_int_equal(strncmp(first.token, "sk_default_k1_", 14), 0);
	assert_int_equal(strlen(first.token), 14 + KEY_SECRET_LENGTH);

	int64_t account = 0;
	assert_ok(account_find(s->db, TEXT("default"), &account));
	struct key_list l = keys_of(s);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.keys[0].account, account);
	assert_int_equal(l.keys[0].number, 1);
	assert_int_equal(l.keys[0].created_at, 1000);
	assert_int_equal(l.keys[0].revoked_at, TIME_NONE);
	assert_text(l.keys[0].scopes, "admin");
	assert_text(l.keys[0].account_slug, "default");
	assert_digest_of(l.keys[0].secret_digest, first.token);

	struct rows r;
	assert_ok(db_select(s->db, &r, &all_users));
	assert_true(rows_next(&r));
	assert_int_equal(row_int(&r, "account_id"), account);
	assert_text(row_text(&r, "email"), "admin@localhost");
	assert_text(row_text(&r, "role"), "admin");
	assert_true(row_null(&r, "password_hash"));
	assert_false(rows_next(&r));
	assert_ok(rows_done(&r));

	struct user admin;
	assert_int_equal(strncmp(first.link, "default.", 8), 0);
	assert_ok(link_user(s->db, s->arena, text_from(first.link), 1000, &admin));
	assert_text(admin.email, "admin@localhost");
	assert_int_equal(link_user(s->db, s->arena, text_from(first.link), 1000 + LINK_LIFE, &admin), RC_NOT_FOUND);
}

static void the_first_start_happens_once(void **state)
{
	struct fresh_store *s = *state;
	struct first_start first = started(s, NULL);
	uint64_t before = db_changed(s->db);
	struct first_start again = started(s, NULL), given = started(s, "sk_other_k1_" SECRET);
	assert_true(first.happened);
	assert_false(again.happened);
	assert_false(given.happened);
	assert_string_equal(again.token, "");
	assert_int_equal(db_changed(s->db), before);
}

static void two_first_starts_make_two_keys(void **state)
{
	struct fresh_store *s = *state;
	struct first_start one = {.happened = false}, two = {.happened = false};
	struct err err = {0};
	for (int i = 0; i < 2; i++) {
		assert_ok(db_begin(s->db));
		assert_ok(first_start(s->db, s->arena, TEXT("a@b"), TEXT_ABSENT, 1, i ? &two : &one, &err));
		db_rollback(s->db);
	}
	assert_true(two.happened);
	assert_string_not_equal(one.token, two.token);
}

static void a_given_key_names_its_account_and_number(void **state)
{
	struct fresh_store *s = *state;
	struct first_start first = started(s, "sk_my-team-1_k7_" SECRET);
	assert_true(first.happened);
	assert_string_equal(first.token, ""); /* it is known already, and not shown */
	assert_text(first.slug, "my-team-1");
	struct key_list l = keys_of(s);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.keys[0].number, 7);
	assert_text(l.keys[0].account_slug, "my-team-1");
	assert_digest_of(l.keys[0].secret_digest, "sk_my-team-1_k7_" SECRET);
}

static void a_bad_key_is_refused_and_nothing_is_stored(void **state)
{
	static const char *const bad[] = {
		"", "x", "sk_default_k1_short", "sk_default_k0_" SECRET, "sk_default_1_" SECRET, "sk__k1_" SECRET,
		"pk_default_k1_" SECRET, "sk_Default_k1_" SECRET, "sk_-default_k1_" SECRET, "sk_default-_k1_" SECRET,
		"sk_default_k1_" SECRET " ", " sk_default_k1_" SECRET,
		"sk_aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde_k1_" SECRET, /* 41 characters */
	};
	struct fresh_store *s = *state;
	uint64_t before = db_changed(s->db);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct first_start first = {.token = "untouched"};
		struct err err = {0};
		if (start(s, bad[i], &first, &err) != RC_INVALID) fail_msg("\"%s\" was taken", bad[i]);
		assert_string_equal(first.token, "untouched");
		assert_non_null(strstr(err.text, "sk_ACCOUNT_k1_SECRET"));
		assert_null(strstr(err.text, SECRET));
	}
	assert_int_equal(db_changed(s->db), before);
	assert_true(started(s, "sk_default_k1_" SECRET).happened);
}

static const struct actor ADA = {
	.account = ACCOUNT, .label = {"user:ada@example.com", 20}, .credential = {"session:s1", 10}, .user_id = {"u1", 2}};

static void created(struct fresh_store *s, const char *name, unsigned scopes, char token[static KEY_TOKEN_MAX + 1])
{
	struct err err = {0};
	struct api_key key;
	assert_ok(db_begin(s->db));
	if (key_create(s->db, s->arena, &ADA, text_from(name), scopes, 2000, token, &key, &err) != RC_OK) fail_msg("%s", err.text);
	assert_ok(db_commit(s->db));
	assert_text(key.name, name);
	assert_text(key.created_by, "user:ada@example.com");
}

static void keys_are_numbered_and_stored_as_digests(void **state)
{
	struct fresh_store *s = *state;
	char tokens[3][KEY_TOKEN_MAX + 1];
	created(s, "ci", SCOPE_EVENTS, tokens[0]);
	created(s, "board", SCOPE_READ | SCOPE_EVENTS, tokens[1]);
	assert_ok(api_key_revoke(s->db, ACCOUNT, 2, 3000));
	created(s, "ops", SCOPE_ADMIN, tokens[2]); /* a revoked number is not used again */
	static const char *const names[] = {"ci", "board", "ops"}, *const scopes[] = {"events", "events,read", "admin"};
	struct key_list l = keys_of(s);
	assert_int_equal(l.count, 3);
	for (int i = 0; i < 3; i++) {
		struct key_token parts = {.number = 0};
		assert_true(key_token_parse(text_from(tokens[i]), &parts));
		assert_int_equal(parts.number, i + 1);
		assert_text(parts.slug, "default");
		assert_int_equal(l.keys[i].number, i + 1);
		assert_text(l.keys[i].name, names[i]);
		assert_text(l.keys[i].scopes, scopes[i]);
		assert_int_equal(l.keys[i].created_at, 2000);
		assert_int_equal(l.keys[i].revoked_at, i == 1 ? 3000 : TIME_NONE);
		assert_digest_of(l.keys[i].secret_digest, tokens[i]);
	}
	assert_int_equal(api_key_revoke(s->db, ACCOUNT, 2, 4000), RC_NOT_FOUND);
	assert_int_equal(api_key_revoke(s->db, 2, 1, 4000), RC_NOT_FOUND); /* another account's */
}

struct shown {
	int count;
	int64_t numbers[8];
};

static void show(void *context, const struct api_key *k)
{
	struct shown *l = context;
	l->numbers[l->count++] = k->number;
}

static void keys_are_listed_page_by_page_and_revoked_by_id(void **state)
{
	struct fresh_store *s = *state;
	char token[KEY_TOKEN_MAX + 1];
	struct api_key key;
	for (int i = 0; i < 3; i++) created(s, "ci", SCOPE_EVENTS, token);
	struct shown first = {0}, second = {0};
	struct page page = {.limit = 1};
	assert_ok(api_key_list(s->db, s->arena, ACCOUNT, &page, show, &first));
	assert_int_equal(first.count, 2); /* one more, to know that there is */
	assert_int_equal(first.numbers[0], 3);
	assert_ok(api_key_get(s->db, s->arena, ACCOUNT, 3, &key));
	page.after = key.id;
	assert_ok(api_key_list(s->db, s->arena, ACCOUNT, &page, show, &second));
	assert_int_equal(second.numbers[0], 2);

	struct api_key revoked;
	struct actor stranger = ADA;
	stranger.account = 2;
	assert_ok(db_begin(s->db));
	assert_int_equal(key_revoke(s->db, s->arena, &stranger, key.id, 5000, &revoked), RC_NOT_FOUND);
	assert_ok(key_revoke(s->db, s->arena, &ADA, key.id, 5000, &revoked));
	assert_int_equal(key_revoke(s->db, s->arena, &ADA, key.id, 6000, &revoked), RC_NOT_FOUND);
	assert_ok(db_commit(s->db));
	assert_int_equal(revoked.revoked_at, 5000);
	assert_ok(api_key_find(s->db, s->arena, ACCOUNT, key.id, &key));
	assert_int_equal(key.revoked_at, 5000);

	struct keyring *k = keyring_new();
	char header[KEY_TOKEN_MAX + 16];
	snprintf(header, sizeof header, "Bearer %s", token);
	revoked.revoked_at = TIME_NONE;
	key_learn_now(k, &revoked);
	assert_non_null(keyring_authenticate(k, text_from(header), 1));
	key_learn_now(k, &key);
	assert_null(keyring_authenticate(k, text_from(header), 1));
	keyring_free(k);
}

static void a_last_use_only_moves_forward(void **state)
{
	struct fresh_store *s = *state;
	char token[KEY_TOKEN_MAX + 1];
	created(s, "ci", SCOPE_EVENTS, token);
	static const time_us uses[] = {500, 400, 600}, expected[] = {500, 500, 600};
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		assert_ok(api_key_touch(s->db, ACCOUNT, 1, uses[i]));
		assert_int_equal(keys_of(s).keys[0].last_used_at, expected[i]);
	}
}

static const struct principal *who(struct keyring *k, const char *token)
{
	char header[KEY_TOKEN_MAX + 16];
	snprintf(header, sizeof header, "Bearer %s", token);
	return keyring_authenticate(k, text_from(header), 1);
}

static void the_keyring_learns_of_each_change(void **state)
{
	struct fresh_store *s = *state;
	struct keyring *k = keyring_new();
	int64_t revision = -1;
	char one[KEY_TOKEN_MAX + 1], two[KEY_TOKEN_MAX + 1];
	created(s, "ci", SCOPE_EVENTS, one);
	assert_null(who(k, one));
	assert_ok(keys_refresh(s->db, k, &revision));
	const struct principal *p = who(k, one);
	assert_non_null(p);
	assert_int_equal(principal_scopes(p), SCOPE_EVENTS);
	assert_int_equal(principal_account(p), ACCOUNT);

	int64_t before = revision;
	assert_ok(keys_refresh(s->db, k, &revision));
	assert_int_equal(revision, before); /* nothing has changed, a use counts for nothing */
	assert_ok(api_key_touch(s->db, ACCOUNT, 1, 5));
	assert_ok(keys_refresh(s->db, k, &revision));
	assert_int_equal(revision, before);

	created(s, "more", SCOPE_READ, two);
	assert_null(who(k, two));
	assert_ok(keys_refresh(s->db, k, &revision));
	assert_true(revision > before);
	assert_non_null(who(k, two));
	assert_ptr_equal(who(k, one), p);

	assert_ok(api_key_revoke(s->db, ACCOUNT, 1, 3000));
	assert_ptr_equal(who(k, one), p);
	assert_ok(keys_refresh(s->db, k, &revision));
	assert_null(who(k, one));
	assert_non_null(who(k, two));
	assert_int_equal(principal_account(p), ACCOUNT); /* a request under way may still ask */
	keyring_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_EMPTY_STORE(the_first_start_makes_account_admin_and_key),
		TEST_OF_EMPTY_STORE(the_first_start_happens_once),
		TEST_OF_EMPTY_STORE(two_first_starts_make_two_keys),
		TEST_OF_EMPTY_STORE(a_given_key_names_its_account_and_number),
		TEST_OF_EMPTY_STORE(a_bad_key_is_refused_and_nothing_is_stored),
		TEST_OF_STORE(a_store_that_was_filled_before_any_server_gets_its_first_key),
		TEST_OF_STORE(keys_are_numbered_and_stored_as_digests),
		TEST_OF_STORE(keys_are_listed_page_by_page_and_revoked_by_id),
		TEST_OF_STORE(a_last_use_only_moves_forward),
		TEST_OF_STORE(the_keyring_learns_of_each_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
