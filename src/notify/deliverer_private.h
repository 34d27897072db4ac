/* What the files of the deliverer share. Everything here belongs to the deliverer's thread, but for what stands under `lock`. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "db/commit.h"
#include "notify/deliverer.h"
#include "notify/owner.h"
#include "store/channel.h"
#include "store/lane.h"
#include "store/notification.h"
#include "store/signal.h"

#define LEASE_US SECONDS_US(10) /* after a crash somebody else begins this much later */
#define LEASE_LEAST_US SECONDS_US(5) /* renewed when less than this is left, and nothing is begun without renewing */
#define LINGER_US SECONDS_US(1) /* a lane with nothing due is kept for so long */
#define WINDOW_AGE_US SECONDS_US(1) /* what was read is not believed for longer: people change channels */
#define SWEEP_US SECONDS_US(5)
#define SWEEP_DEAF_US SECONDS_US(1) /* while nobody tells what other processes have queued */
#define ANOTHERS_US INT64_C(500000) /* for so long another process is thought to hold a lane that it has just been seen to hold */
#define TURN_US INT64_C(250000) /* the longest wait of a turn: the wall clock may have been set */
#define STORE_PAUSE_US SECONDS_US(1) /* when the store cannot be read or written */
enum { WINDOW_ROWS = 32, TESTS_WAITING = 64 };

enum work_state {
	WORK_IDLE, /* the lane is nobody's, or another's */
	WORK_CLAIMING,
	WORK_HELD, /* ours, and nothing under way */
	WORK_SENDING,
	WORK_RECORDING, /* the outcome is on its way to the store; until it is there, nothing else is sent */
	WORK_RELEASING,
};
#define TIME_NEVER INT64_MAX

enum job_kind { JOB_CLAIM, JOB_RECORD, JOB_RENEW, JOB_RELEASE };

/* What became of an attempt: all that is written in one transaction. */
struct attempt_record {
	enum { RECORD_DELIVERED, RECORD_PUT_OFF, RECORD_DEAD } fate;
	struct attempt_outcome outcome;
	time_us due_at; /* RECORD_PUT_OFF */
	const struct text *ids; /* the notification; of a digest all that it told, the first one carrying it */
	size_t id_count;
	bool keep_message; /* the remote message has changed */
	struct text subject_id, remote_channel, remote_id;
	bool pause_lane;
	time_us not_before;
	int64_t failures;
	struct text switch_off; /* the reason; absent: the channel stays on */
	bool bury_old; /* the destination has been away: what has waited for a day is given up */
	int64_t buried; /* so many were */
};

struct lane_work;
struct lane_job {
	struct commit_job job; /* the first member */
	struct lane_work *work;
	enum job_kind kind;
	enum rc rc; /* of what apply() did */
	enum rc outcome; /* of the commit */
	time_us now, lease_until;
	struct lane lane; /* JOB_CLAIM gives it */
	struct attempt_record record;
	bool under_way;
	struct lane_job *next; /* in the list of those that are done */
};

/* What is due in a lane, as it was read a moment ago. */
struct window {
	struct arena *arena; /* NULL: nothing was read */
	struct channel channel;
	const struct channel_type *type;
	const struct json *config;
	struct due_notification *rows;
	size_t count, at;
	bool is_digest; /* all of rows in one message */
	time_us next_due; /* when nothing is due: what comes next, or TIME_NEVER */
	int64_t read_at; /* monotonic */
};

/* A message on its way. */
struct sending {
	struct arena *arena;
	struct delivery delivery;
	struct digest digest;
	time_us at;
	struct text remote_id; /* as it was before */
};

/* A lane in memory. */
struct lane_work {
	struct deliverer *deliverer;
	int64_t account;
	char channel_id[UUID_SIZE];
	enum work_state state;
	time_us wake_at; /* when to look at it; TIME_NEVER: when something happens */
	size_t heap_at; /* its place in the heap, from 1; 0: not in it */
	struct lane_work *next; /* with the same hash */
	time_us lease_until;
	time_us not_before; /* outage or Retry-After */
	time_us paced_until; /* the pace's clock: runs ahead by one `pace` for each request */
	time_us gate; /* nothing is sent before: from the pace's clock */
	time_us after_release; /* when to look again */
	int64_t failures; /* of the destination, in a row */
	time_us idle_since;
	bool signalled; /* since it was last read */
	bool untold; /* by a commit of this process, and another that may hold the lane has not been told */
	time_us anothers_until; /* see ANOTHERS_US */
	struct window window;
	struct sending sending;
	struct lane_job step, renewal;
};

