/* Finds a file of web/ by its path. */
#include "api/assets.h"

#include <stdlib.h>

static int compare_path(const void *path, const void *asset)
{
	return text_compare(*(const struct text *)path, ((const struct asset *)asset)->path);
}

const struct asset *asset_find(struct text path)
{
	return bsearch(&path, WEB_FILES, WEB_FILE_COUNT, sizeof *WEB_FILES, compare_path);
}
