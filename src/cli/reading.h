/* What status, history and diff share: a path with its filters, one GET, and how it is told that there is no answer. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/settings.h"
#include "cli/api_client.h"

struct reading {
	const char *command; /* "status", for messages */
	const struct settings *settings;
	struct api_client *client;
	struct arena *arena; /* for the whole command */
	bool colour; /* of standard output */
	size_t width; /* … in columns; 0: it is no terminal */
};

/* EXIT_FINE, or what is wrong is said and this is its exit code; then there is nothing to close. */
int reading_open(struct reading *ret, const char *command, const struct settings *s);
void reading_close(struct reading *r);

/* The values of a list, a text or a time, where there are any: "?product=a,b", "&at=…". False: it is no time, which is said. */
void reading_add_list(const struct reading *r, struct buf *path, const char *setting, const char *parameter);
bool reading_add_time(const struct reading *r, struct buf *path, const char *setting);
void reading_add(struct buf *path, const char *parameter, struct text value);

/* GET. The exit code; anything but EXIT_FINE is said on standard error. Memory is in `a`. */
int reading_get(const struct reading *r, struct arena *a, const struct buf *path, struct api_answer *ret);
/* Writes to standard output. The exit code: a full disk is trouble. */
int reading_print(const struct reading *r, const struct buf *text);

/* "2026-05-24 14:06:05Z" of an RFC 3339 text; as it is when it is none. */
struct text reading_time(struct arena *a, struct text rfc3339);
