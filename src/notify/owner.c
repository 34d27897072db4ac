/* Names of processes, by what the kernel tells of them. Without /proc every name is this process's own, and none is known to have ended. */
#include "notify/owner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

enum { WORD_SIZE = 48, STAT_START_TIME = 22 }; /* proc(5): the field of /proc/PID/stat, counted from 1 */

/* The file's first word, without what would not do in a name. Empty when there is none. */
static void first_word(const char *path, char out[static WORD_SIZE])
{
	FILE *f = fopen(path, "re");
	out[0] = '\0';
	if (!f) return;
	if (fscanf(f, "%47s", out) != 1) out[0] = '\0';
	fclose(f);
}

/* The process's start in ticks since the boot. The name in parentheses may hold anything, parentheses too: counted from the last one. */
static bool start_of(long pid, char out[static WORD_SIZE])
{
	char path[64], line[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *f = fopen(path, "re");
	if (!f) return false;
	size_t n = fread(line, 1, sizeof line - 1, f);
	fclose(f);
	line[n] = '\0';
	char *at = strrchr(line, ')'), *rest = NULL;
	if (!at) return false;
	char *word = strtok_r(at + 1, " ", &rest);
	for (int field = 3; word && field < STAT_START_TIME; field++) word = strtok_r(NULL, " ", &rest);
	if (!word) return false;
	snprintf(out, WORD_SIZE, "%s", word);
	return true;
}

/* "BOOT/PIDS/": what a process must share with this one to be looked for. False: it cannot be told. */
static bool place_of_processes(char out[static OWNER_SIZE])
{
	char boot[WORD_SIZE], pids[WORD_SIZE];
	ssize_t n = readlink("/proc/self/ns/pid", pids, sizeof pids - 1);
	first_word("/proc/sys/kernel/random/boot_id", boot);
	if (n <= 0 || !boot[0]) return false;
	pids[n] = '\0';
	snprintf(out, OWNER_SIZE, "%s/%s/", boot, pids);
	return true;
}

void owner_name(char out[static OWNER_SIZE])
{
	char began[WORD_SIZE], drawn[17];
	bool known = place_of_processes(out) && start_of(getpid(), began);
	random_alnum(drawn, sizeof drawn - 1);
	size_t n = known ? strlen(out) : 0;
	if (known)
		snprintf(out + n, OWNER_SIZE - n, "%ld/%s", (long)getpid(), began);
	else
		snprintf(out, OWNER_SIZE, "process/%s", drawn);
}

bool owner_has_ended(struct text owner)
{
	char place[OWNER_SIZE], began[WORD_SIZE];
	uint64_t pid;
	struct text number;
	if (!place_of_processes(place) || !text_starts(owner, text_from(place))) return false;
	struct text rest = {owner.p + strlen(place), owner.n - strlen(place)};
	if (!text_split(&rest, '/', &number) || !text_to_u64(number, &pid) || !rest.p || pid < 1 || pid > INT32_MAX) return false;
	if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) return true;
	/* Another user's process may be hidden from us (hidepid): then it lives, as far as we know. */
	return start_of((long)pid, began) && !text_is(rest, began);
}
