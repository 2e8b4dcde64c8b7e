#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the network scripts need in the guest and the distribution does not bring.

net-tool.py echo                        UDP and TCP servers: echo on port 7, checksum on port 9
net-tool.py sweep ADDRESS SIZE...       datagrams of these sizes (A-B: all from A to B) out and back, compared
net-tool.py move ADDRESS MIB            bytes by TCP to the server, which says their checksum
net-tool.py hold ADDRESS FILE           a TCP session that talks until FILE is gone; fails if it is ever lost
net-tool.py send ADDRESS PORT N SIZE    N datagrams
net-tool.py ping7 ADDRESS PORT N SIZE   N datagrams, each of which must come back as it went
net-tool.py frames DEVICE SECONDS PORT [WANTED]  count UDP frames to PORT on a device, whoever they are for, until there
                                        are so many, or SIGTERM
net-tool.py xdp DEVICE off | PROGRAM [PORT [IFINDEX]]   set a program of ours, native mode:
    pass, drop, aborted, unknown        for UDP to PORT over IPv4; all other frames pass
    echo                                send it back where it came from
    redirect                            out by the device of that number
    tag                                 every frame gets VLAN tag 5 in front and passes
net-tool.py names DEVICE                names of its statistics
"""
import ctypes
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

BLOCK = 1 << 20


def family(address):
    """Return the address family."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


# -- traffic

