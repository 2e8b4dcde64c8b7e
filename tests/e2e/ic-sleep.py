#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The host orders hibernation; udev passes the order on, as on a guest with systemd; what is under way meanwhile is not lost for ever.

usage: ic-sleep.py SUITE LEVEL...

LEVEL: core	all drivers asleep and awake again, no image (the kernel's own test)
       image	an image written to the swap disk and read back by the same kernel
       idle	suspended to idle: channels stay open
       off	an image written, and the machine is off: says ORDERED before, comes back never
"""
import os
import struct
import subprocess
import sys
import time

from ic_lib import Daemon, Fake, Later, case, clear_log, fault, finish, host, qmp, ready, replied, sh, until
from ic_ptp import Watch, offset, ptp_offset

SYSTEMCTL = """#!/bin/sh
# What systemd does when it is told so.
echo "$@" >>/run/orders
[ "$1" = hibernate ] && : >/run/hibernate
"""
RULE = 'SUBSYSTEM=="vmbus", ACTION=="change", DRIVER=="hv_utils", ENV{EVENT}=="hibernate", RUN+="/usr/bin/systemctl hibernate"\n'
MODES = {"core": ("platform", "core"), "image": ("test_resume", "none"), "off": ("platform", "none")}
FROZEN = "/run/frozen"


def put(path, text):
    with open(path, "w") as out:
        out.write(text)


def prepare():
    """A swap disk, a disk to freeze, and udev with the rule of a guest that may be hibernated by its host."""
    swap, disk = sh("hv-disk 1"), sh("hv-disk 0")
    sh("mkswap %s && swapon %s" % (swap, swap))
    assert sh("swapon --show=NAME --noheadings") != "", "no swap"
    sh("mkfs.ext4 -q -F %s; mkdir -p %s; mount %s %s" % (disk, FROZEN, disk, FROZEN))
    put("/usr/bin/systemctl", SYSTEMCTL)
    os.chmod("/usr/bin/systemctl", 0o755)
    os.makedirs("/run/udev/rules.d", exist_ok=True)
    put("/run/udev/rules.d/99-hibernate.rules", RULE)
    # It is not told of what is there already: the machine's watchdog would get a driver, and bite one that is asleep.
    sh("/lib/systemd/systemd-udevd --daemon")
    return sh("udevadm --version")


def ordered(level):
    """The host orders it, the guest accepts, udev hears of it; then the guest sleeps, and is awake again."""
    if os.path.exists("/run/hibernate"):
        os.unlink("/run/hibernate")
    mode, test = MODES[level]
    put("/sys/power/disk", mode)
    put("/sys/power/pm_test", test)
    before = host("shutdown")["counters"]["opens"]
    result = replied(qmp("x-hv-shutdown", operation="hibernate"))
    took = until(20, "user space was told", lambda: os.path.exists("/run/hibernate"))
    clear_log()
    put("/sys/power/state", "disk")
    # Once more for an image: it is written by a machine that is awake, and read by one that goes to sleep for it.
    more = 2 if level == "image" else 1
    until(30, "the channel opened again", lambda: host("shutdown")["counters"]["opens"] >= before + more)
    assert "hibernation entry" in sh("dmesg"), sh("dmesg | tail -n 5")
    assert host("shutdown")["counters"]["opens"] == before + more
    return "accepted after %d us, user space told after %.1f s" % (result["latency"], took)


def everything_is_back():
    """All services have their versions, none of the guest's packets made no sense."""
    for service in ("heartbeat", "timesync", "shutdown", "vss"):
        ready(service, 30)
        assert not host(service)["counters"]["malformed"], host(service)
    before = qmp("x-hv-heartbeat-query")["answered"]
    until(15, "two beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before + 2)


def asleep(level):
    """Sleep once, watching the clocks."""
    with Watch() as watch:
        said = ordered(level)
        took = until(30, "the host's time", lambda: abs(offset()[0]) < 0.1 + offset()[1])
    everything_is_back()
    assert not watch.wrong, "the PTP clock said %s" % watch.wrong[:3]
    now = until_ptp()
    return "%s; the host's time within %.1f s, PTP %+.0f us off, %d readings" % (said, took, now / 1e3, watch.good)


def until_ptp():
    """Return how far the PTP clock is off, as soon as it has a sample."""
    # A host that is busy takes a sample with some jitter; the next one is five seconds away.
    until(30, "a PTP clock within 50 ms", lambda: abs(ptp_offset() or 1e9) < 50e6)
    return ptp_offset()


def question_under_way(level):
    """A daemon that has a question of the host when the machine goes to sleep: the host knows, the answer is nobody's."""
    with Fake("kvp") as fake:
        ready("kvp", 60)
        first = Later("x-hv-kvp-set", pool=0, key="first", string="v")
        message = fake.read()
        ordered(level)
        assert first.wait(10)["outcome"] == "gone"
        ready("kvp", 60)
        fake.write(struct.pack("<I", 0) + message[4:])
        second = Later("x-hv-kvp-set", pool=0, key="second", string="v")
        message = fake.read()
        assert message[16:22] == b"second", message[:32]
        fake.write(struct.pack("<I", 0) + message[4:])
        replied(second.wait(5))


def frozen(level):
    """File systems are frozen for a backup when the machine goes to sleep: it wakes up with them thawed."""
    with Daemon("vss"):
        ready("vss")
        until(10, "the daemon", lambda: qmp("x-hv-vss", operation="hot-backup")["status"] == 0)
        replied(qmp("x-hv-vss", operation="freeze", timeout=40000))
        ordered(level)
        start = time.monotonic()
        done = subprocess.run(["timeout", "30", "sh", "-c", "echo x >%s/x && sync -f %s/x" % (FROZEN, FROZEN)], check=False)
        assert done.returncode == 0, "still frozen"
        took = time.monotonic() - start
        ready("vss", 30)
        replied(qmp("x-hv-vss", operation="freeze", timeout=40000))
        replied(qmp("x-hv-vss", operation="thaw", timeout=40000))
    return "thawed after %.1f s" % took


def freezing(level):
    """The same while the daemon is still at it: after its answer it is told to thaw."""
    with Fake("vss") as fake:
        ready("vss")
        first = Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        ordered(level)
        assert first.wait(10)["outcome"] == "gone"
        fake.write(struct.pack("<I", 0) + bytes(8))
        told = 0
        # by us, and by a host that is careful
        while fake.waiting(3):
            assert fake.read()[0] == 6, "not a thaw"
            fake.write(struct.pack("<I", 0) + bytes(8))
            told += 1
        assert told, "nobody says thaw"
        ready("vss", 30)
        later = Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        fake.write(struct.pack("<I", 0) + bytes(8))
        replied(later.wait(5))
        later = Later("x-hv-vss", operation="thaw")
        assert fake.read()[0] == 6
        fake.write(struct.pack("<I", 0) + bytes(8))
        replied(later.wait(5))
    return "told %d times" % told


def daemon_of_before(level):
    """The distribution's daemon sleeps and goes on."""
    with Daemon("kvp"):
        ready("kvp", 60)
        replied(qmp("x-hv-kvp-set", pool=0, key="before", string="1"))
        ordered(level)
        ready("kvp", 60)
        until(20, "served again", lambda: qmp("x-hv-kvp-set", pool=0, key="after", string="2")["status"] == 0)
        found = {one["key"]: one["string"] for one in qmp("x-hv-kvp-enumerate", pool=0)["records"]}
        assert found == {"before": "1", "after": "2"}, found


def idle():
    """Suspended to idle the channels stay open; what is under way goes on, and the clock is right."""
    opens = host("kvp")["counters"]["opens"]
    with Fake("kvp") as fake:
        ready("kvp", 60)
        later = Later("x-hv-kvp-set", pool=0, key="idle", string="v")
        message = fake.read()
        # All drivers but the CPUs themselves, which nothing here would wake.
        put("/sys/power/pm_test", "platform")
        clear_log()
        put("/sys/power/state", "freeze")
        assert "s2idle" in sh("dmesg"), sh("dmesg | tail -n 5")
        fake.write(struct.pack("<I", 0) + message[4:])
        replied(later.wait(10))
    assert host("kvp")["counters"]["opens"] == opens, "the channel was closed"
    took = until(30, "the host's time", lambda: abs(offset()[0]) < 0.1 + offset()[1])
    everything_is_back()
    return "the host's time within %.1f s" % took


def asked_twice():
    """Two orders, one sleep; an order that cannot be is refused."""
    fault("shutdown", "shutdown-flags=6")
    result = qmp("x-hv-shutdown", operation="hibernate")
    assert result["status"] == 0x80004005, result
    fault("shutdown", "")


def off():
    """The last word: the machine is off, its image on the disk."""
    mode, test = MODES["off"]
    put("/sys/power/disk", mode)
    put("/sys/power/pm_test", test)
    if os.path.exists("/run/hibernate"):
        os.unlink("/run/hibernate")
    load = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2)]
    print("ORDERED hibernation", flush=True)
    replied(qmp("x-hv-shutdown", operation="hibernate"))
    until(20, "user space was told", lambda: os.path.exists("/run/hibernate"))
    put("/sys/power/state", "disk")
    for one in load:
        one.kill()
    raise AssertionError("still there: %s" % sh("dmesg | grep -i -E 'PM:|hiber' | tail -n 3"))


levels = sys.argv[2:]
case("udev is there", prepare)
case("shutdown: ready", lambda: "%.1f s" % ready("shutdown"))
case("shutdown: hibernation and restart at once", asked_twice)
for which in [one for one in levels if one in ("core", "image")]:
    case("hibernation ordered by the host, %s" % which, lambda lv=which: asleep(lv))
    case("kvp: a question under way, %s" % which, lambda lv=which: question_under_way(lv))
    case("vss: frozen, %s" % which, lambda lv=which: frozen(lv))
    case("vss: freezing, %s" % which, lambda lv=which: freezing(lv))
    case("kvp: the daemon goes on, %s" % which, lambda lv=which: daemon_of_before(lv))
if "idle" in levels:
    case("suspended to idle", idle)
if "off" in levels:
    case("hibernation ordered by the host, off", off)
finish()
