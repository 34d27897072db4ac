/* What messages need to know of this installation: where its pages are, how mail leaves. */
#pragma once

#include <stdint.h>

#include "outgoing/outgoing.h"

struct notify_site {
	const char *public_url; /* without a last slash; NULL: messages have no links to pages */
	const char *mail_server; /* smtp URL; NULL: no mail */
	enum mail_tls mail_tls;
	const char *mail_from; /* "Versioner <versioner@example.com>" */
	const char *slack_api; /* "https://slack.com/api" */
	const struct guard *guard;
};
