/* The route table. How to add one: README.md in this folder. */
#include "api/dispatch.h"
#include "api/handlers.h"
#include "api/metrics.h"
#include "auth/permission.h"
#include "base/limits.h"

#define JSON "application/json"
#define NDJSON "application/x-ndjson"
#define EVENT(name, reader) \
	{ \
		"POST", name, MAY_SEND_EVENTS, ACCESS_WRITE, ROUTE_IDEMPOTENCY, LIMIT_BODY, JSON, reader, event_handle \
	}
#define READ(name, handler) \
	{ \
		"GET", name, MAY_READ, ACCESS_READ, 0, 0, NULL, NULL, handler \
	}
#define STATE(name, handler) \
	{ \
		"GET", name, MAY_READ, ACCESS_READ, ROUTE_ETAG, 0, NULL, NULL, handler \
	}
#define STATE_FOR(name, permission, handler) \
	{ \
		"GET", name, permission, ACCESS_READ, ROUTE_ETAG, 0, NULL, NULL, handler \
	}
#define WRITE(method, name, permission, reader, handler) \
	{ \
		method, name, permission, ACCESS_WRITE, ROUTE_IDEMPOTENCY, LIMIT_BODY, JSON, reader, handler \
	}

/* Its answer holds a secret, and is not kept for an Idempotency-Key. */
#define SECRET(method, name, permission, reader, handler) \
	{ \
		method, name, permission, ACCESS_WRITE, ROUTE_SECRET, LIMIT_BODY, JSON, reader, handler \
	}
/* Passwords: read first, then hashed, then written (password_call.h). */
#define PASSWORD(method, name, permission, open, reader, handler) \
	{ \
		method, name, permission, ACCESS_READ, ROUTE_CURRENT | ROUTE_SECRET | (open), LIMIT_BODY, JSON, reader, handler \
	}

/* What browsers show: files inside the program, for everybody, and no part of the API (api/openapi.yaml has none of them). */
#define PAGE(name, handler) \
	{ \
		"GET", name, MAY_NOTHING_SPECIAL, ACCESS_MEMORY, ROUTE_OPEN, 0, NULL, NULL, handler \
	}

