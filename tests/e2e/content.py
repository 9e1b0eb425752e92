#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""content.py FILE: what a message says, whatever it is encoded as.

Headers and parts are printed decoded, by a reader that is not ours, so that two messages of the
same content look the same: fields unfolded and as plain text, parts as their type and octets.
Content-Transfer-Encoding, MIME-Version and what else a conversion has to change are left out.
"""
import email
import email.header
import re
import sys

LEFT_OUT = {'content-transfer-encoding', 'mime-version', 'content-type', 'content-disposition'}


def text(value):
    raw = str(value).encode('utf-8', 'surrogateescape').decode('utf-8', 'surrogateescape')
    out = ''
    for piece, charset in email.header.decode_header(raw):
        if isinstance(piece, str):
            piece = piece.encode('utf-8', 'surrogateescape')
        if charset in (None, 'unknown-8bit'):
            charset = 'utf-8'
        out += piece.decode(charset, 'surrogateescape')
    return re.sub(r'\s+', ' ', out).strip().replace('"', '')


def file_name(entity):
    """Also where it is not ASCII, which should not be, and is common."""
    fields = {name.lower(): value for name, value in entity.raw_items()}
    plain = re.search('filename=([^;]*)', text(fields.get('content-disposition', '')))
    return plain.group(1) if plain else entity.get_filename()


def show(entity, depth):
    pad = '  ' * depth
    for name, value in entity.raw_items():
        if name.lower() not in LEFT_OUT:
            print(f'{pad}{name}: {ascii(text(value))}')
    print(f'{pad}type {entity.get_content_type()} name {ascii(file_name(entity))}')
    if entity.is_multipart():
        for part in entity.get_payload():
            show(part, depth + 1)
        return
    octets = entity.get_payload(decode=True)
    print(f'{pad}{octets.replace(chr(13).encode(), b"").rstrip(bytes([10]))!r}')


with open(sys.argv[1], 'rb') as file:
    show(email.message_from_bytes(file.read()), 0)
