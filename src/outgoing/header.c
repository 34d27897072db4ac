/* Which headers a request or a mail may bring along. */
#include <string.h>

#include "outgoing/outgoing_private.h"

/* Those that say where a message ends, to whom it goes or what becomes of the connection are the room's own. */
static const char *const HTTP_OWN[] = {"Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", NULL};
static const char *const MAIL_OWN[] = {
	"Bcc", "Cc", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Sender", "Subject", "To", NULL};

/* A token of RFC 9110 5.6.2, which is also a field name of RFC 5322. */
static bool name_valid(struct text name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
	if (name.n == 0 || name.n > 256) return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr(allowed, name.p[i])) return false;
	return true;
}

/* Mail headers of others are written as they are, so they are ASCII. */
static bool value_valid(struct text value, bool ascii)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f || (ascii && c > 0x7e)) return false;
	}
	return true;
}

enum rc header_check(const struct outgoing_header *header, bool mail, struct err *err)
{
	if (!name_valid(header->name))
		return err_set(err, RC_INVALID, "the name of a header has a character that is not allowed, or none");
	for (const char *const *own = mail ? MAIL_OWN : HTTP_OWN; *own; own++)
		if (text_equal_nocase(header->name, text_from(*own)))
			return err_set(err, RC_INVALID, "the header %s cannot be set", *own);
	if (!value_valid(header->value, mail))
		return err_set(err, RC_INVALID, "the value of the header %.*s has a line break or another character that is not allowed",
			TEXT_ARGS(header->name));
	return RC_OK;
}
