/* A mail server that follows a script, and keeps what it was told: commands, and each message as it came, without dot-stuffing. */
#pragma once

#include "peer.h"

enum { MESSAGE_MOST = 1 << 20, COMMANDS_MOST = 1 << 16 };

struct postbox_script {
	const char *greeting; /* NULL: "220 ready"; empty: never one */
	const char *offers; /* one more line of the answer to EHLO, as "250-AUTH PLAIN" */
	const char *to_data; /* the answer to a message; NULL: "250 kept"; empty: the connection ends */
	const char *to_auth; /* NULL: "235 welcome" */
	bool silent_at_quit;
};

struct postbox {
	struct postbox_script script;
	pthread_mutex_t lock;
	char commands[COMMANDS_MOST]; /* each line of them, with \n */
	char message[MESSAGE_MOST]; /* the last one, lines with \r\n */
	_Atomic int messages;
	_Atomic int quits;
	bool overlong; /* a line of a message had more than 998 characters */
};

static inline bool postbox_take_message(struct postbox *b, int fd)
{
	char line[4096];
	size_t n = 0;
	pthread_mutex_lock(&b->lock);
	b->message[0] = '\0';
	bool whole = false;
	while (!whole && peer_hear_line(fd, line, sizeof line)) {
		whole = strcmp(line, ".") == 0;
		if (whole) break;
		const char *text = line[0] == '.' ? line + 1 : line;
		size_t length = strlen(text);
		if (length > 998) b->overlong = true;
		if (n + length + 3 > sizeof b->message) abort();
		memcpy(b->message + n, text, length);
		n += length;
		memcpy(b->message + n, "\r\n", 3);
		n += 2;
	}
	pthread_mutex_unlock(&b->lock);
	return whole;
}

static inline const char *postbox_to_recipient(const char *line)
{
	if (strstr(line, "nobody")) return "550 5.1.1 no such user";
	if (strstr(line, "later")) return "450 4.2.0 greylisted";
	return "250 ok";
}

static inline void postbox_serve(struct peer *p, int fd)
{
	struct postbox *b = p->context;
	const struct postbox_script *s = &b->script;
	char line[4096];
	if (s->greeting && !s->greeting[0]) {
		peer_wait_gone(fd);
		return;
	}
	peer_say_line(fd, s->greeting ? s->greeting : "220 ready");
	while (peer_hear_line(fd, line, sizeof line)) {
		pthread_mutex_lock(&b->lock);
		size_t n = strlen(b->commands);
		snprintf(b->commands + n, sizeof b->commands - n, "%s\n", line);
		pthread_mutex_unlock(&b->lock);
		if (strncmp(line, "EHLO", 4) == 0) {
			peer_say_line(fd, "250-postbox");
			if (s->offers) peer_say_line(fd, s->offers);
			peer_say_line(fd, "250 8BITMIME");
		} else if (strncmp(line, "AUTH", 4) == 0) {
			peer_say_line(fd, "334 ");
			if (!peer_hear_line(fd, line, sizeof line)) return;
			peer_say_line(fd, s->to_auth ? s->to_auth : "235 welcome");
		} else if (strncmp(line, "STARTTLS", 8) == 0) {
			peer_say_line(fd, "220 go on");
			peer_wait_gone(fd); /* it has no certificate: what matters is that it was asked */
		} else if (strncmp(line, "RCPT", 4) == 0) {
			peer_say_line(fd, postbox_to_recipient(line));
		} else if (strcmp(line, "DATA") == 0) {
			peer_say_line(fd, "354 go on");
			if (!postbox_take_message(b, fd) || (s->to_data && !s->to_data[0])) return;
			atomic_fetch_add(&b->messages, 1);
			peer_say_line(fd, s->to_data ? s->to_data : "250 2.0.0 kept");
		} else if (strcmp(line, "QUIT") == 0) {
			atomic_fetch_add(&b->quits, 1);
			if (!s->silent_at_quit) peer_say_line(fd, "221 bye");
		} else {
			peer_say_line(fd, "250 ok");
		}
	}
}

/* Whether a command with that in it has come. */
static inline bool postbox_heard(struct postbox *b, const char *what)
{
	pthread_mutex_lock(&b->lock);
	bool heard = strstr(b->commands, what) != NULL;
	pthread_mutex_unlock(&b->lock);
	return heard;
}

static inline void postbox_forget(struct postbox *b)
{
	pthread_mutex_lock(&b->lock);
	b->commands[0] = '\0';
	pthread_mutex_unlock(&b->lock);
}

/* The last message; stays as it is until the next one. */
static inline const char *postbox_letter(struct postbox *b)
{
	pthread_mutex_lock(&b->lock);
	const char *letter = b->message;
	pthread_mutex_unlock(&b->lock);
	return letter;
}

static inline struct peer *postbox_start(const struct postbox_script *script)
{
	struct postbox *b = calloc(1, sizeof *b);
	if (script) b->script = *script;
	pthread_mutex_init(&b->lock, NULL);
	return peer_start(postbox_serve, b);
}

static inline void postbox_stop(struct peer *p)
{
	struct postbox *b = p->context;
	peer_stop(p);
	pthread_mutex_destroy(&b->lock);
	free(b);
}
