# SPDX-License-Identifier: GPL-2.0-only
"""Clocks for the programs of the integration services: the host's, the guest's and the PTP clock between them."""
import fcntl
import os
import struct
import threading
import time

from ic_lib import all_ready, qmp, until

PTP_SYS_OFFSET_EXTENDED = 0xc4c03d09
PTP_SYS_OFFSET_PRECISE = 0xc0403d08


def offset(tries=3):
    """Return host minus guest in seconds, and how sure that is: by the quickest of three answers, of more if all were slow."""
    best = None
    for attempt in range(tries):
        if attempt >= 3 and best[1] < 10**8:
            break
        t0 = time.time_ns()
        there = qmp("x-hv-timesync-query")["time"]
        t1 = time.time_ns()
        if best is None or t1 - t0 < best[1]:
            best = (there - (t0 + t1) // 2, t1 - t0)
    return best[0] / 1e9, best[1] / 2e9


def close():
    """Has the guest the host's time?"""
    now, unsure = offset()
    return abs(now) < 0.1 + unsure


def device():
    """Return the node of the host's clock."""
    for name in os.listdir("/sys/class/ptp"):
        with open("/sys/class/ptp/%s/clock_name" % name) as text:
            if text.read().strip() == "hyperv":
                return "/dev/" + name
    raise AssertionError("no PTP clock named hyperv")


def stamp(data, at):
    """Return ns of a struct ptp_clock_time."""
    seconds, nanoseconds = struct.unpack_from("<qI", data, at)
    return seconds * 1000000000 + nanoseconds


def ptp_offset():
    """Return host minus guest in ns at one moment, or None while the host's time is not known."""
    with open(device(), "rb") as clock:
        data = bytearray(64)
        try:
            fcntl.ioctl(clock, PTP_SYS_OFFSET_PRECISE, data)
        except OSError as error:
            if error.errno == 116:      # ESTALE
                return None
            raise
    return stamp(data, 0) - stamp(data, 16)


def everything_right():
    """After any absence: the host's time within 30 s, every service, then the PTP clock. Return the seconds, and its offset."""
    took = until(30, "the host's time", close)
    all_ready()
    # A host that is busy takes a sample with some jitter; the next one is five seconds away.
    until(30, "a PTP clock within 50 ms", lambda: abs(ptp_offset() or 1e9) < 50e6)
    return took, ptp_offset()


class Watch:
    """Reads the PTP clock all the time: it may not know the time, but never says a wrong one."""

    def __init__(self, span=400000):
        self.span = span            # seconds the host may have been set meanwhile
        self.good = self.stale = 0
        self.wrong = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        """Until told to stop."""
        start = time.time()
        while not self.stop.wait(0.02):
            try:
                with open(device(), "rb") as clock:
                    now = time.clock_gettime((~clock.fileno() << 3) | 3)
            except OSError:
                self.stale += 1
                continue
            if abs(now - start) < self.span:
                self.good += 1
            else:
                self.wrong.append(now)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
