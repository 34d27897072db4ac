/* Loads a library and finds its functions. */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

/* The linker's reason often begins with the name of the file, which the sentence has already. */
static const char *reason_for(const char *file)
{
	const char *reason = dlerror();
	size_t n = strlen(file);

	if (!reason) return "no reason is known";
	return strncmp(reason, file, n) == 0 && strncmp(reason + n, ": ", 2) == 0 ? reason + n + 2 : reason;
}

/* Lazy, as if it were linked: binding all that the thirty libraries behind libcurl may call takes half a millisecond more. */
static void *open_first(const struct library *l, const char **ret_file, struct err *err)
{
	for (const char *const *file = l->files; *file; file++) {
		void *handle = dlopen(*file, RTLD_LAZY | RTLD_LOCAL);
		if (handle) return *ret_file = *file, handle;
		const char *reason = reason_for(*file);
		/* The first one is the one that is meant. */
		if (file == l->files) err_set(err, RC_FAILED, "%s cannot be loaded: %s (package %s)", *file, reason, l->package);
	}
	return NULL;
}

static enum rc load(struct library *l, struct err *err)
{
	const char *file;
	void *handle = open_first(l, &file, err);

	if (!handle) return RC_FAILED;
	for (const struct library_function *f = l->functions; f < l->functions + l->function_count; f++) {
		void *address = dlsym(handle, f->name);
		if (!address) {
			dlclose(handle);
			return err_set(err, RC_FAILED, "%s has no function %s: it is too old (package %s)", file, f->name, l->package);
		}
		memcpy(f->pointer, &address, sizeof address); /* C converts no pointer to data into one to a function; POSIX does */
	}
	return RC_OK;
}

enum rc library_load(struct library *l, struct err *err)
{
	if (atomic_load_explicit(&l->loaded, memory_order_acquire)) return RC_OK;
	pthread_mutex_lock(&l->lock);
	enum rc rc = atomic_load_explicit(&l->loaded, memory_order_relaxed) ? RC_OK : load(l, err);
	if (rc == RC_OK) atomic_store_explicit(&l->loaded, true, memory_order_release);
	pthread_mutex_unlock(&l->lock);
	return rc;
}
