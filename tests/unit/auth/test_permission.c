/* What each scope of a key allows, and the words of scopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/permission.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum { NONE, E = SCOPE_EVENTS, R = SCOPE_READ, A = SCOPE_ADMIN };

/* The permission column of the endpoint table: which of the scopes alone is enough. */
static const struct {
	enum permission permission;
	bool events, read, admin;
} TABLE[] = {
	{MAY_NOTHING_SPECIAL, true, true, true},
	{MAY_SEND_EVENTS, true, false, true},
	{MAY_READ, false, true, true},
	{MAY_READ_METRICS, false, true, true},
	{MAY_WRITE_CATALOG, false, false, true},
	{MAY_WRITE_ENVIRONMENTS, false, false, true},
	{MAY_WRITE_KEYS, false, false, true},
	{MAY_WRITE_INTEGRATIONS, false, false, true},
};

static void each_scope_allows_what_the_table_says(void **state)
{
	(void)state;
	assert_int_equal(COUNT_OF(TABLE), PERMISSION_COUNT);
	for (size_t i = 0; i < COUNT_OF(TABLE); i++) {
		enum permission p = TABLE[i].permission;
		assert_int_equal(p, i);
		for (unsigned scopes = 0; scopes < 8; scopes++) {
			bool expected = ((scopes & E) && TABLE[i].events) || ((scopes & R) && TABLE[i].read) ||
							((scopes & A) && TABLE[i].admin);
			assert_int_equal(scopes_allow(scopes, p), expected);
		}
	}
}

static void what_is_no_permission_is_not_allowed(void **state)
{
	(void)state;
	assert_false(scopes_allow(E | R | A, PERMISSION_COUNT));
	assert_false(scopes_allow(E | R | A, (enum permission)1000));
	assert_false(scopes_allow(8, MAY_READ)); /* a bit that is no scope */
}

static void words_of_scopes(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		unsigned scopes; /* NONE: refused */
	} rows[] = {
		{"events", E},
		{"read", R},
		{"admin", A},
		{"events,read", E | R},
		{"read,events", E | R},
		{"admin , read", A | R},
		{"events,events", E},
		{"events,read,admin", E | R | A},
		{" read ", R},
		{"", NONE},
		{",", NONE},
		{"events,", NONE},
		{",read", NONE},
		{"Events", NONE},
		{"write", NONE},
		{"events,write", NONE},
		{"events;read", NONE},
		{"events read", NONE},
		{"eventsread", NONE},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		unsigned scopes = 77;
		if (scopes_parse(text_from(rows[i].words), &scopes) != (rows[i].scopes != NONE)) fail_msg("\"%s\"", rows[i].words);
		assert_int_equal(scopes, rows[i].scopes != NONE ? rows[i].scopes : 77);
	}
	unsigned scopes = 77;
	assert_false(scopes_parse(TEXT_ABSENT, &scopes));
	assert_int_equal(scopes, 77);
}

static void names_of_scopes_are_read_back(void **state)
{
	(void)state;
	assert_string_equal(scopes_name(0), "");
	for (unsigned scopes = 1; scopes < 8; scopes++) {
		unsigned back = 0;
		assert_true(scopes_parse(text_from(scopes_name(scopes)), &back));
		assert_int_equal(back, scopes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scope_allows_what_the_table_says),
		cmocka_unit_test(what_is_no_permission_is_not_allowed),
		cmocka_unit_test(words_of_scopes),
		cmocka_unit_test(names_of_scopes_are_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
