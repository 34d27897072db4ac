/* What a fallible function of the project returns, and the sentence that goes with it.
 * The failure's sentence is written where the failure is understood; the caller that gives up logs it, once. */
#pragma once

#define must_check __attribute__((warn_unused_result))
#define printf_like(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

enum rc {
	RC_OK = 0,
	RC_INVALID, /* the caller's input is wrong: the sentence names what and the limit */
	RC_NOT_FOUND, /* what was asked for is not there */
	RC_CONFLICT, /* it contradicts what is stored */
	RC_DENIED, /* not allowed */
	RC_FULL, /* a bounded queue, buffer or disk is full: try later */
	RC_UNAVAILABLE, /* the store or a peer is away: try later */
	RC_UNKNOWN, /* the connection broke at COMMIT: it is not known whether it happened */
	RC_AGAIN, /* it lost a fight with others who wrote at the same time: run it again */
	RC_CORRUPT, /* stored data is not what it must be */
	RC_FAILED, /* anything else: our fault or the system's */
};

enum { ERR_TEXT_MAX = 512 };

struct err {
	enum rc rc;
	char text[ERR_TEXT_MAX]; /* one sentence without a full stop, cut to fit; never a secret */
};

/* Fills *err (which may be NULL) and returns rc, so that a failure is one line: `return err_set(err, RC_INVALID, …)`. */
enum rc err_set(struct err *err, enum rc rc, const char *format, ...) printf_like(3, 4);

/* Puts "prefix: " before the sentence that err already has; returns err->rc. */
enum rc err_prefix(struct err *err, const char *format, ...) printf_like(2, 3);
