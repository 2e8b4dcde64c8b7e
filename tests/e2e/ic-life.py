#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Integration services whose host, daemon or administrator misbehaves: our hv_utils answers, and nothing sticks.

usage: ic-life.py SUITE [long]
"""
import ctypes
import errno
import os
import random
import select
import signal
import struct
import sys
import threading
import time

from ic_lib import (Daemon, FAIL, FROZEN, Fake, GUID, INVALID, Later, NO_MORE, Refused, case, clear_log, finish, freeze, host, inject,
                    mount_disk, node, offer, packet, qmp, ready, replied, serves_second, sh, stats, status_of, thawed, until)

long_run = "long" in sys.argv
random.seed(2)
ALL = ["heartbeat", "timesync", "shutdown", "kvp", "vss"] + (["fcopy"] if os.path.exists(node("fcopy")) else [])


def value(op, pool=0, key="k", text="v", **more):
    """Return the body of GET (0) or SET (1)."""
    key_, text_ = (key + "\0").encode("utf-16-le"), (text + "\0").encode("utf-16-le")
    return (struct.pack("<BBHIII", op, pool, 0, more.get("type", 1), more.get("key", len(key_)), more.get("value", len(text_))) +
            key_.ljust(512, b"\0") + text_.ljust(2048, b"\0") + bytes(4))


def enumerate_(pool, index):
    return struct.pack("<BBHI", 3, pool, 0, index) + bytes(2572)


# The test itself

def interrupted():
    """A case that hangs is interrupted while the host has its question: the next question gets its own answer."""
    with Fake("kvp") as fake:
        ready("kvp")
        # As soon as the question has come to the daemon, and so is on its way for sure.
        threading.Thread(target=lambda: fake.waiting(60) and os.kill(os.getpid(), signal.SIGALRM)).start()
        try:
            qmp("x-hv-kvp-get", pool=0, key="interrupted", timeout=20000)
            raise RuntimeError("it was not interrupted")
        except AssertionError:
            pass
        message = fake.read()
        fake.agree(message)
        assert host("heartbeat")["service"] == "heartbeat"
        assert "offset" in qmp("x-hv-timesync-query")


# No daemon, a dead one, a slow one

def defect_2_no_daemon():
    """The negotiation is answered after 55 s at the latest; then every request fails at once."""
    took = until(60, "an answer to the negotiation", lambda: host("kvp")["state"] == "ready")
    asked = host("kvp")["counters"]["negotiate-last"] / 1e6
    assert asked < 60, "after %.1f s" % asked
    result = replied(qmp("x-hv-kvp-get", pool=0, key="k"), FAIL)
    return "versions after %.0f s (seen for %.0f), a request after %d us" % (asked, took, result["latency"])


def vss_no_daemon():
    ready("vss")
    for op in ("hot-backup", "freeze", "thaw"):
        replied(qmp("x-hv-vss", operation=op), FAIL)
    for op in ("create", "delete", "complete", "dm-info"):
        replied(qmp("x-hv-vss", operation=op))


def killed_at(step):
    """The daemon dies at one point of a transaction: the host hears of it at once."""
    fake = Fake("kvp", register=False)
    later = None
    try:
        if step >= 1:
            fake.write(Fake.HELLO["kvp"])
        if step >= 2:
            fake.read()
            ready("kvp")
        if step >= 3:
            later = Later("x-hv-kvp-set", pool=0, key="k", string="v")
        if step == 4:
            assert fake.waiting(20)
        if step >= 5:
            message = fake.read()
        if step >= 6:
            fake.agree(message)
    finally:
        os.close(fake.fd)
    if not later:
        return
    result = replied(later.wait(20), 0 if step >= 6 else FAIL)
    # by itself the driver waits for 30 s
    assert result["latency"] < 20000000, result


def killed_for_real():
    """kill -9 of the distribution's daemon while the host keeps asking."""
    seen = {}
    end = time.monotonic() + (120 if long_run else 8)
    while time.monotonic() < end:
        with Daemon("kvp") as daemon:
            until(60, "the daemon at work", lambda: qmp("x-hv-kvp-set", pool=0, key="a", string="b")["status"] == 0)
            killer = threading.Timer(random.random() * 0.3, daemon.kill)
            killer.start()
            for _ in range(12):
                status = qmp("x-hv-kvp-set", pool=0, key="a", string="b")
                assert status["outcome"] == "replied", status
                seen[status["status"]] = seen.get(status["status"], 0) + 1
            killer.join()
    assert set(seen) <= {0, FAIL, NO_MORE} and FAIL in seen, seen
    return ", ".join("%#x: %d" % item for item in sorted(seen.items()))