def serve_echo(kind):
    """Echo datagrams for ever."""
    sock = socket.socket(kind, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    if kind == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(("", 7))
    while True:
        data, peer = sock.recvfrom(65536)
        try:
            sock.sendto(data, peer)
        except OSError as error:
            print("echo:", error, flush=True)


def serve_one(sock):
    """One session: eight bytes of length, so many bytes, answered by their checksum; length 0: echo lines."""
    with sock:
        length = struct.unpack("!Q", read(sock, 8))[0]
        if not length:
            while True:
                data = sock.recv(4096)
                if not data:
                    return
                sock.sendall(data)
        crc = 0
        while length:
            data = sock.recv(min(length, 1 << 18))
            if not data:
                return
            crc = zlib.crc32(data, crc)
            length -= len(data)
        sock.sendall(struct.pack("!I", crc))


def read(sock, count):
    """Read exactly so many bytes."""
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise OSError("the session ended")
        data += more
    return data


def echo():
    """Serve everything."""
    for kind in (socket.AF_INET, socket.AF_INET6):
        threading.Thread(target=serve_echo, args=(kind,), daemon=True).start()
    listener = socket.create_server(("::", 9), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_one, args=(sock,), daemon=True).start()


def connect(address):
    """Connect to the server, which may be starting."""
    for _ in range(100):
        try:
            return socket.create_connection((address, 9), timeout=60)
        except OSError:
            time.sleep(0.2)
    raise OSError("no server at " + address)


def sweep(address, *words):
    """Datagrams out and back."""
    sizes = []
    for word in words:
        first, _, last = word.partition("-")
        sizes += range(int(first), int(last or first) + 1)
    dice = random.Random(1)
    noise = dice.randbytes(65536 + 4096)
    sock = socket.socket(family(address), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.connect((address, 7))
    lost = 0
    for size in sizes:
        data = noise[size % 4096:size % 4096 + size]
        for attempt in range(5):
            try:
                sock.settimeout(5 + attempt)
                sock.send(data)
                while True:
                    back = sock.recv(65536)
                    if len(back) == size:
                        break
                if back != data:
                    at = next(i for i in range(size) if back[i] != data[i])
                    sys.exit("size %d came back different at byte %d" % (size, at))
                break
            except (TimeoutError, ConnectionError):
                lost += 1
        else:
            sys.exit("size %d did not come back" % size)
    print("%d sizes from %d to %d, %d sent again" % (len(sizes), min(sizes), max(sizes), lost))
    if lost > 3 + len(sizes) // 50:
        sys.exit("too many were lost")


def move(address, mib):
    """Move bytes, compare checksums."""
    sock = connect(address)
    noise = random.Random(int(mib)).randbytes(BLOCK + 4096)
    crc = 0
    start = time.monotonic()
    sock.sendall(struct.pack("!Q", int(mib) * BLOCK))
    for number in range(int(mib)):
        block = noise[number % 4096:number % 4096 + BLOCK]
        crc = zlib.crc32(block, crc)
        sock.sendall(block)
    theirs = struct.unpack("!I", read(sock, 4))[0]
    seconds = time.monotonic() - start
    print("%s MiB in %.2f s, %.0f Mbit/s, checksums %08x %08x" % (mib, seconds, int(mib) * 8.39 / seconds, crc, theirs))
    if theirs != crc:
        sys.exit("other bytes arrived than were sent")


def hold(address, flag):
    """Keep a session busy."""
    sock = connect(address)
    sock.sendall(struct.pack("!Q", 0))
    rounds = 0
    longest = 0
    while os.path.exists(flag):
        start = time.monotonic()
        line = ("round %d" % rounds).encode().ljust(1000, b".")
        sock.sendall(line)
        if read(sock, len(line)) != line:
            sys.exit("an answer is not what was said")
        longest = max(longest, time.monotonic() - start)
        rounds += 1
        time.sleep(0.005)
    print("%d rounds, the longest took %.2f s" % (rounds, longest))


def send(address, port, count, size):
    """Send datagrams."""
    sock = socket.socket(family(address), socket.SOCK_DGRAM)
    for number in range(int(count)):
        sock.sendto(struct.pack("!I", number).ljust(int(size), b"x"), (address, int(port)))
        if number % 32 == 31:
            time.sleep(0.002)


def ping7(address, port, count, size):
    """Send datagrams that an XDP program is to send back."""
    sock = socket.socket(family(address), socket.SOCK_DGRAM)
    sock.connect((address, int(port)))
    lost = 0
    for number in range(int(count)):
        data = struct.pack("!I", number) + random.Random(number).randbytes(int(size) - 4)
        for attempt in range(4):
            try:
                sock.settimeout(5 + attempt)
                sock.send(data)
                while True:
                    back = sock.recv(65536)
                    if back == data:
                        break
                    if back[:4] == data[:4]:
                        sys.exit("number %d came back different" % number)
                break
            except (TimeoutError, ConnectionError):
                lost += 1
        else:
            sys.exit("number %d did not come back" % number)
    print("%s came back, %d sent again" % (count, lost))
    if lost > 3:
        sys.exit("too many were lost")


def only_udp(sock, port):
    """Let the kernel keep no frame but UDP over IPv4 to that port that comes in: all others fill no buffer and take no time."""
    code = [(0x28, 0, 0, 0xfffff004), (0x15, 7, 0, 4),                 # which way: out is not counted
            (0x28, 0, 0, 12), (0x15, 0, 5, 0x0800), (0x30, 0, 0, 23), (0x15, 0, 3, 17), (0x28, 0, 0, 36), (0x15, 0, 1, port),
            (0x06, 0, 0, 1 << 18), (0x06, 0, 0, 0)]
    memory = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
    sock.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxQ", len(code), ctypes.addressof(memory)))    # SO_ATTACH_FILTER


def frames(device, seconds, port, wanted=0):
    """Count frames. SIGTERM asks for no more than what has come: all of that is counted."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 23)             # SO_RCVBUFFORCE
    only_udp(sock, int(port))
    sock.bind((device, 3))
    sock.setsockopt(263, 1, struct.pack("IHH8s", socket.if_nametoindex(device), 1, 0, b""))   # promiscuous
    end = time.monotonic() + float(seconds)
    count = 0
    enough = []
    signal.signal(signal.SIGTERM, lambda *_: enough.append(True))
    print("ready", flush=True)
    while not int(wanted) or count < int(wanted):
        last = bool(enough)
        if select.select([sock], [], [], 0 if last else 0.1)[0]:
            sock.recv(65536)
            count += 1
        elif last or time.monotonic() > end:
            break
    print(count)


# -- programs

def op(code, dst=0, src=0, off=0, imm=0):
    """One instruction."""
    return struct.pack("<BBhi", code, dst | src << 4, off, imm)


def load(size, dst, src, off):
    """Read from memory."""
    return op({1: 0x71, 2: 0x69, 4: 0x61}[size], dst, src, off)


def store(size, dst, src, off):
    """Write to memory."""
    return op({1: 0x73, 2: 0x6b, 4: 0x63}[size], dst, src, off)


EXIT = op(0x95)


def ret(verdict):
    """End with a verdict."""
    return op(0xb7, 0, imm=verdict) + EXIT


def for_udp(port, body):
    """Run @body, which ends the program, for UDP to @port; r2 is the frame. Everything else passes."""
    rest = [load(2, 5, 2, 12), (5, 0x0008), load(1, 5, 2, 23), (5, 17), load(2, 5, 2, 36), (5, socket.htons(port))]
    tail = len(rest) + len(body) // 8
    code = load(4, 2, 1, 0) + load(4, 3, 1, 4) + op(0xbf, 4, 2) + op(0x07, 4, imm=42) + op(0x2d, 4, 3, tail)
    for number, item in enumerate(rest):
        code += op(0x55, item[0], off=tail - number - 1, imm=item[1]) if isinstance(item, tuple) else item
    return code + body + ret(2)


def swap(size, one, two):
    """Exchange two fields of the frame at r2."""
    return load(size, 3, 2, one) + load(size, 4, 2, two) + store(size, 2, 4, one) + store(size, 2, 3, two)


def program(name, port=0, ifindex=0):
    """Return the instructions."""
    port, ifindex = int(port), int(ifindex)
    simple = {"aborted": 0, "drop": 1, "pass": 2, "unknown": 77}
    if name in simple:
        return for_udp(port, ret(simple[name])) if port else ret(simple[name])
    if name == "echo":
        body = b"".join(swap(2, at, at + 6) for at in (0, 2, 4)) + swap(4, 26, 30) + swap(2, 34, 36)
        return for_udp(port, body + ret(3))
    if name == "redirect":
        return for_udp(port, op(0xb7, 1, imm=ifindex) + op(0xb7, 2, imm=0) + op(0x85, imm=23) + EXIT)
    if name == "tag":
        body = op(0xbf, 6, 1) + op(0xb7, 2, imm=-4) + op(0x85, imm=44)         # bpf_xdp_adjust_head(ctx, -4)
        moves = b"".join(load(4, 4, 2, at + 4) + store(4, 2, 4, at) for at in (0, 4, 8))
        moves += op(0xb7, 4, imm=0x05000081 & 0x7fffffff) + store(4, 2, 4, 12)
        check = op(0xbf, 4, 2) + op(0x07, 4, imm=18) + op(0x2d, 4, 3, off=len(moves) // 8)
        return body + load(4, 2, 6, 0) + load(4, 3, 6, 4) + check + moves + ret(2)
    raise SystemExit("no such program: " + name)


def load_program(code):
    """Return a descriptor of the loaded program."""
    libc = ctypes.CDLL(None, use_errno=True)
    text = ctypes.create_string_buffer(code, len(code))
    licence = ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(65536)
    attr = struct.pack("<IIQQIIQII16s", 6, len(code) // 8, ctypes.addressof(text), ctypes.addressof(licence),
                       1, len(log), ctypes.addressof(log), 0, 0, b"test").ljust(128, b"\0")
    fd = libc.syscall(321, 5, ctypes.create_string_buffer(attr, len(attr)), len(attr))
    if fd < 0:
        raise SystemExit("program refused: %s\n%s" % (os.strerror(ctypes.get_errno()), log.value.decode()))
    return fd


def attach(device, fd):
    """RTM_SETLINK with IFLA_XDP, native mode."""
    inner = struct.pack("<HHi", 8, 1, fd) + struct.pack("<HHI", 8, 3, 1 << 2)
    link = struct.pack("<BxHiII", 0, 0, socket.if_nametoindex(device), 0, 0)
    link += struct.pack("<HH", 4 + len(inner), 43 | 0x8000) + inner
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.setsockopt(270, 11, 1)                                    # NETLINK_EXT_ACK
    sock.send(struct.pack("<IHHII", 16 + len(link), 19, 5, 1, 0) + link)
    answer = sock.recv(8192)
    error = struct.unpack_from("<i", answer, 16)[0]
    if error:
        text = bytes(c for c in answer[36:] if 32 <= c < 127).decode()
        raise SystemExit("not set: %s: %s" % (os.strerror(-error), text))


def xdp(device, name, *words):
    """Set or remove a program."""
    attach(device, -1 if name == "off" else load_program(program(name, *words)))


def names(device):
    """Statistics names as `ethtool -S` has them."""
    done = subprocess.run(["ethtool", "-S", device], stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines()[1:]:
        print(line.split(":")[0].strip())


def main():
    """Call the function named on the command line."""
    known = {"echo": echo, "sweep": sweep, "move": move, "hold": hold, "send": send, "ping7": ping7,
             "frames": frames, "xdp": xdp, "names": names}
    if len(sys.argv) < 2 or sys.argv[1] not in known:
        sys.exit(__doc__)
    known[sys.argv[1]](*sys.argv[2:])


main()
