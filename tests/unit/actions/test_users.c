/* Users and what they come with, in the store: made, changed, ended; and brought into memory. */
#include "auth/people.h"
#include "person.h"
#include "store/audit.h"

static struct user stored(struct fresh_store *s, struct text id)
{
	struct user u = {0};
	assert_ok(user_get(s->db, s->arena, ACCOUNT, id, &u));
	return u;
}

static void set_password(struct fresh_store *s, struct user *u, const char *hash)
{
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, user_set_password(s->db, s->arena, &ADMIN_COMMAND, u, text_from(hash), NOW)));
}

static enum rc log_in(
	struct fresh_store *s, struct user *u, const char *fresh, char token[static SESSION_TOKEN_SIZE], struct session *ret)
{
	assert_ok(db_begin(s->db));
	return end_with(s->db,
		session_begin(s->db, s->arena, u, text_from(fresh), TEXT("10.0.0.1"), TEXT("r1"), SECONDS_US(100), NOW + 5, token, ret));
}

static bool comes_in(struct people *p, const char *token)
{
	struct principal *c = people_session(p, text_from(token), NOW + 6);
	if (!c) c = people_token(p, text_from(token), NOW + 6);
	principal_release(c);
	return c;
}

static void refresh(struct fresh_store *s, struct people *p, int64_t *revision)
{
	assert_ok(db_begin(s->db));
	assert_ok(people_refresh(s->db, p, revision));
	db_rollback(s->db);
}

/* The newest entry's action. */
static void note_newest(void *context, const struct audit_entry *e)
{
	const char **newest = context;
	if (!*newest) *newest = e->action;
}

static const char *last_action(struct fresh_store *s)
{
	const char *newest = NULL;
	assert_ok(audit_list(s->db, s->arena, ACCOUNT, &(struct audit_filter){.since = TIME_NONE, .until = TIME_NONE}, INT64_MAX, 1,
		note_newest, &newest));
	return newest ? newest : "";
}

/* ---- users ---- */

static void a_user_is_made_with_a_link(void **state)
{
	struct fresh_store *s = *state;
	struct user u = {.email = TEXT("Ada@Example.com"), .role = TEXT("sre"), .name = TEXT("Ada")}, found;
	char link[LINK_TOKEN_SIZE], again[LINK_TOKEN_SIZE];
	const char *code = "";
	struct err err;
	time_us expires = 0;
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, user_create(s->db, s->arena, &ADMIN_COMMAND, &u, NOW, link, &code, &err)));
	struct user kept = stored(s, u.id);
	assert_text(kept.email, "ada@example.com");
	assert_text(kept.name, "Ada");
	assert_text(kept.role, "sre");
	assert_null(kept.password_hash.p);
	assert_true(kept.created_at == NOW && kept.deactivated_at == TIME_NONE && kept.last_login_at == TIME_NONE);
	assert_true(kept.revision > 0 && kept.revision == u.revision);
	assert_ok(user_find_email(s->db, s->arena, ACCOUNT, TEXT("ADA@example.com"), &found));
	assert_string_equal(last_action(s), "password_link.created");

	assert_ok(link_user(s->db, s->arena, text_from(link), NOW, &found));
	assert_true(text_equal(found.id, u.id));
	assert_ok(link_user(s->db, s->arena, text_from(link), NOW + LINK_LIFE - 1, &found));
	assert_int_equal(link_user(s->db, s->arena, text_from(link), NOW + LINK_LIFE, &found), RC_NOT_FOUND);
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, user_link(s->db, s->arena, &ADMIN_COMMAND, u.id, NOW, again, &expires)));
	assert_true(expires == NOW + LINK_LIFE);
	assert_int_equal(link_user(s->db, s->arena, text_from(link), NOW, &found), RC_NOT_FOUND); /* replaced */
	assert_ok(link_user(s->db, s->arena, text_from(again), NOW, &found));
	static const char *const bad[] = {"", ".", "default", "default.", "other.abc", "default.abc", "Default.abc"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(link_user(s->db, s->arena, text_from(bad[i]), NOW, &found), RC_NOT_FOUND);
	assert_int_equal(link_user(s->db, s->arena, TEXT_ABSENT, NOW, &found), RC_NOT_FOUND);
}

