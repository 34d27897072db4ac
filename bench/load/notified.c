/* The loads whose end is seen at load/receiver.c:
 *   notified latency PORT RUN EVENTS LEAST_MS MOST_MS RECEIVER_PORT
 *       one event at a time, each after a pause of that length: from its acknowledgement to the request at the receiver; 0 when the
 *       request was there first
 *   notified replay RECEIVER_PORT CONNECTIONS SECONDS
 *       the receiver's last request again and again, one under way on each connection: from sending to its answer
 * The environment's BENCH_KEY is the API key. Prints one line: "figures", then name=value pairs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load/event_stream.h"
#include "load/http_client.h"
#include "load/samples.h"

enum { ID_SIZE = 36, PATIENCE_MS = 60000, LOOK_MS = 10, MOST_CONNECTIONS = 256 };

struct told {
	char id[ID_SIZE + 1];
	int64_t acknowledged;
};

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static struct http_answer get(struct http_client *c, const char *path)
{
	char head[HTTP_HEAD_SIZE];
	http_send(c, head, http_head(head, "GET", path, "text/plain", 0), "", 0);
	struct http_answer a = http_receive(c);
	http_expect_ok(a, path);
	return a;
}

/* ---- latency ---- */

static size_t count_arrived(struct http_client *receiver)
{
	const char *at = strstr(get(receiver, "/report").body, "events=");
	return at ? strtoul(at + strlen("events="), NULL, 10) : 0;
}

static void read_event_id(struct http_answer a, char ret[static ID_SIZE + 1])
{
	static const char mark[] = "\"event_id\":\"";
	const char *id = memmem(a.body, a.size, mark, sizeof mark - 1);
	if (!id || a.body + a.size < id + sizeof mark - 1 + ID_SIZE) give_up("an acknowledgement names no event_id");
	memcpy(ret, id + sizeof mark - 1, ID_SIZE);
	ret[ID_SIZE] = 0;
}

static void send_event(struct http_client *c, struct event_stream *stream, struct told *ret)
{
	char head[HTTP_HEAD_SIZE], body[STREAM_BODY_SIZE];
	struct stream_event e;
	stream_next(stream, &e);
	size_t size = stream_body(&e, false, body);
	http_send(c, head, http_head(head, "POST", "/deployment-events/", "application/json", size), body, size);
	struct http_answer a = http_receive(c);
	ret->acknowledged = nanos_now();
	http_expect_ok(a, "an event");
	read_event_id(a, ret->id);
}

static void await_arrivals(struct http_client *receiver, size_t count)
{
	for (int waited = 0; count_arrived(receiver) < count; waited += LOOK_MS) {
		if (waited > PATIENCE_MS) give_up("not every event came to the receiver");
		usleep(LOOK_MS * 1000);
	}
}

static void join_arrivals(struct http_client *receiver, const struct told *told, size_t count, struct samples *taken)
{
	struct http_answer a = get(receiver, "/arrivals");
	for (const struct told *t = told; t < told + count; t++) {
		const char *line = memmem(a.body, a.size, t->id, ID_SIZE);
		if (!line) give_up("the receiver was told of other events");
		int64_t arrived = strtoll(line + ID_SIZE, NULL, 10);
		samples_add(taken, arrived > t->acknowledged ? arrived - t->acknowledged : 0);
	}
}

static int run_latency(char **argv)
{
	struct event_stream stream = {.run = argv[1]};
	size_t count = strtoul(argv[2], NULL, 10);
	long least = strtol(argv[3], NULL, 10), most = strtol(argv[4], NULL, 10);
	struct told *told = calloc(count + 1, sizeof *told);
	struct samples taken = {0};
	struct http_client server, receiver;
	if (!told || least < 0 || most < least) return 2;
	http_connect(&server, (unsigned)atoi(argv[0]));
	http_connect(&receiver, (unsigned)atoi(argv[5]));
	size_t before = count_arrived(&receiver);
	int64_t start = nanos_now();
	for (size_t i = 0; i < count; i++) {
		usleep((useconds_t)(least * 1000 + random() % ((most - least) * 1000 + 1)));
		send_event(&server, &stream, &told[i]);
	}
	await_arrivals(&receiver, before + count);
	join_arrivals(&receiver, told, count, &taken);
	samples_print(&taken, nanos_now() - start);
	samples_done(&taken);
	http_disconnect(&server);
	http_disconnect(&receiver);
	free(told);
	return 0;
}

/* ---- replay ---- */

static char *read_last_request(unsigned port, size_t *ret_size)
{
	struct http_client c;
	http_connect(&c, port);
	struct http_answer a = get(&c, "/last");
	char *request = malloc(a.size + 1);
	if (!request || !a.size) give_up("the receiver has had no request");
	memcpy(request, a.body, a.size);
	*ret_size = a.size;
	http_disconnect(&c);
	return request;
}

static void send_round(struct http_client *clients, size_t count, const char *request, size_t size, struct samples *taken)
{
	int64_t sent[MOST_CONNECTIONS];
	for (size_t i = 0; i < count; i++) {
		sent[i] = nanos_now();
		http_send(&clients[i], request, size, "", 0);
	}
	for (size_t i = 0; i < count; i++) {
		http_expect_ok(http_receive(&clients[i]), "a request");
		samples_add(taken, nanos_now() - sent[i]);
	}
}

static int run_replay(char **argv)
{
	struct http_client clients[MOST_CONNECTIONS];
	struct samples taken = {0};
	unsigned port = (unsigned)atoi(argv[0]);
	size_t count = strtoul(argv[1], NULL, 10), size;
	if (count < 1 || count > MOST_CONNECTIONS) return 2;
	char *request = read_last_request(port, &size);
	for (size_t i = 0; i < count; i++) http_connect(&clients[i], port);
	int64_t start = nanos_now(), end = start + (int64_t)(atof(argv[2]) * 1e9);
	while (nanos_now() < end) send_round(clients, count, request, size, &taken);
	samples_print(&taken, nanos_now() - start);
	for (size_t i = 0; i < count; i++) http_disconnect(&clients[i]);
	samples_done(&taken);
	free(request);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 8 && strcmp(argv[1], "latency") == 0) return run_latency(argv + 2);
	if (argc == 5 && strcmp(argv[1], "replay") == 0) return run_replay(argv + 2);
	fprintf(stderr,
		"usage: notified latency PORT RUN EVENTS LEAST_MS MOST_MS RECEIVER_PORT | replay RECEIVER_PORT CONNECTIONS SECONDS\n");
	return 2;
}
