/* What the files about the table event share: its columns with the names that belong to them, and reading a row. */
#pragma once

#include "db/db.h"
#include "store/event_log.h"

#define EVENT_COLUMNS \
	"ev.id, ev.type, ev.effect, ev.subject_id, ev.product_id, ev.environment_id, ev.version_id, ev.actor, " \
	"ev.occurred_at, ev.received_at, ev.payload, p.name AS product_name, e.name AS environment_name, v.name AS version "
#define EVENT_FROM \
	"FROM event ev LEFT JOIN product p ON p.account_id = ev.account_id AND p.id = ev.product_id " \
	"LEFT JOIN environment e ON e.account_id = ev.account_id AND e.id = ev.environment_id " \
	"LEFT JOIN version v ON v.account_id = ev.account_id AND v.id = ev.version_id WHERE ev.account_id = $1 "
#define EVENT_SELECT "SELECT " EVENT_COLUMNS EVENT_FROM

void event_read(struct rows *r, struct arena *a, struct logged_event *e);
