/* People in memory: who a cookie or token is, what ends it, and all that under threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/people.h"
#include "base/secret.h"

#define SECOND INT64_C(1000000)
#define NOW (1000 * SECOND)
#define IDLE (100 * SECOND)
#define assert_text(t, expected) assert_true(text_is((t), (expected)))

static void learn_user(struct people *p, const char *id, const char *email, enum role role, bool active, int64_t revision)
{
	people_learn_user(p,
		&(struct people_user){
			.account = 1, .id = text_from(id), .email = text_from(email), .role = role, .active = active, .revision = revision});
}

static void learn(struct people *p, enum principal_kind kind, const char *user, const char *id, const char *secret,
	time_us expires, bool ended, int64_t revision)
{
	char hex[DIGEST_HEX_SIZE];
	digest_hex(text_from(secret), hex);
	struct people_credential c = {.account = 1,
		.id = text_from(id),
		.user_id = text_from(user),
		.token_digest = text_from(hex),
		.expires_at = expires,
		.seen_at = kind == PRINCIPAL_SESSION ? NOW : TIME_NONE,
		.ended = ended,
		.revision = revision};
	if (kind == PRINCIPAL_SESSION)
		people_learn_session(p, &c);
	else
		people_learn_token(p, &c);
}

/* Ada (u1) with a session and a token, and Bea (u2) with a session. */
static struct people *some_people(void)
{
	struct people *p = people_new(IDLE);
	learn_user(p, "u1", "ada@example.com", ROLE_DEVELOPER, true, 1);
	learn_user(p, "u2", "bea@example.com", ROLE_ADMIN, true, 2);
	learn(p, PRINCIPAL_SESSION, "u1", "s1", "cookie-1", NOW + 1000 * SECOND, false, 3);
	learn(p, PRINCIPAL_TOKEN, "u1", "t1", "pat_1", TIME_NONE, false, 4);
	learn(p, PRINCIPAL_SESSION, "u2", "s2", "cookie-2", NOW + 1000 * SECOND, false, 5);
	return p;
}

static bool session_there(struct people *p, const char *cookie, time_us now)
{
	struct principal *c = people_session(p, text_from(cookie), now);
	principal_release(c);
	return c;
}

static bool token_there(struct people *p, const char *token, time_us now)
{
	struct principal *c = people_token(p, text_from(token), now);
	principal_release(c);
	return c;
}

static void who_it_is(void **state)
{
	(void)state;
	struct people *p = some_people();
	struct principal *s = people_session(p, TEXT("cookie-1"), NOW), *t = people_token(p, TEXT("pat_1"), NOW);
	assert_non_null(s);
	assert_non_null(t);
	assert_int_equal(principal_kind(s), PRINCIPAL_SESSION);
	assert_int_equal(principal_kind(t), PRINCIPAL_TOKEN);
	assert_int_equal(principal_account(s), 1);
	assert_text(principal_label(s), "user:ada@example.com");
	assert_text(principal_label(t), "user:ada@example.com");
	assert_text(principal_credential(s), "session:s1");
	assert_text(principal_credential(t), "token:t1");
	assert_text(principal_credential_id(s), "s1");
	assert_text(principal_user_id(t), "u1");
	assert_int_equal(principal_scopes(s), 0);
	assert_int_equal(principal_key_number(s), 0);
	assert_true(principal_expires_at(s) == NOW + 1000 * SECOND);
	assert_true(principal_expires_at(t) == TIME_NONE);
	assert_true(principal_allows(s, MAY_SEND_EVENTS));
	assert_false(principal_allows(s, MAY_WRITE_USERS));
	principal_release(s);
	principal_release(t);

	static const char *const strangers[] = {"", "cookie-3", "pat_1", "cookie-1 ", "cookie-1x"};
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) assert_false(session_there(p, strangers[i], NOW));
	assert_false(token_there(p, "cookie-1", NOW));
	assert_false(token_there(p, "", NOW));
	assert_null(people_session(p, TEXT_ABSENT, NOW));
	people_free(p);
	people_free(NULL);
}

