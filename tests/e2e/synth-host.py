#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The host's ends of the guest's stream sockets, for synth.py. Run by tests/vm (--qmp) with --host sock=on.

The guest orders connections from here: it connects to the port CONTROL and writes "PORT COUNT SIZE".
"""
import asyncio
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sock_lib  # noqa: E402

PATH = os.path.join(os.path.dirname(os.environ["HV_QMP"]), "sock")


async def to_guest(port):
    """Connect to a port of the guest; return the streams once it has accepted."""
    reader, writer = await asyncio.open_unix_connection(PATH)
    writer.write(b"CONNECT %s\n" % port.encode())
    said = await reader.readline()
    if not said.startswith(b"OK "):
        await sock_lib.close(writer)
        raise AssertionError("the guest does not accept")
    return reader, writer


async def answer(reader, writer):
    """One who asks."""
    try:
        await sock_lib.answer(reader, writer)
    except asyncio.IncompleteReadError:
        pass                    # gone without a word: some cases are like that
    except (AssertionError, OSError) as error:
        print("synth-host: %s" % error, file=sys.stderr, flush=True)
    await sock_lib.close(writer)


async def control(reader, writer):
    """Do what the guest asks for, and say how it went."""
    try:
        port, count, size = (await reader.readline()).decode().split()
        await sock_lib.ask_all(lambda: to_guest(port), int(count), int(size))
        writer.write(b"done\n")
    except (AssertionError, OSError, ValueError) as error:
        writer.write(b"failed: %s\n" % str(error).encode())
    try:
        await writer.drain()
    except OSError:
        pass
    await sock_lib.close(writer)


async def main():
    """Listen at a few ports until the machine is gone."""
    for port, what in ((sock_lib.ECHO, answer), (sock_lib.SERVICE, answer), (sock_lib.CONTROL, control)):
        await asyncio.start_unix_server(what, "%s_%s" % (PATH, port), backlog=64)
    while os.path.exists(PATH):
        await asyncio.sleep(0.5)


asyncio.run(main())
