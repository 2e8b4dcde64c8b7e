# SPDX-License-Identifier: GPL-2.0-only
"""Firmware with Secure Boot on: OVMF with Microsoft's keys, a FAT disk with Debian's signed shim and GRUB, and the
owner's keys as the shim's list has them.

No firmware here can read a synthetic disk, so loader, kernel and RAM disk lie on a small virtio disk: the firmware verifies
the shim, the shim GRUB, GRUB the kernel. The system's own disk is on Hyper-V's controller all the same.
"""
import os
import struct
import tempfile
import uuid

from . import cache, debian

CODE, VARS = "/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23")
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792")
NONVOLATILE, BOOT = 1, 2
VOLUME_HEADER, STORE_HEADER, VARIABLE = "<16x16xQ4sIH", "<16sIBB6x", "<HBxIQ16sIII16s"

GRUB = """echo "hv: grub, $grub_platform"
linux /vmlinuz %s
initrd /initrd
boot
"""


def certificates(ders):
    """Return signature lists with one certificate each, as db and MokList hold them."""
    out = b""
    for der in ders:
        out += X509.bytes_le + struct.pack("<III", 28 + 16 + len(der), 0, 16 + len(der)) + SHIM.bytes_le + der
    return out


def variables(store):
    """Yield (offset, state, name, data) of the variables in an image of OVMF's flash, and at last (end, None, None, None)."""
    length, signature, _, header = struct.unpack_from(VOLUME_HEADER, store)
    kind, size, form, state = struct.unpack_from(STORE_HEADER, store, header)
    if signature != b"_FVH" or kind != STORE.bytes_le or (form, state) != (0x5a, 0xfe) or header + size > min(length, len(store)):
        raise cache.Failure("this is no image of OVMF's variables")
    at, end = header + struct.calcsize(STORE_HEADER), header + size
    while at + struct.calcsize(VARIABLE) <= end:
        start, flags, _, _, _, _, names, datas, _ = struct.unpack_from(VARIABLE, store, at)
        if start != 0x55aa:
            break
        body = at + struct.calcsize(VARIABLE)
        yield at, flags, store[body:body + names].decode("utf-16-le").rstrip("\0"), store[body + names:body + names + datas]
        at = (body + names + datas + 3) & ~3
    yield at, None, None, None


def with_variable(store, name, owner, attributes, value):
    """Return the image with one more variable."""
    *there, (at, _, _, _) = variables(store)
    if any(state == 0x3f and other == name for _, state, other, _ in there):
        raise cache.Failure("%s is there already" % name)
    text = (name + "\0").encode("utf-16-le")
    data = struct.pack(VARIABLE, 0x55aa, 0x3f, attributes, 0, bytes(16), 0, len(text), len(value), owner.bytes_le) + text + value
    if store[at:at + len(data)].strip(b"\xff"):
        raise cache.Failure("no room for %s" % name)
    return store[:at] + data + store[at + len(data):]


def flash(target, owners=()):
    """Write the variables of a machine with Secure Boot on, and with @owners (DER certificates) on the shim's list."""
    with open(VARS, "rb") as handle:
        store = handle.read()
    if owners:
        store = with_variable(store, "MokList", SHIM, NONVOLATILE | BOOT, certificates(owners))
    with open(target, "wb") as handle:
        handle.write(store)


def loaders():
    """Return the folder with Debian's signed shim and GRUB."""
    return cache.entry("system/loaders-1", lambda part: debian.bookworm().unpack(["shim-signed", "shim-helpers-amd64-signed", "grub-efi-amd64-signed"], part),
                       "fetching the signed boot loaders")


def esp(target, kernel, initrd, append):
    """Make the disk that the firmware boots from."""
    folder = loaders()
    shim = os.path.join(folder, "usr/lib/shim/%s.signed")
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as config:
        config.write(GRUB % append)
        config.flush()
        size = sum(os.path.getsize(f) for f in (kernel, initrd)) + (16 << 20)
        with open(target, "wb") as handle:
            handle.truncate(size)
        cache.run(["mkfs.vfat", "-n", "HVESP", target])
        cache.run(["mmd", "-i", target, "::/EFI", "::/EFI/BOOT", "::/EFI/debian"])
        for source, name in ((shim % "shimx64.efi", "EFI/BOOT/BOOTX64.EFI"), (shim % "mmx64.efi", "EFI/BOOT/mmx64.efi"),
                             (os.path.join(folder, "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"), "EFI/BOOT/grubx64.efi"),
                             (config.name, "EFI/debian/grub.cfg"), (kernel, "vmlinuz"), (initrd, "initrd")):
            cache.run(["mcopy", "-i", target, source, "::/" + name])


def options(variables_file, disk):
    """Return QEMU's options."""
    return ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1",
            "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + CODE,
            "-drive", "if=pflash,unit=1,format=raw,file=" + variables_file,
            "-drive", "if=none,id=desp,format=raw,file=" + disk, "-device", "virtio-blk-pci,drive=desp,bootindex=0"]