def slow():
    """An answer after 40 s is too late, and is not taken for the next one's."""
    with Fake("kvp") as fake:
        ready("kvp")
        first = Later("x-hv-kvp-get", pool=0, key="first")
        message = fake.read()
        result = replied(first.wait(36), FAIL)
        assert 29000000 < result["latency"] < 34000000, result
        late = struct.pack("<I", 0) + message[4:528] + b"late".ljust(2048, b"\0") + message[2576:]
        serves_second(fake, late, "x-hv-kvp-get")
    return "given up after %.1f s" % (result["latency"] / 1e6)


def unread():
    """A daemon that never reads holds nothing up for more than 30 s."""
    with Fake("kvp") as fake:
        ready("kvp")
        result = replied(Later("x-hv-kvp-get", pool=0, key="k").wait(36), FAIL)
        assert not fake.waiting(0), "the message was not withdrawn"
    return "given up after %.1f s" % (result["latency"] / 1e6)


def nonsense_of_a_daemon():
    """Writes nobody asked for get EINVAL and change nothing."""
    with Fake("kvp") as fake:
        ready("kvp")
        for bad in (b"", b"\0", bytes(7431), bytes(7433), bytes(7432), Fake.HELLO["kvp"], b"\xff" * 7432, bytes(70000)):
            try:
                done = fake.write(bad)
                assert not bad and not done, "%d bytes were taken" % len(bad)
            except OSError as error:
                assert error.errno == 22, error
        try:
            os.open(node("kvp"), os.O_RDWR)
            raise AssertionError("a second daemon came in")
        except OSError as error:
            assert error.errno == 16, error
        later = Later("x-hv-kvp-get", pool=0, key="k")
        assert fake.waiting(20)
        try:
            os.read(fake.fd, 100)
            raise AssertionError("a short read was served")
        except OSError as error:
            assert error.errno == 22, error
        # Registering again is not an answer.
        message = fake.read()
        try:
            fake.write(Fake.HELLO["kvp"])
            raise AssertionError("a registration was taken for an answer")
        except OSError as error:
            assert error.errno == 22, error
        # Text without an end, and not UTF-8.
        fake.write(struct.pack("<I", 0) + b"\xff" * 7428)
        replied(later.wait(20), FAIL)
        assert message[:1] == b"\0"


