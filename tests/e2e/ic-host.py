#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Are our integration services true ones? The distribution's hv_utils and daemons decide.

usage: ic-host.py SUITE [power-off|restart]	what the host orders at the end
"""
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

from ic_lib import Daemon, FAIL, GUID, NO_MORE, Refused, case, fault, finish, host, mount_disk, qmp, ready, sh, until
from ic_ptp import offset

END = sys.argv[2] if len(sys.argv) > 2 else None
LIMIT = {"heartbeat": 5.0, "shutdown": 5.0, "timesync": 5.0, "kvp": 30.0, "vss": 30.0, "fcopy": 30.0}
fcopy_here = os.path.exists("/dev/vmbus/hv_fcopy")


def path(service):
    return "/machine/peripheral/hvic" + service


def put(service, name, value):
    qmp("qom-set", path=path(service), property=name, value=value)


def ok(result):
    assert result["outcome"] == "replied" and result["status"] == 0, result
    return result


# Versions

def versions():
    for service, own, steps in (("heartbeat", "1.0,3.0,3.1", ("1.0", "3.0")), ("timesync", "1.0,3.0,4.0", ("1.0", "3.0", "4.0")),
                                ("shutdown", "1.0,3.0,3.1,3.2", ("1.0", "3.0", "3.1", "3.2")), ("vss", "4.0,5.0,6.0,7.0", ("5.0",)),
                                ("kvp", "1.0,3.0,4.0,5.0", ("1.0", "3.0", "4.0"))):
        for version in steps + (own,):
            put(service, "versions", version)
            qmp("x-hv-ic-renegotiate", service=service)
            ready(service)
            now = host(service)["version"]
            assert now == version or (version == own and now == steps[-1]), (service, version, now)
            if service == "timesync":
                jump(1000 if version == "1.0" else -1000 if version == "3.0" else 0, "sync")
        assert not host(service)["counters"]["malformed"], host(service)


def frameworks():
    for service in ("heartbeat", "timesync", "shutdown"):
        put(service, "frameworks", "1.0")
        qmp("x-hv-ic-renegotiate", service=service)
        ready(service)
        assert host(service)["framework"] == "1.0", host(service)
        put(service, "frameworks", "1.0,3.0")
        qmp("x-hv-ic-renegotiate", service=service)
        ready(service)
        assert host(service)["framework"] == "3.0", host(service)


def degraded():
    put("heartbeat", "versions", "1.0")
    qmp("x-hv-ic-renegotiate", service="heartbeat")
    until(60, "degraded", lambda: qmp("x-hv-heartbeat-query")["status"] == "degraded")
    put("heartbeat", "versions", "9.9")
    qmp("x-hv-ic-renegotiate", service="heartbeat")
    until(60, "refused", lambda: qmp("x-hv-heartbeat-query")["status"] == "non-recoverable")
    assert qmp("x-hv-heartbeat-query")["codes"] == [7, 32775]
    put("heartbeat", "versions", "1.0,3.0,3.1")
    qmp("x-hv-ic-renegotiate", service="heartbeat")
    until(60, "fine again", lambda: qmp("x-hv-heartbeat-query")["status"] == "ok")
    put("shutdown", "versions", "3.0")
    qmp("x-hv-ic-renegotiate", service="shutdown")
    ready("shutdown")
    try:
        qmp("x-hv-shutdown", operation="restart")
    except Refused:
        pass
    else:
        raise AssertionError("restart ordered of a guest that can't")
    put("shutdown", "versions", "1.0,3.0,3.1,3.2")
    qmp("x-hv-ic-renegotiate", service="shutdown")
    ready("shutdown")


# Heartbeat

def heartbeat():
    put("heartbeat", "fault", "")
    before = qmp("x-hv-heartbeat-query")["answered"]
    until(60, "two beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before + 2)
    now = qmp("x-hv-heartbeat-query")
    assert now["status"] == "ok" and now["codes"] == [2, 2] and not now["wrong"], now
    return "slowest answer %d us" % now["latency-max"]


def heartbeat_lost():
    put("heartbeat", "reply-timeout", 1000)
    fault("heartbeat", "drop:*")
    until(60, "lost", lambda: qmp("x-hv-heartbeat-query")["status"] in ("lost-communication", "no-contact"))
    fault("heartbeat", "")
    put("heartbeat", "reply-timeout", 60000)
    until(60, "fine again", lambda: qmp("x-hv-heartbeat-query")["status"] == "ok")


# Time

def off():
    """Return host minus guest in seconds."""
    return offset(30)[0]


def jump(seconds, announce):
    before = qmp("x-hv-timesync-query")["sync"]
    qmp("x-hv-timesync-set", jump=int(seconds * 1e9), announce=announce)
    took = until(60, "the guest has the host's time", lambda: abs(off()) < 0.25)
    # which it may have had before: the message goes out when the last one is answered
    until(60, "the message", lambda: qmp("x-hv-timesync-query")["sync"] == before + 1)
    return "after %.1f s" % took


def sample():
    """A sample alone steps no clock; the guest's PTP clock has it."""
    put("timesync", "versions", "1.0,3.0,4.0")
    qmp("x-hv-timesync-set", jump=500 * 10**9, announce="sample")
    time.sleep(0.5)
    assert off() > 400, off()
    qmp("x-hv-timesync-set", jump=-500 * 10**9, announce="sync")
    until(60, "back", lambda: abs(off()) < 0.25)


