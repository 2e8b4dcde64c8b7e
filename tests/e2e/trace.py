#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""In the guest: tracepoints and delays of the bus, where scripts written for the kernel's own look for them.

    trace.py SUITE

/share has vmbus_testing, the kernel's program. Two disks, each on a controller of its own; the host's test device t0.
"""
import glob
import mmap
import os
import re
import socket
import subprocess
import sys
import time

SUITE = sys.argv[1]
TRACING = "/sys/kernel/tracing/"
EVENTS = TRACING + "events/hyperv/"
DEVICES = "/sys/bus/vmbus/devices/"
DELAYS = "/sys/kernel/debug/hyperv/"
FILES = {"fuzz_test_state", "delay/fuzz_test_buffer_interrupt_delay", "delay/fuzz_test_message_delay"}
TL_PORT = 0x1234


class Wrong(Exception):
    """What a case found."""


def run(case, *words):
    """Run a case; print its verdict."""
    name = " ".join([case.__name__.replace("_", " ")] + [str(word) for word in words])
    try:
        case(*words)
        print("PASS %s: %s" % (SUITE, name), flush=True)
    except (Wrong, OSError, subprocess.CalledProcessError) as why:
        print("FAIL %s: %s: %s" % (SUITE, name, str(why).replace("\n", " | ")[:600]), flush=True)


def same(what, got, want):
    """Complain about a difference."""
    if got != want:
        raise Wrong("%s: %s, not %s" % (what, got, want))


def output(*words):
    """Return what a command prints."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Wrong("%s: status %d: %s" % (" ".join(words), done.returncode, done.stdout[-300:]))
    return done.stdout


def text(name):
    """Return a small file."""
    with open(name) as handle:
        return handle.read().strip()


def put(name, value):
    """Write a small file."""
    with open(name, "w") as handle:
        handle.write(str(value))


def until(what, good):
    """Wait for it; no machine is that slow."""
    end = time.monotonic() + 120
    while not good():
        if time.monotonic() > end:
            raise Wrong("still not: " + what)
        time.sleep(0.1)


def formats():
    """Return {event: fields and text} of the bus; the rest of the system is the kernel's."""
    found = {}
    for name in glob.glob(EVENTS + "vmbus_*/format"):
        found[name.split("/")[-2]] = re.sub(r"^ID: .*\n", "", text(name), flags=re.M)
    return found


def events(wanted):
    """Return the fields of the events in the trace so far, as they are printed."""
    found = []
    for line in text(TRACING + "trace").splitlines():
        match = re.search(r": (vmbus_\w+): (.*)", line)
        if match and match.group(1) == wanted:
            found.append(match.group(2))
    return found


def watch(on):
    """Trace the bus, from nothing; or no longer."""
    put(EVENTS + "enable", 0)
    put(TRACING + "trace", "")
    put(TRACING + "tracing_on", 1)
    if on:
        for name in glob.glob(EVENTS + "vmbus_*/enable"):
            put(name, 1)


def seen(event, pattern, least=1):
    """Complain unless an event has been seen whose text is like that."""
    found = [line for line in events(event) if re.fullmatch(pattern, line)]
    if len(found) < least:
        raise Wrong("%s: %d like '%s', not %d; all: %s" % (event, len(found), pattern, least, events(event)[-3:]))
    return found


def disk(number):
    """Return a disk, and its device on the bus."""
    block = output("hv-disk", str(number)).strip()
    path = os.path.realpath("/sys/block/%s/device" % os.path.basename(block))
    return block, next(name for name in os.listdir(DEVICES) if "/%s/" % name in path)


def channel(device):
    """Return the folder of a device's first channel."""
    return sorted(glob.glob(DEVICES + device + "/channels/*"), key=lambda name: int(os.path.basename(name)))[0] + "/"


