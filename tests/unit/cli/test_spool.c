/* The spool: files that appear whole or not at all, sent oldest first, by one process at a time; what is broken does not stop the rest. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/secret.h"
#include "cli/cli_settings.h"
#include "cli/spool.h"
#include "script.h"

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":\"abc\"}"
#define WRONG "HTTP/1.1 422 X\r\nContent-Length: 16\r\n\r\n{\"detail\":\"bad\"}"
#define KEYLESS "HTTP/1.1 401 X\r\nContent-Length: 15\r\n\r\n{\"detail\":\"no\"}"

struct fixture {
	char home[64];
	struct spool spool;
	struct arena *arena;
	FILE *notes;
	char *said;
	size_t said_n;
};

static const char *get(void *context, const char *name)
{
	return strcmp(name, "XDG_STATE_HOME") == 0 ? context : NULL;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	snprintf(f->home, sizeof f->home, P_tmpdir "/spool-test-XXXXXX");
	assert_non_null(mkdtemp(f->home));
	struct ci_environment environment = {get, f->home};
	struct err err;
	if (spool_find(&environment, &f->spool, &err) != RC_OK) fail_msg("%s", err.text);
	f->arena = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
	f->notes = open_memstream(&f->said, &f->said_n);
	*state = f;
	return 0;
}

static int take_down(void **state)
{
	struct fixture *f = *state;
	char command[200];
	snprintf(command, sizeof command, "rm -rf '%s'", f->home);
	fclose(f->notes);
	free(f->said);
	arena_free(f->arena);
	int code = system(command);
	free(f);
	return code;
}

static struct api_client *client_for(const struct script *s)
{
	char address[100];
	snprintf(address, sizeof address, "--api-url=%s", s->url);
	char *argv[] = {(char *)"versioner", (char *)"--api-key=k", address, (char *)"--deadline=1s"};
	struct settings *settings = settings_new(FLUSH_SETTINGS);
	struct api_client *c;
	struct err err;
	if (settings_load(settings, 4, argv, NULL, &err) != RC_OK) fail_msg("%s", err.text);
	if (api_client_new(settings, &c, &err) != RC_OK) fail_msg("%s", err.text);
	settings_free(settings);
	return c;
}

static enum rc put(const struct fixture *f, const char *url, const char *key, struct err *err)
{
	char body[64];
	snprintf(body, sizeof body, "{\"version\":\"%s\"}", key);
	struct spool_event event = {url, "/build-events/", key, text_from(body)};
	return spool_put(&f->spool, &event, err);
}

static struct spool_result send_all(struct fixture *f, const struct script *s, bool wait, enum rc expected)
{
	struct api_client *c = client_for(s);
	struct spool_result result = {.sent = 0};
	struct err err;
	enum rc rc = spool_send(&f->spool, c, f->arena, wait, f->notes, &result, &err);
	if (rc != expected) fail_msg("%d: %s", rc, err.text);
	api_client_free(c);
	fflush(f->notes);
	return result;
}

static int count_files(const struct fixture *f, const char *ending)
{
	int count = 0;
	DIR *folder = opendir(f->spool.folder);
	for (const struct dirent *e; folder && (e = readdir(folder));) {
		size_t n = strlen(e->d_name), m = strlen(ending);
		count += n >= m && e->d_name[0] != '.' && strcmp(e->d_name + n - m, ending) == 0;
	}
	if (folder) closedir(folder);
	return count;
}

static void write_file(const struct fixture *f, const char *name, const char *content)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/%s", f->spool.folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static void the_folder_is_where_the_standard_says(void **state)
{
	struct fixture *f = *state;
	char expected[128];
	snprintf(expected, sizeof expected, "%s/versioner/spool", f->home);
	assert_string_equal(f->spool.folder, expected);
	assert_true(spool_is_empty(&f->spool)); /* and asking makes nothing */
	assert_int_not_equal(access(f->spool.folder, F_OK), 0);
	struct ci_environment environment = {get, (char *)"relative"};
	struct spool p;
	assert_int_equal(spool_find(&environment, &p, NULL), RC_INVALID);
}

