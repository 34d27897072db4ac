/* The load that wrk is too coarse or too small for, each on blocking connections:
 *   client events PORT RUN SECONDS     one connection, one event at a time: latency
 *   client get PORT PATH COUNT         one connection: latency of a GET
 *   client ask PORT PATH COUNT HEADER STATUS     the same with one more header ("Name: value"), and another status expected
 *   client bulk PORT RUN LINES CONNECTIONS SECONDS EVENTS NOTIFY
 *       NDJSON bodies, until SECONDS have passed or EVENTS are stored (0: no limit); NOTIFY: true or false
 * The environment's BENCH_KEY is the API key. Prints one line: "figures", then name=value pairs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/event_stream.h"
#include "load/http_client.h"
#include "load/samples.h"

enum { SHOWN = 300, MOST_CONNECTIONS = 16, WARM_UP = 20 };

static int run_events(char **argv)
{
	struct event_stream stream = {.run = argv[1]};
	struct samples taken = {0};
	struct http_client c;
	char head[HTTP_HEAD_SIZE], body[STREAM_BODY_SIZE];
	int64_t start = nanos_now(), end = start + (int64_t)(atof(argv[2]) * 1e9), now = start;
	http_connect(&c, (unsigned)atoi(argv[0]));
	for (size_t i = 0; now < end; i++) {
		struct stream_event e;
		stream_next(&stream, &e);
		size_t size = stream_body(&e, false, body);
		size_t head_size = http_head(head, "POST", "/deployment-events/", "application/json", size);
		int64_t sent = nanos_now();
		http_send(&c, head, head_size, body, size);
		http_expect_ok(http_receive(&c), "an event");
		now = nanos_now();
		if (i >= WARM_UP) samples_add(&taken, now - sent);
	}
	samples_print(&taken, now - start);
	samples_done(&taken);
	http_disconnect(&c);
	return 0;
}

static void get_again(struct http_client *c, const char *path, int count, const char *header, int status)
{
	struct samples taken = {0};
	char head[HTTP_HEAD_SIZE];
	size_t size = http_head(head, "GET", path, "application/json", 0);
	if (*header && strlen(header) + 5 < sizeof head - size) /* in place of the empty line, which comes after it */
		size = size - 2 + (size_t)sprintf(head + size - 2, "%s\r\n\r\n", header);
	int64_t start = nanos_now();
	for (int i = 0; i < count + WARM_UP; i++) {
		int64_t sent = nanos_now();
		http_send(c, head, size, "", 0);
		struct http_answer a = http_receive(c);
		if (a.status != status) http_expect_ok((struct http_answer){a.status == 200 ? -1 : a.status, a.body, a.size}, path);
		if (i >= WARM_UP) samples_add(&taken, nanos_now() - sent);
	}
	samples_print(&taken, nanos_now() - start);
	samples_done(&taken);
}

static int run_get(char **argv)
{
	struct http_client c;
	http_connect(&c, (unsigned)atoi(argv[0]));
	get_again(&c, argv[1], atoi(argv[2]), "", 200);
	http_disconnect(&c);
	return 0;
}

static int run_ask(char **argv)
{
	struct http_client c;
	http_connect(&c, (unsigned)atoi(argv[0]));
	get_again(&c, argv[1], atoi(argv[2]), argv[3], atoi(argv[4]));
	http_disconnect(&c);
	return 0;
}

struct bulk_lane {
	pthread_t thread;
	struct event_stream stream;
	unsigned port;
	const char *path;
	size_t lines;
	uint64_t most; /* events, 0: no limit */
	int64_t end; /* nanos_now() */
	uint64_t stored;
	int64_t finished;
};

static size_t write_lines(struct bulk_lane *l, size_t lines, char *out)
{
	size_t size = 0;
	for (size_t i = 0; i < lines; i++) {
		struct stream_event e;
		stream_next(&l->stream, &e);
		size += stream_body(&e, true, out + size);
		out[size++] = '\n';
	}
	return size;
}

static uint64_t count_stored(struct http_answer a)
{
	static const char mark[] = "\"status\":200";
	uint64_t n = 0;
	for (const char *p = a.body, *end = a.body + a.size; (p = memmem(p, (size_t)(end - p), mark, sizeof mark - 1));
		 p += sizeof mark - 1)
		n++;
	return n;
}

/* The next body is made while the server works on the one before. */
static void *run_lane(void *of)
{
	struct bulk_lane *l = of;
	struct http_client c;
	char head[HTTP_HEAD_SIZE], *body = malloc(l->lines * STREAM_BODY_SIZE);
	if (!body) exit(1);
	http_connect(&c, l->port);
	size_t size = write_lines(l, l->lines, body);
	do {
		http_send(&c, head, http_head(head, "POST", l->path, "application/x-ndjson", size), body, size);
		size = write_lines(l, l->lines, body);
		struct http_answer a = http_receive(&c);
		http_expect_ok(a, "a bulk body");
		uint64_t stored = count_stored(a);
		if (stored != l->lines) {
			fprintf(stderr, "%llu of %zu lines were stored: %.*s\n", (unsigned long long)stored, l->lines,
				a.size > SHOWN ? SHOWN : (int)a.size, a.body);
			exit(1);
		}
		l->stored += stored;
	} while ((!l->end || nanos_now() < l->end) && (!l->most || l->stored < l->most));
	l->finished = nanos_now();
	http_disconnect(&c);
	free(body);
	return NULL;
}

static int run_bulk(char **argv)
{
	struct bulk_lane lanes[MOST_CONNECTIONS];
	unsigned count = (unsigned)atoi(argv[3]);
	const char *path = strcmp(argv[6], "true") == 0 ? "/events/bulk" : "/events/bulk?notify=false";
	int64_t start = nanos_now(), finished = start;
	uint64_t stored = 0;
	if (count < 1 || count > MOST_CONNECTIONS) return 2;
	for (unsigned i = 0; i < count; i++) {
		double seconds = atof(argv[4]);
		lanes[i] = (struct bulk_lane){.stream = {.run = argv[1], .lane = i, .lanes = count},
			.port = (unsigned)atoi(argv[0]),
			.path = path,
			.lines = strtoul(argv[2], NULL, 10),
			.most = (strtoull(argv[5], NULL, 10) + count - 1) / count,
			.end = seconds > 0 ? start + (int64_t)(seconds * 1e9) : 0};
		if (pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) != 0) return 1;
	}
	for (unsigned i = 0; i < count; i++) {
		pthread_join(lanes[i].thread, NULL);
		stored += lanes[i].stored;
		finished = lanes[i].finished > finished ? lanes[i].finished : finished;
	}
	printf("figures requests=%llu micros=%lld\n", (unsigned long long)stored, (long long)((finished - start) / 1000));
	return 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(char **argv);
} MODES[] = {{"events", 3, run_events}, {"get", 3, run_get}, {"ask", 5, run_ask}, {"bulk", 7, run_bulk}};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof MODES / sizeof *MODES; i++)
		if (strcmp(argv[1], MODES[i].name) == 0 && argc == MODES[i].arguments + 2) return MODES[i].run(argv + 2);
	fprintf(stderr, "usage: client events PORT RUN SECONDS | get PORT PATH COUNT | ask PORT PATH COUNT HEADER STATUS | bulk PORT "
					"RUN LINES CONNECTIONS SECONDS EVENTS NOTIFY\n");
	return 2;
}
