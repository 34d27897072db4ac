/* What the subcommands of `versioner admin` share. */
#pragma once

#include "actions/actor.h"
#include "base/arena.h"
#include "base/rc.h"
#include "base/settings.h"

struct db;

struct admin {
	const struct settings *settings;
	struct db *db;
	struct arena *arena;
	struct actor actor; /* in the account of --account */
	char **words; /* after the subcommand */
};

enum rc admin_create_key(struct admin *w, struct err *err) must_check;
enum rc admin_list_keys(struct admin *w, struct err *err) must_check;
enum rc admin_revoke_key(struct admin *w, struct err *err) must_check;
enum rc admin_reset_password(struct admin *w, struct err *err) must_check;

/* Commits, or rolls back and says why. */
enum rc admin_commit(struct admin *w, enum rc rc, const char *what, struct err *err) must_check;