static void a_kept_event_is_whole_private_and_without_the_key(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	assert_int_equal(put(f, "http://x", "one", NULL), RC_OK);
	assert_false(spool_is_empty(&f->spool));
	assert_int_equal(count_files(f, ".json"), 1);
	assert_int_equal(count_files(f, ""), 1); /* nothing but it */
	assert_int_equal(stat(f->spool.folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	DIR *folder = opendir(f->spool.folder);
	for (const struct dirent *e; (e = readdir(folder));) {
		if (e->d_name[0] == '.') continue;
		assert_int_equal(fstatat(dirfd(folder), e->d_name, &st, 0), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	closedir(folder);
}

static void they_are_sent_oldest_first_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	for (int i = 0; i < 5; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		assert_int_equal(put(f, s->url, key, NULL), RC_OK);
	}
	struct spool_result r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.sent, 5);
	assert_int_equal(s->count, 5);
	for (int i = 0; i < 5; i++) {
		char key[256], body[64], expected[16];
		snprintf(expected, sizeof expected, "k%d", i);
		snprintf(body, sizeof body, "{\"version\":\"k%d\"}", i);
		script_header(s, i, "Idempotency-Key", key);
		assert_string_equal(key, expected);
		assert_string_equal(script_body(s, i), body);
	}
	assert_true(spool_is_empty(&f->spool));
	script_stop(s);
}

static void corrupt_ones_are_set_aside_and_named_and_the_others_sent(void **state)
{
	struct fixture *f = *state;
	static const char *const contents[] = {"", "{\"api_url\":\"x\"", "[]",
		"{\"api_url\":\"x\",\"path\":\"/admin/\",\"idempotency_key\":\"k\",\"body\":\"{}\"}",
		"{\"api_url\":\"x\",\"path\":\"/build-events/\",\"idempotency_key\":\"k\",\"body\":\"{\"}", "\xff\xfe"};
	struct script *s = script_start((const char *const[]){FINE, NULL});
	assert_int_equal(put(f, s->url, "good", NULL), RC_OK);
	for (size_t i = 0; i < 6; i++) {
		char name[64];
		snprintf(name, sizeof name, "00000000-0000-7000-8000-00000000000%zu.json", i);
		write_file(f, name, contents[i]);
	}
	write_file(f, "notes.txt", "somebody else's");
	struct spool_result r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.corrupt, 6);
	assert_int_equal(count_files(f, ".corrupt"), 6);
	assert_int_equal(count_files(f, ".txt"), 1);
	for (int i = 0; i < 6; i++) {
		char name[80];
		snprintf(name, sizeof name, "00000000-0000-7000-8000-00000000000%d.json.corrupt", i);
		assert_non_null(strstr(f->said, name));
	}
	r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.corrupt, 0); /* not looked at again */
	script_stop(s);
}

static void what_a_killed_program_left_is_removed_after_an_hour(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	struct timespec old[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
	char path[4200];
	assert_int_equal(put(f, s->url, "good", NULL), RC_OK);
	write_file(f, "00000000-0000-7000-8000-000000000001.part", "{\"api");
	write_file(f, "00000000-0000-7000-8000-000000000002.part", "{\"api");
	snprintf(path, sizeof path, "%s/00000000-0000-7000-8000-000000000001.part", f->spool.folder);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(send_all(f, s, true, RC_OK).sent, 1);
	assert_int_equal(count_files(f, "1.part"), 0);
	assert_int_equal(count_files(f, "2.part"), 1);
	script_stop(s);
}

static void a_refused_one_is_set_aside_and_a_wrong_key_stops(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){WRONG, FINE, KEYLESS, NULL});
	for (int i = 0; i < 4; i++) assert_int_equal(put(f, s->url, "k", NULL), RC_OK);
	struct spool_result r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.refused, 1);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.end, API_REFUSED);
	assert_int_equal(r.left, 2);
	assert_int_equal(s->count, 3);
	assert_int_equal(count_files(f, ".refused"), 1);
	assert_int_equal(count_files(f, ".json"), 2);
	assert_non_null(strstr(f->said, "bad"));
	script_stop(s);
}

