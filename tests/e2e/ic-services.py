#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each integration service does what it is for, with the distribution's daemons, as the host sees it.

usage: ic-services.py SUITE [quick|long]
"""
import fcntl
import os
import random
import re
import struct
import subprocess
import sys
import time

from ic_lib import (Daemon, GUID, INVALID, NO_MORE, backup_daemon, case, fault, finish, host, mount_disk, node, offer, ours, qmp, ready, replied, sh, stats,
                    until)
from ic_ptp import PTP_SYS_OFFSET_EXTENDED, PTP_SYS_OFFSET_PRECISE, close, device as ptp_device, offset, ptp_offset, stamp

long_run = "long" in sys.argv
mixed = not ours()


# Heartbeat

def heartbeat():
    ready("heartbeat")
    before = qmp("x-hv-heartbeat-query")
    until(60, "three beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before["answered"] + 3)
    now = qmp("x-hv-heartbeat-query")
    assert now["status"] == "ok" and not now["wrong"], now
    return "%d of %d answered, slowest %d us" % (now["answered"], now["sent"], now["latency-max"])


def heartbeat_busy(enough):
    """However busy the guest is, no beat is answered late."""
    load = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(4)]
    try:
        before = qmp("x-hv-heartbeat-query")
        until(380, "%d beats" % enough, lambda: qmp("x-hv-heartbeat-query")["answered"] >= before["answered"] + enough)
        now = qmp("x-hv-heartbeat-query")
    finally:
        for one in load:
            one.kill()
    assert now["late"] == before["late"] and not now["wrong"], now
    return "%d beats, slowest %d us" % (now["answered"] - before["answered"], now["latency-max"])


def heartbeat_often():
    """The same for a host that wants 50 in a second."""
    offer("heartbeat", False)
    until(60, "gone", lambda: not os.path.exists("/sys/bus/vmbus/devices/" + GUID["heartbeat"]))
    offer("heartbeat", True, period=20)
    ready("heartbeat")
    try:
        return heartbeat_busy(10000)
    finally:
        offer("heartbeat", False)
        until(60, "gone", lambda: not os.path.exists("/sys/bus/vmbus/devices/" + GUID["heartbeat"]))
        offer("heartbeat", True)
        ready("heartbeat")


# Time

def jump(seconds, announce):
    before = offset()[0]
    qmp("x-hv-timesync-set", jump=int(seconds * 1e9), announce=announce)
    took = until(30, "the guest has the host's time", close)
    return "off by %+.3f s, corrected after %.1f s" % (before + seconds, took)


def paused():
    print("PAUSE-ME", flush=True)
    before = time.monotonic()
    # The host stops us for 8 s; our own clock does not see it.
    until(60, "the pause", lambda: abs(offset()[0]) > 2 or sh("dmesg | grep -c PAUSED") == "1" or time.monotonic() - before > 12)
    took = until(30, "the guest has the host's time", close)
    return "corrected after %.1f s" % took


def parameter(name, value):
    """Set a parameter of the module."""
    with open("/sys/module/hv_utils/parameters/" + name, "w") as out:
        out.write(value)


def samples_count():
    """timesync_implicit: a sample sets a clock that is behind, and only that."""
    parameter("timesync_implicit", "1")
    try:
        qmp("x-hv-timesync-set", jump=100 * 10**9, announce="sample")
        took = until(30, "the host's time by a sample", close)
        qmp("x-hv-timesync-set", jump=-100 * 10**9, announce="sample")
        time.sleep(2)
        assert offset()[0] < -90, "a clock that is ahead was set back: %+.1f s" % offset()[0]
    finally:
        parameter("timesync_implicit", "0")
    jump(0, "sync")
    qmp("x-hv-timesync-set", jump=100 * 10**9, announce="sample")
    time.sleep(2)
    assert offset()[0] > 90, "a sample set the clock though it is not to"
    jump(0, "sync")
    return "after %.1f s" % took


def sync_ignored():
    """timesync_ignore_sync: the clock is ours, the PTP clock has the host's time."""
    parameter("timesync_ignore_sync", "1")
    try:
        qmp("x-hv-timesync-set", jump=50 * 10**9, announce="sync")
        until(30, "the PTP clock at the host's time", lambda: (ptp_offset() or 0) > 49 * 10**9)
        time.sleep(2)
        assert offset()[0] > 49, "the clock was set"
    finally:
        parameter("timesync_ignore_sync", "0")
    jump(0, "sync")


