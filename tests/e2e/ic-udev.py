#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What udev, with the distribution's own rules, makes of the services: the module, the clock's link, what systemd is to start.

usage: ic-udev.py SUITE	(in a guest whose hv_utils is not loaded yet)
"""
import os
import stat

from ic_lib import GUID, case, finish, node, offer, ours, ready, sh, until

UNITS = {"kvp": "hv-kvp-daemon.service", "vss": "hv-vss-daemon.service", "fcopy": "hv-fcopy-daemon.service"}


def bound(service):
    """Is hv_utils the driver of a service?"""
    link = "/sys/bus/vmbus/devices/%s/driver" % GUID[service]
    return os.path.exists(link) and os.path.basename(os.readlink(link)) == "hv_utils"


def loaded():
    """By the devices' names, as at any boot."""
    assert not os.path.exists("/sys/module/hv_utils"), "hv_utils is there before udev"
    sh("hv-udev")
    for service in GUID:
        if service in UNITS or service in ("heartbeat", "timesync", "shutdown"):
            until(20, "a driver for %s" % service, lambda s=service: bound(s))
    assert ours(), "another hv_utils was loaded"
    with open("/sys/bus/vmbus/devices/%s/modalias" % GUID["kvp"]) as text:
        return text.read().strip()


def link():
    """/dev/ptp_hyperv, by the rule of systemd."""
    until(20, "the link", lambda: os.path.islink("/dev/ptp_hyperv"))
    name = os.path.basename(os.readlink("/dev/ptp_hyperv"))
    with open("/sys/class/ptp/%s/clock_name" % name) as text:
        assert text.read().strip() == "hyperv"
    return "%s, by %s" % (name, sh("grep -l ptp_hyperv /lib/udev/rules.d/*"))


def properties(service):
    """Return what udev knows of a service's node."""
    text = sh("udevadm info --query=property --name=%s" % node(service))
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def wanted(service):
    """The node, its name in sysfs and its rights are those the package's rules and units are written for."""
    unit = UNITS[service]
    until(20, node(service), lambda: os.path.exists(node(service)))
    until(20, "its properties", lambda: properties(service).get("SYSTEMD_WANTS") == unit)
    assert ":systemd:" in properties(service)["TAGS"], properties(service)
    mode = os.stat(node(service))
    assert stat.S_ISCHR(mode.st_mode) and stat.S_IMODE(mode.st_mode) == 0o600 and mode.st_uid == 0, oct(mode.st_mode)
    path = "/devices/virtual/misc/vmbus!hv_" + service
    assert properties(service)["DEVPATH"] == path and os.path.isdir("/sys" + path), properties(service)
    with open("/lib/systemd/system/" + unit) as text:
        binds = [line for line in text.read().splitlines() if line.startswith("BindsTo=")]
    escaped = ("sys" + path).replace("/", "-").replace("!", "\\x21") + ".device"
    assert binds == ["BindsTo=" + escaped], (binds, escaped)
    return escaped


def off_and_on():
    """A service that goes takes its names along; one that comes back is the same to udev."""
    for service in ("timesync", "kvp", "vss"):
        offer(service, False)
        names = ["/dev/ptp_hyperv"] if service == "timesync" else [node(service)]
        until(20, "%s gone" % names, lambda n=names: not any(os.path.lexists(one) for one in n))
        offer(service, True)
        until(30, "%s back" % names, lambda n=names: all(os.path.exists(one) for one in n))
        if service != "timesync":
            wanted(service)
    link()
    ready("timesync", 30)


case("udev: hv_utils loaded", loaded)
case("udev: /dev/ptp_hyperv", link)
for which in UNITS:
    case("udev: what systemd starts for %s" % which, lambda s=which: wanted(s))
case("udev: services off and on", off_and_on)
finish()