def random_daemon(service):
    """Whatever a program does with the node: an error at once, or nothing; the next daemon finds all as it should be."""
    size, hello = Fake.SIZE[service], Fake.HELLO[service]
    libc = ctypes.CDLL(None, use_errno=True)
    end = time.monotonic() + 40
    seen, rounds, fds = {}, 0, []
    order = {"kvp": ("x-hv-kvp-get", {"pool": 0, "key": "k"}), "vss": ("x-hv-vss", {"operation": "hot-backup"}),
             "fcopy": ("x-hv-ic-inject", {"service": "fcopy", "data": packet("fcopy", bytes(36))})}[service]

    def attempt(call):
        try:
            call()
        except OSError as error:
            seen[error.errno] = seen.get(error.errno, 0) + 1
            assert error.errno in (errno.EINVAL, errno.EBUSY, errno.EAGAIN, errno.EFAULT), error

    def bad_pointer():
        if libc.write(fds[0], ctypes.c_void_p(8), size) < 0:
            raise OSError(ctypes.get_errno(), "write")

    def bad_buffer():
        if select.select([fds[0]], [], [], 0)[0] and libc.read(fds[0], ctypes.c_void_p(8), size) < 0:
            raise OSError(ctypes.get_errno(), "read")

    while rounds < 200 or (long_run and time.monotonic() < end):
        rounds += 1
        what = random.randrange(10)
        if what == 0 or not fds:
            attempt(lambda: fds.append(os.open(node(service), os.O_RDWR)))
        elif what == 1:
            os.close(fds.pop(random.randrange(len(fds))))
        elif what < 4:
            attempt(lambda: os.write(fds[0], hello))
        elif what == 4:
            attempt(lambda: os.write(fds[0], os.urandom(random.choice((1, 4, 12, size - 1, size, size + 1, 70000)))))
        elif what == 5:
            attempt(lambda: os.write(fds[0], struct.pack("<I", random.choice((0, FAIL, NO_MORE, 7))).ljust(len(hello), b"\xa5")))
        elif what == 6:
            attempt(bad_pointer)
        elif what == 7:
            attempt(bad_buffer)
        elif select.select([fds[0]], [], [], 0)[0]:
            attempt(lambda: os.read(fds[0], random.choice((0, 3, size, 70000))))
        if rounds % 50 == 0:
            try:
                qmp(order[0], **dict(order[1], **({} if service == "fcopy" else {"timeout": 0})))
            except Refused:
                pass
    for fd in fds:
        os.close(fd)
    qmp("x-hv-ic-renegotiate", service=service)
    ready(service, 60)
    # What was asked meanwhile fails without a daemon, and is not for the next one.
    until(30, "the old requests answered", lambda: not host(service)["queued"] and host(service)["state"] == "ready")
    with Fake(service) as fake:
        if service == "kvp":
            later = Later("x-hv-kvp-set", pool=0, key="after", string="v")
            message = fake.read()
            fake.agree(message)
            replied(later.wait(20))
    assert errno.EINVAL in seen and errno.EFAULT in seen, seen
    return "%d calls, %s" % (rounds, ", ".join("%s %d" % (errno.errorcode[one], seen[one]) for one in sorted(seen)))


def thaw_follows(how):
    """Frozen, and then the daemon dies, or the host goes, or does not care: thawed."""
    mount_disk(FROZEN)
    try:
        with Daemon("vss") as daemon:
            freeze()
            start = time.monotonic()
            if how == "daemon":
                daemon.kill()
            elif how == "host":
                offer("vss", False)
            elif how == "late host":
                pass
            elif how == "renegotiated":
                qmp("x-hv-ic-renegotiate", service="vss")
                ready("vss")
                qmp("x-hv-vss", operation="thaw")
            thawed()
            took = time.monotonic() - start
            if how == "host":
                until(60, "vss gone from the host", lambda: not there("vss"))
                offer("vss", True)
        ready("vss", 30)
    finally:
        sh("umount " + FROZEN)
    return "after %.1f s" % took


# A hostile host

def short_packets(service):
    """Packets of every length up to the header's: no answer, no harm."""
    before = int(stats(service)["refused_short"])
    for size in list(range(1, 29, 3)) + [27]:
        inject(service, packet(service, bytes_=size), timeout=0)
    until(60, "they were counted", lambda: int(stats(service)["refused_short"]) >= before + 6)


def lying_packets(service):
    """Lengths, types and flags that make no sense: answered with a failure."""
    assert status_of(inject(service, packet(service, bytes(16), size=0xffff))) == FAIL
    assert status_of(inject(service, packet(service, bytes(16), pipe=0xfffffff0))) == FAIL
    assert status_of(inject(service, packet(service, bytes(16), mtype=99))) == FAIL
    assert status_of(inject(service, packet(service, b"\xff" * 16, mtype=0x8000))) == FAIL


