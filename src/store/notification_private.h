/* What the files that read the table notification share. */
#pragma once

#include "db/db.h"
#include "store/notification.h"

/* In the order in which notification_read() asks for them. */
#define NOTIFICATION_COLUMNS \
	"n.id, n.channel_id, n.event_id, n.event_type, n.subject_id, n.state, n.attempts, n.created_at, n.waiting_since, n.due_at, " \
	"n.attempted_at, n.duration, n.finished_at, n.answer_status, n.answer, n.folded_into"

/* Texts are copied into the arena; without one (NULL) they are the row's. What is joined for showing is absent. */
void notification_read(struct rows *r, struct arena *a, struct notification *ret);
