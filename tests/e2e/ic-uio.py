#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""File copy through the UIO daemon of newer distributions, unmodified, from /share/sbin: the host sends, the guest has the file.

usage: ic-uio.py SUITE
"""
import hashlib
import os
import subprocess
import time

from ic_lib import GUID, case, finish, host, qmp, ready, sh, until

CLASS = "34d14be3-dee4-41c8-9ae7-6b174977c192"
DEVICE = "/sys/bus/vmbus/devices/" + GUID["fcopy"]
DRIVER = "/sys/bus/vmbus/drivers/uio_hv_generic"
NAME = "hv_fcopy_uio_daemon"


def bound():
    """The administrator's way, unless the driver knows the class by itself: it is told."""
    sh("modprobe uio_hv_generic")
    time.sleep(1)
    if not os.path.isdir(DEVICE + "/uio"):
        with open(DRIVER + "/new_id", "w") as out:
            out.write(CLASS)
    until(10, "a uio device", lambda: os.path.isdir(DEVICE + "/uio"))
    channel = os.listdir(DEVICE + "/channels")[0]
    ring = DEVICE + "/channels/%s/ring" % channel
    until(10, "the ring in sysfs", lambda: os.path.exists(ring))
    name = os.listdir(DEVICE + "/uio")[0]
    until(10, "the node", lambda: os.path.exists("/dev/" + name))
    with open("/sys/class/uio/%s/maps/map0/size" % name) as text:
        size = int(text.read(), 16)
    assert os.stat(ring).st_size == size, "ring %d bytes, map %d" % (os.stat(ring).st_size, size)
    return "%s, rings of %d bytes" % (name, size)


class UioDaemon:
    """The daemon, unchanged."""

    def __enter__(self):
        self.log = open("/tmp/daemon.log", "ab")
        self.process = subprocess.Popen(["/share/sbin/" + NAME, "-n"], stdout=self.log, stderr=self.log)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()


def digest(path):
    """Return the SHA-256 of a file."""
    with open(path, "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


def copied(**more):
    """Copy a file; return the host's answer."""
    return qmp("x-hv-fcopy", source=sh("cat /share/fcopy-source"), name="copied", path="/tmp/new/folder/", timeout=55000, **more)


def versions():
    try:
        took = ready("fcopy", 30)
    except AssertionError as error:
        raise AssertionError("%s: %s" % (error, sh("tail -n 5 /tmp/daemon.log; ls %s/channels/*" % DEVICE))) from error
    return "%.1f s, %s" % (took, host("fcopy")["version"])


def copy():
    result = copied(create_path=True)
    assert result["state"] == "done", (result, sh("tail -n 3 /tmp/daemon.log"))
    assert digest("/tmp/new/folder/copied") == digest("/share/fcopy-data"), "the copy differs"
    return "%d bytes in %d ms" % (result["size"], result["time"] // 1000)


def exists():
    """A file that is there stays, unless it may be overwritten."""
    again = copied()
    assert again["state"] == "failed" and again["status"] == 0x80070050, again
    result = copied(overwrite=True)
    assert result["state"] == "done", result
    assert digest("/tmp/new/folder/copied") == digest("/share/fcopy-data"), "the copy differs"


def restarted():
    """A daemon that dies closes the channel; the next one negotiates anew."""
    until(20, "the channel closed", lambda: host("fcopy")["state"] == "closed")
    with UioDaemon():
        ready("fcopy", 30)
        result = copied(overwrite=True)
        assert result["state"] == "done", result


def renegotiated():
    """The host starts over, as after a restore."""
    before = host("fcopy")["counters"]["negotiations"]
    qmp("x-hv-ic-renegotiate", service="fcopy")
    until(20, "versions again", lambda: host("fcopy")["counters"]["negotiations"] > before and host("fcopy")["state"] == "ready")
    assert copied(overwrite=True)["state"] == "done"


def given_back():
    """The driver lets go and takes it again."""
    for verb in ("unbind", "bind"):
        with open("%s/%s" % (DRIVER, verb), "w") as out:
            out.write(GUID["fcopy"])
    until(10, "a uio device", lambda: os.path.isdir(DEVICE + "/uio"))
    with UioDaemon():
        ready("fcopy", 30)
        assert copied(overwrite=True)["state"] == "done"


case("fcopy by UIO: the device", bound)
with UioDaemon():
    case("fcopy by UIO: versions", versions)
    case("fcopy by UIO: a file", copy)
    case("fcopy by UIO: one that is there", exists)
    case("fcopy by UIO: the host starts over", renegotiated)
case("fcopy by UIO: another daemon", restarted)
case("fcopy by UIO: unbind and bind", given_back)
finish()
