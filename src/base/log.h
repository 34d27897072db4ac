/* The log: one line an event, logfmt or JSON, on standard error. Never a secret.
 *
 *   log_info("server started", LOG_TEXT("listen", addr), LOG_INT("port", port));
 *   level=info time=2026-05-24T14:06:05.890103Z msg="server started" listen=127.0.0.1 port=8080
 *
 * A line is written by one write(2), so lines of several threads never mix. Values are quoted and escaped; a line is cut
 * at LIMIT_LOG_LINE. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

struct log_field {
	const char *key; /* NULL: the end */
	struct text text;
	int64_t integer;
	double real;
	enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_REAL } kind;
};

#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .text = (v), .kind = LOG_FIELD_TEXT})
#define LOG_STR(k, v) ((struct log_field){.key = (k), .text = text_from(v), .kind = LOG_FIELD_TEXT})
#define LOG_INT(k, v) ((struct log_field){.key = (k), .integer = (v), .kind = LOG_FIELD_INT})
#define LOG_MS(k, micros) ((struct log_field){.key = (k), .real = (double)(micros) / 1e3, .kind = LOG_FIELD_REAL})

void log_setup(enum log_level least, enum log_format format);
bool log_wanted(enum log_level level);
void log_line(enum log_level level, const char *message, const struct log_field *fields);

#define LOG_AT(level, message, ...) \
	do { \
		if (log_wanted(level)) log_line((level), (message), (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}}); \
	} while (0)
#define log_debug(message, ...) LOG_AT(LOG_DEBUG, message, ##__VA_ARGS__)
#define log_info(message, ...) LOG_AT(LOG_INFO, message, ##__VA_ARGS__)
#define log_warn(message, ...) LOG_AT(LOG_WARN, message, ##__VA_ARGS__)
#define log_error(message, ...) LOG_AT(LOG_ERROR, message, ##__VA_ARGS__)
