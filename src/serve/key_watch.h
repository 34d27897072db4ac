/* Keeps the keys in memory as they are in the store, whoever changes them. A thread of its own with a connection of its own: nothing that takes long
 * stands before a revoked key. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"

struct key_watch;
struct keyring;

enum rc key_watch_start(const char *location, struct keyring *keyring, struct key_watch **ret, struct err *err) must_check;
/* Somebody has changed a key: now. Any thread. */
void key_watch_look(struct key_watch *k);
/* Whether changes by other processes are heard, and lead to key_watch_look(). Without, it looks more often by itself. Any thread. */
void key_watch_set_hears(struct key_watch *k, bool hears);
void key_watch_stop(struct key_watch *k); /* NULL is fine */