/* A role, a deactivation and an address work at once, on what is held, too. */
static void what_happens_to_the_user_happens_to_what_is_held(void **state)
{
	(void)state;
	struct people *p = some_people();
	struct principal *s = people_session(p, TEXT("cookie-1"), NOW);
	struct text label = principal_label(s);
	learn_user(p, "u1", "countess@example.com", ROLE_ADMIN, true, 6);
	assert_true(principal_allows(s, MAY_WRITE_USERS));
	assert_text(principal_label(s), "user:countess@example.com");
	assert_text(label, "user:ada@example.com"); /* still there for who took it */

	learn_user(p, "u1", "ada@example.com", ROLE_VIEWER, true, 5); /* older news */
	assert_true(principal_allows(s, MAY_WRITE_USERS));

	learn_user(p, "u1", "countess@example.com", ROLE_ADMIN, false, 7);
	assert_false(principal_alive(s, NOW));
	assert_false(session_there(p, "cookie-1", NOW));
	assert_false(token_there(p, "pat_1", NOW));
	assert_true(session_there(p, "cookie-2", NOW));

	/* Back again, but nothing of what there was. */
	learn_user(p, "u1", "countess@example.com", ROLE_ADMIN, true, 8);
	learn(p, PRINCIPAL_SESSION, "u1", "s1", "cookie-1", NOW + 1000 * SECOND, false, 3);
	learn(p, PRINCIPAL_TOKEN, "u1", "t9", "pat_9", TIME_NONE, false, 6);
	assert_false(session_there(p, "cookie-1", NOW));
	assert_false(token_there(p, "pat_9", NOW));
	learn(p, PRINCIPAL_SESSION, "u1", "s7", "cookie-7", NOW + 1000 * SECOND, false, 9);
	assert_true(session_there(p, "cookie-7", NOW));
	principal_release(s);
	people_free(p);
}

static void what_ends_a_session_or_token(void **state)
{
	(void)state;
	struct people *p = some_people();
	struct principal *held = people_session(p, TEXT("cookie-1"), NOW);
	people_end(p, 1, TEXT("u1"), PRINCIPAL_SESSION, TEXT("s1"));
	assert_false(principal_alive(held, NOW));
	assert_text(principal_credential(held), "session:s1");
	assert_true(token_there(p, "pat_1", NOW));
	learn(p, PRINCIPAL_SESSION, "u1", "s1", "cookie-1", NOW + 1000 * SECOND, false, 3); /* read before it ended */
	assert_false(session_there(p, "cookie-1", NOW));

	learn(p, PRINCIPAL_TOKEN, "u1", "t1", "pat_1", TIME_NONE, true, 8);
	assert_false(token_there(p, "pat_1", NOW));
	learn(p, PRINCIPAL_TOKEN, "u1", "t2", "pat_2", NOW + SECOND, false, 9);
	assert_true(token_there(p, "pat_2", NOW));
	assert_false(token_there(p, "pat_2", NOW + SECOND));

	people_end_user(p, 1, TEXT("u2"));
	assert_false(session_there(p, "cookie-2", NOW));
	people_end_user(p, 1, TEXT("nobody"));
	people_end(p, 2, TEXT("u1"), PRINCIPAL_SESSION, TEXT("s1"));

	/* Held ones outlive all that. */
	people_forget(p, NOW);
	people_forget(p, NOW);
	assert_text(principal_credential(held), "session:s1");
	principal_release(held);
	principal_release(NULL);
	people_free(p);
}

static void a_new_password_ends_all_other_sessions(void **state)
{
	(void)state;
	struct people *p = some_people();
	learn(p, PRINCIPAL_SESSION, "u1", "s3", "cookie-3", NOW + 1000 * SECOND, false, 6);
	people_end_sessions(p, 1, TEXT("u1"), TEXT("s3"), 10);
	assert_false(session_there(p, "cookie-1", NOW));
	assert_true(session_there(p, "cookie-3", NOW));
	assert_true(token_there(p, "pat_1", NOW));
	assert_true(session_there(p, "cookie-2", NOW));
	/* What another process had made before, and comes to be known only now. */
	learn(p, PRINCIPAL_SESSION, "u1", "s4", "cookie-4", NOW + 1000 * SECOND, false, 9);
	assert_false(session_there(p, "cookie-4", NOW));
	learn(p, PRINCIPAL_SESSION, "u1", "s5", "cookie-5", NOW + 1000 * SECOND, false, 11);
	assert_true(session_there(p, "cookie-5", NOW));
	people_end_sessions(p, 1, TEXT("u1"), TEXT_ABSENT, 12);
	assert_false(session_there(p, "cookie-3", NOW));
	assert_false(session_there(p, "cookie-5", NOW));
	people_free(p);
}

