/* The files of web/ that the program carries: pages, scripts, styles. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "http/http.h"

struct asset {
	struct text path; /* "/index.html", "/assets/main-….js" */
	const char *type;
	bool lasting; /* its name changes with its bytes */
	struct http_stored content;
};

/* Made by tools/embed-web, in the order of the paths' bytes. */
extern const struct asset WEB_FILES[];
extern const size_t WEB_FILE_COUNT;

const struct asset *asset_find(struct text path); /* NULL: none */
