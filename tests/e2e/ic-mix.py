#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One round of every service, for mixes of our modules with the distribution's.

usage: ic-mix.py SUITE [old-host]	old-host: VMBus below 3.0, whose backup no driver takes
"""
import os
import sys
import time

from ic_lib import Daemon, backup_daemon, case, finish, host, qmp, ready, replied, sh, until

OLD_HOST = "old-host" in sys.argv[2:]


def beats():
    ready("heartbeat")
    before = qmp("x-hv-heartbeat-query")["answered"]
    until(60, "two beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before + 2)


def clock():
    qmp("x-hv-timesync-set", jump=86400 * 10**9, announce="sync")
    return "%.1f s" % until(30, "the host's time", lambda: abs(qmp("x-hv-timesync-query")["time"] - time.time_ns()) < 10**9)


def pairs():
    with Daemon("kvp"):
        ready("kvp", 30)
        replied(qmp("x-hv-kvp-set", pool=0, key="mix", string="\u00e9\u00df"))
        found = qmp("x-hv-kvp-enumerate", pool=0)
        assert [one["string"] for one in found["records"]] == ["\u00e9\u00df"], found
        replied(qmp("x-hv-kvp-delete", pool=0, key="mix"))
        names = [one["key"] for one in qmp("x-hv-kvp-enumerate", pool=2)["records"]]
        assert "OSName" in names, names


def backup():
    with Daemon("vss"):
        ready("vss")
        backup_daemon()
        replied(qmp("x-hv-vss", operation="freeze", timeout=50000))
        replied(qmp("x-hv-vss", operation="thaw", timeout=50000))


def no_backup():
    assert not os.path.exists("/dev/vmbus/hv_vss"), "there is a device for it"
    assert "vss: the host is too old" in sh("dmesg"), "it is not said"


def reload_():
    gone = sh("modprobe -r hv_utils")
    assert not os.path.exists("/sys/module/hv_utils"), gone
    sh("modprobe hv_utils")
    for service in ("heartbeat", "timesync", "shutdown") + (() if OLD_HOST else ("vss",)):
        ready(service, 30)
        assert not host(service)["counters"]["malformed"]


case("heartbeat", beats)
case("timesync", clock)
case("kvp", pairs)
if OLD_HOST:
    case("vss is left alone", no_backup)
else:
    case("vss", backup)
case("reload", reload_)
case("heartbeat again", beats)
finish()