def next_sample(right, said):
    """Wait until the clock is right: a host that was stopped between its two clocks took a wrong sample, the next one is 5 s away."""
    try:
        until(30, "right", right)
    except AssertionError as late:
        raise AssertionError("PTP says %+.6f s, the host %+.6f" % tuple(said[:2])) from late


def ptp_precise():
    """Cross timestamp: host minus guest at one moment, compared with another way."""
    said = []

    def right():
        with open(ptp_device(), "rb") as clock:
            data = bytearray(64)
            fcntl.ioctl(clock, PTP_SYS_OFFSET_PRECISE, data)
        said[:] = (stamp(data, 0) - stamp(data, 16)) / 1e9, *offset()
        return abs(said[0] - said[1]) < 0.05 + said[2]

    next_sample(right, said)
    return "offset %+.1f us" % (said[0] * 1e6)


def ptp_extended():
    said = []

    def right():
        with open(ptp_device(), "rb") as clock:
            data = bytearray(16 + 25 * 3 * 16)
            struct.pack_into("<I", data, 0, 5)
            fcntl.ioctl(clock, PTP_SYS_OFFSET_EXTENDED, data)
        spread = []
        for i in range(5):
            before, device, after = (stamp(data, 16 + 48 * i + 16 * k) for k in range(3))
            assert before <= after, "time runs backwards"
            spread.append((after - before, device - (before + after) // 2))
        width, middle = min(spread)
        said[:] = middle / 1e9, *offset(), width
        return abs(said[0] - said[1]) < 0.05 + said[2] + width / 2e9

    next_sample(right, said)
    return "offset %+.1f us, read within %.1f us" % (said[0] * 1e6, said[3] / 1e3)


def ptp_first_sample():
    """No sample yet: no time, however it is asked for. Then the host's."""
    fault("timesync", "drop:*")
    qmp("x-hv-ic-renegotiate", service="timesync")
    until(60, "the old sample forgotten", lambda: ptp_offset() is None)
    with open(ptp_device(), "rb") as clock:
        for _ in range(50):
            try:
                now = time.clock_gettime((~clock.fileno() << 3) | 3)
                raise AssertionError("the clock says %f" % now)
            except OSError as error:
                assert error.errno == 116, error
    fault("timesync", "")
    qmp("x-hv-ic-renegotiate", service="timesync")
    took = until(60, "a sample", lambda: ptp_offset() is not None)
    return "%.1f s" % took


def ptp_read_only():
    with open(ptp_device(), "r+b", buffering=0) as clock:
        clockid = (~clock.fileno() << 3) | 3
        try:
            time.clock_settime_ns(clockid, 1)
        except OSError as error:
            return error.strerror
    raise AssertionError("it can be set")


def chrony():
    """chronyd disciplines the clock by the PTP clock; how far off is it then?"""
    qmp("x-hv-timesync-set", jump=300 * 1000000, announce="sample")
    conf = "/run/hvchrony/conf"
    os.makedirs("/run/hvchrony", mode=0o750, exist_ok=True)
    with open(conf, "w") as out:
        out.write("refclock PHC %s poll -1 dpoll -3 offset 0 stratum 2 filter 4\nmakestep 0.01 -1\ncmdport 0\n"
                  "bindcmdaddress /run/hvchrony/sock\npidfile /run/hvchrony/pid\ndriftfile /run/hvchrony/drift\n" % ptp_device())
    daemon = subprocess.Popen(["/usr/sbin/chronyd", "-d", "-u", "root", "-f", conf], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    tracked = []

    def tracking():
        line = sh("chronyc -h /run/hvchrony/sock -c tracking").split(",")
        if len(line) > 6 and 0 < int(line[2]) < 16:
            tracked.append((abs(float(line[4])), float(line[6])))
            return len(tracked) > 30 and tracked[-1][0] < 0.001
        return False

    try:
        until(100, "within 1 ms (%s)" % tracked[-1:], tracking)
        # a wrong sample of a busy host's is over after 5 s
        for _ in range(6):
            offs = [time.sleep(0.2) or ptp_offset() for _ in range(20)]
            worst = max(abs(one) for one in offs)
            if worst < 1000000:
                break
    finally:
        daemon.terminate()
        daemon.wait()
    assert worst < 1000000, "off by %.3f ms" % (worst / 1e6)
    return "chrony %.1f us, PTP against the clock at most %.1f us" % (tracked[-1][0] * 1e6, worst / 1e3)


# Key-value pairs

def records(pool, limit=4000):
    result = qmp("x-hv-kvp-enumerate", pool=pool, limit=limit, timeout=55000)
    assert "malformed" not in result, result["malformed"]
    assert result["complete"], result["result"]
    return {one["key"]: one["string"] for one in result["records"]}


def published():
    """The guest's own facts, which the daemon answers from code."""
    found = records(2)
    assert found["OSName"].startswith("Debian"), found
    assert found["OSBuildNumber"] == os.uname().release, found
    assert found["ProcessorArchitecture"] == os.uname().machine
    assert re.match(r"\d+\.\d+", found["IntegrationServicesVersion"]), found
    return "%d keys, %s %s" % (len(found), found["OSName"], found["OSBuildNumber"])


TEXTS = {
    "plain": ("key", "value"),
    "one letter": ("k", "v"),
    "longest": ("k" * 255, "v" * 1023),
    "not ASCII": ("Schl\u00fcssel \u20ac \u65e5\u672c", "\u00e9\u00df\u4e2d\u6587 \U0001f600 \u0645\u0631\u062d\u0628\u0627"),
    "three bytes each, all that fit": ("\u20ac" * 170, "\u20ac" * 682),
}


def four_operations(pool, key, value):
    """SET, GET, ENUMERATE, DELETE, and what they say about what is not there."""
    # Of pool 2 the daemon enumerates the guest's own facts, from code; the rest works on a file as for any other.
    listed = pool != 2
    replied(qmp("x-hv-kvp-set", pool=pool, key=key, string=value))
    if listed:
        assert records(pool).get(key) == value, "enumerated: %r" % records(pool)
    if not mixed:
        got = qmp("x-hv-kvp-get", pool=pool, key=key)
        replied(got)
        assert got["records"][0]["string"] == value, got
        replied(qmp("x-hv-kvp-set", pool=pool, key=key, string="another"))
        assert qmp("x-hv-kvp-get", pool=pool, key=key)["records"][0]["string"] == "another"
    replied(qmp("x-hv-kvp-delete", pool=pool, key=key))
    replied(qmp("x-hv-kvp-delete", pool=pool, key=key), NO_MORE)
    assert key not in records(pool)
    if not mixed:
        replied(qmp("x-hv-kvp-get", pool=pool, key=key), NO_MORE)


def numbers():
    for name, value in (("u32", 4294967295), ("u64", 18446744073709551615)):
        replied(qmp("x-hv-kvp-set", pool=0, key=name, **{name: value}))
        assert records(0)[name] == str(value), records(0)
        replied(qmp("x-hv-kvp-delete", pool=0, key=name))


def too_long():
    """What does not fit into a record of the daemon is refused, not cut."""
    replied(qmp("x-hv-kvp-set", pool=0, key="\u20ac" * 171, string="v"), INVALID)
    replied(qmp("x-hv-kvp-set", pool=0, key="k", string="\u20ac" * 683), INVALID)
    assert not records(0)


def many(count):
    """As many as guest programs write into the file of their pool."""
    with open("/var/lib/hyperv/.kvp_pool_1", "wb") as pool:
        for i in range(count):
            pool.write(("key %d" % i).encode().ljust(512, b"\0") + ("value %d" % i).encode().ljust(2048, b"\0"))
    start = time.monotonic()
    found = {}
    for at in range(0, count, 500):
        result = qmp("x-hv-kvp-enumerate", pool=1, start=at, limit=500, timeout=55000)
        found.update({one["key"]: one["string"] for one in result["records"]})
    took = time.monotonic() - start
    assert len(found) == count and all(found["key %d" % i] == "value %d" % i for i in range(count)), len(found)
    # the last and the first of them
    for at in (count - 1, 0):
        key = "key %d" % at
        if not mixed:
            assert qmp("x-hv-kvp-get", pool=1, key=key)["records"][0]["string"] == "value %d" % at
        replied(qmp("x-hv-kvp-set", pool=1, key=key, string="changed"))
        changed = qmp("x-hv-kvp-enumerate", pool=1, start=at, limit=1)["records"][0]
        assert (changed["key"], changed["string"]) == (key, "changed"), changed
        replied(qmp("x-hv-kvp-delete", pool=1, key=key))
        replied(qmp("x-hv-kvp-delete", pool=1, key=key), NO_MORE)
    assert not qmp("x-hv-kvp-enumerate", pool=1, start=count - 2, limit=1)["records"]
    assert len(qmp("x-hv-kvp-enumerate", pool=1, start=count - 3, limit=1)["records"]) == 1
    os.truncate("/var/lib/hyperv/.kvp_pool_1", 0)
    return "%d records in %.1f s" % (count, took)


def addresses():
    """Of the loopback's neighbour: a dummy card with a known address."""
    sh("modprobe dummy numdummies=0; ip link add hvdummy type dummy; ip link set hvdummy address 02:15:5d:01:02:03 up")
    sh("ip address add 10.11.12.13/24 dev hvdummy")
    got = qmp("x-hv-kvp-get-ip", adapter="02:15:5D:01:02:03")
    sh("ip link del hvdummy")
    replied(got)
    assert "malformed" not in got, got
    assert "10.11.12.13" in got["ip"]["addresses"] and "255.255.255.0" in got["ip"]["subnets"], got["ip"]
    replied(qmp("x-hv-kvp-get-ip", adapter="FF:FF:FF:00:00:00"), 0x80004005 if mixed else FAIL_OF_DAEMON)
    return ", ".join(got["ip"]["addresses"])


FAIL_OF_DAEMON = 0x80004005


def kvp():
    with Daemon("kvp"):
        case("kvp: ready", lambda: "%.1f s" % ready("kvp", 30))
        case("kvp: what the guest publishes", published)
        for pool in range(4):
            for name, (key, value) in TEXTS.items():
                if mixed and name != "plain":
                    continue
                case("kvp: pool %d, %s" % (pool, name), lambda p=pool, k=key, v=value: four_operations(p, k, v))
        case("kvp: numbers", numbers)
        if not mixed:
            case("kvp: text too long", too_long)
        case("kvp: records of guest programs", lambda: many(2000 if long_run else 200))
        case("kvp: addresses", addresses)
        if not mixed:
            case("kvp: latency", lambda: "slowest answer %d us" % host("kvp")["counters"]["latency-max"])


# Live backup

def frozen(path):
    """Does a write block?"""
    writer = subprocess.Popen(["sh", "-c", "echo x >%s/probe && sync -f %s/probe" % (path, path)])
    time.sleep(1.5)
    blocked = writer.poll() is None
    return blocked, writer


def backup(path, disk):
    """Freeze under load, take the image, thaw; the image is whole and the load goes on."""
    load = subprocess.Popen(["fio", "--name=load", "--directory=" + path, "--size=16m", "--rw=randwrite", "--bsrange=4k-64k",
                             "--ioengine=psync", "--fsync=16", "--time_based", "--runtime=300", "--output=/tmp/fio.out"])
    try:
        time.sleep(3)
        hot = replied(qmp("x-hv-vss", operation="hot-backup"))
        if not mixed:
            assert hot["flags"] == 5, "flags of hot backup: %s" % hot["flags"]
        froze = replied(qmp("x-hv-vss", operation="freeze", timeout=50000))
        try:
            blocked, writer = frozen(path)
            sh("dd if=%s of=/tmp/image bs=1M iflag=direct" % disk)
            if not mixed:
                replied(qmp("x-hv-vss", operation="freeze"), 0x80004005)
        finally:
            replied(qmp("x-hv-vss", operation="thaw", timeout=50000))
        replied(qmp("x-hv-vss", operation="complete"))
        assert blocked, "a write went through while frozen"
        writer.wait(200)
        assert load.poll() is None, "the load ended: %s" % sh("tail -n 3 /tmp/fio.out")
    finally:
        load.terminate()
        load.wait()
    checked = subprocess.run(["fsck.ext4", "-fn", "/tmp/image"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
    os.unlink("/tmp/image")
    assert checked.returncode == 0, checked.stdout[-300:]
    return "frozen after %d ms" % (froze["latency"] // 1000)


def vss():
    disk = mount_disk("/run/backup")
    with Daemon("vss"):
        case("vss: ready", lambda: "%.1f s" % ready("vss"))
        case("vss: the daemon", backup_daemon)
        case("vss: backup under load", lambda: backup("/run/backup", disk))
        case("vss: again", lambda: backup("/run/backup", disk))
    sh("umount /run/backup")


# File copy

def fcopy():
    if not os.path.exists(node("fcopy")):
        return
    with open("/share/fcopy-data", "rb") as source:
        want = source.read()
    with Daemon("fcopy"):
        ready("fcopy")

        def copy():
            path = sh("cat /share/fcopy-source")
            result = qmp("x-hv-fcopy", source=path, name="copied", path="/tmp/new/folder/", create_path=True)
            assert result["state"] == "done", result
            with open("/tmp/new/folder/copied", "rb") as got:
                assert got.read() == want, "the copy differs"
            again = qmp("x-hv-fcopy", source=path, name="copied", path="/tmp/new/folder/")
            assert again["state"] == "failed" and again["status"] == 0x80070050, again
            return "%d bytes in %d ms" % (len(want), result["time"] // 1000)
        if os.path.exists("/share/fcopy-source"):
            case("fcopy: a file", copy)


def versions():
    said = []
    for service in ("heartbeat", "timesync", "shutdown", "kvp", "vss"):
        info = host(service)
        assert info["state"] in ("ready", "wait-reply"), (service, info["state"])
        assert not info["counters"]["malformed"] and not info["counters"]["foreign-ids"], info
        said.append("%s %s" % (service, info["version"]))
        if not mixed:
            assert stats(service)["message"] == info["version"], stats(service)
    return ", ".join(said)


random.seed(1)
case("heartbeat: answered", heartbeat)
case("heartbeat: under load", lambda: heartbeat_busy(4))
if long_run:
    case("heartbeat: 10,000 under load", heartbeat_often)
case("timesync: ready", lambda: "%.1f s" % ready("timesync"))
case("timesync: the host's time at the start", lambda: "within %.2f s" % until(30, "the same time", close))
case("timesync: +2 days", lambda: jump(172800, "sync"))
case("timesync: -40000 s", lambda: jump(-40000, "sync"))
case("timesync: moved to another host", lambda: jump(77.5, "migrate"))
if "pause" in sys.argv:
    case("timesync: across a pause", paused)
if not mixed:
    case("timesync: samples that count", samples_count)
    case("timesync: an order to set the clock, ignored", sync_ignored)
    case("ptp: extended", ptp_extended)
    case("ptp: precise", ptp_precise)
case("ptp: read only", ptp_read_only)
if not mixed:
    case("ptp: before the first sample", ptp_first_sample)
    case("ptp: chrony", chrony)
kvp()
vss()
fcopy()
case("versions", versions)
finish()
