"""An SMTP server for one test: aiosmtpd, with the certificates of an authority of its own.

The first argument is JSON: `port` (0 picks one), `folder` for the authority's
certificate, `tls` (STARTTLS, required), `username` and `password` (required
too), and `replies`: for a recipient, the replies to refuse it with before it is
accepted. Prints its port, then every message it took, one JSON object a line;
ends with its standard input.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1])


class Handler:
    def __init__(self):
        self.replies = options.get("replies", {})

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        replies = self.replies.get(address)
        if replies:
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "tls": session.ssl is not None,
                "authenticated": session.authenticated,
                "content": envelope.content.decode("utf-8"),
            }
        )
        return "250 OK"


def say(value):
    print(json.dumps(value), flush=True)


def authenticate(server, session, envelope, mechanism, given):
    wanted = (options["username"].encode(), options["password"].encode())
    return AuthResult(success=(given.login, given.password) == wanted, handled=False)


def certificate():
    authority = trustme.CA()
    authority.cert_pem.write_to_path(Path(options["folder"]) / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def main():
    loop = asyncio.get_running_loop()
    settings = {}
    if options.get("tls"):
        settings.update(tls_context=certificate(), require_starttls=True)
    if options.get("username"):
        settings.update(auth_required=True, authenticator=authenticate)
    handler = Handler()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="127.0.0.1", loop=loop, **settings),
        host="127.0.0.1",
        port=options.get("port", 0),
    )
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