def read(block, times):
    """Read a block so many times, past every cache; return the seconds of the fastest and of the middle one."""
    took = []
    memory = mmap.mmap(-1, 4096)
    handle = os.open(block, os.O_RDONLY | os.O_DIRECT)
    for n in range(times):
        start = time.monotonic()
        if os.preadv(handle, [memory], 4096 * (n % 1000)) != 4096:
            raise Wrong("a short read")
        took.append(time.monotonic() - start)
    os.close(handle)
    return min(took), sorted(took)[times // 2]


def signals_of_a_ring_are_traced():
    """As many as the channel counts, and nothing while nobody watches."""
    block, device = disk(0)
    where = channel(device)
    relid = "relid 0x%x" % int(os.path.basename(where.rstrip("/")))

    def counted():
        return [int(text(where + name)) for name in ("events", "interrupts")]
    outer = counted()
    watch(True)
    inner = counted()
    read(block, 50)
    until("the last interrupt of the disk", lambda: len(events("vmbus_on_event")) >= 50)
    inner = [now - then for now, then in zip(counted(), inner)]
    put(EVENTS + "enable", 0)
    outer = [now - then for now, then in zip(counted(), outer)]
    traced = [len(seen(name, relid)) for name in ("vmbus_setevent", "vmbus_chan_sched")]
    # one may be between its trace and its counter
    if any(not least - 1 <= found <= most + 1 for least, found, most in zip(inner, traced, outer)):
        raise Wrong("signals and interrupts: %s traced, %s to %s counted" % (traced, inner, outer))
    if min(inner) < 50:
        raise Wrong("50 reads with %s signals" % inner)
    put(TRACING + "trace", "")
    read(block, 10)
    same("events that nobody asked for", re.findall(r"vmbus_\w+", text(TRACING + "trace")), [])


def life_of_a_channel_is_traced():
    """A driver leaves and comes: what is sent and what is answered, with the numbers sysfs shows."""
    device = disk(1)[1]
    relid = "0x%x" % int(text(DEVICES + device + "/id"))
    driver = os.path.realpath(DEVICES + device + "/driver/")
    watch(True)
    put(driver + "/unbind", device)
    put(driver + "/bind", device)
    watch_off = lambda: put(EVENTS + "enable", 0)   # noqa: E731
    until("the disk is back", lambda: subprocess.run(["hv-disk", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)
    watch_off()
    seen("vmbus_close_internal", r"sending child_relid %s, ret 0" % relid)
    seen("vmbus_teardown_gpadl", r"sending child_relid %s, gpadl 0x[0-9a-f]+, ret 0" % relid)
    gpadl = seen("vmbus_establish_gpadl_header", r"sending child_relid %s, gpadl 0x[0-9a-f]+, range_buflen \d+ rangecount 1, ret 0" % relid)[0]
    gpadl = re.search(r"gpadl (0x\w+)", gpadl).group(1)
    bodies = seen("vmbus_establish_gpadl_body", r"sending msgnumber \d+, gpadl %s, ret 0" % gpadl)
    same("numbers of the bodies", [int(line.split()[2].rstrip(",")) for line in bodies], list(range(len(bodies))))
    seen("vmbus_ongpadl_created", r"child_relid %s, gpadl %s, creation_status 0" % (relid, gpadl))
    seen("vmbus_ongpadl_torndown", r"gpadl 0x[0-9a-f]+")
    opened = seen("vmbus_open", r"sending child_relid %s, openid \d+, gpadlhandle %s, target_vp 0x\d+, offset 0x[0-9a-f]+, ret 0" % (relid, gpadl))[0]
    seen("vmbus_onopen_result", r"child_relid %s, openid %s, status 0" % (relid, re.search(r"openid (\d+)", opened).group(1)))
    for name in ("vmbus_on_msg_dpc", "vmbus_on_message"):
        for number in (6, 10, 12):
            seen(name, "msgtype=%d" % number)


def moving_a_channel_is_traced():
    """The order and the answer."""
    where = channel(disk(0)[1])
    relid = "0x%x" % int(os.path.basename(where.rstrip("/")))
    cpu = 1 - int(text(where + "cpu"))
    watch(True)
    put(where + "cpu", cpu)
    put(EVENTS + "enable", 0)
    seen("vmbus_send_modifychannel", r"binding child_relid %s to target_vp 0x%x, ret 0" % (relid, cpu))
    seen("vmbus_onmodifychannel_response", r"child_relid %s, status 0" % relid)


def offer_and_rescind_are_traced():
    """A device comes and goes."""
    before = set(os.listdir(DEVICES))
    watch(True)
    output("hv-qmp", "device_add", '{"driver": "hv-test", "id": "tx", "bus": "vmbus"}')
    until("the new device", lambda: len(os.listdir(DEVICES)) > len(before))
    new = (set(os.listdir(DEVICES)) - before).pop()
    relid = "0x%x" % int(text(DEVICES + new + "/id"))
    kind = text(DEVICES + new + "/class_id").strip("{}")
    output("hv-qmp", "device_del", '{"id": "tx"}')
    until("it is gone", lambda: events("vmbus_release_relid"))
    put(EVENTS + "enable", 0)
    seen("vmbus_onoffer", r"child_relid %s, monitorid 0x[0-9a-f]+, is_dedicated 1, connection_id 0x[0-9a-f]+, if_type %s, if_instance %s, "
         r"chn_flags 0x[0-9a-f]+, mmio_megabytes 0, sub_channel_index 0" % (relid, kind, new))
    seen("vmbus_onoffer_rescind", "child_relid " + relid)
    seen("vmbus_release_relid", r"sending child_relid %s, ret 0" % relid)


def a_wish_for_a_connection_is_traced():
    """By the distribution's socket driver; what the host answers does not matter."""
    output("modprobe", "hv_sock")
    watch(True)
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as end:
        end.setblocking(False)
        end.connect_ex((2, TL_PORT))
        until("the request", lambda: events("vmbus_send_tl_connect_request"))
    put(EVENTS + "enable", 0)
    seen("vmbus_send_tl_connect_request", r"sending guest_endpoint_id [0-9a-f]{8}-facb-11e6-bd58-64006a7986d3, "
         r"host_service_id %08x-facb-11e6-bd58-64006a7986d3, ret 0" % TL_PORT)


def connecting_is_traced():
    """The kernel's own test of hibernation leaves the host and comes back."""
    if "core" not in text("/sys/power/pm_test"):
        raise Wrong("this kernel cannot test hibernation")
    watch(True)
    put("/sys/power/pm_test", "core")
    put("/sys/power/state", "disk")
    put(EVENTS + "enable", 0)
    put("/sys/power/pm_test", "none")
    version = [int(n) for n in re.search(r"version:(\d+)\.(\d+)", output("dmesg")).groups()]
    seen("vmbus_negotiate_version", r"sending vmbus_version_requested %d, target_vcpu 0x0, pages [0-9a-f]+:[0-9a-f]+:[0-9a-f]+, ret 0"
         % (version[0] << 16 | version[1]))
    seen("vmbus_onversion_response", "version_supported 1")
    seen("vmbus_request_offers", "sending ret 0")


def tool(*words):
    """Run the kernel's program."""
    return output("python3", "/share/vmbus_testing", *words)


def folders_of_the_devices():
    """A folder for each device, with the files that are documented, and nothing else."""
    same("folders", sorted(os.listdir(DELAYS)), sorted(os.listdir(DEVICES)))
    for folder in os.listdir(DELAYS):
        at = DELAYS + folder
        same("files", {os.path.relpath(os.path.join(here, name), at) for here, _, names in os.walk(at) for name in names}, FILES)


def vmbus_testing_shows_every_device():
    """All of them, and off."""
    lines = tool("view_all").splitlines()
    same("view_all", sorted(lines), sorted("Testing = OFF for: " + name for name in os.listdir(DEVICES)))


def fastest(block, good):
    """Read until one takes as long as wanted; return the seconds of the fastest."""
    best = []

    def again():
        best.append(read(block, 20)[0])
        return good(min(best))
    until("a read of %s as fast as it should be: %s" % (block, best[-3:]), again)
    return min(best)


def vmbus_testing_delays_one_disk():
    """That one, by both times at least; not the other; and neither afterwards."""
    (slow, device), (other, _) = disk(0), disk(1)
    tool("delay", "-e", "-t", "1000", "1000", "-p", DELAYS + device)
    same("view_single", sorted(tool("view_single", "-p", DELAYS + device).split("\n")[:3]),
         ["fuzz_test_buffer_interrupt_delay = 1000", "fuzz_test_message_delay = 1000", "fuzz_test_state = 1"])
    took = read(slow, 50)[1]
    if took < 0.002:
        raise Wrong("a read took %.3f ms with two delays of 1 ms" % (took * 1000))
    fastest(other, lambda seconds: seconds < 0.002)
    tool("disable_single", "-p", DELAYS + device)
    fastest(slow, lambda seconds: seconds < 0.002)


def vmbus_testing_delays_all():
    """Each one; only the messages this time. And a device that goes away meanwhile takes its delay along."""
    before = len(os.listdir(DEVICES))
    output("hv-qmp", "device_add", '{"driver": "hv-test", "id": "ty", "bus": "vmbus"}')
    until("the new device", lambda: len(os.listdir(DELAYS)) > before)
    tool("delay", "-E", "-t", "-1", "1000")
    same("view_all", set(line.split(" for")[0] for line in tool("V").splitlines()), {"Testing = ON"})
    for number in (0, 1):
        took = read(disk(number)[0], 20)[1]
        if took < 0.001:
            raise Wrong("a read of disk %d took %.3f ms with a delay of 1 ms" % (number, took * 1000))
    output("hv-qmp", "device_del", '{"id": "ty"}')
    until("it is gone", lambda: len(os.listdir(DELAYS)) == before)
    tool("disable_all")
    for number in (0, 1):
        fastest(disk(number)[0], lambda seconds: seconds < 0.001)


def nonsense_is_refused():
    """Values that mean nothing change nothing."""
    at = DELAYS + disk(0)[1] + "/"
    for name, value in [(name, value) for name in FILES for value in ("1001", "-1", "x", "")]:
        try:
            put(at + name, value)
            if value:
                raise Wrong("%s takes '%s'" % (name, value))
        except OSError:
            pass
    same("values", {text(at + name) for name in FILES}, {"0"})


def the_same_as_the_distributions():
    """Every event: its fields, their places, the text. The bus is exchanged for it, and nothing is left of ours."""
    ours = formats()
    for module in ("hv_sock", "hv_storvsc", "hv_vmbus"):
        until("%s goes" % module, lambda: subprocess.run(["modprobe", "-r", module], stderr=subprocess.DEVNULL).returncode == 0)
    same("events left over", formats(), {})
    same("folders left over", os.path.exists(DELAYS), False)
    theirs = glob.glob("/lib/modules/%s/kernel/drivers/hv/hv_vmbus.ko*" % os.uname().release)
    output("insmod", *theirs)
    want = formats()
    output("rmmod", "hv_vmbus")
    same("events", sorted(ours), sorted(want))
    if len(want) < 20:
        raise Wrong("only %d events" % len(want))
    for name in want:
        same(name, ours[name], want[name])


def main():
    """Run the cases."""
    subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], stderr=subprocess.DEVNULL)
    subprocess.run(["mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug"], stderr=subprocess.DEVNULL)
    for case in (signals_of_a_ring_are_traced, life_of_a_channel_is_traced, moving_a_channel_is_traced, offer_and_rescind_are_traced,
                 connecting_is_traced, folders_of_the_devices, vmbus_testing_shows_every_device, vmbus_testing_delays_one_disk,
                 vmbus_testing_delays_all, nonsense_is_refused, a_wish_for_a_connection_is_traced, the_same_as_the_distributions):
        run(case)


main()