const struct http_route API_ROUTES[] = {
	EVENT("/deployment-events", deployment_event_prepare),
	EVENT("/build-events", build_event_prepare),
	EVENT("/version-events", build_event_prepare),
	{"POST", "/events/bulk", MAY_SEND_EVENTS, ACCESS_TASK, 0, LIMIT_BULK_BODY, NDJSON, bulk_prepare, bulk_handle},
	READ("/events", events_list),
	READ("/events/{id}", events_get),
	{"GET", "/events/stream", MAY_READ, ACCESS_READ, ROUTE_CURRENT, 0, NULL, NULL, events_stream},

	STATE("/environment-state", matrix_handle),
	STATE("/environment-state/diff", matrix_diff_handle),

	STATE("/deployments", deployments_list),
	STATE("/deployments/{id}", deployments_get),
	STATE("/builds", builds_list),
	STATE("/builds/{id}", builds_get),
	STATE("/versions", versions_list),
	STATE("/versions/{id}", versions_get),

	STATE("/products", products_list),
	WRITE("POST", "/products", MAY_WRITE_CATALOG, product_prepare, products_create),
	STATE("/products/{id}", products_get),
	WRITE("PATCH", "/products/{id}", MAY_WRITE_CATALOG, product_prepare, products_change),
	WRITE("DELETE", "/products/{id}", MAY_WRITE_CATALOG, NULL, products_delete),
	STATE("/environments", environments_list),
	WRITE("POST", "/environments", MAY_WRITE_ENVIRONMENTS, environment_prepare, environments_create),
	STATE("/environments/{id}", environments_get),
	WRITE("PATCH", "/environments/{id}", MAY_WRITE_ENVIRONMENTS, environment_prepare, environments_change),
	WRITE("DELETE", "/environments/{id}", MAY_WRITE_ENVIRONMENTS, NULL, environments_delete),

	STATE_FOR("/notification-channels", MAY_WRITE_INTEGRATIONS, channels_list),
	WRITE("POST", "/notification-channels", MAY_WRITE_INTEGRATIONS, channel_create_prepare, channels_create),
	STATE_FOR("/notification-channels/{id}", MAY_WRITE_INTEGRATIONS, channels_get),
	WRITE("PATCH", "/notification-channels/{id}", MAY_WRITE_INTEGRATIONS, channel_change_prepare, channels_change),
	WRITE("DELETE", "/notification-channels/{id}", MAY_WRITE_INTEGRATIONS, NULL, channels_delete),
	{"POST", "/notification-channels/{id}/test", MAY_WRITE_INTEGRATIONS, ACCESS_READ, ROUTE_CURRENT, 0, NULL, NULL, channel_test},
	STATE_FOR("/notification-preferences", MAY_WRITE_INTEGRATIONS, preferences_list),
	WRITE("POST", "/notification-preferences", MAY_WRITE_INTEGRATIONS, preference_prepare, preferences_create),
	STATE_FOR("/notification-preferences/{id}", MAY_WRITE_INTEGRATIONS, preferences_get),
	WRITE("PATCH", "/notification-preferences/{id}", MAY_WRITE_INTEGRATIONS, preference_prepare, preferences_change),
	WRITE("DELETE", "/notification-preferences/{id}", MAY_WRITE_INTEGRATIONS, NULL, preferences_delete),
	STATE("/notification-history", history_list),
	STATE("/notification-history/{id}", history_get),
	WRITE("POST", "/notification-history/{id}/retry", MAY_WRITE_INTEGRATIONS, NULL, history_retry),

	STATE("/audit-log", audit_log_list),

	PASSWORD("POST", "/session", MAY_NOTHING_SPECIAL, ROUTE_OPEN, session_login_prepare, session_login),
	PASSWORD("POST", "/session/password", MAY_NOTHING_SPECIAL, ROUTE_OPEN, session_link_prepare, session_link),
	{"GET", "/session", MAY_BE_SOMEBODY, ACCESS_READ, ROUTE_CURRENT | ROUTE_SECRET, 0, NULL, NULL, session_get},
	PASSWORD("PATCH", "/session", MAY_BE_SOMEBODY, 0, session_change_prepare, session_change),
	{"DELETE", "/session", MAY_BE_SOMEBODY, ACCESS_WRITE, 0, 0, NULL, session_logout_prepare, session_logout_handle},

	STATE_FOR("/users", MAY_WRITE_USERS, users_list),
	SECRET("POST", "/users", MAY_WRITE_USERS, user_create_prepare, users_create),
	STATE_FOR("/users/{id}", MAY_WRITE_USERS, users_get),
	WRITE("PATCH", "/users/{id}", MAY_WRITE_USERS, user_change_prepare, users_change),
	WRITE("DELETE", "/users/{id}", MAY_WRITE_USERS, NULL, users_delete),
	SECRET("POST", "/users/{id}/password-link", MAY_WRITE_USERS, NULL, users_link),
	STATE_FOR("/api-keys", MAY_WRITE_KEYS, api_keys_list),
	SECRET("POST", "/api-keys", MAY_WRITE_KEYS, api_key_prepare, api_keys_create),
	WRITE("DELETE", "/api-keys/{id}", MAY_WRITE_KEYS, NULL, api_keys_delete),
	STATE_FOR("/personal-tokens", MAY_OWN_TOKENS, personal_tokens_list),
	SECRET("POST", "/personal-tokens", MAY_OWN_TOKENS, personal_token_prepare, personal_tokens_create),
	WRITE("DELETE", "/personal-tokens/{id}", MAY_OWN_TOKENS, NULL, personal_tokens_delete),

	{"GET", "/health", MAY_NOTHING_SPECIAL, ACCESS_MEMORY, ROUTE_OPEN, 0, NULL, NULL, health_handle},
	{"GET", "/ready", MAY_NOTHING_SPECIAL, ACCESS_READ, ROUTE_OPEN | ROUTE_CURRENT, 0, NULL, NULL, ready_handle},
	{"GET", "/metrics", MAY_READ_METRICS, ACCESS_MEMORY, 0, 0, NULL, NULL, metrics_handle},

	PAGE("/", page_handle),
	PAGE("/activity", page_handle),
	PAGE("/docs", page_handle),
	PAGE("/licenses.txt", page_handle),
	PAGE("/login", page_handle),
	PAGE("/manage/catalog", page_handle),
	PAGE("/manage/deployments", page_handle),
	PAGE("/manage/diff", page_handle),
	PAGE("/manage/products", page_handle),
	PAGE("/manage/versions", page_handle),
	PAGE("/openapi.json", page_handle),
	PAGE("/redoc", page_handle),
	PAGE("/settings", page_handle),
	PAGE("/settings/{tab}", page_handle),
	PAGE("/setup", page_handle),
	PAGE("/assets/{name}", asset_handle),
	{0},
};

size_t api_route_count(void)
{
	return sizeof API_ROUTES / sizeof *API_ROUTES - 1;
}
