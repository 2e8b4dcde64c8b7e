# SPDX-License-Identifier: GPL-2.0-only
"""What the host makes of a guest that sends nonsense to keyboard, mouse and screen.

For synth.py, in a guest. Packets come from user space (uio_hv_generic, vmbus-ring.py), so the devices have to be there with
monitor=on. Each case opens the channel anew: a host that was told nonsense is deaf until then.
"""
import glob
import importlib.machinery
import importlib.util
import os
import random
import struct
import time

loader = importlib.machinery.SourceFileLoader("vmbus_ring", "/share/vmbus-ring.py")
ring = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(ring)
UIO = "/sys/bus/vmbus/drivers/uio_hv_generic/"


def pipe(data, size=None, kind=1):
    """A message of a pipe."""
    return struct.pack("<II", kind, len(data) if size is None else size) + data


def kbd(kind, value):
    """A message for the keyboard."""
    return struct.pack("<II", kind, value)


def hid(kind, body, size=None):
    """One for the mouse."""
    return pipe(struct.pack("<II", kind, len(body) if size is None else size) + body)


def video(kind, body, size=None):
    """One for the screen."""
    return pipe(struct.pack("<II", kind, len(body) + 8) + body, size)


def situation(offset=0, depth=32, width=800, height=600, pitch=3200, count=1):
    """Where the screen is."""
    return video(5, struct.pack("<QBBIBIII", 7, count, 1, offset, depth, width, height, pitch))


def place(gpa):
    """Where the video memory is."""
    return video(3, struct.pack("<QBQ", 9, 1, gpa))


KBD_ASK, HID_ASK, HID_ACK = kbd(1, 0x10000), hid(0, struct.pack("<I", 0x20000)), hid(3, b"\0")
VIDEO_ASK, PLACE, SHOW = video(1, struct.pack("<I", 0x50003)), place(0xf0000000), situation()
DIRT = struct.pack("<BB", 0, 1)

# What is sent, and the answers (types, from the start of the message), or None if the host has to refuse it.
CASES = {
    "kbd": [
        ([KBD_ASK], [2]), ([kbd(1, 0x20000), KBD_ASK], [2, 2]), ([KBD_ASK, kbd(4, 7)], [2]),
        ([KBD_ASK, KBD_ASK], None), ([kbd(4, 7)], None), ([kbd(0, 0)], None), ([kbd(2, 1)], None), ([kbd(3, 30)], None),
        ([kbd(0xffffffff, 0x10000)], None), ([b""], None),
    ],
    "mouse": [
        ([HID_ASK], [1, 2]), ([HID_ASK, HID_ACK], [1, 2]), ([hid(0, struct.pack("<I", 1)), HID_ASK], [1, 1, 2]),
        ([HID_ACK], None), ([HID_ASK, HID_ASK], None), ([HID_ASK, HID_ACK, HID_ACK], None), ([hid(4, b"\0" * 7)], None),
        ([hid(0, b"\0\0\2\0", 5)], None), ([hid(0, b"\0\0\2\0", 0xffffffff)], None), ([hid(0, b"\0\0\2\0", 0xfffffff8)], None),
        ([pipe(HID_ASK[8:], kind=0)], None), ([pipe(HID_ASK[8:], kind=2)], None), ([b""], None),
    ] + [([pipe(HID_ASK[8:], size)], None) for size in (*range(12), 17, 0x80000000, 0xffffffff)],
    "video": [
        ([VIDEO_ASK], [2]), ([video(1, struct.pack("<I", 4)), VIDEO_ASK], [2, 2]), ([VIDEO_ASK, video(13, b"\x40")], [2, 14]),
        ([VIDEO_ASK, PLACE, SHOW], [2, 4, 6, 9]), ([VIDEO_ASK, PLACE, SHOW, situation(depth=16)], [2, 4, 6, 9, 6]),
        ([VIDEO_ASK, PLACE, SHOW, video(10, DIRT + struct.pack("<4i", -5, -5, 1 << 30, 1 << 30)),
          video(10, DIRT + struct.pack("<4i", 9, 9, 3, 3))], [2, 4, 6, 9]),
        ([VIDEO_ASK, PLACE, PLACE], [2, 4, 4]), ([VIDEO_ASK, place(0xf7800000)], [2, 4]),
        ([PLACE], None), ([SHOW], None), ([VIDEO_ASK, VIDEO_ASK], None), ([VIDEO_ASK, video(99, b"")], None),
        ([video(1, struct.pack("<I", 0x20003)), video(13, b"\x40")], None),
        ([VIDEO_ASK, PLACE, SHOW, video(10, b"\0\2" + b"\0" * 16)], None), ([VIDEO_ASK, video(10, b"")], None),
    ] + [([VIDEO_ASK, place(gpa)], None) for gpa in (0, 1, 0x1000, 0xf0000001, 0xeffff000, 0xf7801000, 0xfec00000, (1 << 64) - 4096)] +
             [([VIDEO_ASK, PLACE, situation(**wrong)], None) for wrong in (
                 {"depth": 0}, {"depth": 8}, {"depth": 24}, {"width": 0}, {"height": 0}, {"pitch": 3196}, {"pitch": 3202},
                 {"offset": 8 << 20}, {"offset": 0xffffffff}, {"width": 0xffffffff}, {"height": 0xffffffff}, {"pitch": 0xffffffff},
                 {"width": 0x40000001, "pitch": 4}, {"offset": (8 << 20) - 600 * 3200 + 4}, {"count": 0}, {"count": 2})] +
             [([video(1, struct.pack("<I", 0x50003), size)], None) for size in (*range(12), 0xffffffff)] +
             [([VIDEO_ASK, PLACE, video(5, SHOW[16:], size)], None) for size in range(8, 35, 3)] +
             [([VIDEO_ASK, video(3, PLACE[16:], size)], None) for size in range(8, 25, 2)],
}


