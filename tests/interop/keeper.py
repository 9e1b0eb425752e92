#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""keeper.py CERTIFICATE DIRECTORY PORT IMPLICIT-PORT: a smarthost made of aiosmtpd.

It takes mail from "user" with the password "secret", under TLS, and keeps each message in a file
of the directory: MAIL and RCPT with their parameters, an empty line, the octets as they came.
What happens is printed.
"""
import asyncio
import itertools
import signal
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, directory, port, implicit_port = sys.argv[1:]
numbers = itertools.count(1)


def say(*words):
    print(*words, flush=True)


def authenticate(_server, _session, _envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b'user', b'secret')
    say('auth', mechanism, 'ok' if good else 'refused')
    return AuthResult(success=good, handled=False)


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == 'refused@example.net':
            return '550 5.1.1 no such user'
        if address == 'later@example.net':
            return '450 4.2.1 not now'
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 well'

    async def handle_DATA(self, server, session, envelope):
        head = ['MAIL FROM:<%s> %s' % (envelope.mail_from, ' '.join(envelope.mail_options))]
        head += ['RCPT TO:<%s>' % address for address in envelope.rcpt_tos]
        name = '%s/%08d' % (directory, next(numbers))
        with open(name, 'wb') as file:
            file.write('\n'.join(head + ['', '']).encode('utf-8', 'surrogateescape'))
            file.write(envelope.original_content)
        say('message', name, session.ssl is not None)
        return '250 2.0.0 kept'


def server(context, inside_tls):
    say('connect')
    return SMTP(Keeper(), hostname='aiosmtpd.example', enable_SMTPUTF8=True,
                authenticator=authenticate, auth_required=True, auth_require_tls=not inside_tls,
                tls_context=None if inside_tls else context, require_starttls=not inside_tls)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate + '.pem', certificate + '.key')
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, over.set_result, None)
    await loop.create_server(lambda: server(context, False), '127.0.0.1', int(port))
    await loop.create_server(lambda: server(context, True), '127.0.0.1', int(implicit_port),
                             ssl=context)
    await over


asyncio.run(main())
