/* The header fields of a request, seen once in the order sent: which the room needs, and whether two readers could disagree about
 * where the request ends (RFC 9112 6.3, 11.2). Pure functions, for the request and for the fuzzer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

enum field {
	FIELD_HOST,
	FIELD_CONTENT_LENGTH,
	FIELD_TRANSFER_ENCODING,
	FIELD_AUTHORIZATION,
	FIELD_CONTENT_TYPE,
	FIELD_CONTENT_ENCODING,
	FIELD_EXPECT,
	FIELD_REQUEST_ID,
	FIELD_ORIGIN,
	FIELD_PREFLIGHT_METHOD,
	FIELD_ACCEPT_ENCODING,
	FIELD_IF_NONE_MATCH,
	FIELD_FORWARDED_FOR,
	FIELD_FORWARDED_PROTO,
	FIELD_FORWARDED_HOST,
	FIELD_COOKIE,
	FIELD_KINDS,
};

struct shape {
	struct text fields[FIELD_KINDS]; /* absent when not sent; the parts of a list that was sent in pieces are joined by commas */
	size_t count;
	bool broken;
	/* Set by shape_sound: */
	bool chunked;
	bool expects_continue;
	uint64_t length; /* declared, 0 when chunked */
};

void shape_see(struct shape *s, struct arena *a, struct text name, struct text value);
/* After the last field. False: refuse the request and close the connection, before any of the body is read. */
bool shape_sound(struct shape *s);
bool shape_has_body(const struct shape *s);
bool shape_is_token(struct text t); /* RFC 9110 5.6.2: what names and methods are made of */
