/* Reading a JSON body by a table: each field's name, type, limit and place in a struct is a row; one pass finds every error.
 * Errors have the contract's form: {"detail":[{"loc":["body","product_name"],"msg":"field required","type":"value_error.missing"}]} */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_out.h"
#include "base/text.h"

struct http_request;
struct json;

enum body_kind {
	BODY_TEXT, /* struct text */
	BODY_SECRET, /* struct text, as it is: neither trimmed nor looked into */
	BODY_NUMBER_OR_TEXT, /* struct text; a JSON number is taken as its characters */
	BODY_CHOICE, /* choose() puts it where it belongs */
	BODY_TIME, /* time_us */
	BODY_BOOL, /* bool */
	BODY_INT, /* int64_t, 0 … limit */
	BODY_METADATA, /* struct text: the object as compact JSON */
	BODY_OBJECT, /* inside() reads on */
};

struct body_errors;
struct body_field {
	const char *name; /* NULL: the end */
	enum body_kind kind;
	bool required;
	bool kept; /* need not be given, but cannot be taken away: null and empty are errors, absent is not */
	bool multiline; /* tab and newline allowed */
	size_t limit; /* characters of a text; the greatest value of an int */
	size_t at; /* offsetof the place in the struct */
	/* BODY_CHOICE: takes the trimmed word into the struct; false: not a choice. accepted() lists what is. */
	bool (*choose)(void *into, struct text word);
	const char *(*accepted)(const void *into);
	const char *error_type; /* of a wrong choice */
	/* BODY_OBJECT: takes the object into the struct, and tells its errors where they come in the order of the rows. */
	void (*inside)(void *into, const struct json *object, struct body_errors *errors);
};

struct body_errors {
	struct buf list;
	struct json_out out;
	size_t count;
};
void body_errors_init(struct body_errors *e); /* ended by body_errors_answer or body_errors_done */
void body_errors_done(struct body_errors *e);
/* loc is [where, field], or [where] when field is NULL. Copied. */
void body_error(struct body_errors *e, const char *where, const char *field, const char *message, const char *type);
/* The same for something inside of a field: loc is the path. Long parts are cut, and what comes after BODY_ERRORS_MOST errors is counted
 * but not listed: paths may be the sender's words. */
enum { BODY_ERRORS_MOST = 100 };
void body_error_at(struct body_errors *e, const struct text *path, size_t parts, const char *message, const char *type);
/* The list alone: "[{…},…]"; valid until body_errors_done. */
struct text body_errors_list(struct body_errors *e);
/* Answers 422 with the list, and ends *e. */
void body_errors_answer(struct body_errors *e, struct http_request *r);

/* Reads the fields of `object` into the struct `into`; `source` is the text that object was read from. Absent, null and (for texts)
 * empty are the same (but for `kept`): the place is left as it was. ret_given (may be NULL) gets a bit for each row whose name stands in the object,
 * null included. Texts lie in the arena. Errors are added to *errors in the order of the rows. */
void body_read(struct arena *a, const struct body_field *fields, struct text source, const struct json *object, void *into,
	struct body_errors *errors, uint64_t *ret_given);

/* Parses the request's body as one JSON object. False: answered (400 or 422). */
bool body_object(struct http_request *r, const struct json **ret);
/* Answers 422 for that one field: what is wrong with it shows only in the store. */
void body_answer_one(struct http_request *r, const char *field, const char *message, const char *type);
