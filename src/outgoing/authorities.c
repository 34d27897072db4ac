/* The system's certificate authorities and the operator's further ones.
 *
 * The library knows a file and a folder, and a file of ours would stand in place of the system's. The folder that Debian's build reads
 * holds each authority three times over, and it is read for each connection: 40 ms of work, where the bundle takes 12. So the bundle is
 * used, and further ones are put behind it in a file that lives in memory. Where the system has no bundle, the folder stays, and the
 * further ones are added to it. */
#include "outgoing/authorities.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"

static const char *const BUNDLES[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora */
	"/etc/ssl/ca-bundle.pem", /* SUSE */
	"/etc/ssl/cert.pem",
};

static bool file_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return false;
	char block[16384];
	ssize_t n;
	while ((n = read(fd, block, sizeof block)) > 0) buf_add(out, block, (size_t)n);
	int reason = errno;
	close(fd);
	errno = reason;
	return n == 0;
}

/* NULL: there is none. */
static const char *system_bundle(void)
{
	const curl_version_info_data *library = curl_version_info(CURLVERSION_NOW);
	if (library->cainfo && access(library->cainfo, R_OK) == 0) return library->cainfo;
	for (size_t i = 0; i < sizeof BUNDLES / sizeof *BUNDLES; i++)
		if (access(BUNDLES[i], R_OK) == 0) return BUNDLES[i];
	return NULL;
}

static bool has_certificate(struct text pem)
{
	static const char mark[] = "-----BEGIN CERTIFICATE-----";
	return memmem(pem.p, pem.n, mark, sizeof mark - 1) != NULL;
}

static enum rc memory_file(struct text content, struct authorities *ret, struct err *err)
{
	struct authorities a = {.fd = memfd_create("authorities", MFD_CLOEXEC)};
	if (a.fd < 0) return err_set(err, RC_FAILED, "no memory for the certificate authorities: %s", strerror(errno));
	while (content.n) {
		ssize_t n = write(a.fd, content.p, content.n);
		if (n <= 0) {
			enum rc rc = err_set(err, RC_FAILED, "no memory for the certificate authorities: %s", strerror(errno));
			authorities_done(&a);
			return rc;
		}
		content.p += n;
		content.n -= (size_t)n;
	}
	snprintf(a.file, sizeof a.file, "/proc/self/fd/%d", a.fd);
	*ret = a;
	return RC_OK;
}

static enum rc with_further(const char *bundle, const char *further, struct authorities *ret, struct err *err)
{
	buf_auto all = BUF_INIT(LIMIT_AUTHORITIES), own = BUF_INIT(LIMIT_AUTHORITIES);
	if (!file_read(further, &own)) return err_set(err, RC_INVALID, "%s cannot be read: %s", further, strerror(errno));
	if (!has_certificate(buf_view(&own))) return err_set(err, RC_INVALID, "%s holds no certificate in PEM form", further);
	if (bundle && !file_read(bundle, &all)) return err_set(err, RC_FAILED, "%s cannot be read: %s", bundle, strerror(errno));
	buf_char(&all, '\n'); /* the bundle may lack its last one */
	buf_text(&all, buf_view(&own));
	if (buf_failed(&all) || buf_failed(&own))
		return err_set(err, RC_INVALID, "%s and the system's authorities take more than %zu bytes", further, LIMIT_AUTHORITIES);
	return memory_file(buf_view(&all), ret, err);
}

enum rc authorities_read(const char *further, struct authorities *ret, struct err *err)
{
	const char *bundle = system_bundle();
	struct authorities a = {.fd = -1};
	if (further) {
		enum rc rc = with_further(bundle, further, &a, err);
		if (rc != RC_OK) return rc;
	} else if (bundle && strlen(bundle) < sizeof a.file) {
		memcpy(a.file, bundle, strlen(bundle) + 1);
	}
	a.file_alone = bundle && a.file[0];
	*ret = a;
	return RC_OK;
}

void authorities_done(struct authorities *a)
{
	if (a->fd >= 0) close(a->fd);
	a->fd = -1;
}

CURLcode authorities_apply(const struct authorities *a, CURL *easy)
{
	CURLcode code = CURLE_OK;
	if (a->file[0]) code = curl_easy_setopt(easy, CURLOPT_CAINFO, a->file);
	if (code == CURLE_OK && a->file_alone) code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	return code;
}
