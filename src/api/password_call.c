/* From step to step; see the header. */
#include "api/password_call.h"

#include <stddef.h>

#include "api/app.h"

static bool go_on(struct password_call *p);

static void step_done(struct hash_job *job)
{
	struct password_call *p = (struct password_call *)((char *)job - offsetof(struct password_call, job));
	bool was_check = !p->make_done;
	if (job->made) p->fresh = text_copy(p->request->arena, text_from(job->fresh));
	bool refused = was_check && !p->checked(p, job->matches);
	if (!was_check && !job->made) {
		http_error_standard(p->request, 503);
		refused = true;
	}
	if (refused || !go_on(p)) http_finish(p->request);
}

static bool hash(struct password_call *p, const struct hash_job *job)
{
	p->job = *job;
	p->job.done = step_done;
	if (hasher_submit(call_of(p->request)->app->hasher, &p->job) == RC_OK) return true;
	http_response_reset(p->request);
	http_error_standard(p->request, 503);
	return false;
}

/* The next step. True: it is under way, and the request may be answered any moment. False: it has been answered. */
static bool go_on(struct password_call *p)
{
	if (p->check.p && !p->check_done) {
		p->check_done = true;
		return hash(p, &(struct hash_job){.password = p->check, .stored = text_cstr(p->request->arena, p->stored)});
	}
	if (p->make.p && !p->make_done) {
		p->make_done = true;
		return hash(p, &(struct hash_job){.password = p->make, .make_only = true});
	}
	return call_write(call_of(p->request), p->store);
}

bool password_call_begin(struct http_request *r)
{
	struct password_call *p = call_of(r)->prepared;
	p->request = r;
	return go_on(p);
}
