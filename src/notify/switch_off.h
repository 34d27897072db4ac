/* Switching a channel off that can never be reached again, and telling the admins. */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/text.h"
#include "notify/site.h"

struct db;

/* The channel is off, with the reason. Where mail is set up, the channel named "Administrators" is told: one that a person has made, or else
 * one of mail to all users with the role admin, made here. In the transaction that writes down the answer. */
enum rc channel_switch_off(struct db *db, int64_t account, struct text channel_id, const struct notify_site *site,
	struct text reason, time_us now) must_check;
