/* What a transaction wants to tell, kept until it is committed (declared in db.h). */
#include "db/db_driver.h"

#include <string.h>

enum { LOOK_BACK = 16 }; /* so many of the last ones are compared, so that a batch about one thing says it once */

static struct db_signal *signal_at(const struct buf *kept, size_t at)
{
	return (struct db_signal *)(kept->p + at);
}

static bool is_kept(const struct db *db, const char *topic, struct text payload)
{
	size_t from = db->signal_count > LOOK_BACK ? db->signal_count - LOOK_BACK : 0;
	for (size_t i = from; i < db->signal_count; i++) {
		const struct db_signal *s = signal_at(&db->signals, i * sizeof *s);
		if (s->length == payload.n && strcmp(s->topic, topic) == 0 && memcmp(s->payload, payload.p, payload.n) == 0) return true;
	}
	return false;
}

void db_signal(struct db *db, const char *topic, struct text payload)
{
	if (!db->in_transaction) db_bug(NULL, "db_signal outside of a transaction");
	if (payload.n > sizeof((struct db_signal *)0)->payload) db_bug(NULL, "a signal's payload is too long");
	if (!db->listener || is_kept(db, topic, payload)) return;
	struct db_signal s = {.topic = topic, .length = payload.n};
	memcpy(s.payload, payload.p, payload.n);
	buf_add(&db->signals, &s, sizeof s);
	if (!buf_failed(&db->signals)) db->signal_count++;
}

void db_listen(struct db *db, db_signal_each *listener, void *context)
{
	db->listener = listener;
	db->listener_context = context;
}

void signals_forget(struct db *db, size_t from)
{
	if (from < db->signal_count) db->signals.n = from * sizeof(struct db_signal);
	if (from < db->signal_count) db->signal_count = from;
	if (from == 0) buf_clear(&db->signals);
}

void signals_tell(struct db *db)
{
	for (size_t i = 0; i < db->signal_count; i++) {
		const struct db_signal *s = signal_at(&db->signals, i * sizeof *s);
		db->listener(db->listener_context, s->topic, (struct text){s->payload, s->length});
	}
	signals_forget(db, 0);
}
