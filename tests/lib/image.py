# SPDX-License-Identifier: GPL-2.0-only
"""The guest's user space: one root image for all kernels, one image of
modules per kernel, and a small initramfs per run.

The root image is a bootstrapped Debian system in an ext4 file system without
a journal. A run writes to a throw-away overlay of QEMU's, never to the image.
The modules under test travel in the initramfs, next to the modules.dep that
depmod made for exactly this choice of modules.
"""
import glob
import os
import shutil
import stat

from . import cache, debian, elf, kernel as kernels

GUEST = os.path.join(cache.TOP, "tests/qemu/image")

PACKAGES = """
bash chrony e2fsprogs ethtool fdisk fio hyperv-daemons iperf3 iproute2 iputils-ping kexec-tools kmod lsscsi
mount net-tools procps psmisc python3-minimal python3 sg3-utils strace udev util-linux xfsprogs
""".split()

# Whole folders of drivers that no guest here can have a use for.
UNUSED = """
drivers/media drivers/infiniband drivers/iio drivers/staging drivers/usb drivers/net/wireless drivers/net/ethernet
drivers/isdn drivers/comedi drivers/mtd drivers/power drivers/regulator drivers/bluetooth drivers/hwmon drivers/leds
drivers/accel drivers/soundwire drivers/thunderbolt drivers/nfc drivers/gpu/drm/amd drivers/gpu/drm/i915
drivers/gpu/drm/nouveau drivers/gpu/drm/radeon drivers/gpu/drm/xe sound net/bluetooth net/mac80211 net/wireless
net/batman-adv net/ceph fs/ocfs2 fs/ceph fs/gfs2 fs/jfs fs/reiserfs fs/ubifs
""".split()

# What the initramfs needs to reach a root file system behind virtio-blk, besides what is built in.
BOOT_VIRTIO = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]
BOOT_SCSI = ["hv_vmbus", "hv_storvsc", "sd_mod", "crc32c_generic", "ext4"]


def root_image():
    """Return the root image, made the first time (two to three minutes)."""
    archive = debian.bookworm()

    def make(part):
        tree = part + ".root"
        cache.remove(tree)
        kernels.bootstrap(archive, tree, PACKAGES, ["--customize-hook=" + os.path.join(GUEST, "customize") + ' "$1"'])
        try:
            make_ext4(part, tree, "hvroot", spare=192)
        finally:
            cache.remove(tree)
    key = cache.hash_of(" ".join(PACKAGES), ("file", os.path.join(GUEST, "customize")))
    return cache.entry("guest/root-%s.ext4" % key, make, "bootstrapping the guest's Debian user space")


def make_ext4(image, tree, label, spare):
    """Make an ext4 image with the contents of @tree and @spare MiB of room."""
    used = 0
    inodes = 0
    for folder, folders, files in os.walk(tree):
        for name in folders + files:
            used += (os.lstat(os.path.join(folder, name)).st_size + 4095) // 4096 * 4096
            inodes += 1
    size = used // 1048576 + used // 1048576 // 16 + spare + inodes // 4096 + 8
    with open(image, "wb") as handle:
        handle.truncate(size * 1048576)
    cache.run([tool("mke2fs"), "-q", "-F", "-t", "ext4", "-b", "4096", "-O", "^has_journal,^metadata_csum,^orphan_file",
               "-N", str(inodes + 16384), "-E", "lazy_itable_init=0,root_owner=0:0", "-m", "0", "-L", label,
               "-d", tree, image])


def tool(name):
    """Return the path of a tool that may live outside a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not found:
        raise cache.Failure("the tool %s is missing: run ./setup first" % name)
    return found


def staged_modules(kernel):
    """Return a directory with the kernel's modules, uncompressed, without drivers no guest here can use."""
    def make(part):
        target = os.path.join(part, "lib/modules", kernel.release)
        os.makedirs(target)
        skip = tuple(u + "/" for u in UNUSED)
        for name in cache.files_below(os.path.realpath(os.path.join(kernel.modules, "kernel"))):
            relative = os.path.relpath(name, os.path.realpath(kernel.modules))
            if ".ko" not in os.path.basename(name) or relative[len("kernel/"):].startswith(skip):
                continue
            base = relative[:relative.rindex(".ko") + 3]
            os.makedirs(os.path.dirname(os.path.join(target, base)), exist_ok=True)
            with open(os.path.join(target, base), "wb") as out:
                out.write(elf.contents(name))
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            if os.path.exists(os.path.join(kernel.modules, name)):
                shutil.copy(os.path.join(kernel.modules, name), target)
    return cache.entry("guest/modules-" + kernel.key, make, "preparing the modules of " + kernel.release)


def modules_image(kernel):
    """Return a file system image of the kernel's modules, for all runs with this kernel."""
    staged = os.path.join(staged_modules(kernel), "lib/modules", kernel.release)
    return cache.entry("guest/modules-%s.ext4" % kernel.key,
                       lambda part: make_ext4(part, staged, "hvmodules", spare=1))


