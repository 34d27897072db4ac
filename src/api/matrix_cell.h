/* One cell of the matrix as JSON; the same in the matrix and in single products and environments. */
#pragma once

#include "base/json_out.h"
#include "store/matrix.h"

/* The members of a cell: version, version_id, deployment_id, since, kind, and the latest attempt if it is another deployment. */
void render_cell(struct json_out *j, const struct matrix_cell *c);
