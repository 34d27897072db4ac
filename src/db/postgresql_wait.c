/* Waiting for the server, and not for longer than it is given.
 *
 * A server may fall silent without ending a connection: its machine hangs, its disk does not answer, the network swallows packets. So nothing
 * here blocks inside of libpq: connections are non-blocking, what cannot be sent stays in libpq's memory, and each wait is a poll for both
 * directions (the server may itself be waiting for us to read). What counts is silence: with each piece that comes the time begins anew.
 *
 * A connection whose time is over is dropped. The others learn of it: before its next transaction each that has heard nothing since is made
 * anew, which takes a moment where the server is well after all, and where it is not nobody waits out a time of his own (postgresql_connect.c). */
#include <poll.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "db/libpq.h"
#include "db/postgresql.h"

enum {
	READ_MORE_MICROS = 3000000, /* beyond a read's limit, so that the server's own words come first */
	BRIEF_MICROS = 3000000,
	ENCRYPTED_SLICE_MICROS = 50000,
	MOST_POLL_MICROS = 250000, /* then a look whether to hurry */
	MOST_UNSENT = 65536, /* bytes, before what was sent must have left */
};

/* ---- the wait itself ---- */

/* Behind encryption bytes may be there that the socket does not show any more: those are asked for twice, and a poll is short. */
static bool take_input(PGconn *c, bool encrypted)
{
	if (PQconsumeInput(c) != 1) return false;
	return !encrypted || !PQisBusy(c) || PQconsumeInput(c) == 1;
}

static bool is_encrypted(PGconn *c)
{
	return PQsslInUse(c) || PQgssEncInUse(c);
}

/* Whether something was sent or has come, or *ret_broken. */
static bool poll_once(PGconn *c, bool unsent, int64_t micros, bool *ret_broken)
{
	bool encrypted = is_encrypted(c);
	int64_t most = encrypted ? ENCRYPTED_SLICE_MICROS : MOST_POLL_MICROS;
	struct pollfd fd = {.fd = PQsocket(c), .events = (short)(unsent ? POLLIN | POLLOUT : POLLIN)};

	*ret_broken = fd.fd < 0;
	if (*ret_broken) return false;
	bool ready = poll(&fd, 1, (int)((micros < most ? micros : most) / 1000) + 1) > 0;
	if (encrypted || (ready && fd.revents != POLLOUT)) *ret_broken = !take_input(c, encrypted);
	return ready;
}

enum waited postgresql_wait_for(PGconn *c, enum awaited what, int64_t micros)
{
	int64_t since = clock_monotonic();
	bool broken;

	for (;;) {
		if (what == AWAIT_RESULT && !PQisBusy(c)) return WAITED_HERE;
		int unsent = PQflush(c);
		if (unsent < 0) return WAITED_BROKEN;
		if (what == AWAIT_SENT && !unsent) return WAITED_HERE;
		int64_t left = db_time_left(since, micros);
		if (left <= 0) return WAITED_SILENT;
		if (poll_once(c, unsent, left, &broken)) since = clock_monotonic();
		if (broken) return WAITED_BROKEN;
	}
}

PGresult *postgresql_read_last(PGconn *c, int64_t micros, enum waited *ret)
{
	PGresult *last = NULL, *result;

	while ((*ret = postgresql_wait_for(c, AWAIT_RESULT, micros)) == WAITED_HERE && (result = PQgetResult(c))) {
		PQclear(last);
		last = result;
	}
	if (*ret == WAITED_HERE && last) return last;
	if (*ret == WAITED_HERE) *ret = WAITED_BROKEN;
	PQclear(last);
	return NULL;
}

PGresult *postgresql_ask(PGconn *c, const char *text, int64_t micros, enum waited *ret)
{
	if (PQsendQuery(c, text) == 1) return postgresql_read_last(c, micros, ret);
	*ret = WAITED_BROKEN;
	return NULL;
}

/* ---- of a connection ---- */

/* When the server had been silent for too long, by whether it was asked as a replica. */
static _Atomic int64_t silences[2];

bool postgresql_is_suspect(const struct postgresql_db *own)
{
	return own->heard_at < atomic_load_explicit(&silences[own->replica], memory_order_relaxed);
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t postgresql_patience(const struct postgresql_db *own)
{
	const struct db *db = &own->head;

	if (own->brief) return least_of(BRIEF_MICROS, own->location.timeout);
	if (db->patient || own->patient) return FOREVER;
	return db->mode == DB_READ ? least_of(db->read_limit + READ_MORE_MICROS, own->location.timeout) : own->location.timeout;
}

enum rc postgresql_not_here(struct postgresql_db *own, enum waited waited)
{
	int64_t now = clock_monotonic(), silent = now - own->asked_at;

	if (waited == WAITED_BROKEN) return postgresql_lost(own);
	postgresql_drop(own);
	if (!own->brief) atomic_store_explicit(&silences[own->replica], now, memory_order_relaxed);
	return db_fail(&own->head, RC_UNAVAILABLE, "the connection to the database was lost: it did not answer for %.1f s",
		(double)silent / 1e6);
}

static enum rc wait_own(struct postgresql_db *own, enum awaited what)
{
	own->asked_at = clock_monotonic();
	enum waited waited = postgresql_wait_for(own->c, what, postgresql_patience(own));

	if (waited != WAITED_HERE) return postgresql_not_here(own, waited);
	own->heard_at = clock_monotonic();
	return RC_OK;
}

enum rc postgresql_await(struct postgresql_db *own)
{
	return PQisBusy(own->c) ? wait_own(own, AWAIT_RESULT) : RC_OK;
}

enum rc postgresql_make_room(struct postgresql_db *own, size_t bytes)
{
	own->unsent += bytes;
	if (own->unsent < MOST_UNSENT) return RC_OK;
	own->unsent = bytes;
	return wait_own(own, AWAIT_SENT);
}
