#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs in a guest, from /share: keyboard, mouse, stream sockets and screen with the distribution's drivers.

synth.py SUITE SHOTS [long] [strict] [from=CASE]

The host types and points; what arrives is read from the event devices. Sockets go both ways, with every byte
checked (synth-host.py is the other end). What is on the screen the host writes to SHOTS-NAME.ppm on its side,
where synth-shot.py looks at it.
"""
import asyncio
import concurrent.futures
import ctypes
import errno
import fcntl
import glob
import mmap
import os
import resource
import select
import socket
import struct
import sys
import time

import ic_lib
import sock_lib
from ic_lib import case, qmp, sh, until

CLASS = {"kbd": "f912ad6d-2b17-48ea-bd65-f927a61c7684", "mouse": "cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a",
         "video": "da0a7802-e377-4aac-8e77-0558eb1073f8"}
DRIVER = {"kbd": "hyperv-keyboard", "mouse": "hid-hyperv", "sock": "hv_sock", "video": "hyperv_drm"}
EV_KEY, EV_REL, EV_ABS = 1, 2, 3
EVENT = struct.Struct("llHHi")
LONG = "long" in sys.argv
MANY = 1000 if LONG else 40
threads = concurrent.futures.ThreadPoolExecutor(MANY)
HOST = 2                            # VMADDR_CID_HOST
CONNECT_TIMEOUT = 6                 # SO_VM_SOCKETS_CONNECT_TIMEOUT
LIBC = ctypes.CDLL(None)
errors = {"kbd": 0, "mouse": 0, "video": 0}     # what the host has refused before the drivers came
at_rest = 0                         # devices on the bus without connections


def modprobe(*words):
    """Load or unload; True if that worked."""
    return os.system("modprobe %s >/dev/null 2>&1" % " ".join(words)) == 0


def load(name):
    """Load the driver of a device."""
    assert modprobe(DRIVER[name]), "modprobe %s: %s" % (DRIVER[name], sh("modprobe %s" % DRIVER[name]))


def instance(name):
    """The instance of a device on the bus."""
    for entry in glob.glob("/sys/bus/vmbus/devices/*/class_id"):
        with open(entry) as text:
            if text.read().strip(" \n{}") == CLASS[name]:
                return os.path.basename(os.path.dirname(entry))
    raise AssertionError("no %s on the bus" % name)


def host(name, what):
    """A counter of a device on the host."""
    return qmp("qom-get", path="/machine/peripheral/hv%s" % name, property=what)


class Events:
    """An event device, found by what its name or its place in sysfs contains."""

    def __init__(self, text):
        self.text = text
        until(30, "an event device of %s" % text, self.find)
        self.file = os.open(self.node, os.O_RDONLY | os.O_NONBLOCK)

    def find(self):
        """Look for it."""
        for entry in glob.glob("/sys/class/input/event*"):
            with open(entry + "/device/name") as name:
                if self.text in os.path.realpath(entry) or self.text in name.read():
                    self.node = "/dev/input/" + os.path.basename(entry)
                    return os.path.exists(self.node)
        return False

    def more(self, kinds, seconds):
        """Return the events of these kinds that come within a time, without repeated keys."""
        if not select.select([self.file], [], [], seconds)[0]:
            return []
        return [(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(os.read(self.file, EVENT.size * 64))
                if kind in kinds and not (kind == EV_KEY and value == 2)]

    def read(self, count, kinds):
        """Wait for so many events of these kinds; return what came."""
        seen = []
        end = time.monotonic() + 60
        while len(seen) < count and time.monotonic() < end:
            seen += self.more(kinds, 0.2)
        return seen

    def expect(self, wanted, *kinds):
        """Wait for these events, and see no others."""
        seen = self.read(len(wanted), kinds) + self.more(kinds, 0.1)
        assert seen == wanted, "wanted %s, saw %s" % (wanted, seen)

    def close(self):
        """Done."""
        os.close(self.file)


# Names of QEMU's and codes of Linux; the last few have a prefix in set 1.
KEYS = {"h": 35, "y": 21, "p": 25, "e": 18, "r": 19, "v": 47, "shift": 42, "spc": 57, "1": 2, "ret": 28, "f12": 88,
        "right": 106, "delete": 111, "ctrl_r": 97, "kp_enter": 96, "pause": 119}


def key(name, down):
    """One key as QEMU wants it."""
    return {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}


def type_keys(events, names):
    """The host presses and releases keys; the guest sees the same, in that order."""
    presses = []
    for name in names:
        if name == "H":
            presses += [("shift", True), ("h", True), ("h", False), ("shift", False)]
        else:
            presses += [(name, True), (name, False)]
    qmp("input-send-event", events=[key(name, down) for name, down in presses])
    events.expect([(EV_KEY, KEYS[name], int(down)) for name, down in presses], EV_KEY)


def keyboard():
    """Type text, and keys with prefixes."""
    load("kbd")
    events = Events(instance("kbd"))
    type_keys(events, ["H", "y", "p", "e", "r", "spc", "v", "1", "ret"])
    type_keys(events, ["f12", "right", "delete", "ctrl_r", "kp_enter", "pause", "h"])
    qmp("send-key", keys=[{"type": "qcode", "data": "shift"}, {"type": "qcode", "data": "v"}], hold_time=1)
    events.expect([(EV_KEY, 42, 1), (EV_KEY, 47, 1), (EV_KEY, 47, 0), (EV_KEY, 42, 0)], EV_KEY)
    events.close()
    assert host("kbd", "protocol-errors") == errors["kbd"] and not host("kbd", "dropped")


def keyboard_again():
    """Unload the driver: nobody takes keys from the guest then, and the next driver starts anew."""
    assert modprobe("-r", DRIVER["kbd"])
    load("kbd")
    events = Events(instance("kbd"))
    for _ in range(20 if LONG else 3):
        type_keys(events, ["H", "y", "pause", "e"])
    events.close()
    assert host("kbd", "protocol-errors") == errors["kbd"] and not host("kbd", "dropped")


def point(x, y):
    """Move the pointer."""
    return [{"type": "abs", "data": {"axis": "x", "value": x}}, {"type": "abs", "data": {"axis": "y", "value": y}}]


def button(name, down):
    """Press or release."""
    return {"type": "btn", "data": {"button": name, "down": down}}


def move_and_click(events):
    """Positions from corner to corner, each button, the wheel."""
    for x, y in ((1, 2), (32767, 32766), (12345, 54), (1, 16384)):
        qmp("input-send-event", events=point(x, y))
        events.expect([(EV_ABS, 0, x), (EV_ABS, 1, y)], EV_ABS, EV_KEY)
    for name, code in (("left", 0x110), ("right", 0x111), ("middle", 0x112), ("side", 0x113), ("extra", 0x114)):
        for down in (True, False):
            qmp("input-send-event", events=[button(name, down)])
            events.expect([(EV_KEY, code, int(down))], EV_ABS, EV_KEY)
    for name, value in (("wheel-up", 1), ("wheel-down", -1)):
        qmp("input-send-event", events=[button(name, True), button(name, False)])
        seen = [e for e in events.read(2, (EV_REL,)) if e[1] == 8]
        assert seen == [(EV_REL, 8, value)], "wheel: %s" % seen
    qmp("input-send-event", events=point(0, 0))
    events.expect([(EV_ABS, 0, 0), (EV_ABS, 1, 0)], EV_ABS, EV_KEY)


def mouse_events():
    """Its event device. The driver lets reports fall until its probe is over, and that is after the device has come."""
    events = Events("Vmbus HID")
    for turn in range(300):
        qmp("input-send-event", events=point(20000 + turn, 20000 + turn))
        seen = events.more((EV_ABS,), 0.2)
        if seen:
            break
    # what was sent last comes last
    end = time.monotonic() + 60
    while (EV_ABS, 1, 20000 + turn) not in seen:
        assert time.monotonic() < end, "the last position has not come: %s" % seen
        seen += events.more((EV_ABS,), 0.2)
    return events


def mouse():
    """Move and click, unload, and again. Other drivers of the same channel must have left nothing behind: uio_hv_generic has it
    called in the interrupt, and then the first reports come while the driver still sends, unseen for ever (one turn of four)."""
    for turn in range(8 if LONG else 4):
        load("mouse")
        modprobe("hid-generic")
        events = mouse_events()
        assert "hid_hyperv" in os.path.realpath("/sys/bus/vmbus/devices/%s/driver" % instance("mouse"))
        move_and_click(events)
        events.close()
        if turn < 3:
            assert modprobe("-r", DRIVER["mouse"])
    assert host("mouse", "protocol-errors") == errors["mouse"] and not host("mouse", "dropped")


# Sockets

def connected(port):
    """Wait for a connection to a port of the host, as long as a loaded host takes."""
    sock = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    wait = struct.pack("ll", 300, 0)
    # Python's own takes numbers of 64 bits only, for this family
    assert not LIBC.setsockopt(sock.fileno(), socket.AF_VSOCK, CONNECT_TIMEOUT, wait, len(wait))
    sock.connect((HOST, port))
    sock.setblocking(False)
    return sock


async def connect(port):
    """Connect to a port of the host: in a thread, because the kernel keeps a socket that does not wait for its connection until
    the time for that is over, connected or not."""
    sock = await asyncio.get_running_loop().run_in_executor(threads, connected, port)
    return await asyncio.open_connection(sock=sock)


def patient_host(milliseconds=600000):
    """How long the host waits for the guest to accept: a loaded machine takes its time."""
    qmp("qom-set", path="/machine/peripheral/hvsock", property="accept-timeout", value=milliseconds)


async def order(port, count, size, patience=600000):
    """Let the host connect to us, and wait so many ms; return what it says about that."""
    reader, writer = await connect(sock_lib.CONTROL)
    patient_host(patience)
    writer.write(b"%d %d %d\n" % (port, count, size))
    said = (await reader.readline()).decode().strip()
    await sock_lib.close(writer)
    return said


async def serve(count, size):
    """Answer what the host asks."""
    sock = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.bind((socket.VMADDR_CID_ANY, sock_lib.GUEST))
    sock.listen(4096)
    wrong = []

    async def answer(reader, writer):
        try:
            await sock_lib.answer(reader, writer)
        except (AssertionError, OSError, asyncio.IncompleteReadError) as error:
            wrong.append(str(error))
        await sock_lib.close(writer)

    server = await asyncio.start_server(answer, sock=sock, backlog=4096)
    said = await order(sock_lib.GUEST, count, size)
    server.close()
    assert said == "done" and not wrong, "the host: %s; the guest: %s" % (said, wrong[:3])


def all_gone():
    """Every connection ends, on the bus as on the host."""
    until(60, "no connection is left on the host", lambda: host("sock", "connections") == 0)
    until(60, "no channel is left on the bus", lambda: len(os.listdir("/sys/bus/vmbus/devices")) == at_rest)
    assert not host("sock", "protocol-errors")


def sock_load():
    """Load it, and see that it is what the sockets use."""
    load("sock")
    assert os.path.exists("/sys/bus/vmbus/drivers/hv_sock")
    patient_host()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 8192), limit))


def guest_to_host(count, size):
    """Connect to the host, @count times at once."""
    start = time.monotonic()
    asyncio.run(sock_lib.ask_all(lambda: connect(sock_lib.ECHO), count, size))
    took = time.monotonic() - start
    all_gone()
    return "%d connections, %d bytes each way, %.1f s" % (count, size, took)


def host_to_guest(count, size):
    """Be connected to."""
    start = time.monotonic()
    asyncio.run(serve(count, size))
    took = time.monotonic() - start
    all_gone()
    return "%d connections, %d bytes each way, %.1f s" % (count, size, took)


def nobody_there():
    """Where nobody listens nobody gets connected, and nothing is left behind."""
    refused = host("sock", "refused")
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as sock:
        try:
            sock.connect((HOST, sock_lib.NOBODY))
            raise AssertionError("connected to nobody")
        except OSError as error:
            assert error.errno in (errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET), error
    assert host("sock", "refused") == refused + 1
    said = asyncio.run(order(sock_lib.GUEST + 1, 1, 10, patience=500))
    patient_host()
    assert "does not accept" in said, said
    all_gone()


def closed_at_once():
    """Ends that close without a word, on either side, before and after a word."""
    async def rude():
        for _ in range(20):
            _, writer = await connect(sock_lib.ECHO)
            await sock_lib.close(writer)
            reader, writer = await connect(sock_lib.CONTROL)
            writer.write(b"nonsense\n")
            assert b"failed" in await reader.readline()
            await sock_lib.close(writer)
    asyncio.run(rude())
    all_gone()


def unload_sock():
    """The module goes."""
    until(30, "hv_sock unloads", lambda: modprobe("-r", "hv_sock"))
    assert not os.path.exists("/sys/bus/vmbus/drivers/hv_sock")


# The screen

def ioctl(card, number, data):
    """A DRM ioctl that reads and writes @data (a bytearray)."""
    fcntl.ioctl(card, 3 << 30 | len(data) << 16 | 0x64 << 8 | number, data, True)
    return data


class Screen:
    """The one screen of the card, by the kernel's own interface."""

    def __init__(self):
        cards = [c for c in glob.glob("/sys/class/drm/card[0-9]") if instance("video") in os.path.realpath(c)]
        assert cards, "no card: %s" % os.listdir("/sys/class/drm")
        self.card = os.open("/dev/dri/" + os.path.basename(cards[0]), os.O_RDWR)
        ids = (ctypes.c_uint32 * 8)()
        connectors = (ctypes.c_uint32 * 8)()
        res = ioctl(self.card, 0xa0, bytearray(struct.pack("<QQQQ8I", 0, ctypes.addressof(ids), ctypes.addressof(connectors), 0,
                                                           0, 8, 8, 0, 0, 0, 0, 0)))
        assert struct.unpack_from("<II", res, 36) == (1, 1), "not one screen"
        self.crtc, self.connector = ids[0], connectors[0]
        modes = ctypes.create_string_buffer(68 * 128)
        got = ioctl(self.card, 0xa7, bytearray(struct.pack("<QQQQ12I", 0, 0, 0, 0, 0, 0, 0, 0, self.connector, *[0] * 7)))
        count = struct.unpack_from("<I", got, 32)[0]
        assert 0 < count <= 128, "%d modes" % count
        ioctl(self.card, 0xa7, bytearray(struct.pack("<QQQQ12I", 0, ctypes.addressof(modes), 0, 0, count, 0, 0, 0, self.connector,
                                                     *[0] * 7)))
        self.modes = {}
        for n in range(count):
            mode = modes.raw[68 * n:68 * n + 68]
            width, height = struct.unpack_from("<H", mode, 4)[0], struct.unpack_from("<H", mode, 14)[0]
            self.modes.setdefault((width, height), mode)

    def set(self, width, height):
        """Set a mode with a buffer of its own; @self.pixels are its bytes."""
        made = ioctl(self.card, 0xb2, bytearray(struct.pack("<6IQ", height, width, 32, 0, 0, 0, 0)))
        _, _, _, _, handle, self.pitch, size = struct.unpack("<6IQ", made)
        added = ioctl(self.card, 0xae, bytearray(struct.pack("<7I", 0, width, height, self.pitch, 32, 24, handle)))
        self.buffer = struct.unpack_from("<I", added)[0]
        offset = struct.unpack("<IIQ", ioctl(self.card, 0xb3, bytearray(struct.pack("<IIQ", handle, 0, 0))))[2]
        self.pixels = mmap.mmap(self.card, size, offset=offset)
        connector = ctypes.c_uint32(self.connector)
        ioctl(self.card, 0xa2, bytearray(struct.pack("<Q7I", ctypes.addressof(connector), 1, self.crtc, self.buffer, 0, 0, 0, 1)
                                         + self.modes[(width, height)]))

    def draw(self, left, top, right, bottom, seed):
        """Fill a part of the screen, and say so; synth-shot.py makes the same pixels."""
        ramp = bytes(range(256)) * 32
        for y in range(top, bottom):
            row = bytearray(4 * (right - left))
            row[0::4] = ramp[left + y & 255:][:right - left]
            row[1::4] = bytes([y * 3 + seed & 255]) * (right - left)
            row[2::4] = ramp[left + seed & 255:][:right - left]
            self.pixels[y * self.pitch + 4 * left:y * self.pitch + 4 * right] = bytes(row)
        before = host("video", "dirt")
        clip = ctypes.create_string_buffer(struct.pack("<4H", left, top, right, bottom))
        ioctl(self.card, 0xb1, bytearray(struct.pack("<4IQ", self.buffer, 0, 0, 1, ctypes.addressof(clip))))
        until(60, "the host knows what was drawn", lambda: host("video", "dirt") > before)


