/* What a start says: to the log where it listens; and to the person at the terminal where the dashboard is and, once, how to get in and the first
 * key. */
#pragma once

#include <stddef.h>

struct first_start;
struct settings;

/* "127.0.0.1:8080": the address of --listen with the real port. */
void announce_address(const char *listen, unsigned port, char *out, size_t size);
/* Where a person on this machine reaches the server, without "/" at its end: --public-url, else the address. */
void announce_url(const struct settings *s, const char *address, char *out, size_t size);
/* Key and link go to standard output and nowhere else; the log goes to standard error. */
void announce_start(const struct settings *s, const struct first_start *first, const char *address);
