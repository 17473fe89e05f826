#!/usr/bin/python3
"""A mail server on 127.0.0.1, for tests: aiosmtpd (Debian's python3-aiosmtpd) with the options that a test asks for.

smtp_server.py [--tls starttls|wrapped] [--certificate PEM --key PEM] [--login USER:PASSWORD] [--refuse ADDRESS]

Prints "PORT n" when it listens, then each mail as a line of JSON: how it came (tls, user), from, to, subject, headers,
text, raw. Ends when its input does.
"""
import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

logging.disable(logging.CRITICAL)  # what goes wrong here is what the tests are about
warnings.simplefilter("ignore")

parser = argparse.ArgumentParser()
parser.add_argument("--tls", choices=["starttls", "wrapped"])
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--login")
parser.add_argument("--refuse")
options = parser.parse_args()


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address == options.refuse:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = message.get_body(preferencelist=("plain",))
        transport = server.transport.get_extra_info("ssl_object")
        print(json.dumps({
            "tls": transport is not None,
            "user": session.auth_data.decode() if session.auth_data else "",
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": message["Subject"],
            "headers": {name: str(value) for name, value in message.items()},
            "text": body.get_content(),
            "raw": envelope.content.decode("ascii"),
        }), flush=True)
        return "250 kept"


def check(server, session, envelope, mechanism, data):
    user, password = options.login.split(":", 1)
    is_right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (user, password)
    return AuthResult(success=is_right, handled=False, auth_data=data.login if isinstance(data, LoginPassword) else None)


def make():
    extras = {}
    if options.tls == "starttls":
        extras |= {"tls_context": context, "require_starttls": True}
    if options.login:
        extras |= {"authenticator": check, "auth_required": True, "auth_require_tls": options.tls == "starttls"}
    return SMTP(Keeper(), hostname="mail.test", **extras)


context = None
if options.tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if options.tls == "wrapped" else None)
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve())
