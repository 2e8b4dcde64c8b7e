# SPDX-License-Identifier: GPL-2.0-only
"""What both ends of a stream socket say, in the guest (synth.py) and on the host (synth-host.py).

Who asks sends a seed, a length, and that many bytes made from the seed, then says
that it is done. Who answers sends the digest of what it got and as many bytes, made
from the next seed, and is done, too. Both check every byte, and that nothing follows.
"""
import asyncio
import hashlib
import random
import struct

HEAD = struct.Struct("<II")
ECHO, CONTROL, GUEST, NOBODY = 5000, 5001, 6000, 5999         # ports
SERVICE = "c0ffee00-1234-4321-8765-0123456789ab"              # of the host, and not a port


def made_from(seed, size):
    """The bytes."""
    return random.Random(seed).randbytes(size)


async def rest(reader, limit):
    """Read to the end, which comes after @limit bytes at most."""
    data = b""
    while len(data) <= limit:
        more = await reader.read(1 << 16)
        if not more:
            return data
        data += more
    raise AssertionError("more than %d bytes" % limit)


async def answer(reader, writer):
    """Answer one who asks."""
    seed, size = HEAD.unpack(await reader.readexactly(HEAD.size))
    data = await rest(reader, size)
    assert data == made_from(seed, size), "%d bytes came, wrong or too few: %d were sent" % (len(data), size)
    writer.write(hashlib.sha256(data).digest() + made_from(seed + 1, size))
    writer.write_eof()
    await writer.drain()


async def ask(reader, writer, seed, size):
    """Ask."""
    data = made_from(seed, size)
    writer.write(HEAD.pack(seed, size) + data)
    writer.write_eof()
    await writer.drain()
    wanted = hashlib.sha256(data).digest() + made_from(seed + 1, size)
    said = await rest(reader, len(wanted))
    assert said == wanted, "the answer has %d bytes, wrong or too few: %d are right" % (len(said), len(wanted))


async def close(writer):
    """Close, whatever the other side did."""
    try:
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass


async def ask_all(connect, count, size):
    """Make @count connections at a time; nobody says a word before all are there."""
    pairs = await asyncio.gather(*(connect() for _ in range(count)))
    try:
        await asyncio.gather(*(ask(reader, writer, 2 * n, size) for n, (reader, writer) in enumerate(pairs)))
    finally:
        for _, writer in pairs:
            await close(writer)
