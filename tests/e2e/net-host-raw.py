#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Speaks NVSP and RNDIS to our network host by hand, right and wrong.

net-host-raw.py /dev/uioN CARD SUITE    CARD is the number of the --nic

Through the distribution's uio_hv_generic, which lends the rings and both
buffers. What is right must be answered as it should be, what is wrong must be
refused and counted by its cause, and the next right thing must work again.
"""
import ctypes
import faulthandler
import importlib.machinery
import json
import mmap
import os
import struct
import subprocess
import sys
import time

ring = importlib.machinery.SourceFileLoader("ring", os.path.join(os.path.dirname(__file__), "vmbus-ring.py")).load_module()
OK, FAIL, INVALID = 1, 2, 5
V1, V2, V4, V5, V6, V61 = 2, 0x30002, 0x40000, 0x50000, 0x60000, 0x60001
PATH = "/machine/peripheral/hvnic"
MAC = b"\x52\x48\x56\x77\x00\x01"


class Wrong(Exception):
    """The host did something else."""


def qmp(command, **arguments):
    """Ask the host."""
    done = subprocess.run(["hv-qmp", command, json.dumps(arguments)], stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    return answer.get("return", answer) if isinstance(answer, dict) else answer


class Card(ring.Channel):
    """The card, its channel open."""

    def __init__(self, dev, number):
        super().__init__(dev)
        self.path = PATH + number
        name = os.path.basename(dev)
        self.buffers = {}
        maps = "/sys/class/uio/%s/maps" % name
        for entry in sorted(os.listdir(maps)):
            with open("%s/%s/name" % (maps, entry)) as handle:
                label, _, gpadl = handle.read().strip().partition(":")
            if gpadl:
                with open("%s/%s/size" % (maps, entry)) as handle:
                    size = int(handle.read(), 0)
                mem = mmap.mmap(self.fd, size, offset=int(entry[3:]) * ring.PAGE)
                self.buffers[label] = (mem, int(gpadl))
        self.next_id = 100
        self.others = []
        self.memory = mmap.mmap(-1, 48 * ring.PAGE)
        self.memory[:] = bytes(len(self.memory))
        ctypes.CDLL(None).mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(self.memory))), len(self.memory))

    def close(self):
        """The channel closes, the protocol starts from nothing."""
        os.close(self.fd)

    def pfn(self, number):
        """Frame number of one of our pages."""
        address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory)) + number * ring.PAGE
        with open("/proc/self/pagemap", "rb") as handle:
            handle.seek(address // ring.PAGE * 8)
            return struct.unpack("<Q", handle.read(8))[0] & ((1 << 55) - 1)

    def packet(self, kind, payload, desc=b"", comp=True, ident=None):
        """Put a packet into the ring; return its id."""
        if ident is None:
            self.next_id += 1
            ident = self.next_id
        payload += bytes(-len(payload) % 8)
        desc += bytes(-len(desc) % 8)
        start = self.tx.write_index
        length = 16 + len(desc) + len(payload)
        head = struct.pack("<HHHHQ", kind, (16 + len(desc)) // 8, length // 8, int(comp), ident)
        self.tx.copy_in(start, head + desc + payload + struct.pack("<Q", start << 32))
        self.tx.write_index = (start + length + 8) % self.tx.size
        self.signal()
        return ident

    def take(self, seconds=60.0):
        """The next packet, whatever it is: kind, id, descriptor, payload."""
        end = time.monotonic() + seconds
        while True:
            start = self.rx.read_index
            if start != self.rx.write_index:
                break
            if time.monotonic() > end:
                return None
            time.sleep(0.001)
        kind, offset, length, _, ident = struct.unpack("<HHHHQ", self.rx.copy_out(start, 16))
        whole = self.rx.copy_out((start + 16) % self.rx.size, length * 8 - 16)
        self.rx.read_index = (start + length * 8 + 8) % self.rx.size
        return kind, ident, whole[:offset * 8 - 16], whole[offset * 8 - 16:]

    def wait(self, wanted, seconds=60.0):
        """The completion of @wanted; other packets are put aside."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.take(0.5)
            if got and got[0] == 11 and got[1] == wanted:
                return got[3]
            if got:
                self.others.append(got)
        raise Wrong("no completion")

    def nvsp(self, kind, *words, tail=b"", size=40):
        """An NVSP message and its completion."""
        message = struct.pack("<%dI" % (1 + len(words)), kind, *words) + tail
        return self.wait(self.packet(6, message.ljust(size, b"\0")))

    def status(self, ident):
        """Status of the completion of a 107."""
        body = self.wait(ident)
        if len(body) < 8 or struct.unpack_from("<I", body)[0] != 108:
            raise Wrong("completed with %s" % body.hex())
        return struct.unpack_from("<I", body, 4)[0]

    def section(self, data, index=0, size=None, kind=0):
        """RNDIS by a section of the send buffer."""
        mem = self.buffers["send"][0]
        if index < 100:
            mem[index * 6144:index * 6144 + len(data)] = data
        return self.status(self.packet(6, struct.pack("<IIII", 107, kind, index, len(data) if size is None else size).ljust(40, b"\0")))

    def pages(self, data, cuts=(), kind=0, section=b"", ranges=None):
        """RNDIS by pages of ours, cut into ranges there; @section goes before it."""
        index = 0xffffffff
        if section:
            self.buffers["send"][0][:len(section)] = section
            index = 0
        if ranges is None:
            ranges = []
            edges = [0] + list(cuts) + [len(data)]
            page = 0
            for first, last in zip(edges, edges[1:]):
                part = data[first:last]
                self.memory[page * ring.PAGE:page * ring.PAGE + len(part)] = part
                count = (len(part) + ring.PAGE - 1) // ring.PAGE
                ranges.append((len(part), 0, [self.pfn(page + i) for i in range(count)]))
                page += count
        desc = struct.pack("<II", 0, len(ranges))
        for length, offset, pfns in ranges:
            desc += struct.pack("<II%dQ" % len(pfns), length, offset, *pfns)
        return self.status(self.packet(9, struct.pack("<IIII", 107, kind, index, len(section)).ljust(40, b"\0"), desc))

    def control(self, kind, body, want=None):
        """An RNDIS control message and its answer."""
        self.next_id += 1
        message = struct.pack("<III", kind, 12 + len(body), self.next_id) + body
        if self.pages(message, kind=1) != OK:
            raise Wrong("a control message was not taken")
        return self.answer(kind | 0x80000000 if want is None else want)

    def answer(self, kind):
        """The next RNDIS message of that type; it is completed at once."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            got = self.others.pop(0) if self.others else self.take(0.5)
            if not got or got[0] != 7:
                continue
            for length, offset in self.ranges(got):
                data = self.buffers["recv"][0][offset:offset + length]
                if struct.unpack_from("<I", data)[0] == kind:
                    self.done(got[1])
                    return data
            self.done(got[1])
        raise Wrong("no RNDIS message of type %#x" % kind)

    def ranges(self, got):
        """Check the frame of an XFER_PAGES packet; return its ranges."""
        ident, count = struct.unpack_from("<HxxI", got[2])
        if ident != 0xcafe or not 0 < count <= 562 or len(got[2]) != 8 + 8 * count:
            raise Wrong("descriptor %s" % got[2].hex())
        if struct.unpack_from("<I", got[3])[0] != 107 or struct.unpack_from("<I", got[3], 8)[0] != 0xffffffff:
            raise Wrong("message %s" % got[3].hex())
        out = [struct.unpack_from("<II", got[2], 8 + 8 * i) for i in range(count)]
        for length, offset in out:
            if offset + length > len(self.buffers["recv"][0]) or length < 8:
                raise Wrong("range %d at %d" % (length, offset))
        return out

    def done(self, ident, status=1):
        """Give the sub-allocations back."""
        self.packet(11, struct.pack("<II", 108, status), comp=False, ident=ident)

    def counters(self):
        """Those of the card."""
        return qmp("qom-get", path=self.path, property="counters")

    def state(self, name):
        """One field of the state."""
        return qmp("qom-get", path=self.path, property="state")[name]

    # -- the way up

    def init(self, version=V61):
        """INIT; return the status."""
        body = self.nvsp(1, version, version)
        return struct.unpack_from("<I", body, 12)[0]

    def config(self, mtu=1514, caps=0x8c):
        """NDIS_CONFIG."""
        if self.nvsp(125, mtu, 0, caps, 0):
            raise Wrong("an answer to NDIS_CONFIG")

    def version(self):
        """NDIS_VER."""
        if self.nvsp(100, 6, 30):
            raise Wrong("an answer to NDIS_VER")

    def buffer(self, kind, gpadl=None):
        """RECV_BUF or SEND_BUF; return the status."""
        name, ident = ("recv", 0xcafe) if kind == 101 else ("send", 0)
        body = self.nvsp(kind, self.buffers[name][1] if gpadl is None else gpadl, ident)
        if struct.unpack_from("<I", body)[0] != kind + 1:
            raise Wrong("answered with %s" % body.hex())
        return struct.unpack_from("<I", body, 4)[0]

    def up(self, caps=0x8c, offloads=True):
        """All of it."""
        if self.init() != OK:
            raise Wrong("version 6.1 refused")
        self.config(caps=caps)
        self.version()
        if self.buffer(101) != OK or self.buffer(104) != OK:
            raise Wrong("a buffer was refused")
        answer = self.control(2, struct.pack("<III", 1, 0, 0x4000))
        if struct.unpack_from("<I", answer, 12)[0] or len(answer) < 52:
            raise Wrong("INITIALIZE_C %s" % answer.hex())
        self.set(0x1010e, struct.pack("<I", 0xd))
        if offloads:
            self.set(0xfc01020c, bytes((0x80, 3, 28, 0, 4, 4, 4, 4, 4, 2, 0, 2, 2)).ljust(28, b"\0"))

    def set(self, oid, info, want=0):
        """SET; the status has to be @want."""
        answer = self.control(5, struct.pack("<IIII", oid, len(info), 20, 0) + info)
        status = struct.unpack_from("<I", answer, 12)[0]
        if status != want:
            raise Wrong("SET %#x: status %#x, not %#x" % (oid, status, want))

    def query(self, oid, info=b"", want=0, offset=20):
        """QUERY; return the information."""
        answer = self.control(4, struct.pack("<IIII", oid, len(info), offset, 0) + info)
        status, length, where = struct.unpack_from("<III", answer, 12)
        if status != want:
            raise Wrong("QUERY %#x: status %#x, not %#x" % (oid, status, want))
        return answer[8 + where:8 + where + length]


# -- frames

def frame(length=60, payload=None):
    """A frame of an experimental type."""
    return (b"\xff" * 6 + MAC + b"\x88\xb5").ljust(length, b"y") if payload is None else payload


def tcp(length=100, proto=6, six=False):
    """An IP packet with a TCP (UDP) header of 20 (8) bytes."""
    size = 20 if proto == 6 else 8
    body = (struct.pack(">HHIIBBHHH", 1, 2, 3, 4, 0x50, 0x10, 100, 0, 0) if proto == 6 else
            struct.pack(">HHHH", 1, 2, 8 + length, 0)) + b"z" * length
    if six:
        return b"\xff" * 6 + MAC + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, size + length, proto, 9) + bytes(32) + body
    return b"\xff" * 6 + MAC + b"\x08\0" + struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + size + length, 7, 0, 9, proto, 0,
                                                       b"\x0a\0\0\1", b"\x0a\0\0\2") + body


def ppi(kind, value, size=16, offset=12):
    """One element."""
    return struct.pack("<IIII", size, kind, offset, value)


def rndis(data, infos=b"", pad=0, **fields):
    """An RNDIS packet message; FIELDS replace what is right."""
    f = {"type": 1, "msg_len": 44 + len(infos) + len(data) + pad, "data_offset": 36 + len(infos), "data_len": len(data),
         "oob_offset": 0, "oob_len": 0, "oob_count": 0, "ppi_offset": 36 if infos else 0, "ppi_len": len(infos), "vc": 0, "reserved": 0}
    f.update(fields)
    return struct.pack("<11I", *f.values()) + infos + data + bytes(pad)


def csum(flags, offset):
    """Checksum element."""
    return ppi(0, flags | offset << 16)


def lso(mss, offset, flags=0x40000000):
    """Large send element."""
    return ppi(2, mss | offset << 20 | flags)


def bad_packets():
    """What a data packet can be refused for: counter, function of the card, name."""
    good = rndis(frame())
    many = rndis(frame(), pad=(-len(good)) % 8)

    def sec(data, **more):
        return lambda card: card.section(data, **more)

    def gpa(data, **more):
        return lambda card: card.pages(data, **more)

    yield "bad_section", sec(good, index=1 << 20), "a section that is not there"
    yield "bad_section_size", sec(good, size=6145), "more than a section"
    yield "bad_section_size", sec(b"", size=0), "nothing in a section"
    yield "bad_section_size", lambda card: card.status(card.packet(6, struct.pack("<IIII", 107, 0, 0xffffffff, 9).ljust(40, b"\0"))), \
        "bytes in no section"
    yield "bad_length", lambda card: card.status(card.packet(6, struct.pack("<IIII", 107, 0, 0xffffffff, 0).ljust(40, b"\0"))), \
        "nothing at all"
    yield "bad_ranges", gpa(good, ranges=[]), "no range"
    yield "bad_ranges", gpa(good, ranges=[(104, 0, [0xfffffffff])]), "a range outside of memory"
    yield "bad_ranges", gpa(good, ranges=[(104, 5000, [0x1000])]), "a range that starts behind its page"
    yield "bad_ranges", gpa(good, ranges=[(1 << 30, 0, [0x1000])]), "a range without its pages"
    yield "bad_ranges", gpa(good, ranges=[(4096, 0, [0x1000])] * 40), "too many bytes"
    yield "bad_channel_type", sec(good, kind=7), "channel type 7"
    yield "bad_channel_type", sec(good, kind=1), "data as control"
    yield "bad_type", sec(rndis(frame(), type=4)), "control as data"
    yield "bad_length", sec(good[:40]), "half a header"
    yield "bad_length", sec(rndis(frame(), msg_len=43)), "a message shorter than its header"
    yield "bad_length", sec(rndis(frame(), msg_len=len(good) + 1)), "a message longer than what there is"
    yield "bad_length", sec(rndis(frame(), msg_len=0xffffffff)), "the longest message"
    yield "bad_length", sec(many + b"\1" * 8), "bytes behind the last message"
    for name in ("oob_offset", "oob_len", "oob_count", "vc", "reserved"):
        yield "bad_header", sec(rndis(frame(), **{name: 1})), name
    yield "bad_data", sec(rndis(frame(), data_offset=35)), "data in the header"
    yield "bad_data", sec(rndis(frame(), data_offset=0xfffffff0)), "data far away"
    yield "bad_data", sec(rndis(frame(), data_len=61)), "data longer than the message"
    yield "bad_data", sec(rndis(frame(), data_len=0xffffffff)), "the longest data"
    yield "bad_frame_size", sec(rndis(frame(13)[:13])), "a frame of 13 bytes"
    yield "bad_frame_size", sec(rndis(frame(1519))), "a frame longer than the MTU"
    yield "bad_ppi", sec(rndis(frame(), ppi(8, 1), ppi_offset=32)), "information in the header"
    yield "bad_ppi", sec(rndis(frame(), ppi(8, 1), ppi_len=0xfffffff0)), "the longest information"
    yield "bad_ppi", sec(rndis(frame(), ppi(8, 1), ppi_offset=0xfffffff0)), "information far away"
    for size in (0, 4, 11, 14, 20, 0xfffffff0):
        yield "bad_ppi", sec(rndis(frame(), ppi(8, 1, size=size))), "an element of %d bytes" % size
    for offset in (0, 11, 17, 0xfffffff8):
        yield "bad_ppi", sec(rndis(frame(), ppi(8, 1, offset=offset))), "an element's data at %d" % offset
    yield "bad_ppi", sec(rndis(frame(), ppi(0, 1, offset=16))), "an element without data"
    yield "bad_ppi", sec(rndis(frame(), ppi(8, 1) + b"\1" * 8)), "half an element"
    yield "bad_align", sec(rndis(frame(61)) + good), "a message not padded"
    yield "bad_count", sec(many * 9), "nine messages"
    yield "bad_header_split", gpa(good, cuts=[20]), "a header in two ranges"
    yield "bad_header_split", gpa(rndis(frame(), ppi(8, 1)), cuts=[44]), "information in the second range"
    yield "bad_header_split", lambda card: card.pages(many[20:], section=many[:20]), "a header in a section and a range"
    # offloads: wrong for the frame
    t, u = tcp(), tcp(proto=17)
    yield "bad_csum", sec(rndis(t, csum(0x7, 34))), "both families"
    yield "bad_csum", sec(rndis(t, csum(0x4, 34))), "no family"
    yield "bad_csum", sec(rndis(t, csum(0xd, 34))), "both protocols"
    yield "bad_csum", sec(rndis(t, csum(0x6, 34))), "the other family"
    yield "bad_csum", sec(rndis(t, csum(0x9, 34))), "the other protocol"
    yield "bad_csum", sec(rndis(t, csum(0x5, 30))), "the header elsewhere"
    yield "bad_csum", sec(rndis(frame(), csum(0x5, 34))), "a checksum of no IP"
    yield "bad_csum", sec(rndis(t[:40], csum(0x5, 34))), "a checksum of half a header"
    big = tcp(3000)
    yield "bad_lso", sec(rndis(big, lso(0, 34))), "a large send of nothing at a time"
    yield "bad_lso", sec(rndis(big, lso(1461 + 4, 34))), "segments longer than the MTU"
    yield "bad_lso", sec(rndis(big, lso(1000, 30))), "a large send with the header elsewhere"
    yield "bad_lso", sec(rndis(big, lso(1000, 34, 0xc0000000))), "a large send of the other family"
    yield "bad_lso", sec(rndis(u, lso(1000, 34))), "a large send of UDP"
    yield "bad_lso", sec(rndis(tcp(0), lso(1000, 34))), "a large send without payload"
    yield "bad_lso", sec(rndis(big + b"pad", lso(1000, 34))), "a large send with padding"
    yield "bad_vlan", None, "a tag that was not agreed upon"
    yield "bad_offload_off", None, "offloads that are off"


# -- cases

def case_order(card):
    """What comes out of order is refused, the right order works all the same."""
    body = card.nvsp(125, 1514, 0, 0, 0)
    if struct.unpack_from("<II", body) != (108, FAIL):
        raise Wrong("NDIS_CONFIG before INIT: %s" % body.hex())
    for version in (0, 1, 3, 0x30000, 0x70000, 0xffffffff):
        if card.init(version) == OK:
            raise Wrong("version %#x accepted" % version)
    if card.init() != OK:
        raise Wrong("6.1 refused after others were")
    if card.init() == OK:
        raise Wrong("a second INIT accepted")
    if card.buffer(101) == OK:
        raise Wrong("receive buffer before NDIS_CONFIG")
    card.config()
    if card.buffer(101) == OK or card.buffer(104) == OK:
        raise Wrong("a buffer before NDIS_VER")
    card.version()
    for gpadl in (0, 0xffffffff):
        if card.buffer(101, gpadl) == OK or card.buffer(104, gpadl) == OK:
            raise Wrong("a buffer of GPADL %#x" % gpadl)
    if card.section(rndis(frame())) == OK:
        raise Wrong("data with no buffers")
    if card.buffer(101) != OK or card.buffer(101) == OK:
        raise Wrong("the receive buffer")
    if card.buffer(104) != OK or card.buffer(104) == OK:
        raise Wrong("the send buffer")
    if card.section(rndis(frame())) != INVALID:
        raise Wrong("data before RNDIS INITIALIZE")
    answer = card.control(2, struct.pack("<III", 2, 0, 0x4000))
    if struct.unpack_from("<I", answer, 12)[0] != 0xc0010004:
        raise Wrong("RNDIS version 2")
    answer = card.control(2, struct.pack("<III", 1, 0, 0x4000))
    ident, status, major, minor, flags, medium, most, longest, align = struct.unpack_from("<9I", answer, 8)
    if (ident, status, major, minor, flags, medium, most, align) != (card.next_id - 1, 0, 1, 0, 1, 0, 8, 3) or longest < 0x4000:
        raise Wrong("INITIALIZE_C %s" % answer.hex())
    answer = card.control(2, struct.pack("<III", 1, 0, 0x4000))
    if not struct.unpack_from("<I", answer, 12)[0]:
        raise Wrong("a second INITIALIZE accepted")
    for kind in (2, 99, 109, 124, 130, 135, 136, 137, 0x6b00, 0xffffffff):
        if struct.unpack_from("<II", card.nvsp(kind)) != (108, FAIL):
            raise Wrong("message %d" % kind)
    if card.section(rndis(frame())) != OK:
        raise Wrong("data at the end")


def case_forms(card):
    """Every form of a data packet is taken, and all of its frames go out."""
    card.up()
    good = rndis(frame())
    padded = rndis(frame(61), pad=7)
    before = card.counters()["tx_frames"]
    for what, want, do in (
            ("section", 1, lambda: card.section(good)), ("last section", 1, lambda: card.section(good, index=99)),
            ("eight in a section", 8, lambda: card.section(padded * 7 + good)), ("padded last", 1, lambda: card.section(padded)),
            ("pages", 1, lambda: card.pages(good)), ("two ranges", 1, lambda: card.pages(rndis(frame(), ppi(8, 5)), cuts=[60])),
            ("many ranges", 1, lambda: card.pages(rndis(frame(1000)), cuts=[44] + list(range(100, 1000, 100)))),
            ("mixed", 1, lambda: card.pages(frame(1000), section=rndis(frame(1000))[:44])),
            ("mixed behind others", 3, lambda: card.pages(frame(1000), section=padded * 2 + rndis(frame(1000))[:44])),
            ("shortest frame", 1, lambda: card.section(rndis(frame(14)[:14]))), ("longest frame", 1, lambda: card.section(rndis(frame(1514)))),
            ("unknown element", 1, lambda: card.section(rndis(frame(), ppi(77, 1) + ppi(8, 1, size=16)))),
            ("tag", 1, lambda: card.section(rndis(frame(), ppi(6, 5 << 4)))),
            ("checksum", 1, lambda: card.section(rndis(tcp(), csum(0x5, 34)))),
            ("checksum 6", 1, lambda: card.section(rndis(tcp(six=True), csum(0x6, 54)))),
            ("large send", 3, lambda: card.section(rndis(tcp(2500), lso(1000, 34)))),
            ("large send v1", 3, lambda: card.section(rndis(tcp(2500), lso(1000, 34, 0)))),
            ("large send 6", 45, lambda: card.pages(rndis(tcp(62000, six=True), lso(1400, 54, 0xc0000000)), cuts=[60]))):
        status = do()
        if status != OK:
            raise Wrong("%s: status %d" % (what, status))
        now = card.counters()["tx_frames"]
        if now - before != want:
            raise Wrong("%s: %d frames, not %d" % (what, now - before, want))
        before = now


def case_refusals(card):
    """Each cause has its counter, and the next frame goes out."""
    card.up()
    before = card.counters()
    number = 0
    for name, do, what in bad_packets():
        if not do:
            continue
        status = do(card)
        now = card.counters()
        if status != INVALID or now[name] != before[name] + 1:
            raise Wrong("%s: status %d, %s" % (what, status, {k: now[k] for k in now if k.startswith("bad") and now[k] != before[k]}))
        before = now
        number += 1
    if card.section(rndis(frame())) != OK:
        raise Wrong("the frame after all of it")
    print("    %d kinds" % number)


def case_offloads_off(card):
    """What was not switched on may not be used."""
    card.up(caps=0, offloads=False)
    for name, data in (("bad_offload_off", rndis(tcp(), csum(0x5, 34))), ("bad_offload_off", rndis(tcp(proto=17), csum(0x9, 34))),
                       ("bad_offload_off", rndis(tcp(), csum(0x11, 0))), ("bad_offload_off", rndis(tcp(2000), lso(1000, 34))),
                       ("bad_offload_off", rndis(tcp(2000), lso(1000, 34, 0))), ("bad_vlan", rndis(frame(), ppi(6, 5 << 4)))):
        before = card.counters()[name]
        if card.section(data) != INVALID or card.counters()[name] != before + 1:
            raise Wrong(name)
    if card.section(rndis(tcp(), csum(0x1, 0))) != OK:
        raise Wrong("an element that asks for nothing")


def case_oids(card):
    """Queries and sets."""
    card.up()
    oids = struct.unpack("<%dI" % (len(card.query(0x10101)) // 4), card.query(0x10101))
    for oid in oids:
        if oid not in (0x10204, 0x1021b, 0xfc01020c):
            card.query(oid)
    for oid, want in ((0x10106, 1500), (0x10111, 1514), (0x10114, 0), (0x10107, 100000000), (0x1010e, 13)):
        if struct.unpack("<I", card.query(oid))[0] != want:
            raise Wrong("OID %#x" % oid)
    if card.query(0x01010101) != card.query(0x01010102) or len(card.query(0x01010101)) != 6:
        raise Wrong("addresses")
    caps = card.query(0xfc01020d, bytes((0xa7, 3, 156, 0)))
    if len(caps) != 156 or caps[:4] != bytes((0xa7, 3, 156, 0)) or struct.unpack_from("<I", caps, 8)[0] != 0x155:
        raise Wrong("offload capabilities %s" % caps.hex())
    rss = card.query(0x10203, bytes((0x88, 2, 18, 0)))
    if len(rss) != 18 or struct.unpack_from("<I", rss, 12)[0] != 1:
        raise Wrong("receive scale capabilities %s" % rss.hex())
    for oid in (0x10199, 0, 0xffffffff, 0x10204):
        card.query(oid, want=0xc00000bb)
    card.set(0x10106, b"1234", 0xc00000bb)
    # QUERY without the offset is refused, as elsewhere
    card.query(0x10106, want=0xc0010015, offset=0)
    card.query(0x10106, want=0xc0010015, offset=0xfffffff0)
    answer = card.control(8, b"")
    if struct.unpack_from("<I", answer, 12)[0]:
        raise Wrong("KEEPALIVE")
    params = struct.Struct("<BBHHHIHHIHHIIII")
    key, table = bytes(range(40)), bytes(16 * 4)

    def parameters(flags=0, info=0x1701, table_size=64, table_offset=40, key_size=40, key_offset=104):
        return params.pack(0x89, 2, 40, flags, 0, info, table_size, 0, table_offset, key_size, 0, key_offset, 0, 0, 0) + table + key

    for want, info in ((0, parameters()), (0, parameters(flags=0x10)), (0, parameters(info=0)), (0xc0010015, parameters(table_size=62)),
                       (0xc0010015, parameters(table_size=0)), (0xc0010015, parameters(key_size=39)),
                       (0xc0010015, parameters(table_offset=0xfffffff0)), (0xc0010015, parameters(key_offset=105)),
                       (0xc0010016, parameters()[:39]), (0xc0010015, parameters().replace(table, struct.pack("<I", 64) + table[4:]))):
        card.set(0x10204, info, want)
    for want, info in ((0, bytes((0x80, 1, 20, 0)).ljust(20, b"\0")), (0xc0010016, bytes(19)), (0xc0010015, bytes(28)),
                       (0xc0010015, bytes((0x80, 1, 29, 0)).ljust(28, b"\0")), (0xc0010015, bytes((0x80, 0, 20, 0)).ljust(28, b"\0"))):
        card.set(0xfc01020c, info, want)
    for want, text in ((0, "52485677AAbb"), (0xc0010015, "52485677AAb"), (0xc0010015, "52485677AAxx"), (0xc0010015, "53485677AAbb")):
        name, value = "NetworkAddress".encode("utf-16le"), text.encode("utf-16le")
        card.set(0x1021b, struct.pack("<5I", 20, len(name), 2, 20 + len(name), len(value)) + name + value, want)
    if card.query(0x01010102) != bytes.fromhex("52485677aabb") or card.state("mac") != "52:48:56:77:aa:bb":
        raise Wrong("the new address")
    card.set(0x1021b, struct.pack("<5I", 20, 0xfffffff0, 2, 20, 24) + bytes(60), 0xc0010015)
    before = card.counters()["rndis_malformed"]
    for body in (b"", struct.pack("<II", 4, 0xffffffff), struct.pack("<III", 4, 11, 1), struct.pack("<III", 99, 12, 1),
                 struct.pack("<III", 4, 12, 1), struct.pack("<III", 2, 12, 1)):
        if len(body) >= 8:
            card.pages(body, kind=1)
    if card.counters()["rndis_malformed"] != before + 5:
        raise Wrong("malformed messages: %d" % (card.counters()["rndis_malformed"] - before))
    card.query(0x10106)


def case_receive(card):
    """Frames come in good order; what is given back twice is counted and does no harm."""
    card.up()
    seen = 0
    end = time.monotonic() + 120
    while seen < 5 and time.monotonic() < end:
        got = card.others.pop(0) if card.others else card.take(1)
        if not got or got[0] != 7:
            continue
        for length, offset in card.ranges(got):
            data = card.buffers["recv"][0][offset:offset + length]
            kind, msg_len, at, size, _, _, _, infos, infos_len = struct.unpack_from("<9I", data)
            if kind != 1:
                continue
            if msg_len > length or at + 8 + size > msg_len or size < 14 or infos_len and not 36 <= infos <= at - infos_len:
                raise Wrong("message %s" % data[:44].hex())
            pos = 8 + infos
            while infos_len and pos < 8 + infos + infos_len:
                step, _, inner = struct.unpack_from("<III", data, pos)
                if step < 16 or step % 4 or inner != 12:
                    raise Wrong("element %s" % data[pos:pos + 16].hex())
                pos += step
            seen += 1
        last = got[1]
        card.done(last)
    if seen < 5:
        raise Wrong("only %d frames came" % seen)
    # quiet, then count
    card.set(0x1010e, bytes(4))
    before = card.counters()["bad_rx_completion"]
    for ident in (last, 0, 1, 1 << 32, 0xffffffffffffffff):
        card.done(ident)
    card.packet(11, b"", comp=False, ident=last)
    card.query(0x10106)
    if card.counters()["bad_rx_completion"] != before + 6:
        raise Wrong("wrong completions: %d" % (card.counters()["bad_rx_completion"] - before))
    # give back what is still on its way: nothing new comes
    end = time.monotonic() + 60
    while card.state("sub-allocs-free") != card.state("sub-allocs"):
        got = card.others.pop(0) if card.others else card.take(0.5)
        if got and got[0] == 7:
            card.done(got[1])
        if time.monotonic() > end:
            raise Wrong("%d sub-allocations of %d" % (card.state("sub-allocs-free"), card.state("sub-allocs")))


def case_virtual_function(card):
    """128 comes, 129 is completed with nothing, and the data path follows."""
    card.up()
    body = card.nvsp(129, 1)
    if body or card.state("data-path") != "synthetic":
        raise Wrong("129 without a VF: %s" % body.hex())
    qmp("qom-set", path=card.path, property="vf", value=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        got = card.others.pop(0) if card.others else card.take(1)
        if got and got[0] == 6:
            break
        if got and got[0] == 7:
            card.done(got[1])
    else:
        raise Wrong("no 128")
    if struct.unpack_from("<III", got[3]) != (128, 1, 1) or got[1]:
        raise Wrong("association %s" % got[3].hex())
    for active, path in ((1, "vf"), (1, "vf"), (0, "synthetic"), (1, "vf")):
        if card.nvsp(129, active):
            raise Wrong("129 is completed with something")
        if card.state("data-path") != path:
            raise Wrong("the data path is not %s" % path)
    card.nvsp(129, 2)
    if card.section(rndis(frame())) != OK:
        raise Wrong("data on the synthetic path")
    qmp("qom-set", path=card.path, property="vf", value=False)
    if card.state("data-path") != "synthetic":
        raise Wrong("the data path stays")


def case_revoke(card):
    """What is revoked is not used any more."""
    card.up()
    card.packet(6, struct.pack("<IH", 106, 5).ljust(40, b"\0"), comp=False)
    if card.section(rndis(frame())) != OK:
        raise Wrong("another id revoked the send buffer")
    card.packet(6, struct.pack("<IH", 106, 0).ljust(40, b"\0"), comp=False)
    if card.section(rndis(frame())) != INVALID:
        raise Wrong("a section after the buffer was revoked")
    if card.pages(rndis(frame())) != OK:
        raise Wrong("pages after the send buffer was revoked")
    card.packet(6, struct.pack("<IH", 103, 0xcafe).ljust(40, b"\0"), comp=False)
    card.section(b"", size=0)
    mem = card.buffers["recv"][0]
    mem[:65536] = b"\xa5" * 65536
    time.sleep(2)
    if mem[:65536] != b"\xa5" * 65536:
        raise Wrong("the host writes to a buffer that was revoked")


def case_sub_channels(card):
    """Requests that make no sense; one channel has no others."""
    card.up()
    for op, count in ((0, 1), (2, 1), (1, 0)):
        body = card.nvsp(133, op, count)
        if struct.unpack_from("<III", body) != (133, FAIL, 0):
            raise Wrong("operation %d for %d: %s" % (op, count, body.hex()))


def main():
    """Run all cases."""
    dev, number, suite = sys.argv[1:4]
    bad = 0
    faulthandler.dump_traceback_later(700, exit=True)
    for name, case in sorted((n, f) for n, f in globals().items() if n.startswith("case_")):
        card = Card(dev, number)
        try:
            case(card)
            print("PASS %s: %s" % (suite, name[5:]), flush=True)
        except Wrong as wrong:
            bad += 1
            print("FAIL %s: %s: %s" % (suite, name[5:], wrong), flush=True)
        card.close()
        # the maps keep the file open
        del card
    sys.exit(bad)


main()