static void a_link_works_once(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "admin"), then;
	char link[LINK_TOKEN_SIZE], token[SESSION_TOKEN_SIZE];
	struct session session;
	set_password(s, &u, "old");
	assert_ok(log_in(s, &u, NULL, token, &session));
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, user_link(s->db, s->arena, &ADMIN_COMMAND, u.id, NOW, link, NULL)));
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, link_use(s->db, s->arena, text_from(link), TEXT("new"), TEXT("r"), NOW + 1, &then)));
	assert_text(stored(s, u.id).password_hash, "new");
	assert_string_equal(last_action(s), "password_link.used");
	assert_ok(db_begin(s->db));
	assert_int_equal(
		end_with(s->db, link_use(s->db, s->arena, text_from(link), TEXT("newer"), TEXT("r"), NOW + 2, &then)), RC_NOT_FOUND);
	assert_text(stored(s, u.id).password_hash, "new");

	struct people *p = people_new(DAYS_US(7));
	int64_t revision = -1;
	refresh(s, p, &revision);
	assert_false(comes_in(p, token)); /* the session of the old password */
	people_free(p);
}

static void an_address_is_there_once(void **state)
{
	struct fresh_store *s = *state;
	struct user ada = person(s, "ada@example.com", "admin"), bea = person(s, "bea@example.com", "viewer");
	bea.email = TEXT("ADA@EXAMPLE.COM");
	struct outcome o = change(s, &ADMIN_COMMAND, &bea);
	assert_int_equal(o.rc, RC_CONFLICT);
	assert_string_equal(o.code, "EMAIL_TAKEN");
	assert_string_equal(o.text, "User ada@example.com already exists");
	ada.email = TEXT("Ada@example.com"); /* her own */
	assert_ok(change(s, &ADMIN_COMMAND, &ada).rc);
	person(s, "cleo@example.com", "admin");
	assert_ok(delete_user(s->db, s->arena, &ADMIN_COMMAND, ada.id).rc);
	person(s, "ada@example.com", "viewer"); /* free again */
}

static void the_last_admin_stays(void **state)
{
	struct fresh_store *s = *state;
	struct user ada = person(s, "ada@example.com", "admin"), bea = person(s, "bea@example.com", "admin");
	struct user wanted[2] = {ada, ada};
	bea.deactivated_at = NOW;
	assert_ok(change(s, &ADMIN_COMMAND, &bea).rc);
	wanted[0].role = TEXT("viewer");
	wanted[1].deactivated_at = NOW;
	for (int i = 0; i < 2; i++) {
		struct outcome o = change(s, &ADMIN_COMMAND, &wanted[i]);
		assert_int_equal(o.rc, RC_CONFLICT);
		assert_string_equal(o.code, "LAST_ADMIN");
		assert_string_equal(o.text, "The last admin cannot be removed");
	}
	assert_string_equal(delete_user(s->db, s->arena, &ADMIN_COMMAND, ada.id).code, "LAST_ADMIN");
	assert_text(stored(s, ada.id).role, "admin");
	bea.deactivated_at = TIME_NONE;
	assert_ok(change(s, &ADMIN_COMMAND, &bea).rc);
	assert_ok(change(s, &ADMIN_COMMAND, &wanted[0]).rc);
	assert_string_equal(delete_user(s->db, s->arena, &ADMIN_COMMAND, bea.id).code, "LAST_ADMIN");
	ada.name = TEXT("Ada"); /* and other changes go through */
	assert_string_equal(change(s, &ADMIN_COMMAND, &ada).code, "");
}

static void nobody_changes_their_own_role(void **state)
{
	struct fresh_store *s = *state;
	struct user ada = person(s, "ada@example.com", "admin"), then = ada;
	person(s, "bea@example.com", "admin");
	const struct actor self = acting(&ada);
	then.role = TEXT("viewer");
	assert_string_equal(change(s, &self, &then).code, "OWN_ROLE");
	then = ada;
	then.deactivated_at = NOW;
	assert_string_equal(change(s, &self, &then).code, "OWN_ROLE");
	assert_string_equal(delete_user(s->db, s->arena, &self, ada.id).code, "OWN_ROLE");
	then = ada;
	then.name = TEXT("Ada");
	assert_ok(change(s, &self, &then).rc);
	assert_text(stored(s, ada.id).name, "Ada");
}

