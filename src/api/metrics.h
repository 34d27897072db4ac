/* Counters of the API, and GET /metrics in Prometheus' text format. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "domain/status.h"
#include "http/http.h"

struct db;
struct metrics;

struct metrics *metrics_new(size_t routes);
void metrics_free(struct metrics *m);
/* route: its place in the route table, or the table's length for requests without one. Any thread. */
void metrics_count_request(struct metrics *m, size_t route, int status, int64_t micros);
/* An event that has been committed. */
void metrics_count_event(struct metrics *m, enum kind kind, enum state state);
enum login_result { LOGIN_OK, LOGIN_FAILED, LOGIN_THROTTLED, LOGIN_RESULTS };
void metrics_count_login(struct metrics *m, enum login_result result);
void metrics_handle(struct http_request *r, struct db *db);
