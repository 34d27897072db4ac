/* Host names: what DNS says is not believed, and a look-up that hangs holds up nobody else. The test answers getaddrinfo() itself. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>

#include "sender.h"
#include "web.h"

static struct peer *web;
static _Atomic int lookups;
static pthread_mutex_t hang = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int hanging;

static struct addrinfo *address_new(const char *text, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof *a);
	struct sockaddr_in *at = calloc(1, sizeof *at);
	at->sin_family = AF_INET;
	at->sin_port = htons((uint16_t)web->port);
	if (inet_pton(AF_INET, text, &at->sin_addr) != 1) abort();
	*a = (struct addrinfo){.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_addrlen = sizeof *at,
		.ai_addr = (struct sockaddr *)at,
		.ai_next = next};
	return a;
}

/* In place of the C library's, for curl's threads. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)service;
	(void)hints;
	int n = atomic_fetch_add(&lookups, 1);
	if (strcmp(name, "hanging.test") == 0) {
		atomic_fetch_add(&hanging, 1);
		pthread_mutex_lock(&hang);
		pthread_mutex_unlock(&hang);
		atomic_fetch_sub(&hanging, 1);
		return EAI_AGAIN;
	}
	if (strcmp(name, "one.test") == 0)
		*ret = address_new("127.0.0.1", NULL);
	else if (strcmp(name, "several.test") == 0)
		*ret = address_new("10.0.0.1", address_new("127.0.0.2", address_new("169.254.169.254", address_new("127.0.0.1", NULL))));
	else if (strcmp(name, "private.test") == 0)
		*ret = address_new("10.0.0.1", address_new("169.254.169.254", NULL));
	else if (strcmp(name, "changing.test") == 0)
		*ret = address_new(n == 0 ? "127.0.0.1" : "127.0.0.2", NULL);
	else
		return EAI_NONAME;
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a) {
		struct addrinfo *next = a->ai_next;
		free(a->ai_addr);
		free(a);
		a = next;
	}
}

static int begin(void **state)
{
	(void)state;
	web = web_start();
	return 0;
}

static int end(void **state)
{
	(void)state;
	web_stop(web);
	return 0;
}

static struct outcome ask_from(struct sender *s, const char *host)
{
	char url[200];
	struct outcome out = {0};
	snprintf(url, sizeof url, "http://%s:%u/ok", host, web->port);
	struct outgoing_request request = {.url = url};
	sender_send(s, &request, &out);
	sender_wait(s);
	return out;
}

static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		enum outgoing_end end;
		const char *error;
	} rows[] = {
		{"one.test", OUTGOING_ANSWERED, ""},
		{"several.test", OUTGOING_ANSWERED, ""},
		{"private.test", OUTGOING_FORBIDDEN, "the destination's address is not allowed (loopback, private or reserved)"},
		{"unknown.test", OUTGOING_NO_ANSWER, "could not resolve the host name"},
	};
	struct sender s = sender_open("127.0.0.1", SECONDS_US(60), NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct outcome out = ask_from(&s, rows[i].host);
		if (out.end != rows[i].end) fail_msg("%s: %d %s", rows[i].host, out.end, out.error);
		assert_string_equal(out.error, rows[i].error);
		outcome_done(&out);
	}
	sender_close(&s);
}

/* A name that was good when somebody looked, and leads elsewhere when the connection is made. */
static void test_changed_name(void **state)
{
	(void)state;
	struct sender first = sender_open("127.0.0.1", SECONDS_US(60), NULL), second = sender_open("127.0.0.1", SECONDS_US(60), NULL);
	atomic_store(&lookups, 0);
	struct outcome out = ask_from(&first, "changing.test");
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	outcome_done(&out);
	out = ask_from(&second, "changing.test");
	assert_int_equal(out.end, OUTGOING_FORBIDDEN);
	outcome_done(&out);
	sender_close(&first);
	sender_close(&second);
}

/* If the loop waited for the look-up, this would never end: it comes back only when the test is through. */
static void test_hanging_look_up(void **state)
{
	(void)state;
	char url[200];
	struct outcome slow = {0}, stopped = {0};
	struct sender s = sender_open("127.0.0.1", 300000, NULL);
	snprintf(url, sizeof url, "http://hanging.test:%u/ok", web->port);
	struct outgoing_request request = {.url = url};
	pthread_mutex_lock(&hang);
	sender_send(&s, &request, &slow);
	while (!atomic_load(&hanging)) outgoing_run(s.o, 10000);
	while (!slow.calls) {
		struct outcome quick = {0};
		char quick_url[200];
		snprintf(quick_url, sizeof quick_url, "http://127.0.0.1:%u/ok", web->port);
		struct outgoing_request other = {.url = quick_url};
		sender_send(&s, &other, &quick);
		while (!quick.calls) outgoing_run(s.o, 10000);
		outcome_done(&quick);
	}
	assert_int_equal(slow.end, OUTGOING_NO_ANSWER);
	assert_string_equal(slow.error, "timed out");
	sender_send(&s, &request, &stopped);
	outgoing_run(s.o, 10000);
	sender_close(&s);
	assert_int_equal(stopped.calls, 1);
	pthread_mutex_unlock(&hang);
	while (atomic_load(&hanging)) usleep(1000);
	outcome_done(&slow);
	outcome_done(&stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_changed_name),
		cmocka_unit_test(test_hanging_look_up),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