def shot(name):
    """The host writes down what is on the screen."""
    qmp("screendump", filename="%s-%s.ppm" % (sys.argv[2], name))


def screen():
    """Set two modes, draw, draw a part again."""
    load("video")
    until(30, "a card", lambda: os.path.exists("/dev/dri/card0") or os.path.exists("/dev/dri/card1"))
    show = Screen()
    assert (1024, 768) in show.modes and (800, 600) in show.modes, sorted(show.modes)
    show.set(800, 600)
    show.draw(0, 0, 800, 600, 1)
    shot("800x600")
    show.draw(123, 45, 456, 321, 99)
    shot("part")
    show.set(1024, 768)
    show.draw(0, 0, 1024, 768, 7)
    shot("1024x768")
    os.close(show.card)
    assert host("video", "protocol-errors") == errors["video"]
    return "%d modes" % len(show.modes)


def quiet():
    """Nobody had anything to complain about."""
    said = [line for line in sh("dmesg --level=emerg,alert,crit,err,warn").splitlines()
            if any(word in line.lower() for word in ("hv_", "hyperv", "vmbus", "vsock", "call trace", "warning"))]
    assert not said, said[:3]


def start():
    """What all cases take for granted."""
    global at_rest
    sh("dmesg -C")
    modprobe("evdev")
    at_rest = len(os.listdir("/sys/bus/vmbus/devices"))


def main():
    """All cases."""
    start()
    if "strict" in sys.argv:
        import synth_strict
        for name in ("kbd", "mouse", "video"):
            case("%s: the host refuses nonsense" % name, lambda n=name: synth_strict.nonsense(sys.modules[__name__], n))
    errors.update((name, host(name, "protocol-errors")) for name in ("kbd", "mouse", "video"))
    case("keyboard", keyboard)
    case("keyboard again, with the driver loaded anew", keyboard_again)
    case("mouse", mouse)
    case("sockets load", sock_load)
    case("sockets, guest to host, one", lambda: guest_to_host(1, 200000))
    case("sockets, host to guest, one", lambda: host_to_guest(1, 200000))
    case("sockets, nobody listens", nobody_there)
    case("sockets, closed at once", closed_at_once)
    case("sockets, guest to host, many", lambda: guest_to_host(MANY, 4000))
    case("sockets, host to guest, many", lambda: host_to_guest(MANY, 4000))
    case("sockets unload", unload_sock)
    case("screen", screen)
    case("nobody complains", quiet)
    return 1 if ic_lib.failures else 0


if __name__ == "__main__":
    sys.exit(main())
