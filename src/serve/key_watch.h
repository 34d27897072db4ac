/* Keeps keys and people in memory as they are in the store, whoever changes them. A thread of its own with a connection of its own: nothing that takes long
 * stands before a revoked key or a session that has ended. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"

struct key_watch;
struct keyring;
struct people;

struct key_watch_options {
	const char *location;
	struct keyring *keyring;
	struct people *people;
	int64_t session_idle; /* microseconds */
};
enum rc key_watch_start(const struct key_watch_options *options, struct key_watch **ret, struct err *err) must_check;
/* Somebody has changed a key, a user, a session or a token: now. Any thread. */
void key_watch_look(struct key_watch *k);
/* Whether changes by other processes are heard, and lead to key_watch_look(). Without, it looks more often by itself. Any thread. */
void key_watch_set_hears(struct key_watch *k, bool hears);
void key_watch_stop(struct key_watch *k); /* NULL is fine */