/* All lanes that are known, by channel and by when they are to be looked at. */
struct lane_set {
	struct deliverer *deliverer; /* of every lane */
	struct lane_work **buckets;
	size_t bucket_count, count;
	struct lane_work **heap; /* [1] is the earliest */
	size_t heap_count, heap_room;
};
void lane_set_init(struct lane_set *s, struct deliverer *d);
void lane_set_done(struct lane_set *s); /* frees the lanes too */
struct lane_work *lane_set_find(struct lane_set *s, int64_t account, struct text channel_id); /* NULL */
struct lane_work *lane_set_get(struct lane_set *s, int64_t account, struct text channel_id); /* made if need be; wakes never */
void lane_set_remove(struct lane_set *s, struct lane_work *w); /* and frees it */
void lane_set_wake(struct lane_set *s, struct lane_work *w, time_us at);
struct lane_work *lane_set_first(struct lane_set *s); /* the earliest that is to be looked at; NULL */
void lane_set_wake_all(struct lane_set *s, time_us at); /* those that are held or closed */
bool lane_set_is_idle(const struct lane_set *s);

struct type_counts {
	const char *name;
	atomic_uint_fast64_t delivered, folded, retried, dead;
	int64_t waiting; /* under lock */
	time_us oldest; /* under lock */
};
enum { CHANNEL_TYPES_MOST = 16 };

/* Something was committed for a channel. */
struct wake_up {
	int64_t account;
	char channel_id[UUID_SIZE];
	bool own; /* by this process */
};

struct deliverer {
	struct deliverer_options options;
	struct outgoing *outgoing;
	struct db *db; /* reads */
	struct commit_pipeline *writer;
	char owner[OWNER_SIZE];
	struct lane_set lanes;
	time_us next_sweep;
	size_t jobs; /* at the pipeline */
	bool store_failed; /* said so already */
	struct type_counts counts[CHANNEL_TYPES_MOST];
	pthread_t thread;
	bool started;
	atomic_bool quiescing, stopping;
	atomic_bool hears; /* other processes */
	atomic_int_fast64_t last_turn; /* monotonic */
	int64_t stop_by; /* monotonic; set before `stopping` */

	pthread_mutex_t lock;
	struct wake_up *wake_ups;
	size_t wake_up_count, wake_up_room;
	bool wake_ups_lost; /* there were too many: sweep, and others have to */
	bool sweep_soon;
	struct lane_job *done_jobs;
	struct deliverer_test *tests;
	size_t test_count;
};

void deliverer_tell(struct deliverer *d, const struct lane_work *w); /* whoever else may hold the lane; NULL: any lane */

/* ---- lane_step.c: what a lane does next ---- */
void lane_look(struct lane_work *w, time_us now); /* its time has come */
void lane_job_done(struct lane_job *j, time_us now);
void lane_answered(struct lane_work *w, const struct outgoing_answer *answer);

/* ---- lane_read.c ---- */
enum rc window_read(struct lane_work *w, time_us now) must_check; /* RC_NOT_FOUND: the channel is gone or off */
void window_drop(struct lane_work *w);
enum rc sweep_read(struct deliverer *d) must_check;

/* ---- lane_send.c ---- */
/* Composes and sends what is next in the window. False: it could not be sent, and w->step.record says what became of it. */
bool lane_send(struct lane_work *w, time_us now);
/* The answer's verdict → w->step.record; false: a further request has been sent. */
bool lane_judge(struct lane_work *w, const struct outgoing_answer *answer, time_us now);
void sending_drop(struct lane_work *w);

/* ---- lane_write.c ---- */
void lane_submit(struct lane_work *w, struct lane_job *j, enum job_kind kind, time_us now);

/* ---- deliverer_counts.c ---- */
struct type_counts *counts_of(struct deliverer *d, const char *type);

/* ---- deliverer_sample.c ---- */
void samples_begin(struct deliverer *d, struct deliverer_test *tests); /* those that were handed in */
