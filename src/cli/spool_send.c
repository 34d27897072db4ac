/* Sends what the spool holds, oldest first, one process at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "cli/spool_file.h"

struct sending {
	const struct spool *spool;
	struct api_client *client;
	struct arena *arena; /* of one event: taken back after each */
	FILE *notes;
	int folder;
	struct spool_result result;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **names;
	size_t count;
};

static void names_done(struct names *n)
{
	for (size_t i = 0; i < n->count; i++) free(n->names[i]);
	free(n->names);
}

/* What a program that was killed has left half written; whoever is still writing needs far less than an hour. */
static void sweep(int folder, const char *name)
{
	struct stat st;
	size_t n = strlen(name);
	if (n != UUID_SIZE - 1 + 5 || strcmp(name + n - 5, ".part") != 0) return;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime > 3600) unlinkat(folder, name, 0);
}

static struct names list_events(const struct spool *p)
{
	struct names n = {0};
	const struct dirent *entry;
	DIR *folder = opendir(p->folder);
	while (folder && (entry = readdir(folder))) {
		sweep(dirfd(folder), entry->d_name);
		if (!spool_name_is_event(entry->d_name)) continue;
		if ((n.count & (n.count - 1)) == 0) n.names = mem_realloc(n.names, (n.count ? n.count * 2 : 1) * sizeof *n.names);
		n.names[n.count++] = mem_strdup(entry->d_name);
	}
	if (folder) closedir(folder);
	if (n.count) qsort(n.names, n.count, sizeof *n.names, by_name);
	return n;
}

/* ---- one event ---- */

static enum rc read_file(struct sending *s, const char *name, struct text *ret, struct err *err)
{
	int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) return err_set(err, errno == ENOENT ? RC_NOT_FOUND : RC_FAILED, "it cannot be read: %s", strerror(errno));
	buf_auto content = BUF_INIT(LIMIT_SPOOL_FILE);
	char block[16384];
	ssize_t n;
	while ((n = read(fd, block, sizeof block)) > 0) buf_add(&content, block, (size_t)n);
	int reason = errno;
	close(fd);
	if (n < 0) return err_set(err, RC_FAILED, "it cannot be read: %s", strerror(reason));
	if (buf_failed(&content)) return err_set(err, RC_CORRUPT, "it is too large");
	*ret = text_copy(s->arena, content.n ? buf_view(&content) : TEXT(""));
	return RC_OK;
}

static bool is_path(struct text t)
{
	return text_is(t, "/deployment-events/") || text_is(t, "/build-events/");
}

static enum rc parse(struct sending *s, struct text content, struct spool_event *ret, struct err *err)
{
	const struct json *file, *body;
	enum rc rc = json_read(s->arena, content, &file, err);
	if (rc != RC_OK) return rc;
	struct text url = json_text(json_member(file, "api_url")), path = json_text(json_member(file, "path"));
	struct text key = json_text(json_member(file, "idempotency_key")), text = json_text(json_member(file, "body"));
	if (!url.n || !is_path(path) || !key.n || !text.n) return err_set(err, RC_CORRUPT, "something is missing in it");
	rc = json_read(s->arena, text, &body, err);
	if (rc != RC_OK) return rc;
	*ret = (struct spool_event){text_cstr(s->arena, url), text_cstr(s->arena, path), text_cstr(s->arena, key), text};
	return RC_OK;
}

/* Out of the way of the others, and still there for people. */
static void set_aside(struct sending *s, const char *name, const char *ending, const char *why)
{
	char aside[UUID_SIZE + 32];
	snprintf(aside, sizeof aside, "%s.%s", name, ending);
	if (renameat(s->folder, name, s->folder, aside) != 0) {
		fprintf(s->notes, "Warning: the kept event %s/%s is %s, and cannot be set aside: %s\n", s->spool->folder, name, ending,
			strerror(errno));
		return;
	}
	fprintf(s->notes, "Warning: a kept event is %s and set aside as %s/%s: %s\n", ending, s->spool->folder, aside, why);
}

/* The server does not want this one, now or ever; others may be fine. A wrong key or a limit says nothing of the event. */
static bool is_refused(const struct api_answer *answer)
{
	if (answer->end == API_BLOCKED) return true;
	int status = answer->status;
	return answer->end == API_REFUSED && (status == 400 || status == 413 || status == 415 || status == 422);
}

/* False: the others need not be tried. */
static bool send_event(struct sending *s, const char *name, const struct spool_event *event)
{
	struct api_answer answer;
	struct api_request request = {
		.method = "POST", .path = event->path, .body = event->body, .idempotency_key = event->idempotency_key};
	api_call(s->client, s->arena, &request, &answer);
	if (answer.end == API_OK) {
		s->result.sent++;
		if (unlinkat(s->folder, name, 0) != 0 && errno != ENOENT)
			fprintf(s->notes, "Warning: a kept event was sent, but %s/%s cannot be removed: %s\n", s->spool->folder, name,
				strerror(errno));
		return true;
	}
	if (is_refused(&answer)) {
		s->result.refused++;
		set_aside(s, name, "refused", text_cstr(s->arena, answer.message));
		return true;
	}
	s->result.end = answer.end;
	s->result.message = answer.message;
	return false;
}

/* False: the others need not be tried; then the arena keeps the message. */
static bool take_event(struct sending *s, const char *name)
{
	struct text content = TEXT("");
	struct spool_event event = {.api_url = ""};
	struct err err;
	enum rc rc = read_file(s, name, &content, &err);
	if (rc == RC_NOT_FOUND) return true;
	if (rc == RC_OK) rc = parse(s, content, &event, &err);
	if (rc != RC_OK) {
		s->result.corrupt++;
		set_aside(s, name, "corrupt", err.text);
		return true;
	}
	if (strcmp(event.api_url, api_client_url(s->client)) != 0) {
		s->result.elsewhere++;
		return true;
	}
	return send_event(s, name, &event);
}

/* ---- the folder ---- */

/* Closing the folder gives the lock back. */
static enum rc lock(int folder, bool wait, struct err *err)
{
	while (flock(folder, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR) continue;
		if (errno == EWOULDBLOCK) return err_set(err, RC_UNAVAILABLE, "another process is sending the kept events");
		return err_set(err, RC_FAILED, "the folder of kept events cannot be locked: %s", strerror(errno));
	}
	return RC_OK;
}

static void send_all(struct sending *s, struct arena *a)
{
	struct names n = list_events(s->spool);
	size_t i = 0;
	for (bool go_on = true; i < n.count && go_on; i++) {
		go_on = take_event(s, n.names[i]);
		if (go_on) arena_reset(s->arena);
		if (!go_on) s->result.message = text_copy(a, s->result.message);
	}
	if (s->result.end != API_OK) s->result.left = n.count - i + 1;
	names_done(&n);
}

enum rc spool_send(const struct spool *p, struct api_client *c, struct arena *a, bool wait, FILE *notes, struct spool_result *ret,
	struct err *err)
{
	struct sending s = {.spool = p, .client = c, .notes = notes};
	s.folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s.folder < 0 && errno == ENOENT) {
		*ret = s.result;
		return RC_OK;
	}
	if (s.folder < 0) return err_set(err, RC_FAILED, "the folder %.300s cannot be opened: %s", p->folder, strerror(errno));
	enum rc rc = lock(s.folder, wait, err);
	if (rc == RC_OK) {
		s.arena = arena_new(KIB(64), LIMIT_CLIENT_ARENA);
		send_all(&s, a);
		arena_free(s.arena);
		*ret = s.result;
	}
	close(s.folder);
	return rc;
}