# Key-value pairs

def records(pool, **more):
    got = qmp("x-hv-kvp-enumerate", pool=pool, **more)
    assert not got.get("malformed"), got
    return {r["key"]: r["string"] for r in got["records"]}, got


def kvp_pools():
    for pool in (0, 1, 2, 3):
        want = {"plain": "value", "gr\u00f6\u00dfe \u4f60\u597d": "\u00fcber \U0001f600 \u20ac", "empty": "", "k" * 200: "v" * 1000}
        for key, value in want.items():
            ok(qmp("x-hv-kvp-set", pool=pool, key=key, string=value))
        ok(qmp("x-hv-kvp-set", pool=pool, key="u32", u32=4294967295))
        ok(qmp("x-hv-kvp-set", pool=pool, key="u64", u64=18446744073709551615, type=8))
        want.update({"u32": "4294967295", "u64": "18446744073709551615"})
        if pool != 2:   # pool 2 is not what it was told but what the guest is
            got, all_ = records(pool)
            assert all_["complete"] and got == want, got
        for key in want:
            answer = qmp("x-hv-kvp-get", pool=pool, key=key)
            assert answer["result"]["status"] == 0 and answer["records"][0]["key"] == key, answer
            ok(qmp("x-hv-kvp-delete", pool=pool, key=key))
        assert qmp("x-hv-kvp-get", pool=pool, key="plain")["complete"]
        assert qmp("x-hv-kvp-delete", pool=pool, key="plain")["status"] == NO_MORE


def kvp_many():
    with open("/var/lib/hyperv/.kvp_pool_1", "wb") as pool:
        for i in range(150):
            pool.write(b"key%d" % i + bytes(512 - len("key%d" % i)) + b"%d" % (i * i) + bytes(2048 - len("%d" % (i * i))))
    start = time.monotonic()
    got, all_ = records(1)
    assert all_["complete"] and got == {"key%d" % i: "%d" % (i * i) for i in range(150)}, len(got)
    took = time.monotonic() - start
    assert len(records(1, start=140, limit=5)[0]) == 5
    return "150 records in %.2f s" % took


def kvp_facts():
    got, _ = records(2)
    assert got["OSBuildNumber"] == os.uname().release and got["ProcessorArchitecture"] == "x86_64", got
    return "%d facts" % len(got)


def kvp_ip():
    answer = qmp("x-hv-kvp-get-ip", adapter="00:00:00:00:00:00")
    assert answer["result"]["outcome"] == "replied", answer
    if answer["result"]["status"] == 0:
        assert "malformed" not in answer and answer["ip"]["adapter"], answer
    wrong = {"adapter": "{%s}" % GUID["kvp"], "ipv4": True, "ipv6": False, "dhcp": False, "addresses": ["192.0.2.7"],
             "subnets": ["255.255.255.0"], "gateways": ["192.0.2.1"], "dns": ["192.0.2.53"]}
    assert qmp("x-hv-kvp-set-ip", ip=wrong)["status"] == 0x80041002     # no such adapter, says the daemon


# Backup

def frozen(folder):
    """Would a write wait?"""
    done = threading.Event()

    def write():
        with open(folder + "/x", "wb") as out:
            out.write(b"x")
            os.fsync(out.fileno())
        done.set()

    threading.Thread(target=write, daemon=True).start()
    return not done.wait(1), done


def vss():
    mount_disk("/mnt")
    for operation in ("create", "hot-backup", "dm-info"):
        ok(qmp("x-hv-vss", operation=operation))
    freeze = ok(qmp("x-hv-vss", operation="freeze"))
    waits, done = frozen("/mnt")
    thaw = ok(qmp("x-hv-vss", operation="thaw"))
    assert waits, "a frozen file system was written to"
    assert done.wait(60), "thawed, but nothing is written"
    ok(qmp("x-hv-vss", operation="complete"))
    ok(qmp("x-hv-vss", operation="delete"))
    sh("umount /mnt")
    return "freeze %d us, thaw %d us" % (freeze["latency"], thaw["latency"])


def too_big():
    assert qmp("x-hv-vss", operation="auto-recover")["outcome"] == "too-big"
    ok(qmp("x-hv-vss", operation="create"))


def lost():
    put("vss", "reply-timeout", 500)
    fault("vss", "drop")
    assert qmp("x-hv-vss", operation="create")["outcome"] == "timed-out"
    put("vss", "reply-timeout", 900000)
    ok(qmp("x-hv-vss", operation="create"))
    fault("vss", "message-type=0x7f")
    before = host("vss")["counters"]["stale"]
    put("vss", "reply-timeout", 1000)
    assert qmp("x-hv-vss", operation="create")["outcome"] == "timed-out"
    put("vss", "reply-timeout", 900000)
    ok(qmp("x-hv-vss", operation="create"))
    fault("heartbeat", "dup")
    until(60, "an answer nobody waits for", lambda: host("heartbeat")["counters"]["stale"] >= 1)
    return "stale answers: %d" % (host("vss")["counters"]["stale"] - before)