def guest_init():
    """Return the guest's first program, compiled statically."""
    source = os.path.join(GUEST, "init.c")
    return cache.entry("guest/init-" + cache.hash_of(("file", source)), lambda part: cache.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", part, source]))


class Modules:
    """The choice of modules for one run: who provides which one, and the tables depmod made of it."""

    def __init__(self, kernel, ours):
        """@ours: {name: file} of the modules that replace the distribution's."""
        self.kernel = kernel
        self.ours = ours
        staged = staged_modules(kernel)
        key = cache.hash_of(kernel.key, *[x for n in sorted(ours) for x in (n, ("file", ours[n]))])

        def make(part):
            target = os.path.join(part, "lib/modules", kernel.release)
            os.makedirs(os.path.join(target, "updates"))
            source = os.path.join(staged, "lib/modules", kernel.release)
            os.symlink(os.path.join(source, "kernel"), os.path.join(target, "kernel"))
            for name in os.listdir(source):
                if name.startswith("modules."):
                    shutil.copy(os.path.join(source, name), target)
            for name in ours:
                shutil.copy(ours[name], os.path.join(target, "updates", name + ".ko"))
            # depmod follows no links between folders: give it a tree of hard links.
            os.unlink(os.path.join(target, "kernel"))
            cache.run(["cp", "-al", os.path.join(source, "kernel"), os.path.join(target, "kernel")])
            cache.run([tool("depmod"), "-b", part, kernel.release])
            cache.remove(os.path.join(target, "kernel"))
        self.folder = os.path.join(cache.entry("guest/choice-%s-%s" % (kernel.release, key), make),
                                   "lib/modules", kernel.release)
        self.staged = os.path.join(staged, "lib/modules", kernel.release)
        self.depends = {}
        with open(os.path.join(self.folder, "modules.dep")) as handle:
            for line in handle:
                target, _, needs = line.strip().partition(":")
                self.depends[module_name(target)] = (target, needs.split())

    def file(self, relative):
        """Return the file behind a path of modules.dep."""
        name = os.path.join(self.folder, relative)
        return name if os.path.exists(name) else os.path.join(self.staged, relative)

    def winner(self, name):
        """Return the file modprobe would load for module @name, or None."""
        entry = self.depends.get(name)
        return self.file(entry[0]) if entry else None

    def order(self, names):
        """Return the files to load, in order, so that @names end up loaded."""
        done = []
        for name in names:
            entry = self.depends.get(name)
            if not entry:
                continue            # built in
            for relative in reversed(entry[1]):
                if relative not in done:
                    done.append(relative)
            if entry[0] not in done:
                done.append(entry[0])
        return done


def module_name(relative):
    """Return the module's name for a file name."""
    return os.path.basename(relative).split(".ko")[0].replace("-", "_")


class Cpio:
    """An initramfs in the kernel's own format, written without any tool."""

    def __init__(self):
        self.parts = []
        self.inode = 1
        self.folders = set()

    def add(self, name, mode, data=b"", rdev=(0, 0)):
        """Add one entry; missing parent directories come first."""
        parent = os.path.dirname(name)
        if parent and parent not in self.folders:
            self.add(parent, stat.S_IFDIR | 0o755)
        if stat.S_ISDIR(mode):
            if name in self.folders:
                return
            self.folders.add(name)
        self.inode += 1
        title = name.encode() + b"\0"
        head = "070701" + "".join("%08X" % f for f in (
            self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(title), 0))
        block = head.encode() + title
        block += b"\0" * (-len(block) % 4) + data
        self.parts.append(block + b"\0" * (-len(block) % 4))

    def file(self, name, data, mode=0o644):
        """Add a regular file."""
        self.add(name, stat.S_IFREG | mode, data if isinstance(data, bytes) else data.encode())

    def link(self, name, target):
        """Add a symbolic link."""
        self.add(name, stat.S_IFLNK | 0o777, target.encode())

    def copy(self, name, source):
        """Add the file or the whole folder @source under @name."""
        if os.path.islink(source):
            self.link(name, os.readlink(source))
        elif os.path.isdir(source):
            self.add(name, stat.S_IFDIR | 0o755)
            for item in sorted(os.listdir(source)):
                self.copy(name + "/" + item, os.path.join(source, item))
        elif os.path.isfile(source):
            with open(source, "rb") as handle:
                self.file(name, handle.read(), stat.S_IMODE(os.stat(source).st_mode))

    def write(self, name):
        """Write the archive to file @name."""
        self.add("TRAILER!!!", 0)
        with open(name, "wb") as handle:
            for block in self.parts:
                handle.write(block)


def initramfs(name, modules, root_on_scsi, files):
    """Write the initramfs of one run. @files: {path below hv/: bytes or source path}."""
    archive = Cpio()
    archive.add("dev", stat.S_IFDIR | 0o755)
    archive.add("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
    for folder in ("proc", "sys", "root"):
        archive.add(folder, stat.S_IFDIR | 0o755)
    with open(guest_init(), "rb") as handle:
        archive.file("init", handle.read(), 0o755)
    wanted = modules.order(BOOT_SCSI if root_on_scsi else BOOT_VIRTIO)
    for relative in wanted:
        with open(modules.file(relative), "rb") as handle:
            archive.file("hv/boot/" + relative, handle.read())
    archive.file("hv/boot/order", "".join("%s\n" % w for w in wanted))
    target = "hv/lib/modules/" + modules.kernel.release
    for item in sorted(os.listdir(modules.folder)):
        archive.copy(target + "/" + item, os.path.join(modules.folder, item))
    archive.link(target + "/kernel", "/run/hv-modules/kernel")
    for item in sorted(glob.glob(os.path.join(GUEST, "bin/*"))):
        archive.copy("hv/bin/" + os.path.basename(item), item)
    for item, content in files.items():
        if isinstance(content, bytes):
            archive.file("hv/" + item, content, 0o755)
        else:
            archive.copy("hv/" + item, content)
    archive.write(name)
