/* flush: sends what the spool holds. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/api_client.h"
#include "cli/ci_log.h"
#include "cli/commands.h"
#include "cli/spool.h"

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static int tell(const struct spool_result *r)
{
	if (r->end != API_OK) fprintf(stderr, "Error: %.*s\n", TEXT_ARGS(r->message));
	if (r->left) fprintf(stderr, "%zu event%s still kept\n", r->left, r->left == 1 ? " is" : "s are");
	if (r->elsewhere)
		fprintf(stderr, "%zu kept event%s for other servers: name one with --api-url\n", r->elsewhere,
			r->elsewhere == 1 ? " is" : "s are");
	if (r->sent)
		printf("✓ %zu kept event%s sent\n", r->sent, plural(r->sent));
	else if (!r->left && !r->elsewhere && !r->refused && !r->corrupt)
		printf("No events are kept\n");
	if (r->end != API_OK) return api_exit_code(r->end);
	return r->refused ? EXIT_API : r->corrupt ? EXIT_TROUBLE : EXIT_FINE;
}

int flush_run(const struct settings *s, char **words)
{
	struct spool spool;
	struct spool_result result;
	struct api_client *client = NULL;
	struct err err;
	int code = EXIT_TROUBLE;
	if (*words) return fprintf(stderr, "versioner flush: \"%.80s\" is not expected here\n", *words), EXIT_TROUBLE;
	struct arena *a = arena_new(KIB(16), LIMIT_CLIENT_ARENA);
	enum rc rc = spool_find(&CI_OF_PROCESS, &spool, &err);
	if (rc == RC_OK) rc = api_client_new(s, &client, &err);
	if (rc == RC_OK) rc = spool_send(&spool, client, a, true, stderr, &result, &err);
	if (rc == RC_OK)
		code = tell(&result);
	else
		ci_log_say(stderr, "Error", err.text);
	api_client_free(client);
	arena_free(a);
	return code;
}
