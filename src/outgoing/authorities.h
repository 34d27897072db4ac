/* The certificate authorities that servers are checked against, as the TLS library takes them. Private to the room. */
#pragma once

#include <stdbool.h>

#include "base/rc.h"
#include "outgoing/libcurl.h"

struct authorities {
	int fd; /* of the file in memory that holds all of them; -1: none */
	char file[64]; /* for CURLOPT_CAINFO; empty: the library's standard stays */
	bool file_alone; /* the standard folder is not read */
};

/* further: PEM of more than the system's own; may be NULL. */
enum rc authorities_read(const char *further, struct authorities *ret, struct err *err) must_check;
void authorities_done(struct authorities *a);
CURLcode authorities_apply(const struct authorities *a, CURL *easy);