def types(channel, name, count):
    """Collect the types of so many messages of the host's."""
    seen, end = [], time.monotonic() + 30
    while time.monotonic() < end and len(seen) < count:
        packet = channel.receive()
        if not packet:
            time.sleep(0.002)
        elif packet[0] == 6:
            seen.append(struct.unpack_from("<I", packet[2], 0 if name == "kbd" else 8)[0])
    return seen


def nonsense(synth, name):
    """All cases of one device, then random bytes."""
    synth.modprobe("uio_hv_generic")
    with open(UIO + "new_id", "w") as file:
        file.write(synth.CLASS[name])
    synth.until(30, "uio_hv_generic has the device", lambda: glob.glob(UIO + synth.instance(name) + "/uio/uio*"))
    node = "/dev/" + os.path.basename(glob.glob(UIO + synth.instance(name) + "/uio/uio*")[0])
    synth.until(30, node, lambda: os.path.exists(node))
    rng = random.Random(name)
    garbage = [([rng.randbytes(rng.randrange(0, 200))], None) for _ in range(10)]
    if name != "kbd":
        garbage += [([pipe(rng.randbytes(rng.randrange(8, 200)))], None) for _ in range(10)]
    errors = synth.host(name, "protocol-errors")
    for sent, wanted in CASES[name] + garbage:
        channel = ring.Channel(node)
        for number, message in enumerate(sent):
            assert channel.send(number + 1, message)
        text = "%s: " % [message.hex() for message in sent]
        if wanted is None:
            errors += 1
            synth.until(30, text + "refused", lambda: synth.host(name, "protocol-errors") >= errors)
        else:
            seen = types(channel, name, len(wanted))
            assert seen == wanted, text + "the host says %s instead of %s" % (seen, wanted)
        os.close(channel.fd)
        del channel
        assert synth.host(name, "protocol-errors") == errors, text + "refused, or more than once"
    with open(UIO + "unbind", "w") as file:
        file.write(synth.instance(name))
    with open(UIO + "remove_id", "w") as file:
        file.write(synth.CLASS[name])
    return "%d cases" % len(CASES[name] + garbage)
