/* The table of event types, and the names of transitions. */
#include "domain/event_type.h"

#include <stddef.h>

#define ROW(name, icon, headline, success, is_failure) {name, icon, headline, success, is_failure},

const struct event_type EVENT_TYPES[] = {EVENT_TYPE_TABLE(ROW){0}};

const struct event_type CHANNEL_SWITCHED_OFF = {
	"channel.switched_off", "🔌", "Notification channel switched off", SUCCESS_NOT_SAID, true};

const struct event_type *event_type_find(struct text name)
{
	for (const struct event_type *t = EVENT_TYPES; t->name; t++)
		if (text_is(name, t->name)) return t;
	return text_is(name, CHANNEL_SWITCHED_OFF.name) ? &CHANNEL_SWITCHED_OFF : NULL;
}

const char *transition_event_type(enum transition t)
{
	return t == TRANSITION_RECOVERED ? "deployment.recovered" : "deployment.rolled_back";
}

const char *transition_name(enum transition t)
{
	return transition_event_type(t) + sizeof "deployment." - 1;
}
