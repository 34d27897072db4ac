/* Every handler and body reader of the route table (dispatch.h, routes.c). One file a noun. */
#pragma once

#include "http/http.h"

struct db;

#define HANDLER(name) void name(struct http_request *r, struct db *db)
#define PREPARE(name) bool name(struct http_request *r)

PREPARE(deployment_event_prepare);
PREPARE(build_event_prepare);
HANDLER(event_handle); /* POST /deployment-events/, /build-events/, /version-events/ */
PREPARE(bulk_prepare);
HANDLER(bulk_handle);
HANDLER(events_list);
HANDLER(events_get);
HANDLER(events_stream);

HANDLER(deployments_list);
HANDLER(deployments_get);
HANDLER(builds_list);
HANDLER(builds_get);
HANDLER(versions_list);
HANDLER(versions_get);

HANDLER(products_list);
HANDLER(products_get);
PREPARE(product_prepare);
HANDLER(products_create);
HANDLER(products_change);
HANDLER(products_delete);

HANDLER(environments_list);
HANDLER(environments_get);
PREPARE(environment_prepare);
HANDLER(environments_create);
HANDLER(environments_change);
HANDLER(environments_delete);

HANDLER(channels_list);
HANDLER(channels_get);
PREPARE(channel_create_prepare);
PREPARE(channel_change_prepare);
HANDLER(channels_create);
HANDLER(channels_change);
HANDLER(channels_delete);
HANDLER(channel_test);

HANDLER(preferences_list);
HANDLER(preferences_get);
PREPARE(preference_prepare);
HANDLER(preferences_create);
HANDLER(preferences_change);
HANDLER(preferences_delete);

HANDLER(history_list);
HANDLER(history_get);
HANDLER(history_retry);

HANDLER(audit_log_list);

HANDLER(matrix_handle);
HANDLER(matrix_diff_handle);

PREPARE(session_login_prepare);
HANDLER(session_login);
PREPARE(session_link_prepare);
HANDLER(session_link);
HANDLER(session_get);
PREPARE(session_change_prepare);
HANDLER(session_change);
PREPARE(session_logout_prepare);
HANDLER(session_logout_handle);

HANDLER(users_list);
HANDLER(users_get);
PREPARE(user_create_prepare);
PREPARE(user_change_prepare);
HANDLER(users_create);
HANDLER(users_change);
HANDLER(users_delete);
HANDLER(users_link);

HANDLER(api_keys_list);
PREPARE(api_key_prepare);
HANDLER(api_keys_create);
HANDLER(api_keys_delete);

HANDLER(personal_tokens_list);
PREPARE(personal_token_prepare);
HANDLER(personal_tokens_create);
HANDLER(personal_tokens_delete);

HANDLER(page_handle);
HANDLER(asset_handle);

HANDLER(health_handle);
HANDLER(ready_handle);
