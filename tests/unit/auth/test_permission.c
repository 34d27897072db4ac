/* What each scope of a key and each role of a person allows, and the words for them. */
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
	const char *word; /* NULL: granted to nobody by name */
	const char *roles; /* the table of roles; "*": all */
} TABLE[] = {
	{MAY_NOTHING_SPECIAL, true, true, true, NULL, "*"},
	{MAY_BE_SOMEBODY, true, true, true, NULL, "*"},
	{MAY_SEND_EVENTS, true, false, true, "events", "admin release_manager developer sre"},
	{MAY_READ, false, true, true, "read", "*"},
	{MAY_READ_METRICS, false, true, true, NULL, "*"},
	{MAY_WRITE_CATALOG, false, false, true, "catalog.write", "admin release_manager"},
	{MAY_WRITE_ENVIRONMENTS, false, false, true, "environment.write", "admin release_manager sre"},
	{MAY_WRITE_REQUESTS, false, false, true, "request.write", "admin release_manager product developer"},
	{MAY_WRITE_RULES, false, false, true, "rule.write", "admin release_manager sre"},
	{MAY_WRITE_VARIABLES, false, false, true, "variable.write", "admin release_manager sre"},
	{MAY_APPROVE_SLOT, false, false, true, "slot.approve", "admin release_manager product developer sre qa security compliance"},
	{MAY_APPROVE_VERSION, false, false, true, "version.approve", "admin release_manager product sre qa security compliance"},
	{MAY_WRITE_INTEGRATIONS, false, false, true, "integration.write", "admin sre"},
	{MAY_WRITE_KEYS, false, false, true, "key.write", "admin"},
	{MAY_WRITE_USERS, false, false, true, "user.write", "admin"},
	{MAY_OWN_TOKENS, false, false, false, "token.own", "admin release_manager product developer sre qa security compliance"},
};

static const char *const ROLES[ROLE_COUNT] = {
	"admin", "release_manager", "product", "developer", "sre", "qa", "security", "compliance", "billing", "viewer"};

static bool has_word(const char *words, const char *word)
{
	struct text rest = text_from(words), one;
	while (text_split(&rest, ' ', &one))
		if (text_is(one, "*") || text_is(one, word)) return true;
	return false;
}

static void each_role_allows_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(TABLE); i++)
		for (enum role role = 0; role < ROLE_COUNT; role++)
			if (role_allows(role, TABLE[i].permission) != has_word(TABLE[i].roles, ROLES[role]))
				fail_msg("%s, %s", ROLES[role], TABLE[i].word ? TABLE[i].word : "(no word)");
	assert_false(role_allows(ROLE_COUNT, MAY_READ));
	assert_false(role_allows((enum role)1000, MAY_READ));
	assert_false(role_allows(ROLE_ADMIN, PERMISSION_COUNT));
}

static void words_of_roles_and_permissions(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "Admin", "admin ", "administrator", "release-manager", "view"};
	enum role role = ROLE_COUNT;
	for (enum role r = 0; r < ROLE_COUNT; r++) {
		assert_string_equal(role_name(r), ROLES[r]);
		assert_true(role_parse(text_from(ROLES[r]), &role));
		assert_int_equal(role, r);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) assert_false(role_parse(text_from(bad[i]), &role));
	assert_false(role_parse(TEXT_ABSENT, &role));
	assert_int_equal(role, ROLE_VIEWER);
	assert_string_equal(role_name(ROLE_COUNT), "");
	for (size_t i = 0; i < COUNT_OF(TABLE); i++) {
		const char *word = permission_name(TABLE[i].permission);
		assert_int_equal(!word, !TABLE[i].word);
		if (word) assert_string_equal(word, TABLE[i].word);
	}
	assert_null(permission_name(PERMISSION_COUNT));
}

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
		cmocka_unit_test(each_role_allows_what_the_table_says),
		cmocka_unit_test(words_of_roles_and_permissions),
		cmocka_unit_test(what_is_no_permission_is_not_allowed),
		cmocka_unit_test(words_of_scopes),
		cmocka_unit_test(names_of_scopes_are_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
