/* What notifications need of the settings: checked, and in the form that the deliverer takes. */
#pragma once

#include "base/arena.h"
#include "base/rc.h"
#include "base/settings.h"
#include "notify/deliverer.h"

/* Everything given lies in the arena or in the settings; site.guard is made here and freed with guard_free(). */
enum rc notify_options(const struct settings *s, struct arena *a, struct deliverer_options *ret, struct err *err) must_check;
