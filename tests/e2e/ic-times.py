#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long the host waits for each answer of a busy guest, by the host's own counters. usage: ic-times.py SUITE"""
import json
import os
import subprocess
import sys

from ic_lib import FAIL, Daemon, case, finish, host, mount_disk, node, qmp, ready, replied, sh, until

MOUNT = "/run/backup"
# Seconds: a host calls a beat late after one, gives up key-value pairs and copies after 30 and a freeze after 900.
LIMIT = {"heartbeat": 1, "timesync": 5, "shutdown": 5, "kvp": 30, "vss": 30, "fcopy": 30}
table = []


def measure(service, name, times, operation, limit=None):
    """Let the host do an operation often; the worst answer counts."""
    qmp("x-hv-ic-reset-counters")
    for i in range(times):
        operation(i)
    counters = host(service)["counters"]
    worst, replies = counters["latency-max"], counters["replies"]
    assert replies >= times and not counters["timeouts"], counters
    limit = limit or LIMIT[service]
    assert worst < limit * 1e6, "%.1f ms" % (worst / 1e3)
    table.append({"service": service, "operation": name, "answers": replies, "mean_us": counters["latency-total"] // replies,
                  "worst_us": worst, "limit_s": limit})
    return "worst %.1f ms, mean %.1f ms of %d, limit %d s" % (worst / 1e3, counters["latency-total"] / replies / 1e3, replies, limit)


def beats():
    """As they come, every two seconds."""
    def wait(_):
        before = qmp("x-hv-heartbeat-query")["answered"]
        until(20, "a beat", lambda: qmp("x-hv-heartbeat-query")["answered"] > before)
    return measure("heartbeat", "beat", 6, wait)


def samples(_):
    before = qmp("x-hv-timesync-query")["answered"]
    qmp("x-hv-timesync-set", jump=0, announce="sync")
    until(10, "an answer", lambda: qmp("x-hv-timesync-query")["answered"] > before)


def negotiations():
    """Versions, of every service that has no daemon to wait for."""
    said = []
    for service in ("heartbeat", "timesync", "shutdown", "kvp", "vss"):
        qmp("x-hv-ic-reset-counters")
        for _ in range(5):
            qmp("x-hv-ic-renegotiate", service=service)
            ready(service)
        worst = host(service)["counters"]["negotiate-max"]
        assert worst < 5e6, (service, worst)
        table.append({"service": service, "operation": "versions", "answers": 5, "worst_us": worst, "limit_s": 60})
        said.append("%s %.1f ms" % (service, worst / 1e3))
    return "worst: " + ", ".join(said)


def copy(_):
    result = qmp("x-hv-fcopy", source=sh("cat /share/fcopy-source"), name="copied", path="/tmp/new/", create_path=True,
                 overwrite=True, timeout=55000)
    assert result["state"] == "done", result



def freezes():
    """Freeze alone has 900 s, as all that is dirty is written back; the next counts only the thaw."""
    worst = {"freeze": 0, "thaw": 0}
    for _ in range(5):
        for operation in ("freeze", "thaw"):
            result = replied(qmp("x-hv-vss", operation=operation, timeout=60000))
            worst[operation] = max(worst[operation], result["latency"])
    for operation, limit in (("freeze", 900), ("thaw", 30)):
        assert worst[operation] < limit * 1e6, worst
        table.append({"service": "vss", "operation": operation, "answers": 5, "worst_us": worst[operation], "limit_s": limit})
    return "worst freeze %.1f ms, thaw %.1f ms of 5" % (worst["freeze"] / 1e3, worst["thaw"] / 1e3)


def get_ip(_):
    replied(qmp("x-hv-kvp-get-ip", adapter="02:15:5D:01:02:03", timeout=35000))


mount_disk(MOUNT)
sh("modprobe dummy numdummies=0; ip link add hvdummy type dummy; ip link set hvdummy address 02:15:5d:01:02:03 up")
sh("ip address add 10.11.12.13/24 dev hvdummy")
load = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(3)]
load.append(subprocess.Popen(["fio", "--name=load", "--directory=" + MOUNT, "--size=16m", "--rw=randwrite", "--bsrange=4k-64k",
                              "--ioengine=psync", "--fsync=16", "--time_based", "--runtime=900", "--output=/tmp/fio.out"]))
try:
    with Daemon("kvp"), Daemon("vss"):
        for one in ("heartbeat", "timesync", "shutdown", "kvp", "vss"):
            case("%s: ready" % one, lambda s=one: "%.1f s" % ready(s, 60))
        until(20, "the daemons", lambda: qmp("x-hv-vss", operation="hot-backup")["status"] == 0)
        case("heartbeat: beat", beats)
        case("timesync: the host's time", lambda: measure("timesync", "time", 20, samples))
        case("shutdown: an order", lambda: measure("shutdown", "order", 20, lambda _: replied(
            qmp("x-hv-shutdown", operation="power-off", flags=8), FAIL)))
        case("kvp: set", lambda: measure("kvp", "set", 50, lambda i: replied(
            qmp("x-hv-kvp-set", pool=0, key="key %d" % i, string="v" * 1000))))
        case("kvp: get", lambda: measure("kvp", "get", 50, lambda i: replied(
            (qmp("x-hv-kvp-get", pool=0, key="key %d" % i)))))
        case("kvp: enumerate", lambda: measure("kvp", "enumerate", 50, lambda i: qmp(
            "x-hv-kvp-enumerate", pool=0, start=i, limit=1)))
        case("kvp: delete", lambda: measure("kvp", "delete", 50, lambda i: replied(
            qmp("x-hv-kvp-delete", pool=0, key="key %d" % i))))
        case("kvp: addresses", lambda: measure("kvp", "addresses", 10, get_ip))
        case("vss: query", lambda: measure("vss", "query", 20, lambda _: replied(qmp("x-hv-vss", operation="hot-backup"))))
        case("vss: freeze and thaw", freezes)
        if os.path.exists(node("fcopy")):
            with Daemon("fcopy"):
                ready("fcopy")
                case("fcopy: start, pieces, end", lambda: measure("fcopy", "piece", 2, copy))
        case("versions", negotiations)
        case("load is still there", lambda: [one.poll() for one in load] == [None] * 4 or sys.exit(1))
finally:
    for one in load:
        one.terminate()
        one.wait()
with open("/share/times.json", "w") as out:
    json.dump(table, out)
finish()