static void an_absent_server_leaves_everything(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){CUT, NULL});
	for (int i = 0; i < 3; i++) assert_int_equal(put(f, s->url, "k", NULL), RC_OK);
	struct spool_result r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.end, API_UNKNOWN);
	assert_int_equal(r.left, 3);
	assert_true(r.message.n > 0);
	assert_int_equal(count_files(f, ".json"), 3);
	script_stop(s);
}

static void events_of_another_server_stay(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	assert_int_equal(put(f, "http://elsewhere", "k", NULL), RC_OK);
	assert_int_equal(put(f, s->url, "k", NULL), RC_OK);
	struct spool_result r = send_all(f, s, true, RC_OK);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.elsewhere, 1);
	assert_int_equal(count_files(f, ".json"), 1);
	script_stop(s);
}

static void only_one_process_sends_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	assert_int_equal(put(f, s->url, "k", NULL), RC_OK);
	int other = open(f->spool.folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(other, LOCK_EX), 0);
	send_all(f, s, false, RC_UNAVAILABLE);
	assert_int_equal(put(f, s->url, "k", NULL), RC_OK); /* keeping one needs no lock */
	close(other);
	assert_int_equal(send_all(f, s, false, RC_OK).sent, 2);
	script_stop(s);
}

/* Two processes at once send each event once. */
static void two_processes_share_the_work(void **state)
{
	enum { EVENTS = 30 };
	struct fixture *f = *state;
	struct script *s = script_start((const char *const[]){FINE, NULL});
	for (int i = 0; i < EVENTS; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%02d", i);
		assert_int_equal(put(f, s->url, key, NULL), RC_OK);
	}
	pid_t child = fork();
	if (child == 0) {
		struct api_client *c = client_for(s);
		struct spool_result r;
		_exit(spool_send(&f->spool, c, f->arena, true, stderr, &r, NULL) == RC_OK ? 0 : 1);
	}
	send_all(f, s, true, RC_OK);
	int status = 1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(s->count, EVENTS);
	for (int i = 0; i < EVENTS; i++) {
		char key[256], expected[16];
		snprintf(expected, sizeof expected, "k%02d", i);
		script_header(s, i, "Idempotency-Key", key);
		assert_string_equal(key, expected);
	}
	script_stop(s);
}

/* A file that may not grow stands for a full disk. */
static void a_full_disk_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;
	struct err err;
	assert_int_equal(put(f, "http://x", "first", NULL), RC_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	enum rc rc = put(f, "http://x", "second", &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_not_equal(rc, RC_OK);
	assert_non_null(strstr(err.text, "cannot be kept"));
	assert_int_equal(count_files(f, ""), 1);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
	struct fixture *f = *state;
	struct err err;
	char path[128];
	snprintf(path, sizeof path, "%s/versioner", f->home);
	close(open(path, O_CREAT | O_WRONLY, 0600)); /* a file in the way */
	assert_int_equal(put(f, "http://x", "k", &err), RC_FAILED);
	assert_non_null(strstr(err.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_folder_is_where_the_standard_says, set_up, take_down),
		cmocka_unit_test_setup_teardown(a_kept_event_is_whole_private_and_without_the_key, set_up, take_down),
		cmocka_unit_test_setup_teardown(they_are_sent_oldest_first_as_they_were, set_up, take_down),
		cmocka_unit_test_setup_teardown(corrupt_ones_are_set_aside_and_named_and_the_others_sent, set_up, take_down),
		cmocka_unit_test_setup_teardown(what_a_killed_program_left_is_removed_after_an_hour, set_up, take_down),
		cmocka_unit_test_setup_teardown(a_refused_one_is_set_aside_and_a_wrong_key_stops, set_up, take_down),
		cmocka_unit_test_setup_teardown(an_absent_server_leaves_everything, set_up, take_down),
		cmocka_unit_test_setup_teardown(events_of_another_server_stay, set_up, take_down),
		cmocka_unit_test_setup_teardown(only_one_process_sends_at_a_time, set_up, take_down),
		cmocka_unit_test_setup_teardown(two_processes_share_the_work, set_up, take_down),
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_behind, set_up, take_down),
		cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_named, set_up, take_down),
	};
	setenv("HOME", "/nonexistent", 1);
	if (secret_init(NULL) != RC_OK) return 1;
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
