/* The three spellings of a setting's name, and the known name nearest to an unknown one. Private to the settings' files. */
#pragma once

#include "base/settings.h"

enum { SETTING_NAME_SIZE = 96 };

void setting_variable(const char *name, char out[static SETTING_NAME_SIZE]); /* "public-url" gives "VERSIONER_PUBLIC_URL" */
void setting_key(const char *name, char out[static SETTING_NAME_SIZE]); /* … "public_url" */

enum setting_spelling { SETTING_AS_FLAG, SETTING_AS_KEY };
/* The name in the table that most likely was meant, or NULL when none is near. As a flag, no name that is no flag. */
const char *setting_nearest(const struct setting *table, struct text typed, enum setting_spelling as);
