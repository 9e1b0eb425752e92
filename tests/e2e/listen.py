#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""listen.py SOCKET FILE: a syslog daemon, or a journal, that keeps what it gets.

A datagram of syslog becomes a line as daemons write it, with a host's name; one of the journal
stays as it is, behind a line "entry".
"""
import os
import re
import socket
import sys

path, kept = sys.argv[1:]
os.makedirs(os.path.dirname(path), exist_ok=True)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.chmod(path, 0o666)
with open(kept, 'w', encoding='utf-8', buffering=1) as out:
    while True:
        text = listener.recv(65536).decode('utf-8')
        plain = re.fullmatch(r'<\d+>(\w{3} [ \d]\d \d\d:\d\d:\d\d) (.*)', text, re.DOTALL)
        out.write(f'{plain[1]} host {plain[2]}\n' if plain else 'entry\n' + text)