static void another_account_has_none_of_it(void **state)
{
	struct fresh_store *s = *state;
	struct user ada = person(s, "ada@example.com", "viewer"), found;
	const struct actor stranger = {.account = 2, .label = TEXT("stranger")};
	char link[LINK_TOKEN_SIZE];
	struct user then = ada;
	assert_int_equal(change(s, &stranger, &then).rc, RC_NOT_FOUND);
	assert_int_equal(delete_user(s->db, s->arena, &stranger, ada.id).rc, RC_NOT_FOUND);
	assert_ok(db_begin(s->db));
	assert_int_equal(end_with(s->db, user_link(s->db, s->arena, &stranger, ada.id, NOW, link, NULL)), RC_NOT_FOUND);
	assert_int_equal(user_get(s->db, s->arena, 2, ada.id, &found), RC_NOT_FOUND);
	assert_int_equal(user_find_email(s->db, s->arena, 2, ada.email, &found), RC_NOT_FOUND);
}

/* ---- sessions ---- */

static void a_session_needs_the_password_of_now(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "viewer");
	char token[SESSION_TOKEN_SIZE];
	struct session session;
	assert_int_equal(log_in(s, &u, NULL, token, &session), RC_NOT_FOUND); /* has none yet */
	set_password(s, &u, "one");
	struct user verified = stored(s, u.id);
	assert_ok(log_in(s, &verified, "one, stronger", token, &session));
	assert_string_equal(last_action(s), "session.login");
	u = stored(s, u.id);
	assert_text(u.password_hash, "one, stronger");
	assert_true(u.last_login_at == NOW + 5);
	set_password(s, &u, "two");
	assert_int_equal(log_in(s, &verified, NULL, token, &session), RC_NOT_FOUND); /* changed since it was verified */
	struct user then = stored(s, u.id), gone = then;
	gone.deactivated_at = NOW;
	assert_ok(change(s, &ADMIN_COMMAND, &gone).rc);
	assert_int_equal(log_in(s, &then, NULL, token, &session), RC_NOT_FOUND);
}

static void own_password(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "viewer");
	char one[SESSION_TOKEN_SIZE], two[SESSION_TOKEN_SIZE];
	struct session first, second;
	set_password(s, &u, "old");
	u = stored(s, u.id);
	assert_ok(log_in(s, &u, NULL, one, &first));
	assert_ok(log_in(s, &u, NULL, two, &second));
	const struct actor self = acting(&u);
	struct user then = u;
	then.password_hash = TEXT("not the one that is stored");
	assert_ok(db_begin(s->db));
	assert_int_equal(
		end_with(s->db, user_change_self(s->db, s->arena, &self, &then, TEXT("new"), second.id, NOW + 6)), RC_DENIED);
	then = u;
	then.name = TEXT("Ada");
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, user_change_self(s->db, s->arena, &self, &then, TEXT("new"), second.id, NOW + 6)));
	assert_string_equal(last_action(s), "user.password_changed");

	struct people *p = people_new(DAYS_US(7));
	int64_t revision = -1;
	refresh(s, p, &revision);
	assert_false(comes_in(p, one));
	assert_true(comes_in(p, two));
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, session_logout(s->db, s->arena, &self, second.id, NOW + 7)));
	assert_ok(db_begin(s->db));
	assert_int_equal(end_with(s->db, session_logout(s->db, s->arena, &self, second.id, NOW + 7)), RC_NOT_FOUND);
	revision = -1; /* all is read again now and then: what ended just before must not be passed over */
	refresh(s, p, &revision);
	assert_false(comes_in(p, two));
	people_free(p);
}

static void sessions_are_cut_when_they_would_have_expired(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "viewer");
	char token[SESSION_TOKEN_SIZE];
	struct session session;
	int64_t cut = 0;
	set_password(s, &u, "one");
	u = stored(s, u.id);
	for (int i = 0; i < 3; i++) assert_ok(log_in(s, &u, NULL, token, &session));
	assert_ok(session_cut(s->db, ACCOUNT, session.expires_at, 10, &cut));
	assert_int_equal(cut, 0);
	assert_ok(session_cut(s->db, ACCOUNT, session.expires_at + 1, 2, &cut));
	assert_int_equal(cut, 2);
	assert_ok(session_cut(s->db, 2, session.expires_at + 1, 2, &cut));
	assert_int_equal(cut, 0);
}

/* ---- tokens ---- */

