/* The name under which a server process holds lanes, and whether the process of another such name has ended.
 *
 * A name says which process of which machine it is: "BOOT/PIDS/PID/BEGAN", with the machine's boot id, the namespace of process ids, the
 * process id and the time of its start. Only a process of the same boot and the same namespace can be looked for, so a name of another machine
 * or container is never thought dead: its lease has to run out. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

enum { OWNER_SIZE = 128 };

void owner_name(char out[static OWNER_SIZE]); /* of this process */
/* True only when it is certain. */
bool owner_has_ended(struct text owner);
