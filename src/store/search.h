/* Parts of names: what a search box asks for. ASCII letters are the same in both cases, on every engine; everything else stands for itself. */
#pragma once

#include "base/arena.h"
#include "base/text.h"

/* The pattern that finds `part` anywhere in a name; absent for an absent one. */
struct text search_pattern(struct arena *a, struct text part);

/* Whether the column matches the pattern, or no pattern was given. Columns compare byte by byte, so lower() knows ASCII only. */
#define SEARCHED(parameter, column) "(CAST(" parameter " AS TEXT) IS NULL OR lower(" column ") LIKE " parameter " ESCAPE '!')"
