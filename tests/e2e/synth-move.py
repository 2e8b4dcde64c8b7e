#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs in a guest, from /share: keyboard, mouse, screen and sockets while tests/long/46-synth-move moves the guest.

synth-move.py SUITE SHOTS KIND...: a move is over when a device more is on the bus. What is open stays open, but for
connections: those end, and new ones are made.
"""
import asyncio
import os
import sys

import ic_lib
import sock_lib
import synth
from ic_lib import case, until

KINDS = sys.argv[3:]
TEST = "7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51"


def test_devices():
    """How many test devices are on the bus."""
    count = 0
    for entry in os.listdir("/sys/bus/vmbus/devices"):
        try:
            with open("/sys/bus/vmbus/devices/%s/class_id" % entry) as text:
                count += TEST in text.read()
        except OSError:
            pass                # it went
    return count


class Desk:
    """What is open all the time."""

    def open(self):
        """Before the first move."""
        for name in ("kbd", "mouse", "video", "sock"):
            synth.load(name)
        synth.modprobe("hid-generic")
        self.keyboard, self.mouse = synth.Events(synth.instance("kbd")), synth.mouse_events()
        until(30, "a card", lambda: os.path.exists("/dev/dri/card0") or os.path.exists("/dev/dri/card1"))
        self.screen = synth.Screen()
        self.screen.set(800, 600)
        self.screen.draw(0, 0, 800, 600, 1)
        self.use()

    def use(self):
        """Everything works."""
        synth.type_keys(self.keyboard, ["H", "y", "p", "e", "r", "pause"])
        synth.move_and_click(self.mouse)
        asyncio.run(sock_lib.ask_all(lambda: synth.connect(sock_lib.ECHO), 3, 20000))

    def move(self, number, kind):
        """One move, with three connections open."""
        before = test_devices()
        socks = [synth.connected(sock_lib.ECHO) for _ in range(3)]
        print("MOVE %d %s" % (number, kind), flush=True)
        until(90, "a device after the move", lambda: test_devices() > before)
        synth.shot("moved%d" % number)      # nobody has drawn since
        for sock in socks:
            sock.setblocking(True)
            sock.settimeout(60)
            try:
                assert sock.recv(1) == b"", "data from nowhere"
            except ConnectionError:
                pass
            sock.close()
        self.use()
        until(60, "no connection is left on the host", lambda: synth.host("sock", "connections") == 0)
        self.screen.draw(123, 45, 456, 321, 99 + number)
        synth.shot("drawn%d" % number)


def main():
    """All moves."""
    desk = Desk()
    synth.start()
    case("before any move", desk.open)
    for number, kind in enumerate(KINDS):
        case("move %d, %s" % (number, kind), lambda n=number, k=kind: desk.move(n, k))
    case("nobody complains", synth.quiet)
    return 1 if ic_lib.failures else 0


sys.exit(main())
