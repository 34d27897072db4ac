/* See event_stream.h. */
#include "load/event_stream.h"

#include <stdio.h>

const char *const STREAM_ENVIRONMENT[STREAM_ENVIRONMENTS] = {"dev", "test", "staging", "production", "production-eu"};
const char *const STREAM_STATUS[STREAM_PHASES] = {"pending", "started", "success"};

void stream_next(struct event_stream *s, struct stream_event *ret)
{
	const uint64_t lanes = s->lanes ? s->lanes : 1, mine = STREAM_PRODUCTS * STREAM_ENVIRONMENTS / lanes;
	uint64_t place = s->next % mine * lanes + s->lane, step = s->next / mine;
	struct stream_event *e = ret;
	s->next++;

	e->product = (unsigned)(place / STREAM_ENVIRONMENTS);
	e->environment = (unsigned)(place % STREAM_ENVIRONMENTS);
	e->phase = (unsigned)(step % STREAM_PHASES);
	e->build = (uint32_t)(step / STREAM_PHASES);
	snprintf(e->product_name, sizeof e->product_name, "service-%03u", e->product);
	snprintf(e->version, sizeof e->version, "1.%u.0-%.24s", e->build, s->run);
	snprintf(e->scm_repository, sizeof e->scm_repository, "example/%s", e->product_name);
	snprintf(e->scm_sha, sizeof e->scm_sha, "%08x%08x%08x%08x%08x", e->product, e->build, e->product * 7919 + e->build,
		e->build * 13 + 17, e->product * 31 + 7);
	snprintf(e->build_number, sizeof e->build_number, "%u", e->build);
	snprintf(e->invoke_id, sizeof e->invoke_id, "%.24s-%u-%u-%u", s->run, e->product, e->environment, e->build);
	snprintf(e->build_url, sizeof e->build_url, "https://github.com/example/%s/actions/runs/%u", e->product_name, e->build);
	snprintf(e->extra_metadata, sizeof e->extra_metadata,
		"{\"vi_gh_workflow\":\"deploy\",\"vi_gh_run_attempt\":\"1\",\"vi_gh_event\":\"push\",\"region\":\"eu-central-1\","
		"\"replicas\":%u}",
		3 + e->environment);
}

size_t stream_body(const struct stream_event *e, bool bulk, char out[static STREAM_BODY_SIZE])
{
	int n = snprintf(out, STREAM_BODY_SIZE,
		"{%s\"product_name\":\"%s\",\"version\":\"%s\",\"environment_name\":\"%s\",\"status\":\"%s\","
		"\"scm_repository\":\"%s\",\"scm_sha\":\"%s\",\"scm_branch\":\"main\",\"build_number\":\"%s\","
		"\"invoke_id\":\"%s\",\"build_url\":\"%s\",\"source_system\":\"github\",\"deployed_by\":\"octocat\","
		"\"deployed_by_email\":\"octocat@example.com\",\"extra_metadata\":%s}",
		bulk ? "\"kind\":\"deployment\"," : "", e->product_name, e->version, STREAM_ENVIRONMENT[e->environment],
		STREAM_STATUS[e->phase], e->scm_repository, e->scm_sha, e->build_number, e->invoke_id, e->build_url, e->extra_metadata);
	return n > 0 && n < STREAM_BODY_SIZE ? (size_t)n : 0;
}
