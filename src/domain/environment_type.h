/* The type of an environment from its name, and the order of environments in the matrix. Source: the table of environment
 * types (data/environment-types.tsv). */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum environment_type { ENV_DEV, ENV_TEST, ENV_STAGING, ENV_PRODUCTION, ENV_OTHER, ENV_TYPE_COUNT };

/* The name is lower-cased and split at each character that is no ASCII letter or digit (a byte of a multi-byte character is
 * part of a word); the first table row whose run of words is among them wins. Any length; no allocation. */
enum environment_type environment_type_from_name(struct text name);
const char *environment_type_name(enum environment_type t); /* "production"; the enum's order is the matrix's order */
bool environment_type_parse(struct text word, enum environment_type *ret);
