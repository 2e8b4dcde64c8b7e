#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Addresses the host sets and asks for, through the distribution's daemon and its scripts, as text and as numbers.

usage: ic-ip.py SUITE

The package has scripts that tell about DHCP and name servers; the one that applies an interface's file is for the
distribution to write, here it is SCRIPT.
"""
import os

from ic_lib import Daemon, INVALID, case, finish, host, qmp, ready, replied, sh, until

SCRIPTS = "/usr/libexec/hypervkvpd"
SCRIPT = """#!/bin/bash
# hv_set_ifconfig FILE: what the daemon wrote about an interface is how it is.
cp "$1" /run/ifcfg
. "$1"
ip address flush dev "$DEVICE" scope global
for n in '' $(seq 0 9); do
	a=IPADDR$n m=NETMASK$n
	[ -n "${!a}" ] || continue
	bits=0
	for byte in ${!m//./ }; do
		while [ "$byte" -gt 0 ]; do
			bits=$((bits + byte % 2))
			byte=$((byte / 2))
		done
	done
	ip address add "${!a}/$bits" dev "$DEVICE"
done
for n in '' $(seq 0 9); do
	a=IPV6ADDR$n
	[ -z "${!a}" ] || ip address add "${!a}/${IPV6NETMASK:-128}" dev "$DEVICE"
	a=GATEWAY$n
	[ -z "${!a}" ] || ip route replace default via "${!a}" dev "$DEVICE"
	a=IPV6_DEFAULTGW$n
	[ -z "${!a}" ] || ip -6 route replace default via "${!a}" dev "$DEVICE"
done
: >/etc/resolv.conf
for n in '' $(seq 0 9); do
	a=DNS$n
	[ -z "${!a}" ] || echo "nameserver ${!a}" >>/etc/resolv.conf
done
"""
NAME = "eth0"
WANT = {"ipv4": True, "ipv6": True, "dhcp": False, "addresses": ["192.0.2.7", "198.51.100.9", "2001:db8::7"],
        "subnets": ["255.255.255.0", "255.255.255.128", "64"], "gateways": ["192.0.2.1"], "dns": ["192.0.2.53", "192.0.2.54"]}


def attribute(name):
    """Return an attribute of the card."""
    with open("/sys/class/net/%s/%s" % (NAME, name)) as text:
        return text.read().strip()


def prepare():
    """A card of the host's, up, and the scripts the daemon expects."""
    until(20, "a card", lambda: os.path.exists("/sys/class/net/" + NAME))
    sh("ip link set %s up" % NAME)
    with open(SCRIPTS + "/hv_set_ifconfig", "w") as out:
        out.write(SCRIPT)
    os.chmod(SCRIPTS + "/hv_set_ifconfig", 0o755)
    assert os.path.exists(SCRIPTS + "/hv_get_dhcp_info") and os.path.exists(SCRIPTS + "/hv_get_dns_info")
    return "%s %s, scripts: %s" % (attribute("address"), attribute("device/device_id"), ", ".join(sorted(os.listdir(SCRIPTS))))


def told(**more):
    """Set addresses; return the host's result."""
    return qmp("x-hv-kvp-set-ip", ip=dict(WANT, adapter=attribute("device/device_id"), **more), timeout=25000)


def set_ip():
    """The daemon finds the card by its instance, writes a file and runs the script."""
    replied(told())
    said = sh("ip -o address show dev %s scope global" % NAME)
    for address in ("192.0.2.7/24", "198.51.100.9/25", "2001:db8::7"):
        assert address in said, said + sh("cat /run/ifcfg")
    assert "192.0.2.1" in sh("ip route show default"), sh("ip route; cat /run/ifcfg")
    assert sh("cat /etc/resolv.conf").split() == ["nameserver", "192.0.2.53", "nameserver", "192.0.2.54"]
    return ", ".join(sh("cat /run/ifcfg").split())


def get_ip():
    """What was set is what the host hears, from the system and not from a file."""
    got = qmp("x-hv-kvp-get-ip", adapter=attribute("address").upper(), timeout=25000)
    replied(got)
    assert "malformed" not in got, got
    found = got["ip"]
    for address in WANT["addresses"]:
        assert address in found["addresses"], found
    for subnet in ("255.255.255.0", "255.255.255.128"):
        assert subnet in found["subnets"], found
    assert any(one.strip("/") == "64" for one in found["subnets"]), found
    assert "192.0.2.1" in found["gateways"], found
    assert found["dns"][:2] == WANT["dns"], found
    assert found["ipv4"] and found["ipv6"] and not found["dhcp"], found
    return "%s, %s, gateways %s, servers %s" % tuple("; ".join(found[key]) for key in ("addresses", "subnets", "gateways", "dns"))


def dhcp():
    """The answer of the package's own script, which asks whoever manages the network here."""
    sh("mkdir -p /etc/sysconfig/network-scripts")
    for word, want in (("dhcp", True), ("none", False)):
        sh("echo BOOTPROTO=%s >/etc/sysconfig/network-scripts/ifcfg-%s" % (word, NAME))
        said = sh("%s/hv_get_dhcp_info %s" % (SCRIPTS, NAME))
        found = qmp("x-hv-kvp-get-ip", adapter=attribute("address").upper(), timeout=25000)["ip"]
        assert found["dhcp"] == want, (said, found)


def strangers():
    """An adapter that is not there, and text no script should see."""
    for adapter in ("{00000000-0000-0000-0000-000000000000}",):
        result = qmp("x-hv-kvp-set-ip", ip=dict(WANT, adapter=adapter))
        assert result["status"] == 0x80041002, result
    replied(qmp("x-hv-kvp-set-ip", ip=dict(WANT, adapter="{\u00e9\u4e2d\U0001f600}")), INVALID)
    replied(qmp("x-hv-kvp-set-ip", ip=dict(WANT, adapter="$(reboot)")), INVALID)
    if host("kvp")["version"] == "5.0":
        return
    for wrong in ("1.2.3.4;$(reboot)", "`x`", "\u0661.2.3.4", "1.2.3.4\n"):
        replied(told(addresses=[wrong]), INVALID)
        replied(told(dns=[wrong]), INVALID)


def version(number):
    """Let the guest choose a version."""
    with open("/sys/module/hv_utils/parameters/kvp_ip_numbers", "w") as out:
        out.write("1" if number == "5.0" else "0")
    qmp("x-hv-ic-renegotiate", service="kvp")
    ready("kvp", 30)
    assert host("kvp")["version"] == number, host("kvp")


with Daemon("kvp"):
    case("a card and the scripts", prepare)
    case("kvp: ready", lambda: "%.1f s" % ready("kvp", 60))
    for which in ("4.0", "5.0", "4.0"):
        case("addresses, version %s: chosen" % which, lambda v=which: version(v))
        case("addresses, version %s: set" % which, set_ip)
        case("addresses, version %s: asked for" % which, get_ip)
        sh("ip address flush dev %s scope global" % NAME)
        case("addresses, version %s: strangers" % which, strangers)
    case("addresses: by DHCP or not", dhcp)
finish()
