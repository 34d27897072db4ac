/* The spool's folder, and putting an event into it: written under another name, flushed to the disk, then renamed. */
#include "cli/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_out.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "cli/spool_file.h"

enum rc spool_find(const struct ci_environment *environment, struct spool *ret, struct err *err)
{
	const char *state = environment->get(environment->context, "XDG_STATE_HOME");
	const char *home = environment->get(environment->context, "HOME");
	int n;
	if (state && *state == '/') /* the standard says to ignore a relative one */
		n = snprintf(ret->folder, sizeof ret->folder, "%s/versioner/spool", state);
	else if (home && *home)
		n = snprintf(ret->folder, sizeof ret->folder, "%s/.local/state/versioner/spool", home);
	else
		return err_set(err, RC_INVALID, "there is no place to keep events: set XDG_STATE_HOME or HOME");
	if (n < 0 || (size_t)n >= sizeof ret->folder) return err_set(err, RC_INVALID, "the name of the spool's folder is too long");
	return RC_OK;
}

bool spool_name_is_event(const char *name)
{
	static const char end[] = ".json";
	size_t n = strlen(name);
	return n == UUID_SIZE - 1 + sizeof end - 1 && strcmp(name + UUID_SIZE - 1, end) == 0 &&
		   uuid_valid((struct text){name, UUID_SIZE - 1});
}

bool spool_is_empty(const struct spool *p)
{
	DIR *folder = opendir(p->folder);
	const struct dirent *entry;
	bool empty = true;
	if (!folder) return true;
	while (empty && (entry = readdir(folder))) empty = !spool_name_is_event(entry->d_name);
	closedir(folder);
	return empty;
}

/* Each folder of the path that is not there, for the user alone. */
static enum rc make_folders(const char *path, struct err *err)
{
	char part[sizeof((struct spool *)0)->folder];
	for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		size_t n = slash ? (size_t)(slash - path) : strlen(path);
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return err_set(err, RC_FAILED, "the folder %.300s cannot be made: %s", part, strerror(errno));
		if (!slash) return RC_OK;
	}
}

int spool_open_folder(const struct spool *p, struct err *err)
{
	if (make_folders(p->folder, err) != RC_OK) return -1;
	int fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) err_set(err, RC_FAILED, "the folder %.300s cannot be opened: %s", p->folder, strerror(errno));
	return fd;
}

static bool write_all(int fd, struct text t)
{
	while (t.n) {
		ssize_t n = write(fd, t.p, t.n);
		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) return false;
		t.p += n;
		t.n -= (size_t)n;
	}
	return true;
}

static enum rc write_file(int folder, const char *name, struct text content, struct err *err)
{
	char partial[UUID_SIZE + 16];
	snprintf(partial, sizeof partial, "%.*s.part", UUID_SIZE - 1, name);
	int fd = openat(folder, partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) return err_set(err, RC_FAILED, "the event cannot be kept: %s", strerror(errno));
	bool fine = write_all(fd, content) && fsync(fd) == 0;
	int reason = errno;
	if (close(fd) != 0 && fine) {
		reason = errno;
		fine = false;
	}
	if (fine && renameat(folder, partial, folder, name) != 0) {
		reason = errno;
		fine = false;
	}
	if (!fine) {
		unlinkat(folder, partial, 0);
		return err_set(
			err, reason == ENOSPC || reason == EDQUOT ? RC_FULL : RC_FAILED, "the event cannot be kept: %s", strerror(reason));
	}
	fsync(folder); /* the name too; the event is there in any case, but for a power cut */
	return RC_OK;
}

enum rc spool_put(const struct spool *p, const struct spool_event *event, struct err *err)
{
	char id[UUID_SIZE], name[UUID_SIZE + 8];
	buf_auto content = BUF_INIT(LIMIT_SPOOL_FILE);
	struct json_out j = json_out(&content);
	json_put_object(&j, NULL);
	json_put_cstr(&j, "api_url", event->api_url);
	json_put_cstr(&j, "path", event->path);
	json_put_cstr(&j, "idempotency_key", event->idempotency_key);
	json_put_text(&j, "body", event->body); /* as text: sent again byte for byte */
	json_end(&j);
	buf_char(&content, '\n');
	if (buf_failed(&content)) return err_set(err, RC_INVALID, "the event is too large to be kept");
	int folder = spool_open_folder(p, err);
	if (folder < 0) return RC_FAILED;
	uuid_new(id);
	snprintf(name, sizeof name, "%s.json", id);
	enum rc rc = write_file(folder, name, buf_view(&content), err);
	close(folder);
	return rc;
}
