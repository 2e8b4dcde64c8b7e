#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The integration services of a guest that moves to another host while they are at work. tests/long/54-ic-move moves it.

usage: ic-move.py SUITE
"""
import os
import struct
import subprocess
import time

from ic_lib import Daemon, Fake, Later, case, finish, host, node, qmp, ready, replied, sh, stats, until
from ic_ptp import Watch, close, ptp_offset

TEST = "{7ed2a63c-7b53-4d6b-a4d1-3e2d6f9c0a51}"
FROZEN = "/run/frozen"
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


def there_again():
    """All services have versions and work; the clock is the new host's."""
    took = until(30, "the host's time", close)
    for service in ("heartbeat", "timesync", "shutdown", "vss"):
        ready(service, 30)
        info = host(service)
        assert not info["counters"]["malformed"] and not info["counters"]["refused"], info
    before = qmp("x-hv-heartbeat-query")["answered"]
    until(20, "two beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before + 2)
    assert qmp("x-hv-heartbeat-query")["status"] == "ok"
    # A host that is busy takes a sample with some jitter; the next one is five seconds away.
    until(30, "a PTP clock within 50 ms", lambda: abs(ptp_offset() or 1e9) < 50e6)
    return took, ptp_offset()


def clocks(kind, jump):
    """The next host's clock is another one, and the guest may have stood still: corrected within 30 s, never garbage."""
    with Watch() as watch:
        qmp("x-hv-timesync-set", jump=jump * 10**9, announce="sync")
        until(30, "the first host's time", close)
        move(kind)
        took, off = there_again()
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
        second = Later("x-hv-kvp-set", pool=0, key="second", string="v")
        assert fake.waiting(10)
        fake.write(struct.pack("<I", 0) + message[4:])
        message = fake.read()
        assert message[16:22] == b"second", message[:32]
        fake.write(struct.pack("<I", 0) + message[4:])
        replied(second.wait(10))
    there_again()


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
    there_again()


def frozen(kind):
    """File systems are frozen when we move: the new host, or we, thaw them."""
    with Daemon("vss"):
        ready("vss")
        until(10, "the daemon", lambda: qmp("x-hv-vss", operation="hot-backup")["status"] == 0)
        replied(qmp("x-hv-vss", operation="freeze", timeout=40000))
        move(kind)
        start = time.monotonic()
        done = subprocess.run(["timeout", "30", "sh", "-c", "echo x >%s/x && sync -f %s/x" % (FROZEN, FROZEN)], check=False)
        assert done.returncode == 0, "still frozen"
        took = time.monotonic() - start
        ready("vss", 30)
        replied(qmp("x-hv-vss", operation="freeze", timeout=40000))
        replied(qmp("x-hv-vss", operation="thaw", timeout=40000))
    there_again()
    return "thawed after %.1f s" % took


def freezing(kind):
    """The daemon is still freezing when we move: after that it is told to thaw."""
    with Fake("vss") as fake:
        ready("vss")
        Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        before = int(stats("vss")["negotiations"])
        move(kind)
        until(30, "versions again", lambda: int(stats("vss")["negotiations"]) > before)
        fake.write(struct.pack("<I", 0) + bytes(8))
        told = 0
        while fake.waiting(3):
            assert fake.read()[0] == 6, "not a thaw"
            fake.write(struct.pack("<I", 0) + bytes(8))
            told += 1
        assert told, "nobody says thaw"
    there_again()
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


disk = sh("hv-disk 0")
sh("mkfs.ext4 -q -F %s; mkdir -p %s; mount %s %s" % (disk, FROZEN, disk, FROZEN))
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
