/* The lines of a start. */
#include "serve/announce.h"

#include <stdio.h>
#include <string.h>

#include "actions/keys.h"
#include "base/log.h"
#include "base/settings.h"
#include "db/db.h"

void announce_address(const char *listen, unsigned port, char *out, size_t size)
{
	const char *colon = strrchr(listen, ':');
	snprintf(out, size, "%.*s:%u", (int)(colon ? colon - listen : 0), listen, port);
}

/* With a name for "all addresses". */
void announce_url(const struct settings *s, const char *address, char *out, size_t size)
{
	const char *given = setting_text(s, "public-url"), *scheme = setting_text(s, "tls-cert") ? "https" : "http";
	const char *port = strrchr(address, ':');
	bool all = !strncmp(address, "0.0.0.0:", 8) || !strncmp(address, "[::]:", 5) || address[0] == ':';
	if (given)
		snprintf(out, size, "%.*s", (int)(strlen(given) - (given[strlen(given) - 1] == '/')), given);
	else if (all)
		snprintf(out, size, "%s://localhost%s", scheme, port);
	else
		snprintf(out, size, "%s://%s", scheme, address);
}

static void print_first_start(const struct settings *s, const struct first_start *first, const char *address)
{
	char url[512];
	announce_url(s, address, url, sizeof url);
	bool given = !first->token[0];
	const char *key = given ? "$VERSIONER_BOOTSTRAP_API_KEY" : first->token;
	printf("\nVersioner is ready.\n\n  Open %s%s%s\n  and set the password of %s. The link works once, within 72 hours.\n\n", url,
		LINK_PAGE, first->link, setting_text(s, "admin-email"));
	if (given)
		printf("  API key: the one in VERSIONER_BOOTSTRAP_API_KEY\n");
	else
		printf("  API key (scope admin, shown this once, stored only as a hash):\n\n    %s\n", first->token);
	printf(
		"\n  Try it:\n\n"
		"    curl -X POST %s/deployment-events/ \\\n"
		"      -H \"Authorization: Bearer %s\" -H \"Content-Type: application/json\" \\\n"
		"      -d "
		"'{\"product_name\":\"my-service\",\"version\":\"1.2.3\",\"environment_name\":\"production\",\"status\":\"success\"}'\n\n"
		"  and then see what runs where:\n\n"
		"    curl -H \"Authorization: Bearer %s\" %s/environment-state/\n\n",
		url, key, key, url);
	fflush(stdout);
}

/* Link and key were shown at the first start: say how to get others. */
static void print_address(const struct settings *s, const char *address)
{
	char url[512], store[512];
	announce_url(s, address, url, sizeof url);
	db_location_shown(setting_text(s, "db"), store, sizeof store);
	printf("Versioner is at %s\n"
		   "  Lost the password?   versioner admin reset-password --db %s\n"
		   "  Another API key?     versioner admin create-key --db %s --scope admin\n",
		url, store, store);
	fflush(stdout);
}

void announce_start(const struct settings *s, const struct first_start *first, const char *address)
{
	/* Not by log_info: whoever starts the server with a higher level still learns the port. */
	const struct log_field fields[] = {LOG_STR("address", address), LOG_STR("version", VERSIONER_VERSION), {0}};
	log_line(LOG_INFO, "listening", fields);
	if (first->happened)
		print_first_start(s, first, address);
	else
		print_address(s, address);
}