static void personal_tokens(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "viewer"), bea = person(s, "bea@example.com", "viewer");
	const struct actor self = acting(&u);
	struct personal_token t = {0};
	char token[PERSONAL_TOKEN_SIZE];
	const char *code = "";
	struct err err;
	for (int i = 0; i <= TOKENS_OF_A_USER; i++) {
		assert_ok(db_begin(s->db));
		enum rc rc = token_create(
			s->db, s->arena, &self, u.id, TEXT("ci"), i ? TIME_NONE : NOW + 1, NOW + i, token, &t, &code, &err);
		assert_ok(end_with(s->db, rc)); /* the first expires, and does not count any more */
	}
	assert_ok(db_begin(s->db));
	assert_int_equal(
		end_with(s->db, token_create(s->db, s->arena, &self, u.id, TEXT("ci"), TIME_NONE, NOW + 9, token, &t, &code, &err)),
		RC_CONFLICT);
	assert_string_equal(code, "TOO_MANY_TOKENS");
	assert_string_equal(err.text, "A user has at most 50 personal tokens");
	assert_ok(db_begin(s->db));
	assert_int_equal(end_with(s->db, token_revoke(s->db, s->arena, &self, bea.id, t.id, NOW + 10)), RC_NOT_FOUND);
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, token_revoke(s->db, s->arena, &self, u.id, t.id, NOW + 10)));
	assert_string_equal(last_action(s), "token.revoked");
	assert_ok(db_begin(s->db));
	assert_int_equal(end_with(s->db, token_revoke(s->db, s->arena, &self, u.id, t.id, NOW + 10)), RC_NOT_FOUND);
}

/* ---- memory ---- */

static void memory_learns_each_change_and_nothing_twice(void **state)
{
	struct fresh_store *s = *state;
	struct user u = person(s, "ada@example.com", "developer");
	const struct actor self = acting(&u);
	char token[SESSION_TOKEN_SIZE], personal[PERSONAL_TOKEN_SIZE];
	struct session session;
	struct personal_token t;
	const char *code;
	struct err err;
	struct people *p = people_new(DAYS_US(7));
	int64_t revision = -1, before;
	set_password(s, &u, "one");
	u = stored(s, u.id);
	refresh(s, p, &revision);
	before = revision;
	refresh(s, p, &revision);
	assert_int_equal(revision, before);

	assert_ok(log_in(s, &u, NULL, token, &session));
	assert_ok(db_begin(s->db));
	assert_ok(end_with(s->db, token_create(s->db, s->arena, &self, u.id, TEXT("ci"), TIME_NONE, NOW, personal, &t, &code, &err)));
	assert_false(comes_in(p, token));
	people_learn_now(p, &u, &session, NULL);
	assert_true(comes_in(p, token));
	assert_false(comes_in(p, personal));
	refresh(s, p, &revision);
	assert_true(revision > before);
	assert_true(comes_in(p, personal));

	before = revision;
	assert_ok(session_touch(s->db, ACCOUNT, session.id, NOW + 50));
	assert_ok(personal_token_touch(s->db, ACCOUNT, t.id, NOW + 50));
	refresh(s, p, &revision);
	assert_int_equal(revision, before); /* a use is no news */

	struct principal *held = people_session(p, text_from(token), NOW + 6);
	u = stored(s, u.id);
	u.role = TEXT("sre");
	assert_ok(change(s, &ADMIN_COMMAND, &u).rc);
	refresh(s, p, &revision);
	assert_true(principal_allows(held, MAY_WRITE_ENVIRONMENTS));
	u.deactivated_at = NOW;
	assert_ok(change(s, &ADMIN_COMMAND, &u).rc);
	refresh(s, p, &revision);
	assert_false(principal_alive(held, NOW + 6));
	u.deactivated_at = TIME_NONE;
	assert_ok(change(s, &ADMIN_COMMAND, &u).rc);
	refresh(s, p, &revision);
	assert_false(comes_in(p, token) || comes_in(p, personal)); /* ended for good */
	principal_release(held);

	struct people *late = people_new(DAYS_US(7));
	revision = -1;
	refresh(s, late, &revision);
	assert_false(comes_in(late, token) || comes_in(late, personal));
	people_free(late);
	people_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(a_user_is_made_with_a_link),
		TEST_OF_STORE(a_link_works_once),
		TEST_OF_STORE(an_address_is_there_once),
		TEST_OF_STORE(the_last_admin_stays),
		TEST_OF_STORE(nobody_changes_their_own_role),
		TEST_OF_STORE(another_account_has_none_of_it),
		TEST_OF_STORE(a_session_needs_the_password_of_now),
		TEST_OF_STORE(own_password),
		TEST_OF_STORE(sessions_are_cut_when_they_would_have_expired),
		TEST_OF_STORE(personal_tokens),
		TEST_OF_STORE(memory_learns_each_change_and_nothing_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
