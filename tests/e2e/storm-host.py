#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The host's part of storm.sh: offers and rescinds as fast as they go, with pauses of all lengths.

Run by tests/vm (--qmp); HV_QMP is QEMU's socket, HV_ROUNDS how often, HV_DEVICES the ids. Begins when the guest has added a
device called go, adds one called done at the end.
"""
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib import qmp  # noqa: E402


def main():
    """Play all rounds."""
    client = qmp.connect(os.environ["HV_QMP"])
    dice = random.Random(1)
    devices = os.environ["HV_DEVICES"].split()
    while not any(o["name"] == "go" for o in client.command("qom-list", path="/machine/peripheral") or ()):
        if not client.alive:
            return
        time.sleep(0.1)
    start = time.monotonic()
    for _ in range(int(os.environ["HV_ROUNDS"])):
        path = "/machine/peripheral/" + dice.choice(devices)
        client.command("qom-set", path=path, property="offered", value=False)
        time.sleep(dice.choice((0, 0, 0.001, 0.01, 0.05)) * dice.random())
        client.command("qom-set", path=path, property="offered", value=True)
        time.sleep(dice.choice((0, 0, 0.002, 0.02, 0.1)) * dice.random())
    print("storm-host: all rounds in %.1f s" % (time.monotonic() - start), file=sys.stderr)
    client.command("device_add", driver="hv-test", id="done", bus="vmbus")


main()
