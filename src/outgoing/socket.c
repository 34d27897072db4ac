/* Sockets: the guard looks at the very address that is about to be connected to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "outgoing/outgoing_private.h"

static void mail_socket_add(struct outgoing *o, int fd, const struct transfer *owner)
{
	if (o->mail_socket_count == o->mail_socket_room) {
		o->mail_socket_room = o->mail_socket_room ? o->mail_socket_room * 2 : 8;
		o->mail_sockets = mem_realloc(o->mail_sockets, o->mail_socket_room * sizeof *o->mail_sockets);
	}
	o->mail_sockets[o->mail_socket_count++] = (struct mail_socket){fd, owner};
}

static curl_socket_t open_socket(void *transfer, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = transfer;
	bool allowed = purpose == CURLSOCKTYPE_IPCXN && (t->mail || guard_allows(t->o->guard, &address->addr));
	if (!allowed) {
		t->refused = true;
		return CURL_SOCKET_BAD; /* the host's next address is tried */
	}
	t->opened = true;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0) return CURL_SOCKET_BAD;
	if (t->mail) mail_socket_add(t->o, fd, t);
	return fd;
}

/* Knows the loop alone: later versions of the library close a connection when its transfer is gone. */
static int close_mail_socket(void *outgoing, curl_socket_t fd)
{
	struct outgoing *o = outgoing;
	for (size_t i = 0; i < o->mail_socket_count; i++) {
		if (o->mail_sockets[i].fd != fd) continue;
		o->mail_sockets[i] = o->mail_sockets[--o->mail_socket_count];
		break;
	}
	return close(fd);
}

void mail_sockets_forget(struct transfer *t)
{
	for (size_t i = 0; i < t->o->mail_socket_count; i++)
		if (t->o->mail_sockets[i].owner == t) t->o->mail_sockets[i].owner = NULL;
}

/* The library waits for the answer to its QUIT, and the whole loop with it, for two minutes if need be. As soon as QUIT is out, there is
 * nothing more to hear. */
static int watch_commands(CURL *easy, curl_infotype type, char *bytes, size_t n, void *transfer)
{
	static const char quit[] = "QUIT";
	struct transfer *t = transfer;
	(void)easy;
	if (type != CURLINFO_HEADER_OUT || n < sizeof quit - 1 || memcmp(bytes, quit, sizeof quit - 1) != 0) return 0;
	t->quitting = true;
	for (size_t i = 0; i < t->o->mail_socket_count; i++)
		if (t->o->mail_sockets[i].owner == t) shutdown(t->o->mail_sockets[i].fd, SHUT_RD);
	return 0;
}

void transfer_guard(struct transfer *t)
{
	transfer_set(t, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	transfer_set(t, CURLOPT_OPENSOCKETDATA, t);
	if (!t->mail) return;
	transfer_set(t, CURLOPT_CLOSESOCKETFUNCTION, close_mail_socket);
	transfer_set(t, CURLOPT_CLOSESOCKETDATA, t->o);
	transfer_set(t, CURLOPT_DEBUGFUNCTION, watch_commands);
	transfer_set(t, CURLOPT_DEBUGDATA, t);
	transfer_set(t, CURLOPT_VERBOSE, 1L);
}
