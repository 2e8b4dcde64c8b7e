# SPDX-License-Identifier: GPL-2.0-only
"""The other end of the card that receives: sends UDP packets as fast as QEMU takes them.

Speaks QEMU's `-netdev stream`: each Ethernet frame follows its length. A UDP
packet from the guest is the order: `FLOWS COUNT`. Flow N comes from the
ordered port + N and goes to the port it came from + N.
"""
import os
import socket
import struct
import threading

PAYLOAD = 64
CHUNK = 4096            # frames in one write


def checksum(data):
    """Return the Internet checksum over an even number of bytes."""
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(order, flow):
    """Return one frame with its length, the answer of flow number @flow to the frame @order."""
    ours, guests = order[0:6], order[6:12]
    source, target = order[30:34], order[26:30]
    port_from, port_to = struct.unpack("!HH", order[34:38])
    payload = bytes(PAYLOAD)
    udp = struct.pack("!HHHH", port_to + flow, port_from + flow, 8 + PAYLOAD, 0)
    pseudo = source + target + struct.pack("!HH", 17, 8 + PAYLOAD)
    total = checksum(pseudo + udp + payload) or 0xffff
    udp = udp[:6] + struct.pack("!H", total) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0) + source + target
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    frame = guests + ours + b"\x08\x00" + head + udp
    return struct.pack("!I", len(frame)) + frame


def exactly(sock, count):
    """Return @count bytes, or nothing at the end."""
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            return b""
        data += more
    return data


def serve(sock):
    """Answer orders until QEMU hangs up."""
    while True:
        head = exactly(sock, 4)
        if not head:
            return
        frame = exactly(sock, struct.unpack("!I", head)[0])
        if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        try:
            flows, count = (int(w) for w in frame[42:].split(b"\n")[0].split())
        except ValueError:
            continue
        frames = [packet(frame, flow) for flow in range(flows)]
        rounds = max(1, CHUNK // flows)
        block = b"".join(frames) * rounds
        while count > 0:
            now = min(rounds, count)
            sock.sendall(block[:len(block) * now // rounds])
            count -= now


class Peer:
    """A socket for QEMU to connect to, served in the background."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        """Serve one QEMU."""
        try:
            connection, _ = self.listener.accept()
            with connection:
                serve(connection)
        except OSError:
            pass

    def close(self):
        """Give the socket up."""
        self.listener.close()
        os.unlink(self.path)
