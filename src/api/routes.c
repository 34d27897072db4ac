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

const struct http_route API_ROUTES[] = {
	EVENT("/deployment-events", deployment_event_prepare),
	EVENT("/build-events", build_event_prepare),
	EVENT("/version-events", build_event_prepare),
	{"POST", "/events/bulk", MAY_SEND_EVENTS, ACCESS_TASK, 0, LIMIT_BULK_BODY, NDJSON, bulk_prepare, bulk_handle},
	READ("/events", events_list),
	READ("/events/{id}", events_get),

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

	{"GET", "/health", MAY_NOTHING_SPECIAL, ACCESS_MEMORY, ROUTE_OPEN, 0, NULL, NULL, health_handle},
	{"GET", "/ready", MAY_NOTHING_SPECIAL, ACCESS_READ, ROUTE_OPEN | ROUTE_CURRENT, 0, NULL, NULL, ready_handle},
	{"GET", "/metrics", MAY_READ_METRICS, ACCESS_MEMORY, 0, 0, NULL, NULL, metrics_handle},
	{0},
};

size_t api_route_count(void)
{
	return sizeof API_ROUTES / sizeof *API_ROUTES - 1;
}
