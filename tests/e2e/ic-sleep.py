#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The host orders hibernation; udev passes the order on, as on a guest with systemd; what is under way meanwhile is not lost for ever.

usage: ic-sleep.py SUITE LEVEL...

LEVEL: core	all drivers asleep and awake again, no image (the kernel's own test)
       image	an image written to the swap disk and read back by the same kernel
       resume	an image written, and the machine is off: says ORDERED before; another QEMU starts it and it goes on
       idle	suspended to idle, as far as the kernel's own test goes: channels stay open
       long	the same for true: says ASLEEP before; the host presses the power button when it has slept enough
       off	an image written, and the machine is off: says ORDERED before, comes back never
"""
import os
import subprocess
import sys
import time

from ic_lib import (FROZEN, Daemon, Fake, Later, case, clear_log, fault, finish, freeze, host, mount_disk, qmp, ready, replied,
                    serves_second, sh, thawed, thawed_after, thaws, until)
from ic_ptp import Watch, close, everything_right

SYSTEMCTL = """#!/bin/sh
# What systemd does when it is told so.
echo "$@" >>/run/orders
[ "$1" = hibernate ] && : >/run/hibernate
"""
RULE = 'SUBSYSTEM=="vmbus", ACTION=="change", DRIVER=="hv_utils", ENV{EVENT}=="hibernate", RUN+="/usr/bin/systemctl hibernate"\n'
MODES = {"core": ("platform", "core"), "image": ("test_resume", "none"), "off": ("platform", "none"), "resume": ("platform", "none")}
boots = 0


def put(path, text):
    with open(path, "w") as out:
        out.write(text)


def prepare():
    """A swap disk, a disk to freeze, and udev with the rule of a guest that may be hibernated by its host."""
    swap = sh("hv-disk 1")
    sh("mkswap %s && swapon %s" % (swap, swap))
    assert sh("swapon --show=NAME --noheadings") != "", "no swap"
    mount_disk(FROZEN)
    put("/usr/bin/systemctl", SYSTEMCTL)
    os.chmod("/usr/bin/systemctl", 0o755)
    os.makedirs("/run/udev/rules.d", exist_ok=True)
    put("/run/udev/rules.d/99-hibernate.rules", RULE)
    # It is not told of what is there already: the machine's watchdog would get a driver, and bite one that is asleep.
    sh("/lib/systemd/systemd-udevd --daemon")
    return sh("udevadm --version")


def order(level):
    """The host orders it, the guest accepts, udev hears of it; all is set for the sleep."""
    if os.path.exists("/run/hibernate"):
        os.unlink("/run/hibernate")
    mode, test = MODES[level]
    put("/sys/power/disk", mode)
    put("/sys/power/pm_test", test)
    result = replied(qmp("x-hv-shutdown", operation="hibernate"))
    took = until(20, "user space was told", lambda: os.path.exists("/run/hibernate"))
    return "accepted after %d us, user space told after %.1f s" % (result["latency"], took)


def ordered(level):
    """Ordered to sleep the guest does so, and is awake again."""
    global boots
    before = host("shutdown")["counters"]["opens"]
    said = order(level)
    # Once more for an image: it is written by a machine that is awake, and read by one that goes to sleep for it.
    opens = before + (2 if level == "image" else 1)
    if level == "resume":
        boots += 1
        # The next host has seen nothing of us but this.
        opens = 1
        print("ORDERED hibernation, boot %d" % boots, flush=True)
    clear_log()
    put("/sys/power/state", "disk")
    until(30, "the channel opened again", lambda: host("shutdown")["counters"]["opens"] >= opens)
    assert "hibernation entry" in sh("dmesg"), sh("dmesg | tail -n 5")
    assert host("shutdown")["counters"]["opens"] == opens
    return said


def came_to_nothing(level, first):
    """What was under way when we went to sleep: this host knows that, another one knows nothing of it."""
    if level != "resume":
        assert first.wait(10)["outcome"] == "gone"


def asleep(level):
    """Sleep once, watching the clocks; the next machine's host has another one than ours."""
    with Watch() as watch:
        if level == "resume":
            qmp("x-hv-timesync-set", jump=-40000 * 10**9, announce="sync")
            until(30, "the first host's time", close)
        said = ordered(level)
        took, off_by = everything_right()
    assert not watch.wrong, "the PTP clock said %s" % watch.wrong[:3]
    return "%s; the host's time within %.1f s, PTP %+.0f us off, %d readings" % (said, took, off_by / 1e3, watch.good)


def question_under_way(level):
    """A daemon that has a question of the host when the machine goes to sleep: the host knows, the answer is nobody's."""
    with Fake("kvp") as fake:
        ready("kvp", 60)
        first = Later("x-hv-kvp-set", pool=0, key="first", string="v")
        message = fake.read()
        ordered(level)
        came_to_nothing(level, first)
        ready("kvp", 60)
        fake.agree(message)
        serves_second(fake, string="v")


def frozen(level):
    """File systems are frozen for a backup when the machine goes to sleep: it wakes up with them thawed."""
    return thawed_after(lambda: ordered(level))


def freezing(level):
    """The same while the daemon is still at it: after its answer it is told to thaw."""
    with Fake("vss") as fake:
        ready("vss")
        first = Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        ordered(level)
        came_to_nothing(level, first)
        fake.agree()
        told = thaws(fake)
        ready("vss", 30)
        later = Later("x-hv-vss", operation="freeze")
        assert fake.read()[0] == 5
        fake.agree()
        replied(later.wait(5))
        later = Later("x-hv-vss", operation="thaw")
        assert fake.read()[0] == 6
        fake.agree()
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
        fake.agree(message)
        replied(later.wait(10))
    assert host("kvp")["counters"]["opens"] == opens, "the channel was closed"
    return "the host's time within %.1f s, PTP %+.0f ns off" % everything_right()


def long_idle():
    """Asleep for half a minute, in which the host stands still and its clock jumps; everything works afterwards."""
    opens = host("kvp")["counters"]["opens"]
    sh("modprobe button")
    put("/sys/power/pm_test", "none")
    with Watch() as watch, Daemon("kvp"), Daemon("vss"):
        ready("kvp", 60)
        replied(qmp("x-hv-kvp-set", pool=0, key="slept", string="no"))
        freeze()
        clear_log()
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        print("ASLEEP", flush=True)
        put("/sys/power/state", "freeze")
        slept = time.clock_gettime(time.CLOCK_BOOTTIME) - before
        woken = time.monotonic()
        assert "suspend entry (s2idle)" in sh("dmesg") and "suspend exit" in sh("dmesg"), sh("dmesg | tail -n 5")
        assert slept > 15, "awake after %.1f s: %s" % (slept, sh("cat /sys/power/pm_wakeup_irq; dmesg | tail -n 5"))
        until(30, "the host's time", close)
        took = time.monotonic() - woken
        # The backup goes on where it was.
        replied(qmp("x-hv-vss", operation="thaw", timeout=40000))
        thawed()
        freeze()
        replied(qmp("x-hv-vss", operation="thaw", timeout=40000))
        replied(qmp("x-hv-kvp-set", pool=0, key="slept", string="yes"))
        found = {one["key"]: one["string"] for one in qmp("x-hv-kvp-enumerate", pool=0)["records"]}
        assert found["slept"] == "yes", found
        replied(qmp("x-hv-kvp-delete", pool=0, key="slept"))
        off_by = everything_right()[1]
    both_at_once()
    assert not watch.wrong, "the PTP clock said %s" % watch.wrong[:3]
    assert host("kvp")["counters"]["opens"] == opens, "the channel was closed"
    return "slept %.1f s; the host's time within %.1f s, PTP %+.0f us off" % (slept, took, off_by / 1e3)


def both_at_once():
    """An order that cannot be is refused."""
    fault("shutdown", "shutdown-flags=6")
    result = qmp("x-hv-shutdown", operation="hibernate")
    assert result["status"] == 0x80004005, result
    fault("shutdown", "")


def off():
    """The last word: the machine is off, its image on the disk."""
    load = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2)]
    print("ORDERED hibernation", flush=True)
    order("off")
    put("/sys/power/state", "disk")
    for one in load:
        one.kill()
    raise AssertionError("still there: %s" % sh("dmesg | grep -i -E 'PM:|hiber' | tail -n 3"))


levels = sys.argv[2:]
case("udev is there", prepare)
case("shutdown: ready", lambda: "%.1f s" % ready("shutdown"))
case("shutdown: hibernation and restart at once", both_at_once)
for which in [one for one in levels if one in ("core", "image", "resume")]:
    case("hibernation ordered by the host, %s" % which, lambda lv=which: asleep(lv))
    case("kvp: a question under way, %s" % which, lambda lv=which: question_under_way(lv))
    case("vss: frozen, %s" % which, lambda lv=which: frozen(lv))
    case("vss: freezing, %s" % which, lambda lv=which: freezing(lv))
    case("kvp: the daemon goes on, %s" % which, lambda lv=which: daemon_of_before(lv))
if "idle" in levels:
    case("suspended to idle", idle)
if "long" in levels:
    case("suspended to idle for long", long_idle)
if "off" in levels:
    case("hibernation ordered by the host, off", off)
finish()
