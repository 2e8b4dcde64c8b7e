# SPDX-License-Identifier: GPL-2.0-only
"""A machine with KVM inside one without: a guest of QEMU's TCG whose processor
has AMD's SVM, with this tree, the test host and what its runs need of the
cache on a disk of its own.

In that guest tests/vm is what it is here. It finds /dev/kvm there and takes it.
"""
import os
import re
import shutil
import subprocess

from . import cache, guest, host, image, kernel as kernels, program

KERNEL = "6.12"                         # its kvm_amd is the KVM that is met
CPU, FLAGS = "EPYC", "svm=on,npt=on"
FIRMWARE = program.load("tests/qemu/build").FIRMWARE
ROOM = 4096                             # MiB for what the runs write
TREE = ("Kbuild", "tests") + tuple(s for s in kernels.SOURCES if s != "Kbuild")

# QEMU with the libraries, and the loader, of the machine it was built on.
WRAPPER = """#!/bin/sh
top=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$top/lib/loader" --library-path "$top/lib" "$top/bin/qemu" "$@"
"""


def link(source, target):
    """Another name for a file, or a copy where that does not go."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def place(source, target):
    """Put a file, a link or a folder at @target."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    elif os.path.isdir(source):
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"), copy_function=link,
                        dirs_exist_ok=True)
    else:
        link(source, target)


class Bed:
    """The disk's contents, in a folder; they look in the cache as they do here."""

    def __init__(self, folder):
        self.folder = folder

    def cached(self, path):
        """Add one file or folder of the cache."""
        target = os.path.join(self.folder, "cache/hyperv-ic", os.path.relpath(path, cache.root()))
        if not os.path.lexists(target):
            place(path, target)

    def qemu(self):
        """Add the test host."""
        binary = host.binary()
        top = os.path.join(self.folder, "qemu")
        place(binary, os.path.join(top, "bin/qemu"))
        said = subprocess.run(["ldd", binary], stdout=subprocess.PIPE, text=True, check=True).stdout
        os.makedirs(top + "/lib")
        for name, path in re.findall(r"^\s*(\S+) => (/\S+)", said, re.M):
            shutil.copy(path, os.path.join(top, "lib", name))
        shutil.copy(re.search(r"^\s*(/\S*/ld-\S+) \(", said, re.M).group(1), top + "/lib/loader")
        for folder in host.firmware(binary)[1::2]:
            for name in FIRMWARE:
                source, target = os.path.join(folder, name), os.path.join(top, "share/qemu", name)
                if os.path.exists(source) and not os.path.exists(target):
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    shutil.copy(source, target)
        with open(top + "/VERSION", "w") as out:
            out.write(guest.qemu_build(binary) + "\n")
        with open(top + "/bin/qemu-system-x86_64", "w") as out:
            out.write(WRAPPER)
        os.chmod(top + "/bin/qemu-system-x86_64", 0o755)

    def tree(self):
        """Add this tree: what tests/vm and our modules are made of."""
        for name in TREE:
            if os.path.exists(os.path.join(cache.TOP, name)):
                place(os.path.join(cache.TOP, name), os.path.join(self.folder, "tree", name))

    def run(self, name, modules):
        """Add what tests/vm run --kernel @name --modules @modules takes from the cache."""
        one = guest.Run(program.load("tests/vm").run_arguments(["--kernel", name, "--modules", modules]))
        one.choose_modules()
        kernel = one.kernel
        for path in (image.root_image(), image.guest_init(), image.modules_image(kernel), kernels.bootable(kernel),
                     os.path.join(cache.root(), "kernels", name), one.modules.folder.split("/lib/modules/")[0]):
            self.cached(path)
        for item in ("vmlinuz", "config", "VERSION", "PACKAGES"):
            self.cached(os.path.join(kernel.path, item))
        self.cached(os.path.join(kernel.modules, "modules.builtin"))
        for item in guest.REPLACEABLE:
            path = kernels.distribution_module(kernel, item)
            if path:
                self.cached(path)
        if "ours" in one.choice.values():
            self.cached(os.path.dirname(next(iter(kernels.our_modules(kernel).values()))))
        # Of the modules it prepared, those that it reads itself; the guest has them all in its image.
        wanted = one.modules.order(image.BOOT_VIRTIO + image.BOOT_SCSI) + [
            one.modules.depends[n][0] for n in guest.REPLACEABLE if n in one.modules.depends]
        for relative in wanted:
            if one.modules.file(relative).startswith(one.modules.staged):
                self.cached(one.modules.file(relative))


def disk(runs):
    """Return the image of the disk for @runs, pairs of a kernel's name and the word of --modules."""
    folder, target = cache.path("kvm", "bed"), cache.path("kvm", "bed.ext4")
    cache.remove(folder)
    cache.remove(target)
    bed = Bed(folder)
    bed.tree()
    bed.qemu()
    for name, modules in runs:
        bed.run(name, modules)
    os.makedirs(os.path.join(folder, "tmp"))
    image.make_ext4(target, folder, "hvkvm", spare=ROOM)
    cache.remove(folder)
    return target


def options(drive, smp, mem):
    """Return tests/vm's words for the guest with that disk."""
    return ["--kernel", KERNEL, "--modules", "distro", "--accel", "tcg", "--smp", str(smp), "--mem", str(mem), "--host", "hv=off",
            "--host", "cpu=" + CPU, "--host", "cpu+=" + FLAGS, "--host", "arg=-drive",
            "--host", "arg=if=none,id=dkvm,file=%s,format=raw,cache=unsafe,snapshot=on" % drive.replace(",", ",,"),
            "--host", "device=virtio-blk-pci,drive=dkvm,serial=hvkvm"]