def bodies_of_every_kind():
    """What a daemon must never see."""
    long_text = bytes([0x41, 0]) * 255 + b"\x00\xd8"
    wrong = [
        ("pool 255", value(0, pool=255), FAIL), ("pool 4", value(0, pool=4), FAIL), ("operation 6", value(6), FAIL),
        ("operation 255", value(255), FAIL), ("index 0x80000000", enumerate_(0, 0x80000000), NO_MORE),
        ("key of 0 bytes", value(0, key="k", **{}).replace(struct.pack("<I", 4), struct.pack("<I", 0), 1), INVALID),
        ("short GET", value(0)[:2560], FAIL), ("short addresses", struct.pack("<BB", 4, 0) + bytes(7000), FAIL),
        ("odd key", struct.pack("<BBHIII", 1, 0, 0, 1, 3, 4) + bytes(2564), INVALID),
        ("huge key", struct.pack("<BBHIII", 1, 0, 0, 1, 0xffffffff, 4) + bytes(2564), INVALID),
        ("huge value", struct.pack("<BBHIII", 1, 0, 0, 1, 4, 0x80000000) + long_text + bytes(2052), INVALID),
        ("unknown type", struct.pack("<BBHIII", 1, 0, 0, 99, 4, 4) + bytes(2564), INVALID),
        ("shell in an address", struct.pack("<BB", 5, 0) + bytes(258) + "1;$(reboot)\0".encode("utf-16-le").ljust(7168, b"\0"),
         INVALID),
    ]
    with Fake("kvp") as fake:
        ready("kvp")
        for name, body, want in wrong:
            got = status_of(inject("kvp", packet("kvp", body)))
            assert got == want, "%s: %#x" % (name, got)
            assert not fake.waiting(0), "%s: the daemon was asked" % name
        # Without an end, halves of characters: the daemon gets whole text.
        body = struct.pack("<BBHIII", 1, 0, 0, 1, 512, 2048) + long_text + b"\x00\xdc" * 600 + bytes(852)
        later = threading.Thread(target=lambda: inject("kvp", packet("kvp", body)))
        later.start()
        message = fake.read()
        assert message[16:].index(b"\0") == 258 and b"\xef\xbf\xbd" in message[528:], message[16:40]
        fake.agree(message)
        later.join()
    return "%d bodies" % len(wrong)


def defect_7_negotiations(service):
    """Versions beyond the packet, too many, none."""
    for frameworks, messages, size in ((101, 1, 1000), (1, 101, 1000), (0, 1, 100), (1, 0, 100), (65535, 65535, 12000), (1, 1, 40),
                                       (100, 100, 835)):
        body = struct.pack("<HHI", frameworks, messages, 0)
        answer = inject(service, packet(service, body + b"\xff" * (size - 36), mtype=0))
        assert answer is not None and answer[28:32] == bytes(4), (frameworks, messages, answer and answer[28:44].hex())
    qmp("x-hv-ic-renegotiate", service=service)
    ready(service, 60)


def versions_we_do_not_speak(service, wrong):
    """Refused in so many words; with a known version among them the service is back."""
    path = "/machine/peripheral/hvic" + service
    right = qmp("qom-get", path=path, property="versions")
    before = host(service)["counters"]["refused"]
    qmp("qom-set", path=path, property="versions", value=wrong)
    qmp("x-hv-ic-renegotiate", service=service)
    until(60, "refused", lambda: host(service)["counters"]["refused"] == before + 1)
    assert host(service)["state"] == "failed" and stats(service)["message"] == "0.0", (host(service), stats(service))
    qmp("qom-set", path=path, property="versions", value=right)
    qmp("x-hv-ic-renegotiate", service=service)
    ready(service, 60)


def before_versions():
    """Requests before the versions: a failure, and nothing happens."""
    answer = inject("shutdown", packet("shutdown", struct.pack("<HHI", 1, 0, 0) + bytes(8), mtype=0))
    assert answer[28:32] == bytes(4)
    for flags in (0, 2, 4):
        body = struct.pack("<III", 0x80000000, 0, flags) + bytes(2048)
        assert status_of(inject("shutdown", packet("shutdown", body))) == FAIL
    qmp("x-hv-ic-renegotiate", service="shutdown")
    ready("shutdown")


def shutdown_nonsense():
    for flags in (6, 7, 8, 0x80000000, 0xffffffff):
        replied(qmp("x-hv-shutdown", operation="power-off", flags=flags), FAIL)
    assert status_of(inject("shutdown", packet("shutdown", bytes(4)))) == FAIL