# File copy

def fcopy():
    with open("/share/fcopy-source") as text:
        name = text.read().strip()
    shutil.rmtree("/tmp/new", ignore_errors=True)
    got = qmp("x-hv-fcopy", source=name, name="copy", path="/tmp/new/folder/", create_path=True)
    assert got["state"] == "done" and got["written"] == got["size"] > 100000, got
    want, here = sh("cd /share && sha256sum <fcopy-data"), sh("sha256sum </tmp/new/folder/copy")
    assert want == here, (want, here)
    again = qmp("x-hv-fcopy", source=name, name="copy", path="/tmp/new/folder/")
    assert again["state"] == "failed" and again["status"] == 0x80070050, again
    assert qmp("x-hv-fcopy", source=name, name="copy", path="/tmp/new/folder/", overwrite=True)["state"] == "done"
    return "%d bytes in %.2f s" % (got["size"], got["time"] / 1e6)


# Off and on

def cycles():
    """The host takes all services away and gives them back."""
    names = ["heartbeat", "shutdown", "timesync", "vss", "kvp"] + (["fcopy"] if fcopy_here else [])
    device = "/sys/bus/vmbus/devices/" + GUID["shutdown"]
    for _ in range(10):
        for service in names:
            put(service, "offered", False)
        until(60, "the device is gone", lambda: not os.path.exists(device))
        for service in names:
            put(service, "offered", True)
        for service in names:
            if service in ("kvp", "fcopy"):     # answers once there is a daemon
                until(30, service, lambda: host(service)["state"] in ("wait-version", "ready"))  # pylint: disable=cell-var-from-loop
            else:
                ready(service, 30)


# Shutdown

def hibernate():
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as events:
        events.bind((0, 1))
        events.settimeout(60)
        result = qmp("x-hv-shutdown", operation="hibernate")
        assert result["outcome"] == "replied", result
        if result["status"] == FAIL:
            return "this guest can't, and says so"
        while b"EVENT=hibernate" not in events.recv(8192):
            pass
    return "accepted, and user space is told"


def limits():
    said = []
    for service, limit in LIMIT.items():
        counters = host(service)["counters"]
        if counters["replies"]:
            assert counters["latency-max"] < limit * 1e6, (service, counters)
            said.append("%s %d/%d" % (service, counters["latency-total"] // counters["replies"], counters["latency-max"]))
        assert not counters["malformed"], (service, counters)
    return "mean/max us: " + ", ".join(said)


if os.environ.get("HV_BOOT", "1") != "1":
    case("restart ordered by the host", lambda: "second boot")
    finish()
for daemon_state in ("/var/lib/hyperv",):
    shutil.rmtree(daemon_state, ignore_errors=True)
    os.makedirs(daemon_state)
daemons = [Daemon("kvp"), Daemon("vss")] + ([Daemon("fcopy")] if fcopy_here else [])
for one in ("heartbeat", "timesync", "shutdown", "kvp", "vss") + (("fcopy",) if fcopy_here else ()):
    case("%s: negotiated" % one, lambda: ready(one) and "%s %s" % (host(one)["framework"], host(one)["version"]))
case("heartbeat: answered", heartbeat)
case("heartbeat: lost and found", heartbeat_lost)
case("time: +2 days", lambda: jump(172800, "sync"))
case("time: -40000 s, to another host", lambda: jump(-40000, "migrate"))
case("time: back", lambda: jump(-132800, "sync"))
case("time: a sample steps nothing", sample)
case("key-value pairs: all pools, types and operations", kvp_pools)
case("key-value pairs: 150 records", kvp_many)
case("key-value pairs: facts of the guest", kvp_facts)
case("key-value pairs: IP configuration", kvp_ip)
case("backup: freeze and thaw", vss)
case("backup: a message no ring can hold", too_big)
case("lost, unknown and doubled messages", lost)
if fcopy_here:
    case("file copy: same content, refusal, overwriting", fcopy)
case("versions of the messages", versions)
case("versions of the framework", frameworks)
case("degraded, refused, and what an old guest can't", degraded)
case("replies in time", limits)
case("shutdown: hibernate", hibernate)
for one in daemons:
    one.kill()
case("off and on, ten times", cycles)
with Daemon("kvp"):
    case("key-value pairs: after that", lambda: ready("kvp") and ok(qmp("x-hv-kvp-set", pool=0, key="a", string="b"))["outcome"])
if END:
    if END == "restart":
        subprocess.run(["hv-reboot", "--only-announce"], check=False)
    print("ORDERED", flush=True)
    time.sleep(0.3)
    case("shutdown: %s accepted" % END, lambda: ok(qmp("x-hv-shutdown", operation=END))["outcome"])
    time.sleep(300)
    case("shutdown: %s" % END, lambda: 1 / 0)
finish()
