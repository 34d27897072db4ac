/* Status words of clients, the canonical states behind them, and the event types. Source: the status table (data/status-map.tsv). */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum kind { KIND_DEPLOYMENT, KIND_BUILD, KIND_COUNT };

enum state { STATE_PENDING, STATE_STARTED, STATE_COMPLETED, STATE_FAILED, STATE_ABORTED, STATE_PREFLIGHT_FAILED, STATE_COUNT };

bool state_is_final(enum state s); /* all but pending and started */
const char *state_name(enum state s); /* "completed" */
bool state_from_name(struct text name, enum state *ret); /* canonical names only, exact */
const char *kind_name(enum kind k); /* "deployment", "build" */
bool kind_from_name(struct text name, enum kind *ret);

/* A client's word; ASCII case and outer white space do not matter. preflight_failed is no word: only the server sets it. */
bool status_from_word(enum kind k, struct text word, enum state *ret);
/* All accepted words of the kind in the table's order, comma-separated: for the error that lists them. Static. */
const char *status_words(enum kind k);

/* "deployment.completed"; static. NULL for preflight_failed of a build, which does not exist. */
const char *event_type_name(enum kind k, enum state s);
bool event_type_parse(struct text name, enum kind *ret_kind, enum state *ret_state);
