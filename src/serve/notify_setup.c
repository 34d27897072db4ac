/* Settings of notifications. */
#include "serve/notify_setup.h"

#include <string.h>

static const char *without_last_slashes(struct arena *a, const char *url)
{
	if (!url) return NULL;
	size_t n = strlen(url);
	while (n && url[n - 1] == '/') n--;
	return text_cstr(a, (struct text){url, n});
}

static enum rc guard_of(const struct settings *s, struct arena *a, struct guard **ret, struct err *err)
{
	size_t n = setting_count(s, "allow-private-destinations");
	const char **list = arena_array_of(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		list[i] = setting_item(s, "allow-private-destinations", i);
		if (strcmp(list[i], "true") == 0) list[i] = "all";
		if (strcmp(list[i], "false") == 0) list[i] = NULL, n = i;
	}
	enum rc rc = guard_new(list, ret, err);
	return rc == RC_OK ? rc : err_prefix(err, "--allow-private-destinations");
}

static enum rc check_mail(const struct settings *s, struct err *err)
{
	const char *url = setting_text(s, "smtp-url");
	if (!url) return RC_OK;
	if (outgoing_mail_server_check(url, err) != RC_OK) return err_prefix(err, "--smtp-url");
	if (strchr(url, '@') && setting_source(s, "smtp-url") == FROM_FLAG)
		return err_set(
			err, RC_INVALID, "--smtp-url with a user can be seen by other users of this machine: set VERSIONER_SMTP_URL");
	return RC_OK;
}

enum rc notify_options(const struct settings *s, struct arena *a, struct deliverer_options *ret, struct err *err)
{
	struct guard *guard = NULL;
	enum rc rc = check_mail(s, err);
	if (rc == RC_OK) rc = guard_of(s, a, &guard, err);
	if (rc != RC_OK) return rc;
	const char *tls = setting_text(s, "smtp-tls");
	*ret = (struct deliverer_options){.location = setting_text(s, "db"),
		.ca_file = setting_text(s, "outgoing-ca"),
		.timeout = setting_int(s, "outgoing-timeout"),
		.site = {.public_url = without_last_slashes(a, setting_text(s, "public-url")),
			.mail_server = setting_text(s, "smtp-url"),
			.mail_tls = strcmp(tls, "always") == 0  ? MAIL_TLS_ALWAYS
						: strcmp(tls, "never") == 0 ? MAIL_TLS_NEVER
													: MAIL_TLS_AUTO,
			.mail_from = setting_text(s, "mail-from"),
			.slack_api = without_last_slashes(a, setting_text(s, "slack-api-url")),
			.guard = guard}};
	return RC_OK;
}
