#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts about the network host need in the guest.

net-host.py dhcp DEVICE                ask for an address and print it
net-host.py pings ADDRESS SIZE...      echo requests of these sizes (A-B: all from A to B), answers compared
"""
import os
import random
import socket
import struct
import sys
import time


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


def checksum(data):
    """Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pings(address, *words):
    """Echo requests of all sizes."""
    sizes = []
    for word in words:
        first, _, last = word.partition("-")
        sizes += range(int(first), int(last or first) + 1)
    six = ":" in address
    if six:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    else:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)
    sock.connect((address, 0))
    noise = random.Random(2).randbytes(65536 + 4096)
    mark = os.getpid() & 0xffff
    lost = 0
    start = time.monotonic()
    for size in sizes:
        data = noise[size % 4096:size % 4096 + size]
        for attempt in range(5):
            head = struct.pack("!BBHHH", 128 if six else 8, 0, 0, mark, size & 0xffff)
            if not six:
                head = struct.pack("!BBHHH", 8, 0, checksum(head + data), mark, size & 0xffff)
            try:
                sock.settimeout(1 + attempt)
                sock.send(head + data)
                if answer(sock, six, mark, size, data):
                    break
            except (TimeoutError, ConnectionError):
                pass
            lost += 1
        else:
            sys.exit("size %d did not come back" % size)
    print("%d sizes from %d to %d in %.1f s, %d sent again" % (len(sizes), min(sizes), max(sizes), time.monotonic() - start, lost))
    if lost > 3 + len(sizes) // 100:
        sys.exit("too many were lost")


def answer(sock, six, mark, size, data):
    """Wait for the answer; it must be what was sent."""
    while True:
        back = sock.recv(70000)
        if not six:
            back = back[(back[0] & 15) * 4:]
        kind, _, _, number, sequence = struct.unpack_from("!BBHHH", back)
        if kind != (129 if six else 0) or number != mark or sequence != size & 0xffff:
            continue
        if back[8:] == data:
            return True
        if len(back) != size + 8:
            sys.exit("size %d came back as %d" % (size, len(back) - 8))
        at = next(i for i in range(size) if back[8 + i] != data[i])
        sys.exit("size %d came back different at byte %d" % (size, at))


def main():
    """Call the function named on the command line."""
    known = {"dhcp": dhcp, "pings": pings}
    if len(sys.argv) < 3 or sys.argv[1] not in known:
        sys.exit(__doc__)
    known[sys.argv[1]](*sys.argv[2:])


main()
