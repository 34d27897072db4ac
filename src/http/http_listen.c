/* The listening socket: addresses as people type them, and errors they can act on. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_private.h"

enum { BACKLOG = 4096, OTHER_FILES = 512 };

struct address_parts {
	char host[64];
	char port[6];
};

/* "127.0.0.1:8080" or "[::1]:8080". */
static bool address_split(const char *address, struct address_parts *ret)
{
	const char *colon = strrchr(address, ':');
	if (!colon || colon == address) return false;
	struct text host = {address, (size_t)(colon - address)}, port = text_from(colon + 1);
	if (host.p[0] == '[') {
		if (host.n < 3 || host.p[host.n - 1] != ']') return false;
		host = (struct text){host.p + 1, host.n - 2};
	} else if (memchr(host.p, ':', host.n)) {
		return false;
	}
	uint64_t number;
	if (host.n >= sizeof ret->host || port.n >= sizeof ret->port || !text_to_u64(port, &number) || number > 65535) return false;
	memcpy(ret->host, host.p, host.n);
	ret->host[host.n] = '\0';
	memcpy(ret->port, port.p, port.n + 1);
	return true;
}

static enum rc listen_failed(const char *address, int error, struct err *err)
{
	switch (error) {
	case EADDRINUSE: return err_set(err, RC_CONFLICT, "address %s is in use", address);
	case EADDRNOTAVAIL: return err_set(err, RC_INVALID, "address %s does not belong to this machine", address);
	case EACCES: return err_set(err, RC_DENIED, "no permission to listen on %s", address);
	default: return err_set(err, RC_FAILED, "cannot listen on %s: %s", address, strerror(error));
	}
}

static int socket_open(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) return -1;
	int on = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

enum rc listen_open(const char *address, int *ret_fd, struct err *err)
{
	struct address_parts parts;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE}, *found;
	if (!address_split(address, &parts) || getaddrinfo(parts.host, parts.port, &hints, &found) != 0)
		return err_set(err, RC_INVALID, "listen address \"%s\" is not ADDRESS:PORT, as in 127.0.0.1:8080 or [::1]:8080", address);
	int fd = socket_open(found);
	int error = errno;
	freeaddrinfo(found);
	if (fd < 0) return listen_failed(address, error, err);
	*ret_fd = fd;
	return RC_OK;
}

unsigned listen_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} address = {.any.sa_family = AF_UNSPEC};
	socklen_t size = sizeof address;
	if (getsockname(fd, &address.any, &size) != 0) return 0;
	if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
	if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
	return 0;
}

/* Each connection is a file; the default soft limit of 1024 is there for programs that use select(). */
void listen_raise_limits(unsigned max_connections)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)max_connections + OTHER_FILES) return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
