/* What is kept of a destination's answer: valid, cut, and without the channel's own secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "notify/answer_text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char CONFIG[] =
	"{\"url\":\"https://hooks.example/services/T000/B000/abcdefgh\",\"secret\":\"correct horse battery\","
	"\"headers\":{\"Authorization\":\"Bearer 0123456789abcdef\",\"X-Short\":\"ab\"},\"to\":[\"ann@example.com\"]}";

static struct text kept_of(struct arena *a, enum outgoing_end end, struct text body, const char *error)
{
	const struct json *config;
	struct err err;
	assert_int_equal(json_read(a, text_from(CONFIG), &config, &err), RC_OK);
	struct outgoing_answer answer = {.end = end, .status = 500, .body = body, .error = error};
	return answer_text(a, config, &answer);
}

static void secrets_are_blotted_out(void **unused)
{
	(void)unused;
	static const struct {
		const char *said, *kept;
	} rows[] = {
		{"all is well", "all is well"},
		{"", ""},
		{"no https://hooks.example/services/T000/B000/abcdefgh!", "no ****!"},
		{"POST /services/T000/B000/abcdefgh HTTP/1.1", "POST /**** HTTP/1.1"},
		{"bad token 0123456789abcdef", "bad token ****"},
		{"Authorization: Bearer 0123456789abcdef", "Authorization: ****"},
		{"correct horse batterycorrect horse battery", "********"},
		{"ann@example.com is unknown", "**** is unknown"},
		{"about ab", "about ab"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *a = arena_new(KIB(4), MIB(1));
		struct text kept = kept_of(a, OUTGOING_ANSWERED, text_from(rows[i].said), NULL);
		if (!text_is(kept, rows[i].kept)) fail_msg("\"%s\" is kept as \"%.*s\"", rows[i].said, TEXT_ARGS(kept));
		arena_free(a);
	}
}

static void without_an_answer_it_is_the_sentence(void **unused)
{
	(void)unused;
	struct arena *a = arena_new(KIB(4), MIB(1));
	assert_true(text_is(kept_of(a, OUTGOING_NO_ANSWER, TEXT_ABSENT, "timed out"), "timed out"));
	assert_true(text_is(kept_of(a, OUTGOING_ANSWERED, TEXT_ABSENT, NULL), ""));
	arena_free(a);
}

static void it_is_cut_to_a_kibibyte_of_valid_text(void **unused)
{
	(void)unused;
	struct arena *a = arena_new(KIB(64), MIB(8));
	char *large = arena_alloc(a, LIMIT_OUTGOING_ANSWER);
	for (size_t i = 0; i < LIMIT_OUTGOING_ANSWER; i++) large[i] = "\xE2\x82\xAC"[i % 3];
	memcpy(large, "\xFF\x00\x01", 3);
	struct text kept = kept_of(a, OUTGOING_ANSWERED, (struct text){large, LIMIT_OUTGOING_ANSWER}, NULL);
	assert_in_range(kept.n, 900, LIMIT_NOTIFICATION_ANSWER);
	assert_true(utf8_valid(kept));
	assert_false(text_has_control(kept, true));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_blotted_out),
		cmocka_unit_test(without_an_answer_it_is_the_sentence),
		cmocka_unit_test(it_is_cut_to_a_kibibyte_of_valid_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
