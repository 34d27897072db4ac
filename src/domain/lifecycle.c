/* The lifecycle table: decides what an event does to an attempt, and does it. */
#include "domain/lifecycle.h"

static const struct {
	const char *name;
	bool notifies;
} VERDICTS[VERDICT_COUNT] = {
	[VERDICT_NEW] = {"new", true},
	[VERDICT_ADVANCE] = {"advance", true},
	[VERDICT_LATE] = {"late", false},
	[VERDICT_DUPLICATE] = {"duplicate", false},
	[VERDICT_CORRECTION] = {"correction", true},
	[VERDICT_IGNORED] = {"ignored", false},
};

const char *verdict_name(enum verdict v)
{
	return VERDICTS[v].name;
}

bool verdict_from_name(struct text name, enum verdict *ret)
{
	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		if (text_is(name, VERDICTS[v].name)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

bool verdict_notifies(enum verdict v)
{
	return VERDICTS[v].notifies;
}

struct occurrence occurrence_of(const struct event_fields *e, bool has_run_key, time_us received)
{
	return (struct occurrence){
		.state = e->state,
		.has_run_key = has_run_key,
		.started_at = e->started_at,
		.completed_at = e->completed_at,
		.occurred_at = e->occurred_at,
		.received_at = received,
	};
}

static time_us first_known(time_us a, time_us b)
{
	return a != TIME_NONE ? a : b;
}

static void fill(time_us *t, time_us value)
{
	if (*t == TIME_NONE) *t = value;
}

static enum verdict decide_within_open(enum state event, enum state open)
{
	if (event == open) return VERDICT_DUPLICATE;
	if (event == STATE_PENDING) return VERDICT_IGNORED;
	return VERDICT_ADVANCE;
}

/* An open event is late when it says that it happened before the attempt ended; what does not say when begins a new attempt. */
static bool is_late(const struct occurrence *e, const struct attempt *newest)
{
	time_us happened = first_known(e->occurred_at, e->started_at);
	return happened != TIME_NONE && happened <= newest->ended_at;
}

enum verdict lifecycle_decide(const struct occurrence *e, const struct attempt *open, const struct attempt *newest)
{
	if (open) return decide_within_open(e->state, open->state);
	if (!newest) return VERDICT_NEW;
	if (!state_is_final(e->state)) return is_late(e, newest) ? VERDICT_LATE : VERDICT_NEW;
	if (!e->has_run_key) return VERDICT_NEW;
	return e->state == newest->state ? VERDICT_DUPLICATE : VERDICT_CORRECTION;
}

/* event_time() is the one place that knows which of the times that is. */
static time_us occurrence_time(const struct occurrence *e)
{
	struct event_fields fields = {
		.state = e->state,
		.started_at = e->started_at,
		.completed_at = e->completed_at,
		.occurred_at = e->occurred_at,
	};
	return event_time(&fields, e->received_at);
}

static void begin(struct attempt *a, const struct occurrence *e)
{
	*a = (struct attempt){
		.state = e->state,
		.pending_at = TIME_NONE,
		.started_at = TIME_NONE,
		.ended_at = TIME_NONE,
		.attempted_at = occurrence_time(e),
		.received_at = e->received_at,
	};
}

static void take_state(struct attempt *a, const struct occurrence *e)
{
	time_us happened = first_known(e->occurred_at, e->received_at);
	a->state = e->state;
	fill(&a->started_at, e->started_at);
	if (e->state == STATE_PENDING) fill(&a->pending_at, happened);
	if (e->state == STATE_STARTED) fill(&a->started_at, happened);
	if (state_is_final(e->state)) a->ended_at = first_known(e->completed_at, happened);
}

static void take_late_times(struct attempt *a, const struct occurrence *e)
{
	if (e->state == STATE_PENDING) fill(&a->pending_at, first_known(e->occurred_at, e->started_at));
	if (e->state == STATE_STARTED) fill(&a->started_at, first_known(e->started_at, e->occurred_at));
}

void lifecycle_apply(struct attempt *a, enum verdict v, const struct occurrence *e)
{
	switch (v) {
	case VERDICT_NEW:
		begin(a, e);
		take_state(a, e);
		break;
	case VERDICT_ADVANCE:
	case VERDICT_CORRECTION: take_state(a, e); break;
	case VERDICT_LATE: take_late_times(a, e); break;
	case VERDICT_DUPLICATE:
	case VERDICT_IGNORED:
	case VERDICT_COUNT: break;
	}
}

time_us attempt_deployed_at(const struct attempt *a)
{
	time_us begun = first_known(a->started_at, a->received_at);
	return a->state == STATE_COMPLETED ? first_known(a->ended_at, begun) : begun;
}
