#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The integration services of a guest that moves to another host while they are at work. tests/long/54-ic-move moves it.

usage: ic-move.py SUITE
"""
import os
import struct
import time

from ic_lib import (FROZEN, Daemon, Fake, Later, case, finish, mount_disk, node, qmp, ready, replied, serves_second, sh, stats, thawed_after,
                    thaws, until)
from ic_ptp import Watch, close, everything_right

TEST = "{7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51}"
ALL = ["heartbeat", "timesync", "shutdown", "kvp", "vss"] + (["fcopy"] if os.path.exists(node("fcopy")) else [])
moves = 0


def devices():
    """Count the test devices: there is one more after a move."""
    found = 0
    for name in os.listdir("/sys/bus/vmbus/devices"):
        try:
            with open("/sys/bus/vmbus/devices/%s/class_id" % name) as text:
                found += text.read().strip() == TEST
        except OSError:
            pass
    return found


def move(kind):
    """Move, and wait until we have arrived."""
    global moves
    before = devices()
    print("MOVE %d %s" % (moves, kind), flush=True)
    moves += 1
    until(90, "the move", lambda: devices() > before)


def clocks(kind, jump):
    """The next host's clock is another one, and the guest may have stood still: corrected within 30 s, never garbage."""
    with Watch() as watch:
        qmp("x-hv-timesync-set", jump=jump * 10**9, announce="sync")
        until(30, "the first host's time", close)
        move(kind)
        took, off = everything_right()
    assert not watch.wrong, "the PTP clock said %s" % watch.wrong[:3]
    return "off by %+d s, corrected within %.1f s; PTP then %+.0f us, %d readings, %d without a time" % (
        -jump, took, off / 1e3, watch.good, watch.stale)


def pairs(kind):
    """A question at the daemon when we move: it comes to nothing, the next ones do not."""
    with Fake("kvp") as fake:
        ready("kvp", 60)
        Later("x-hv-kvp-set", pool=0, key="first", string="v")
        message = fake.read()
        before = int(stats("kvp")["negotiations"])
        move(kind)
        until(30, "versions again", lambda: int(stats("kvp")["negotiations"]) > before)
        ready("kvp", 30)
        serves_second(fake, late=struct.pack("<I", 0) + message[4:], string="v")
    everything_right()


def pairs_for_real(kind):
    """The distribution's daemon, with more to do than it can before we move: what was not answered is lost, no more."""
    with Daemon("kvp"):
        ready("kvp", 60)
        until(20, "the daemon", lambda: qmp("x-hv-kvp-set", pool=0, key="moved", string="no")["status"] == 0)
        for i in range(20):
            Later("x-hv-kvp-set", pool=0, key="moved", string=str(i))
        move(kind)
        ready("kvp", 30)
        replied(qmp("x-hv-kvp-set", pool=0, key="moved", string="yes"))
        found = {one["key"]: one["string"] for one in qmp("x-hv-kvp-enumerate", pool=0)["records"]}
        assert found == {"moved": "yes"}, found
    everything_right()


def frozen(kind):
    """File systems are frozen when we move: the new host, or we, thaw them."""
    said = thawed_after(lambda: move(kind))
    everything_right()
    return said


def freezing(kind):
    """The daemon is still freezing when we move: after that it is told to thaw."""
    with Fake("vss") as fake:
        ready("vss")
        Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        before = int(stats("vss")["negotiations"])
        move(kind)
        until(30, "versions again", lambda: int(stats("vss")["negotiations"]) > before)
        fake.agree()
        told = thaws(fake)
    everything_right()
    return "told %d times" % told


def copying(kind):
    """A file is on its way when we move: half of it is removed, and a new copy arrives whole."""
    path = "/tmp/new/folder/copied"
    with Daemon("fcopy"):
        ready("fcopy")
        time.sleep(1)
        qmp("qom-set", path="/machine/peripheral/hvicfcopy", property="fault", value="delay=200:*")
        begun = qmp("x-hv-fcopy", source=sh("cat /share/fcopy-source"), name="copied", path="/tmp/new/folder/", create_path=True,
                    timeout=1500)
        assert begun["state"] == "running", begun
        assert os.path.exists(path)
        move(kind)
        ready("fcopy", 30)
        until(20, "what was there is gone", lambda: not os.path.exists(path))
        result = qmp("x-hv-fcopy", source=sh("cat /share/fcopy-source"), name="copied", path="/tmp/new/folder/", timeout=55000)
        assert result["state"] == "done", result
        assert sh("cmp %s /share/fcopy-data" % path) == "", "the copy differs"
    return "%d of %d bytes were there" % (begun["written"], begun["size"])


mount_disk(FROZEN)
sh("modprobe uio_hv_generic")
for one in ALL:
    if one not in ("kvp", "fcopy"):
        case("%s: ready" % one, lambda s=one: "%.1f s" % ready(s))
case("moved, to a host with another clock", lambda: clocks("live", 1000))
case("saved for 7 s and loaded", lambda: clocks("file", -40000))
case("saved, two days off", lambda: clocks("file", 172800))
case("kvp: a question under way, moved", lambda: pairs("live"))
case("kvp: a question under way, saved", lambda: pairs("file"))
case("kvp: the daemon, moved", lambda: pairs_for_real("live"))
case("vss: frozen, moved", lambda: frozen("live"))
case("vss: frozen, saved", lambda: frozen("file"))
case("vss: freezing, moved", lambda: freezing("live"))
case("vss: freezing, saved", lambda: freezing("file"))
if "fcopy" in ALL:
    case("fcopy: a file on its way, moved", lambda: copying("live"))
finish()
