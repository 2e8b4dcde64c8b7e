#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The disk of a machine that lost its power: its kernel is found although the journal was not replayed, as a boot loader finds it.

What is in the journal and what has reached its place differ then; the checksum of a bitmap that nobody needs for reading need not be right.
"""
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests"))
from lib import cache, image, system  # noqa: E402

SUITE = "package, disk"
BLOCK = 4096
KERNEL = bytes(range(256)) * 100


def report(case, reason):
    """Print a verdict; @reason is empty if all is well."""
    print("%s %s: %s%s" % ("FAIL" if reason else "PASS", SUITE, case, ": " + reason if reason else ""), flush=True)


def found(name, target):
    """Return what is wrong with the kernel that is read from a disk."""
    cache.remove(target)
    if not system.dump(name, "/boot/vmlinuz", target):
        return "no kernel"
    with open(target, "rb") as handle:
        return "" if handle.read() == KERNEL else "not what was written"


def main():
    """Return the exit status."""
    with tempfile.TemporaryDirectory() as temp:
        disk, target, boot = (os.path.join(temp, n) for n in ("disk", "kernel", "tree/boot"))
        os.makedirs(boot)
        with open(os.path.join(boot, "vmlinuz"), "wb") as handle:
            handle.write(KERNEL)
        with open(disk, "wb") as handle:
            handle.truncate(64 << 20)
        cache.run([image.tool("mke2fs"), "-q", "-F", "-t", "ext4", "-b", str(BLOCK), "-O", "metadata_csum", "-d", os.path.dirname(boot), disk])
        report("the kernel of a disk at rest is read", found(disk, target))
        layout = subprocess.run([image.tool("dumpe2fs"), disk], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
        for which in ("Block", "Inode"):
            with open(disk, "r+b") as handle:
                # the last bit that the checksum covers: something that was taken, or given back, in the moment of the cut
                per_group = int(re.search(r"^%ss per group: +(\d+)$" % which, layout, re.M).group(1))
                where = int(re.search(r"\b%s bitmap at (\d+)" % which, layout, re.I).group(1)) * BLOCK + per_group // 8 - 1
                handle.seek(where)
                byte = handle.read(1)[0]
                handle.seek(where)
                handle.write(bytes([byte ^ 0x80]))
        report("the kernel of a disk whose bitmaps are ahead of their checksums is read", found(disk, target))
        report("a file that is not there is not found", "" if not system.dump(disk, "/boot/other", os.path.join(temp, "other")) else "found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