def defect_10_two_at_once():
    """Two requests in the ring, one interrupt: both are answered."""
    body = struct.pack("<III", 0, 0, 0x80) + bytes(2048)
    before = int(stats("shutdown")["answers"])
    qmp("x-hv-ic-inject", service="shutdown", data=packet("shutdown", body), count=2, timeout=300)
    until(60, "both are answered", lambda: int(stats("shutdown")["answers"]) == before + 2)


def ordered_again():
    """Orders while one is being followed are one; a machine whose user space took no notice can be ordered off later."""
    def carried_out():
        return len(sh("cat /run/power-offs").split()) if os.path.exists("/run/power-offs") else 0

    with open("/sbin/poweroff", "w") as program:
        program.write("#!/bin/sh\necho once >>/run/power-offs\n")
    os.chmod("/sbin/poweroff", 0o755)
    try:
        replied(qmp("x-hv-shutdown", operation="power-off"))
        replied(qmp("x-hv-shutdown", operation="power-off"))
        until(30, "the order is carried out", carried_out)
        time.sleep(1)
        assert carried_out() == 1, "%d times" % carried_out()
        if long_run:
            time.sleep(60)
            replied(qmp("x-hv-shutdown", operation="power-off"))
            until(30, "it is carried out again", lambda: carried_out() == 2)
    finally:
        os.unlink("/sbin/poweroff")


def time_nonsense():
    """Times that cannot be: refused, and the clock stays."""
    before = time.time() - time.monotonic()
    y2026, now = 134116992000000000, qmp("x-hv-timesync-query").get("reference-time", 0)
    for parent, ref, flags in ((0, 0, 1), (2**64 - 1, 0, 1), (y2026, 2**64 - 1, 1), (y2026, now + 2**40, 2), (2**63, 0, 1),
                               (116444735999999999, now, 1), (208678456368547758, 0, 1)):
        got = status_of(inject("timesync", packet("timesync", struct.pack("<QQBBBBI", parent, ref, flags, 0, 0, 0, 0))))
        assert got == FAIL, (parent, ref, hex(got))
    assert status_of(inject("timesync", packet("timesync", bytes(16)))) == FAIL
    assert abs(time.time() - time.monotonic() - before) < 5, "the clock was set"


def cancelled_by_negotiation():
    """The host starts over in the middle of a request: it is dropped, its answer too."""
    with Fake("kvp") as fake:
        ready("kvp")
        first = Later("x-hv-kvp-set", pool=0, key="first", string="v")
        message = fake.read()
        qmp("x-hv-ic-renegotiate", service="kvp")
        assert first.wait(20)["outcome"] == "gone"
        ready("kvp")
        serves_second(fake, late=struct.pack("<I", 0) + message[4:], string="v")


def flood(service, body):
    """As many packets as the ring takes, again and again: the guest stays alive."""
    data = packet(service, body)
    before = int(stats(service)["requests"])
    end = time.monotonic() + (30 if long_run else 4)
    sent, worst = 0, 0
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            sent += qmp("x-hv-ic-inject", service=service, data=data, count=2000)["sent"]
        except Refused:
            pass
        time.sleep(0.001)
        worst = max(worst, time.monotonic() - start)
    until(60, "all were handled", lambda: int(stats(service)["requests"]) >= before + sent)
    assert worst < 20, "%.1f s without the CPU" % worst
    return "%d packets, slowest round %.2f s" % (sent, worst)


# Services come and go

def cycles(count):
    """Switched off and on, busy or not; each comes back with its node."""
    start = time.monotonic()
    with Daemon("kvp"), Daemon("vss"):
        for i in range(count):
            service = ALL[i % len(ALL)]
            offer(service, False)
            if i % 3 == 0:
                until(60, "%s gone" % service, lambda s=service: not os.path.exists("/sys/bus/vmbus/devices/" + GUID[s]))
            until(60, "%s gone from the host" % service, lambda s=service: not there(s))
            offer(service, True)
        for service in ALL:
            until(90, "%s back" % service, lambda s=service: host(s)["state"] in ("ready", "wait-reply", "wait-version"))
    sh("udevadm settle")
    return "%d cycles in %.1f s" % (count, time.monotonic() - start)


