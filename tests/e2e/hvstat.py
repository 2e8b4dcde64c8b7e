#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""In the guest: what hvstat says, against the kernel's own files.

    hvstat.py SUITE ours|distro
"""
import glob
import json
import os
import signal
import subprocess
import sys
import time

SUITE, BUS = sys.argv[1:3]
DEVICES = "/sys/bus/vmbus/devices/"


def report(case, reason=""):
    """Print a verdict; @reason is empty if all is well."""
    print("%s %s: %s%s" % ("FAIL" if reason else "PASS", SUITE, case, ": " + str(reason) if reason else ""), flush=True)


def output(*words):
    """Return what a command prints."""
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout


def text(name):
    """Return a small file, or None."""
    if not os.path.exists(name):
        return None
    with open(name) as handle:
        return handle.read().strip()


def hvstat(*words):
    """Return the objects it prints."""
    return [json.loads(line) for line in output("/share/hvstat", "--json", *words).splitlines()]


def same(got, want):
    """Return the difference, or nothing."""
    return "" if got == want else "%s, not %s" % (got, want)


def main():
    """Run the cases."""
    now = hvstat()[0]
    by_name = {dev["name"]: dev for dev in now["devices"]}
    report("every device of the bus", same(sorted(by_name), sorted(os.listdir(DEVICES))))
    report("every channel", same(sorted(c["id"] for d in now["devices"] for c in d["channels"]),
                                 sorted(int(os.path.basename(n)) for n in glob.glob(DEVICES + "*/channels/*"))))
    report("the hypervisor", same((now["hypervisor"]["vendor"], now["hypervisor"]["interface"]), ("Microsoft Hv", "Hv#1")))
    report("drivers", same({n: d["driver"] for n, d in by_name.items() if d["driver"]},
                           {n: os.path.basename(os.readlink(DEVICES + n + "/driver")) for n in os.listdir(DEVICES)
                            if os.path.exists(DEVICES + n + "/driver")}))
    names = ["hv_vmbus"] + sorted({d["module"]["name"] for d in now["devices"] if d["driver"]})
    modules = {d["module"]["name"]: d["module"] for d in now["devices"]}
    modules["hv_vmbus"] = now["vmbus"]["module"]
    report("files of the modules", same({n: (modules[n]["file"], modules[n]["srcversion"]) for n in names},
                                        {n: (output("modinfo", "-n", n).strip(), text("/sys/module/%s/srcversion" % n)) for n in names}))

    disk = next(d for d in now["devices"] if d["class"] == "SCSI controller")
    channel = DEVICES + "%s/channels/%d/" % (disk["name"], disk["channels"][0]["id"])
    before = int(text(channel + "events"))
    subprocess.run(["dd", "if=/dev/sda", "of=/dev/null", "bs=64k", "count=64", "iflag=direct"], check=True, stderr=subprocess.DEVNULL)
    found = next(d for d in hvstat()[0]["devices"] if d["name"] == disk["name"])["channels"][0]["events"]
    report("a disk's signals are counted", "" if before < found <= int(text(channel + "events")) else "%d, then %d" % (before, found))

    # again and again: a fast machine has read the disk before there are two lines
    load = subprocess.Popen(["sh", "-c", "while dd if=/dev/sda of=/dev/null bs=4k iflag=direct; do :; done"], stderr=subprocess.DEVNULL,
                            start_new_session=True)
    while int(text(channel + "events")) < found + 100:
        time.sleep(0.05)
    lines = hvstat("--watch=2", "--count=2", "SCSI")
    os.killpg(load.pid, signal.SIGKILL)
    load.wait()
    fastest = [max(c["per_second"]["events"] for d in line["devices"] for c in d["channels"]) for line in lines]
    report("rates of a busy disk", "" if len(lines) == 2 and min(fastest) > 0 else lines)

    sizes = {c["in_size"] for d in now["devices"] for c in d["channels"] if d["driver"]}
    refused = now["vmbus"]["refused"]
    if BUS == "ours":
        report("version of the protocol", same(now["vmbus"]["version"], "5.3"))
        report("sizes of open rings", "" if sizes and None not in sizes and min(sizes) >= 4096 else sizes)
        report("refusals", same(refused, {k: int(v) for k, v in (line.split() for line in text("/sys/kernel/debug/hv_vmbus/refused").splitlines())}))
        report("refusals of a disk", same(disk["refused"], {k: int(v) for k, v in (
            line.split() for line in text(glob.glob(DEVICES + disk["name"] + "/host*/scsi_host/*/vstor_refused")[0]).splitlines())}))
        report("refusals of a card", "" if any(d["refused"] for d in now["devices"] if d["driver"] == "hv_netvsc") else "none")
    else:
        report("what this bus does not tell is not made up", same((sizes, refused), ({None}, {})))
    print(output("/share/hvstat"))


main()
