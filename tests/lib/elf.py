# SPDX-License-Identifier: GPL-2.0-only
"""What tests/vm needs to know from a module file: its modinfo and its build id."""
import lzma
import gzip
import struct
import subprocess


def contents(name):
    """Return the bytes of a module file, uncompressed."""
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", name], stdout=subprocess.PIPE, check=True).stdout
    opener = {"xz": lzma.open, "gz": gzip.open}.get(name.rsplit(".", 1)[-1], open)
    with opener(name, "rb") as handle:
        return handle.read()


class Module:
    """A 64-bit little-endian relocatable file, read just as far as needed."""

    def __init__(self, name):
        data = contents(name)
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("%s is not a 64-bit ELF file" % name)
        table, = struct.unpack_from("<Q", data, 0x28)
        size, count, names = struct.unpack_from("<HHH", data, 0x3a)
        heads = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
        strings = heads[names]
        self.modinfo = {}
        self.build_id = None
        for head in heads:
            start = strings[4] + head[0]
            title = data[start:data.index(b"\0", start)]
            body = data[head[4]:head[4] + head[5]]
            if title == b".modinfo":
                for word in body.split(b"\0"):
                    key, equals, value = word.partition(b"=")
                    if equals:
                        self.modinfo.setdefault(key.decode(), []).append(value.decode(errors="replace"))
            elif title == b".note.gnu.build-id":
                names_bytes, desc_bytes, _ = struct.unpack_from("<III", body)
                begin = 12 + (names_bytes + 3) // 4 * 4
                self.build_id = body[begin:begin + desc_bytes].hex()
        self.srcversion = self.modinfo.get("srcversion", [None])[0]