def there(service):
    """Does the host have the device?"""
    try:
        host(service)
        return True
    except Refused:
        return False


def daemon_comes_back():
    """After a cycle a new daemon finds the service as the old one did."""
    with Daemon("kvp"):
        ready("kvp", 60)
        until(60, "served again", lambda: qmp("x-hv-kvp-set", pool=0, key="z", string="1")["status"] == 0)
        replied(qmp("x-hv-kvp-delete", pool=0, key="z"))


def gone_while_open():
    """The file of a service that is gone says so, and closes."""
    fake = Fake("kvp")
    offer("kvp", False)
    until(60, "the node is gone", lambda: not os.path.exists(node("kvp")))
    assert fake.waiting(20), "no wake-up"
    for call in (lambda: os.read(fake.fd, 7432), lambda: os.write(fake.fd, bytes(7432))):
        try:
            call()
            raise AssertionError("it still works")
        except OSError as error:
            assert error.errno == 9, error
    offer("kvp", True)
    # While the old file is open the new one works.
    with Fake("kvp"):
        ready("kvp", 60)
    os.close(fake.fd)


def unload():
    """The module goes and comes; nothing is left behind."""
    clear_log()
    gone = sh("modprobe -r hv_utils")
    assert not os.path.exists("/sys/module/hv_utils"), gone
    line = sh("dmesg | grep 'hv_utils: leak check'")
    assert line and "LEAK" not in line, line or "no leak line"
    sh("modprobe hv_utils")
    for service in ("heartbeat", "timesync", "shutdown", "vss"):
        ready(service, 30)
    return line.split("leak check: ")[-1]


if "fast" not in sys.argv:
    case("kvp: defect 2, no daemon", defect_2_no_daemon)
case("vss: no daemon", vss_no_daemon)
case("a case that hangs", interrupted)
for number, point in enumerate(("open", "registered, unread", "registered", "asked", "asked, woken", "read", "answered")):
    case("kvp: daemon dies, %s" % point, lambda n=number: killed_at(n))
case("kvp: daemon killed under load", killed_for_real)
if long_run:
    case("kvp: a slow daemon", slow)
    case("kvp: a daemon that does not read", unread)
case("kvp: a daemon's nonsense", nonsense_of_a_daemon)
for which in [one for one in ALL if one in Fake.SIZE]:
    case("%s: any program as a daemon" % which, lambda s=which: random_daemon(s))
case("kvp: defects 3, 4 and other bodies", bodies_of_every_kind)
case("kvp: the host starts over", cancelled_by_negotiation)
for which in ("daemon", "host", "renegotiated"):
    case("vss: thaw follows freeze, %s" % which, lambda w=which: thaw_follows(w))
with open("/sys/module/hv_utils/parameters/vss_thaw_after", "w") as parameter:
    parameter.write("3")
case("vss: thaw follows freeze, silent host", lambda: thaw_follows("late host"))
for which in ALL:
    case("%s: short packets" % which, lambda s=which: short_packets(s))
    case("%s: lying packets" % which, lambda s=which: lying_packets(s))
for which in ("heartbeat", "timesync", "vss"):
    case("%s: defect 7, negotiations" % which, lambda s=which: defect_7_negotiations(s))
for which, others in (("heartbeat", "9.9"), ("timesync", "5.0"), ("shutdown", "2.0,4.0"), ("kvp", "6.0,7.0"), ("vss", "4.0,6.0,7.0")):
    case("%s: versions %s alone" % (which, others), lambda s=which, v=others: versions_we_do_not_speak(s, v))
case("shutdown: before the versions", before_versions)
case("shutdown: nonsense", shutdown_nonsense)
case("shutdown: defect 10, two at once", defect_10_two_at_once)
case("shutdown: ordered again", ordered_again)
case("timesync: nonsense", time_nonsense)
case("heartbeat: flood", lambda: flood("heartbeat", bytes(40)))
case("kvp: flood", lambda: flood("kvp", value(0)))
case("services: switched off and on", lambda: cycles(100 if long_run else 24))
case("kvp: daemon after that", daemon_comes_back)
case("kvp: gone while open", gone_while_open)
case("module: unload and load", unload)
finish()
