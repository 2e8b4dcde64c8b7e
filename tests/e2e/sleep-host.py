#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The host's part of sleep.sh: while the guest's bus is away, one device goes and another comes.

Run by tests/vm (--qmp); HV_QMP is QEMU's socket.
"""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib import qmp  # noqa: E402


def away(client):
    """Has the guest let go of the bus? None if it is not there any more."""
    answer = client.command("x-query-hyperv")
    return answer and answer["vmbus"]["state"] != "connected"


def main():
    """Wait for the guest to connect, then for it to leave."""
    client = qmp.connect(os.environ["HV_QMP"])
    for wanted in (False, True):
        state = not wanted
        while state != wanted:
            time.sleep(0.02)
            state = away(client)
            if state is None:
                return
    client.command("device_del", id="t1")
    client.command("device_add", driver="hv-test", id="t2", bus="vmbus")
    print("sleep-host: t1 went, t2 came", file=sys.stderr)


main()
