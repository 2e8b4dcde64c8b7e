#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
#
# Talks to the host's echo device (hv-test) from user space, through the
# distribution's uio_hv_generic: packets out by the ring and a bit in the monitor
# page, replies back. Usage: vmbus-ring.py /dev/uioN echo COUNT MAXLEN | fill
import mmap
import os
import random
import struct
import sys
import time

PAGE = 4096


class Ring:
    """one direction of the pair: header page, then data"""

    def __init__(self, mem, offset, size):
        self.mem, self.hdr, self.data, self.size = mem, offset, offset + PAGE, size - PAGE
        # unlike struct, this reads and writes 32 bits at once
        self.words = memoryview(mem).cast("I")

    def get(self, field):
        return self.words[self.hdr // 4 + field]

    def put(self, field, value):
        self.words[self.hdr // 4 + field] = value

    write_index = property(lambda self: self.get(0), lambda self, v: self.put(0, v))
    read_index = property(lambda self: self.get(1), lambda self, v: self.put(1, v))

    def copy_in(self, at, data):
        first = min(len(data), self.size - at)
        self.mem[self.data + at:self.data + at + first] = data[:first]
        self.mem[self.data:self.data + len(data) - first] = data[first:]

    def copy_out(self, at, length):
        first = min(length, self.size - at)
        out = self.mem[self.data + at:self.data + at + first]
        return out + self.mem[self.data:self.data + length - first]


class Channel:
    def __init__(self, dev):
        name = os.path.basename(dev)
        maps = f"/sys/class/uio/{name}/maps"
        self.fd = os.open(dev, os.O_RDWR)
        mems = {}
        for entry in sorted(os.listdir(maps)):
            with open(f"{maps}/{entry}/name") as file:
                label = file.read().strip()
            with open(f"{maps}/{entry}/size") as file:
                size = int(file.read(), 0)
            mems[label] = mmap.mmap(self.fd, size, offset=int(entry[3:]) * PAGE)
        device = os.path.realpath(f"/sys/class/uio/{name}/device")
        with open(f"{device}/monitor_id") as file:
            self.monitor = int(file.read())
        half = len(mems["txrx_rings"]) // 2
        self.tx = Ring(mems["txrx_rings"], 0, half)
        self.rx = Ring(mems["txrx_rings"], half, half)
        self.page = memoryview(mems["monitor_page"]).cast("I")

    def room(self):
        return self.tx.size - (self.tx.write_index - self.tx.read_index) % self.tx.size

    def signal(self):
        self.page[2 + 2 * (self.monitor // 32)] |= 1 << self.monitor % 32

    def send(self, trans_id, payload):
        pad = -len(payload) % 8
        length = 16 + len(payload) + pad
        if self.room() <= length + 8:
            return False
        start = self.tx.write_index
        packet = struct.pack("<HHHHQ", 6, 2, length // 8, 1, trans_id)
        packet += payload + bytes(pad) + struct.pack("<Q", start << 32)
        self.tx.copy_in(start, packet)
        self.tx.write_index = (start + length + 8) % self.tx.size
        self.signal()
        return True

    def receive(self):
        start = self.rx.read_index
        if start == self.rx.write_index:
            return None
        kind, offset, length, flags, trans_id = struct.unpack("<HHHHQ", self.rx.copy_out(start, 16))
        body = self.rx.copy_out((start + offset * 8) % self.rx.size, (length - offset) * 8)
        trailer = struct.unpack("<Q", self.rx.copy_out((start + length * 8) % self.rx.size, 8))[0]
        if trailer != start << 32:
            sys.exit(f"trailer {trailer:#x} of the packet at {start:#x}")
        self.rx.read_index = (start + length * 8 + 8) % self.rx.size
        if self.rx.get(3):
            # the host waits for room
            self.signal()
        return kind, trans_id, body


def expect(channel, outstanding, deadline):
    reply = channel.receive()
    if reply is None:
        if time.monotonic() > deadline:
            sys.exit(f"{len(outstanding)} replies are missing")
        return False
    kind, trans_id, body = reply
    if kind != 11 or trans_id not in outstanding:
        sys.exit(f"packet of type {kind}, id {trans_id} wasn't expected")
    sent = outstanding.pop(trans_id)
    if body[:len(sent)] != sent or any(body[len(sent):]):
        sys.exit(f"reply {trans_id} differs from what was sent")
    return True


def echo(channel, count, most):
    """COUNT packets of random length, many at a time, all come back the same"""
    rng = random.Random(1)
    outstanding, sent = {}, 0
    deadline = time.monotonic() + 100
    while sent < count or outstanding:
        if sent < count:
            payload = rng.randbytes(rng.randint(0, most))
            while sent < count and channel.send(sent + 1, payload):
                outstanding[sent + 1] = payload
                sent += 1
                payload = rng.randbytes(rng.randint(0, most))
        while expect(channel, outstanding, deadline):
            pass
    print(f"{count} packets came back")


def fill(channel):
    """take nothing until neither ring moves and the host says that it waits, then everything: nobody must hang"""
    outstanding, sent, idle = {}, 0, 0
    payload = bytes(range(200))
    deadline = time.monotonic() + 60
    while idle < 20 or not channel.rx.get(3) and time.monotonic() < deadline:
        if channel.send(sent + 1, payload):
            outstanding[sent + 1] = payload
            sent, idle = sent + 1, 0
        else:
            idle += 1
            time.sleep(0.05)
    if len(outstanding) < channel.tx.size * 3 // 2 // 256:
        sys.exit(f"only {sent} packets fit into both rings")
    pending = channel.rx.get(3)
    deadline = time.monotonic() + 100
    while outstanding:
        expect(channel, outstanding, deadline)
    if not pending:
        sys.exit("the host never said that it waits for room")
    print(f"{sent} packets filled both rings, host waited for {pending} bytes")


if __name__ == "__main__":
    chan = Channel(sys.argv[1])
    if sys.argv[2] == "echo":
        echo(chan, int(sys.argv[3]), int(sys.argv[4]))
    else:
        fill(chan)
