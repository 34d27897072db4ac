/* Sets as parameters of a statement. A set is text with a comma before, between and behind its members: ",a,b,". */
#pragma once

/* Whether the column's value is a member: exact, on every engine (LIKE would see wildcards in names and forget the case). */
#define SET_HAS(parameter, column) "replace(" parameter ", ',' || " column " || ',', '') <> " parameter
/* The same, or no set was given. PostgreSQL asks for the type of a parameter that is first met in "IS NULL". */
#define IN_SET(parameter, column) "(CAST(" parameter " AS TEXT) IS NULL OR " SET_HAS(parameter, column) ")"
