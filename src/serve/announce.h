/* What a start says: to the log where it listens, and to the person at the terminal the first key, once. */
#pragma once

#include <stddef.h>

struct first_start;
struct settings;

/* "127.0.0.1:8080": the address of --listen with the real port. */
void announce_address(const char *listen, unsigned port, char *out, size_t size);
/* The key goes to standard output and nowhere else; the log goes to standard error. */
void announce_start(const struct settings *s, const struct first_start *first, const char *address);