static void idleness_and_age(void **state)
{
	(void)state;
	struct people *p = some_people();
	assert_false(session_there(p, "cookie-1", NOW + IDLE));
	assert_true(session_there(p, "cookie-1", NOW + IDLE - 1));
	assert_true(session_there(p, "cookie-1", NOW + 2 * IDLE - 2)); /* the use before counts */
	assert_false(session_there(p, "cookie-2", NOW + IDLE));
	/* It was used on another server process. */
	char hex[DIGEST_HEX_SIZE];
	digest_hex(TEXT("cookie-2"), hex);
	people_learn_session(
		p, &(struct people_credential){
			   .account = 1, .id = TEXT("s2"), .user_id = TEXT("u2"), .token_digest = text_from(hex), .seen_at = NOW + IDLE});
	assert_true(session_there(p, "cookie-2", NOW + IDLE + 1));
	assert_true(token_there(p, "pat_1", NOW + 100 * IDLE));
	for (int64_t at = NOW; at < NOW + 1000 * SECOND; at += IDLE / 2) (void)session_there(p, "cookie-1", at);
	assert_false(session_there(p, "cookie-1", NOW + 1000 * SECOND));
	people_free(p);
}

static void what_is_not_known_or_not_sound_is_not_learnt(void **state)
{
	(void)state;
	struct people *p = some_people();
	learn(p, PRINCIPAL_SESSION, "u9", "s9", "cookie-9", NOW + 1000 * SECOND, false, 9);
	assert_false(session_there(p, "cookie-9", NOW));
	learn(p, PRINCIPAL_SESSION, "u1", "a-very-long-id-that-no-server-has-ever-made-and-that-would-not-fit-into-the-room-for-it",
		"cookie-8", NOW + SECOND, false, 9);
	assert_false(session_there(p, "cookie-8", NOW));
	static const char *const digests[] = {"", "xyz", "00"};
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		people_learn_token(p, &(struct people_credential){.account = 1,
								  .id = TEXT("t"),
								  .user_id = TEXT("u1"),
								  .token_digest = text_from(digests[i]),
								  .expires_at = TIME_NONE});
	learn(p, PRINCIPAL_SESSION, "u1", "s6", "cookie-6", NOW + 1000 * SECOND, true, 9);
	assert_false(session_there(p, "cookie-6", NOW));
	people_free(p);
}

struct uses {
	int count;
	char last[64];
	time_us at;
};

static void note(void *context, enum principal_kind kind, int64_t account, struct text id, time_us used_at)
{
	struct uses *u = context;
	assert_int_equal(account, 1);
	u->count++;
	u->at = used_at;
	snprintf(u->last, sizeof u->last, "%d %.*s", kind, TEXT_ARGS(id));
}

static void uses_are_told_once(void **state)
{
	(void)state;
	struct people *p = some_people();
	struct uses u = {0};
	people_uses(p, note, &u);
	assert_int_equal(u.count, 0);
	assert_true(token_there(p, "pat_1", NOW + 1));
	assert_true(token_there(p, "pat_1", NOW + 2));
	assert_false(token_there(p, "pat_x", NOW + 3));
	people_uses(p, note, &u);
	assert_int_equal(u.count, 1);
	assert_string_equal(u.last, "2 t1");
	assert_true(u.at == NOW + 2);
	people_uses(p, note, &u);
	assert_int_equal(u.count, 1);
	people_free(p);
}

static void many_are_found_and_forgotten(void **state)
{
	(void)state;
	enum { MANY = 5000 };
	struct people *p = people_new(IDLE);
	char user[32], id[32], cookie[32];
	for (int i = 0; i < MANY; i++) {
		snprintf(user, sizeof user, "u%d", i / 5);
		snprintf(id, sizeof id, "s%d", i);
		snprintf(cookie, sizeof cookie, "cookie-%d", i);
		learn_user(p, user, user, ROLE_VIEWER, true, i);
		learn(p, PRINCIPAL_SESSION, user, id, cookie, NOW + (i % 2 ? 10 : 50) * SECOND, false, i);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			snprintf(cookie, sizeof cookie, "cookie-%d", i);
			assert_int_equal(session_there(p, cookie, NOW + (round ? 20 : 0) * SECOND), !round || i % 2 == 0);
			if (round && i % 100 == 0) people_forget(p, NOW + 20 * SECOND);
		}
	people_free(p);
}

