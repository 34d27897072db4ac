"""A real mail server for the tests: prints its port, then each message as one line of JSON. Ends when its input ends.

usage: mail_server.py '{"mode": "plain"|"starttls"|"smtps", "cert": FILE, "key": FILE, "user": NAME, "password": WORD}'

Recipients named refuse550@… are refused for good, refuse450@… for now, and once450-…@… the first time only."""
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

OPTIONS = json.loads(sys.argv[1])


def say(thing):
    print(json.dumps(thing), flush=True)


def part_of(message, subtype):
    part = message.get_body(preferencelist=(subtype,))
    return None if part is None else part.get_content()


def defects_of(message):
    found = [repr(defect) for part in message.walk() for defect in part.defects]
    return found + [f"{name}: {defect!r}" for name, value in message.items() for defect in getattr(value, "defects", ())]


def describe(session, envelope):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    return {
        "mail_from": envelope.mail_from,
        "recipients": envelope.rcpt_tos,
        "tls": session.ssl is not None or OPTIONS.get("mode") == "smtps",
        "user": session.auth_data.login.decode() if session.authenticated else None,
        "headers": {name.lower(): str(value) for name, value in message.items()},
        "types": [part.get_content_type() for part in message.walk()],
        "plain": part_of(message, "plain"),
        "html": part_of(message, "html"),
        "defects": defects_of(message),
        "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
        "bare_newlines": envelope.content.replace(b"\r\n", b"").count(b"\n"),
        "eight_bit_headers": any(byte > 127 for byte in envelope.content.split(b"\r\n\r\n")[0]),
    }


class Handler:
    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse550@"):
            return "550 5.1.1 There is no such mailbox"
        if address.startswith("refuse450@"):
            return "450 4.2.1 The mailbox is busy"
        if address.startswith("once450-") and address not in self.put_off:
            self.put_off.add(address)
            return "450 4.2.1 The mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        try:
            say(describe(session, envelope))
        except Exception as failure:  # a message that cannot be read must not pass unseen
            say({"unreadable": repr(failure)})
        return "250 Taken"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (OPTIONS["user"].encode(), OPTIONS["password"].encode())
    return AuthResult(success=good, auth_data=data)


def new_session(handler, context):
    more = {}
    if OPTIONS.get("user"):
        more = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": OPTIONS.get("mode") == "starttls"}
    if OPTIONS.get("mode") == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    return SMTP(handler, hostname="mail.test", enable_SMTPUTF8=True, **more)


async def main():
    mode, context, handler = OPTIONS.get("mode", "plain"), None, Handler()
    if mode != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(OPTIONS["cert"], OPTIONS["key"])
    loop = asyncio.get_running_loop()
    wrapped = context if mode == "smtps" else None
    server = await loop.create_server(lambda: new_session(handler, context), "127.0.0.1", OPTIONS.get("port", 0), ssl=wrapped)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


logging.disable(logging.WARNING)
asyncio.run(main())
