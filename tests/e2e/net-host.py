#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts about the network host need in the guest.

net-host.py dhcp DEVICE                ask for an address and print it
net-host.py pings ADDRESS SIZE...      echo requests of these sizes (A-B: all from A to B; A-B/N+K: of these the
                                       ones that leave K when divided by N), answers compared
"""
import random
import socket
import struct
import sys
import time

SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
# The kernel that answers has room for two of the largest.
UNDER_WAY, BYTES_UNDER_WAY = 6, 100000


def dhcp(device):
    """DISCOVER, OFFER, REQUEST, ACK."""
    with open("/sys/class/net/%s/address" % device) as handle:
        mac = bytes.fromhex(handle.read().strip().replace(":", ""))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
    sock.bind(("", 68))
    number = random.getrandbits(32)

    def ask(kind, options=b""):
        message = struct.pack("!BBBBIHH16x16s192xI", 1, 1, 6, 0, number, 0, 0x8000, mac, 0x63825363)
        message += bytes((53, 1, kind)) + options + b"\xff"
        for attempt in range(6):
            sock.sendto(message, ("255.255.255.255", 67))
            sock.settimeout(1 + attempt)
            try:
                while True:
                    data = sock.recv(2048)
                    if len(data) > 240 and struct.unpack_from("!I", data, 4)[0] == number:
                        return data[16:20], fields(data[240:])
            except TimeoutError:
                continue
        sys.exit("no answer")

    address, options = ask(1)
    if options.get(53) != b"\2":
        sys.exit("no offer")
    _, options = ask(3, b"\x32\4" + address + b"\x36\4" + options[54])
    if options.get(53) != b"\5":
        sys.exit("refused")
    print(socket.inet_ntoa(address))


def fields(data):
    """Options of a DHCP message."""
    found = {}
    while data and data[0] != 255:
        if not data[0]:
            data = data[1:]
            continue
        found[data[0]] = data[2:2 + data[1]]
        data = data[2 + data[1]:]
    return found


def list_of(words):
    """Sizes: N, A-B for all of them, A-B/N+K for those that leave K when divided by N; each once."""
    sizes = set()
    for word in words:
        numbers, _, part = word.partition("/")
        first, _, last = numbers.partition("-")
        divisor, _, rest = (part or "1+0").partition("+")
        sizes |= {n for n in range(int(first), int(last or first) + 1) if n % int(divisor) == int(rest)}
    return sorted(sizes)


def pings(address, *words):
    """Echo requests of all sizes, several under way at a time."""
    sizes = list_of(words)
    with open("/proc/sys/net/ipv4/ping_group_range", "w") as handle:
        handle.write("0 0")
    # The kernel does the checksum and sees to it that we get our own answers only.
    six = ":" in address
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM,
                         socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
    for option in (SO_RCVBUFFORCE, SO_SNDBUFFORCE):
        sock.setsockopt(socket.SOL_SOCKET, option, 1 << 23)
    sock.connect((address, 0))
    noise = random.Random(2).randbytes(65536 + 4096)
    head = struct.Struct("!BBHHH")
    waiting, attempts, lost, came = {}, {}, 0, 0
    start = time.monotonic()
    todo = list(reversed(sizes))
    while todo or waiting:
        while todo and len(waiting) < UNDER_WAY and sum(waiting) + todo[-1] <= BYTES_UNDER_WAY or todo and not waiting:
            size = todo.pop()
            attempts[size] = attempts.get(size, 0) + 1
            if attempts[size] > 6:
                sys.exit("size %d did not come back" % size)
            waiting[size] = noise[size % 4096:size % 4096 + size]
            try:
                sock.send(head.pack(128 if six else 8, 0, 0, 0, size) + waiting[size])
            except ConnectionError:
                pass
        try:
            sock.settimeout(5 + lost // UNDER_WAY)
            back = sock.recv(70000)
        except (TimeoutError, ConnectionError):
            lost += len(waiting)
            todo += waiting
            waiting = {}
            continue
        kind, _, _, _, size = head.unpack_from(back)
        if kind != (129 if six else 0) or size not in waiting:
            continue                            # came late, after it had been sent again
        compare(size, waiting.pop(size), back[8:])
        came += 1
    print("%d sizes from %d to %d in %.1f s, %d sent again" % (came, min(sizes), max(sizes), time.monotonic() - start, lost))
    if came != len(sizes):
        sys.exit("%d sizes came back, not %d" % (came, len(sizes)))
    if lost > 3 * UNDER_WAY + len(sizes) // 100:
        sys.exit("too many were lost")


def compare(size, sent, back):
    """What comes back must be what was sent."""
    if back == sent:
        return
    if len(back) != size:
        sys.exit("size %d came back as %d" % (size, len(back)))
    at = next(i for i in range(size) if back[i] != sent[i])
    sys.exit("size %d came back different at byte %d" % (size, at))


def main():
    """Call the function named on the command line."""
    known = {"dhcp": dhcp, "pings": pings}
    if len(sys.argv) < 3 or sys.argv[1] not in known:
        sys.exit(__doc__)
    known[sys.argv[1]](*sys.argv[2:])


main()
