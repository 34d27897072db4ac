/* The table of channel types. */
#include "notify/channel_type.h"

static const struct channel_type *const TYPES[] = {
	&CHANNEL_SLACK_WEBHOOK,
	&CHANNEL_SLACK_BOT,
	&CHANNEL_WEBHOOK,
	&CHANNEL_EMAIL,
	&CHANNEL_MSTEAMS,
};

const struct channel_type *channel_type_find(struct text name)
{
	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
		if (text_is(name, TYPES[i]->name)) return TYPES[i];
	return NULL;
}

const char *channel_type_names(void)
{
	return "slack_webhook, slack_bot, webhook, email, msteams";
}

struct text config_text(const struct delivery *d, const char *name)
{
	return json_text(json_member(d->config, name));
}
