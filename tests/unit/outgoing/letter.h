/* Reads a mail the way its reader does: headers unfolded and decoded (RFC 2047), parts of multipart/alternative decoded. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sender.h"

#include "base/secret.h"

/* The field as it stands, unfolded; NULL when there is none. Owned by the caller. */
static inline char *letter_header(const char *letter, const char *name)
{
	size_t length = strlen(name);
	const char *end = strstr(letter, "\r\n\r\n");
	for (const char *line = letter; line && line < end; line = strstr(line, "\r\n") + 2) {
		if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
		const char *from = line + length + 1;
		while (*from == ' ') from++;
		char *out = calloc(1, strlen(from) + 1);
		for (size_t n = 0; strncmp(from, "\r\n", 2) != 0 || from[2] == ' ' || from[2] == '\t'; from++)
			if (*from != '\r' && *from != '\n') out[n++] = *from;
		return out;
	}
	return NULL;
}

/* Decodes the encoded words of an unfolded field; white space between two of them goes. Frees `raw`. */
static inline char *letter_decoded(char *raw)
{
	static const char mark[] = "=?UTF-8?B?";
	struct arena *a = arena_new(1024, MIB(4));
	char *out = calloc(1, strlen(raw) + 1);
	size_t n = 0;
	for (const char *p = raw; *p;) {
		const char *end = strncmp(p, mark, sizeof mark - 1) == 0 ? strstr(p + sizeof mark - 1, "?=") : NULL;
		if (!end) {
			out[n++] = *p++;
			continue;
		}
		struct text bytes, encoded = {p + sizeof mark - 1, (size_t)(end - p) - (sizeof mark - 1)};
		if (end + 2 - p > 75) fail_msg("an encoded word of %d characters", (int)(end + 2 - p));
		assert_true(base64_decode(a, encoded, &bytes));
		assert_true(utf8_valid(bytes)); /* whole characters */
		memcpy(out + n, bytes.p, bytes.n);
		n += bytes.n;
		p = end + 2;
		if (*p == ' ' && strncmp(p + 1, mark, sizeof mark - 1) == 0) p++;
	}
	arena_free(a);
	free(raw);
	return out;
}

/* A part by its type, decoded, with lines that end with \n alone. Owned by the caller. */
static inline char *letter_part(const char *letter, const char *type)
{
	char mark[100];
	snprintf(mark, sizeof mark, "Content-Type: %s; charset=utf-8\r\n", type);
	const char *part = strstr(letter, mark);
	if (!part) return NULL;
	const char *content = strstr(part, "\r\n\r\n") + 4,
			   *encoding = strstr(part, "Content-Transfer-Encoding: quoted-printable\r\n");
	if (!encoding || encoding > content) return NULL;
	const char *end = content;
	while ((end = strstr(end, "\r\n--")) && end[4] != '-') end++;
	if (!end) return NULL;
	char *out = calloc(1, strlen(content) + 1);
	size_t n = 0;
	while (content < end) {
		if (strncmp(content, "=\r\n", 3) == 0) {
			content += 3;
		} else if (*content == '=') {
			const char hex[] = {content[1], content[2], '\0'};
			out[n++] = (char)strtoul(hex, NULL, 16);
			content += 3;
		} else {
			if (*content != '\r') out[n++] = *content;
			content++;
		}
	}
	return out;
}
