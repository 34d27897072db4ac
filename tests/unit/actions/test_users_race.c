/* Two processes at once: the last two admins do not remove each other, and nobody who refreshes by revision misses a change. */
#include <pthread.h>
#include <stdatomic.h>

#include "person.h"

struct remover {
	struct db *db;
	struct arena *arena;
	struct user by, whom;
	pthread_barrier_t *together;
	struct outcome outcome;
};

static void *remove_the_other(void *context)
{
	struct remover *r = context;
	const struct actor self = acting(&r->by);
	pthread_barrier_wait(r->together);
	do r->outcome = delete_user(r->db, r->arena, &self, r->whom.id);
	while (r->outcome.rc == RC_AGAIN || r->outcome.rc == RC_UNAVAILABLE);
	return NULL;
}

static struct db *another_connection(struct fresh_store *s)
{
	struct db *db = NULL;
	struct err err;
	if (db_open(s->path, DB_WRITE, &db, &err) != RC_OK) fail_msg("%s", err.text);
	return db;
}

static void two_admins_do_not_remove_each_other(void **state)
{
	struct fresh_store *s = *state;
	struct db *other = another_connection(s);
	struct arena *arena = arena_new(KIB(16), MIB(64));
	pthread_barrier_t together;
	pthread_barrier_init(&together, NULL, 2);
	struct user ada = person(s, "ada@example.com", "admin"), bea = person(s, "bea@example.com", "admin");
	for (int round = 0; round < 20; round++) {
		struct remover r[2] = {
			{.db = s->db, .arena = s->arena, .by = ada, .whom = bea, .together = &together},
			{.db = other, .arena = arena, .by = bea, .whom = ada, .together = &together},
		};
		pthread_t threads[2];
		int64_t admins = 0;
		for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, remove_the_other, &r[i]), 0);
		for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
		assert_ok(user_count_active(s->db, ACCOUNT, TEXT("admin"), &admins));
		assert_int_equal(admins, 1);
		assert_int_equal((r[0].outcome.rc == RC_OK) + (r[1].outcome.rc == RC_OK), 1);
		const struct outcome *refused = r[0].outcome.rc == RC_OK ? &r[1].outcome : &r[0].outcome;
		assert_string_equal(refused->code, "LAST_ADMIN");
		*(r[0].outcome.rc == RC_OK ? &bea : &ada) = person(
			s, r[0].outcome.rc == RC_OK ? "bea@example.com" : "ada@example.com", "admin");
	}
	pthread_barrier_destroy(&together);
	arena_free(arena);
	db_close(other);
}

enum { CHANGES = 60 };

struct changer {
	const char *path, *role;
	struct user u;
	_Atomic int *left;
};

static void *change_names(void *context)
{
	struct changer *c = context;
	struct err err;
	struct db *db = NULL;
	if (db_open(c->path, DB_WRITE, &db, &err) != RC_OK) return NULL;
	struct arena *a = arena_new(KIB(16), MIB(64));
	for (int i = 0; i < CHANGES;) {
		const char *code;
		struct user u = c->u;
		u.role = text_from(i == CHANGES - 1 ? c->role : i % 2 ? "viewer" : "qa");
		enum rc rc = db_begin(db);
		if (rc == RC_OK) rc = end_with(db, user_change(db, a, &ADMIN_COMMAND, &u, NOW + i, &code, &err));
		if (rc == RC_OK) i++;
	}
	arena_free(a);
	db_close(db);
	atomic_fetch_sub(c->left, 1);
	return c;
}

/* Each change is seen by who reads what is newer than the last number: a number that became visible late would be missed. */
static void a_refresh_misses_nothing(void **state)
{
	struct fresh_store *s = *state;
	static const char *const emails[] = {"ada@example.com", "bea@example.com", "cleo@example.com"};
	static const char *const roles[] = {"sre", "security", "developer"};
	_Atomic int left = 3;
	struct changer changers[3];
	pthread_t threads[3];
	struct people *p = people_new(DAYS_US(7));
	char token[3][SESSION_TOKEN_SIZE];
	struct db *reader = NULL;
	struct err err;
	assert_ok(db_open(s->path, DB_READ, &reader, &err));
	for (int i = 0; i < 3; i++) {
		struct user u = person(s, emails[i], "viewer");
		struct session session;
		assert_ok(db_begin(s->db));
		assert_ok(end_with(s->db, user_set_password(s->db, s->arena, &ADMIN_COMMAND, &u, TEXT("hash"), NOW)));
		assert_ok(db_begin(s->db));
		assert_ok(end_with(s->db,
			session_begin(s->db, s->arena, &u, TEXT_ABSENT, TEXT("peer"), TEXT("r"), SECONDS_US(100), NOW, token[i], &session)));
		changers[i] = (struct changer){s->path, roles[i], u, &left};
	}
	for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, change_names, &changers[i]), 0);
	int64_t revision = -1;
	for (bool last = false; !last;) {
		last = left == 0;
		assert_ok(db_begin(reader));
		assert_ok(people_refresh(reader, p, &revision));
		db_rollback(reader);
	}
	for (int i = 0; i < 3; i++) {
		void *result = NULL;
		pthread_join(threads[i], &result);
		assert_ptr_equal(result, &changers[i]);
		struct principal *c = people_session(p, text_from(token[i]), NOW + 1);
		enum role role = ROLE_COUNT;
		assert_non_null(c);
		assert_true(role_parse(text_from(roles[i]), &role));
		for (enum permission may = 0; may < PERMISSION_COUNT; may++)
			assert_int_equal(principal_allows(c, may), role_allows(role, may));
		principal_release(c);
	}
	db_close(reader);
	people_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_STORE(two_admins_do_not_remove_each_other),
		TEST_OF_STORE(a_refresh_misses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
