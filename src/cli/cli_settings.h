/* The options of the command line's commands: a row each, in the settings machinery (flag, VERSIONER_ variable, key of the file, default).
 *
 * Every command that talks to a server begins with the same rows: api-key, api-url, ui-url, config, verbose (-v), debug, ca-cert,
 * client-cert, client-key, timeout (of one attempt), deadline (of all attempts together).
 * Detection of the CI system stands between file and default: fields that no row gives are filled by event_out.h. */
#pragma once

#include "base/settings.h"

extern const struct setting TRACK_BUILD_SETTINGS[];
extern const struct setting TRACK_DEPLOYMENT_SETTINGS[];
extern const struct setting RUN_SETTINGS[]; /* those of track deployment, without the ones that run knows itself: status, times */
extern const struct setting
	STATUS_SETTINGS[]; /* product, environment (lists), at, json, watch (a duration; alone: 2s; absent: 0) */
extern const struct setting
	HISTORY_SETTINGS[]; /* product, environment, version, status, deployed-by, since, until, limit, json */
extern const struct setting DIFF_SETTINGS[]; /* product (list), json, exit-code */
extern const struct setting FLUSH_SETTINGS[];