static void csrf_tokens(void **state)
{
	(void)state;
	char session[SESSION_TOKEN_SIZE], other[SESSION_TOKEN_SIZE], token[CSRF_TOKEN_SIZE], again[CSRF_TOKEN_SIZE];
	session_token_new(session);
	session_token_new(other);
	assert_int_equal(strlen(session), 43);
	assert_string_not_equal(session, other);
	csrf_token(text_from(session), token);
	csrf_token(text_from(session), again);
	assert_string_equal(token, again);
	assert_int_equal(strlen(token), 43);
	assert_true(csrf_token_right(text_from(session), text_from(token)));
	assert_false(csrf_token_right(text_from(other), text_from(token)));
	assert_false(csrf_token_right(text_from(session), text_from(session)));
	assert_false(csrf_token_right(text_from(session), TEXT("")));
	assert_false(csrf_token_right(text_from(session), TEXT_ABSENT));
	assert_false(csrf_token_right(TEXT_ABSENT, text_from(token)));
	assert_false(csrf_token_right(text_from(session), (struct text){token, 42}));

	char personal[PERSONAL_TOKEN_SIZE];
	personal_token_new(personal);
	assert_int_equal(strlen(personal), 47);
	assert_memory_equal(personal, "pat_", 4);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 4000 };

struct shared {
	struct people *p;
	_Atomic int found;
	_Atomic bool stop;
};

static void *come_in(void *context)
{
	struct shared *w = context;
	char cookie[32];
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(cookie, sizeof cookie, "cookie-%d", i % 50);
		struct principal *s = people_session(w->p, text_from(cookie), NOW);
		if (!s) continue;
		atomic_fetch_add(&w->found, 1);
		if (!text_starts(principal_label(s), TEXT("user:")) || principal_account(s) != 1) return NULL;
		(void)principal_allows(s, MAY_WRITE_USERS);
		(void)principal_take(s, 600, SECOND);
		(void)principal_alive(principal_hold(s), NOW);
		principal_release(s);
		principal_release(s);
	}
	return w;
}

static void *look(void *context)
{
	struct shared *w = context;
	while (!atomic_load(&w->stop)) {
		struct uses u = {0};
		people_uses(w->p, note, &u);
		people_forget(w->p, NOW);
	}
	return w;
}

static void threads_come_in_while_sessions_begin_and_end(void **state)
{
	(void)state;
	struct shared w = {.p = people_new(IDLE)};
	pthread_t threads[THREADS], looker;
	char id[32], cookie[32], email[32];
	for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, come_in, &w), 0);
	assert_int_equal(pthread_create(&looker, NULL, look, &w), 0);
	for (int i = 0; i < 3000; i++) {
		snprintf(id, sizeof id, "s%d", i);
		snprintf(cookie, sizeof cookie, "cookie-%d", i % 50);
		snprintf(email, sizeof email, "ada%d@example.com", i % 7);
		learn_user(w.p, "u1", email, i % 2 ? ROLE_ADMIN : ROLE_VIEWER, true, i);
		learn(w.p, PRINCIPAL_SESSION, "u1", id, cookie, NOW + SECOND, false, i);
		if (i % 3 == 0) people_end(w.p, 1, TEXT("u1"), PRINCIPAL_SESSION, text_from(id));
		if (i % 500 == 0) people_end_sessions(w.p, 1, TEXT("u1"), text_from(id), i);
	}
	for (int i = 0; i < THREADS; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, &w);
	}
	atomic_store(&w.stop, true);
	pthread_join(looker, NULL);
	people_free(w.p);
}

static int ready(void **state)
{
	(void)state;
	struct err err;
	return secret_init(&err) == RC_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(what_happens_to_the_user_happens_to_what_is_held),
		cmocka_unit_test(what_ends_a_session_or_token),
		cmocka_unit_test(a_new_password_ends_all_other_sessions),
		cmocka_unit_test(idleness_and_age),
		cmocka_unit_test(what_is_not_known_or_not_sound_is_not_learnt),
		cmocka_unit_test(uses_are_told_once),
		cmocka_unit_test(many_are_found_and_forgotten),
		cmocka_unit_test(csrf_tokens),
		cmocka_unit_test(threads_come_in_while_sessions_begin_and_end),
	};
	return cmocka_run_group_tests(tests, ready, NULL);
}
