# SPDX-License-Identifier: GPL-2.0-only
"""Kernels for the guest, and our modules built for them.

A kernel is a directory: vmlinuz, config, VERSION (its release), PACKAGES
(where it came from), lib/modules/<release>/ and build (the headers). The
distribution's packages are unpacked there untouched, but for one line: the
headers' Makefile names its other half by an absolute path.
"""
import glob
import lzma
import os
import re
import shutil
import struct
import subprocess
import zlib

from . import cache, debian, elf

# What our modules are built from: Kbuild and these folders.
SOURCES = ("Kbuild", "compat", "hypercall", "vmbus", "storvsc", "netvsc", "ic", "timesync",
           "heartbeat", "kvp", "shutdown", "vss", "fcopy")

# What a build leaves beside its sources: kept, so that the next build is a short one.
PRODUCTS = ("*.o", "*.ko", ".*.cmd", ".*.d", "*.mod", "*.mod.c", "*.symvers", "modules.order", "*.answer",
            "/compat/config.h", "/compat/probe.log", "/compat/probes/*.log")

# name -> (archive, package that always depends on the newest image, the same for headers)
DISTRIBUTION = {
    "6.1": (debian.bookworm, "linux-image-amd64", "linux-headers-amd64"),
    "6.12": (debian.bookworm, "linux-image-6.12-amd64", "linux-headers-6.12-amd64"),
    "newest": (debian.sid, "linux-image-amd64", "linux-headers-amd64"),
    "6.1-rt": (debian.bookworm, "linux-image-rt-amd64", "linux-headers-rt-amd64"),
    "6.1-cloud": (debian.bookworm, "linux-image-cloud-amd64", "linux-headers-cloud-amd64"),
    "6.12-rt": (debian.bookworm, "linux-image-6.12-rt-amd64", "linux-headers-6.12-rt-amd64"),
    "6.12-cloud": (debian.bookworm, "linux-image-6.12-cloud-amd64", "linux-headers-6.12-cloud-amd64"),
}
NAMES = ("6.1", "6.12", "newest")         # those that a run without a name is about; any of the others has to be asked for


class Kernel:
    """One kernel directory."""

    def __init__(self, name, path):
        self.name = name
        self.path = os.path.realpath(path)
        self.vmlinuz = os.path.join(self.path, "vmlinuz")
        self.build = os.path.join(self.path, "build")
        releases = glob.glob(os.path.join(self.path, "lib/modules/*"))
        version = os.path.join(self.path, "VERSION")
        if os.path.exists(version):
            with open(version) as handle:
                self.release = handle.read().strip()
        elif len(releases) == 1:
            self.release = os.path.basename(releases[0])
        else:
            raise cache.Failure("%s: no VERSION file and not exactly one lib/modules/<release>" % path)
        self.modules = os.path.join(self.path, "lib/modules", self.release)
        # A tool root is a bootstrapped system with the compiler this kernel was built with.
        tools = os.path.join(self.path, "tools")
        self.tools = os.path.realpath(tools) if os.path.isdir(tools) else None
        self.key = os.path.basename(self.path)

    def config(self, option):
        """Return "y", "m" or None for a configuration option."""
        if not hasattr(self, "_config"):
            with open(os.path.join(self.path, "config")) as handle:
                self._config = dict(re.findall(r"^CONFIG_(\w+)=([ym])$", handle.read(), re.M))
        return self._config.get(option)

    def bus_built_in(self):
        """Whether hv_vmbus is part of vmlinux, where no module can replace it."""
        builtin = os.path.join(self.modules, "modules.builtin")
        if not os.path.exists(builtin):
            return False
        with open(builtin) as handle:
            return "/hv_vmbus.ko" in handle.read()

    def describe(self):
        """Return one line about the origin of this kernel."""
        name = os.path.join(self.path, "PACKAGES")
        if os.path.exists(name):
            with open(name) as handle:
                return "%s (%s)" % (self.release, handle.readline().strip())
        return self.release


def get(name):
    """Return the Kernel called @name: one of DISTRIBUTION, or a directory."""
    if name in DISTRIBUTION:
        return Kernel(name, distribution(name))
    if os.path.isdir(name) and os.path.exists(os.path.join(name, "vmlinuz")):
        return Kernel(name, name)
    if os.path.isdir(name) and os.path.exists(os.path.join(name, "arch/x86/boot/bzImage")):
        return Kernel(name, from_tree(os.path.realpath(name)))
    raise cache.Failure("--kernel %s: neither one of %s, nor a directory with vmlinuz, lib/modules and build, "
                        "nor a built kernel tree" % (name, ", ".join(DISTRIBUTION)))


def distribution(name):
    """Return the directory of a distribution kernel, fetched the first time."""
    current = cache.path("kernels", name)
    if os.path.exists(current) and not os.environ.get("HV_REFRESH"):
        return current
    with cache.locked("kernel-" + name):
        if os.path.exists(current) and not os.environ.get("HV_REFRESH"):
            return current
        open_archive, image_meta, headers_meta = DISTRIBUTION[name]
        archive = open_archive()
        image = only(archive.depends(image_meta), r"linux-image-\d")
        headers = only(archive.depends(headers_meta), r"linux-headers-\d")
        version = archive.show(image)["Version"]
        key = "debian-%s_%s" % (image[len("linux-image-"):], re.sub(r"[^\w.+~-]", "_", version))
        made = cache.entry("kernels/" + key, lambda part: unpack(archive, image, headers, version, part),
                           "fetching kernel %s and its headers (%s %s)" % (name, image, version))
        link = current + ".new"
        cache.remove(link)
        os.symlink(os.path.basename(made), link)
        os.rename(link, current)
    return current


def only(names, pattern):
    """Return the one name that matches @pattern."""
    found = [n for n in names if re.match(pattern, n)]
    if len(found) != 1:
        raise cache.Failure("expected one package like %s, found %s" % (pattern, found or "none"))
    return found[0]


def unpack(archive, image, headers, version, part):
    """Fill @part with a kernel made of Debian's packages."""
    release = image[len("linux-image-"):]
    base = os.path.join(part, "root")
    images = [image]
    if "linux-modules-" + release in archive.depends(image):
        # From 7.x on the image package is empty and depends on its parts.
        images = [p for p in archive.depends(image) if p.endswith("-" + release)]
    common = [p for p in archive.depends(headers) if re.match(r"linux-(headers-.*-common|kbuild-)", p)]
    archive.unpack(images + [headers] + common, base)
    for lib in ("lib", "usr/lib"):
        if os.path.isdir(os.path.join(base, lib, "modules")):
            os.rename(os.path.join(base, lib, "modules"), os.path.join(part, "modules"))
    os.makedirs(os.path.join(part, "lib"))
    os.rename(os.path.join(part, "modules"), os.path.join(part, "lib/modules"))
    folder = os.path.join(part, "lib/modules", release)
    for name, places in (("vmlinuz", ("root/boot/vmlinuz-" + release, "lib/modules/%s/vmlinuz" % release)),
                         ("config", ("root/boot/config-" + release, "lib/modules/%s/config" % release,
                                     "root/usr/lib/linux-base-%s/config" % release))):
        found = [os.path.join(part, p) for p in places if os.path.exists(os.path.join(part, p))]
        if not found:
            found = [f for f in cache.files_below(base) if os.path.basename(f).startswith(name + "-" + release)
                     or (os.path.basename(f) == name and release in f)]
        if not found:
            raise cache.Failure("no %s in the packages of %s" % (name, release))
        shutil.copy(found[0], os.path.join(part, name))
    tree = os.path.join(base, "usr/src/linux-headers-" + release)
    make_relocatable(tree)
    for name in ("build", "source"):
        cache.remove(os.path.join(folder, name))
    os.symlink(os.path.relpath(tree, part), os.path.join(part, "build"))
    os.symlink("../../../" + os.path.relpath(tree, part), os.path.join(folder, "build"))
    with open(os.path.join(part, "VERSION"), "w") as handle:
        handle.write(release + "\n")
    with open(os.path.join(part, "PACKAGES"), "w") as handle:
        handle.write("Debian %s %s\n%s\n" % (image, version, "\n".join(images + [headers] + common)))
    compiler = needs_compiler(tree)
    if not usable_here(tree, compiler):
        kbuild = [p for p in common if p.startswith("linux-kbuild-")]
        tools = tool_root(archive, compiler, archive.depends(kbuild[0]))
        os.symlink(os.path.relpath(tools, os.path.join(cache.root(), "kernels", "x")), os.path.join(part, "tools"))


def make_relocatable(tree):
    """Let the headers find their common half next to them instead of in /usr/src."""
    name = os.path.join(tree, "Makefile")
    with open(name) as handle:
        text = handle.read()
    here = "$(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))"
    text = re.sub(r"^include /usr/src/(\S+)$", r"include %s/../\1" % here, text, flags=re.M)
    text = re.sub(r"^KBUILD_OUTPUT\s*:?=\s*/usr/src/\S+$", "KBUILD_OUTPUT := " + here, text, flags=re.M)
    with open(name, "w") as handle:
        handle.write(text)


def needs_compiler(tree):
    """Return the compiler that the headers package asks for, such as gcc-12."""
    with open(os.path.join(tree, ".kernelvariables")) as handle:
        found = re.search(r"(gcc-\d+)\s*$", handle.read(), re.M)
    return found.group(1) if found else "gcc"


def usable_here(tree, compiler):
    """Whether this machine has the compiler and can run the tools in the headers package."""
    if os.environ.get("HV_TOOL_ROOT") or not shutil.which(compiler):
        return False
    modpost = os.path.join(tree, "scripts/mod/modpost")
    done = subprocess.run([modpost, "-h"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "GLIBC" not in done.stdout and done.returncode != 127


def tool_root(archive, compiler, needs):
    """Return a bootstrapped system with @compiler, for kernels that this machine's tools cannot serve."""
    suite = archive.suites[0]

    def make(part):
        bootstrap(archive, part, [compiler, "make"] + needs)
    return cache.entry("tools/%s-%s" % (suite, compiler), make,
                       "bootstrapping a %s system with %s to build modules in" % (suite, compiler))


def bootstrap(archive, target, packages, extra=()):
    """Install a minimal system of @archive's suite into directory @target."""
    main, security = debian.mirrors()
    lines = ["deb [signed-by=%s] %s %s main" % (debian.keyring(), security if s.endswith("-security") else main, s)
             for s in archive.suites]
    os.makedirs(os.path.dirname(target), exist_ok=True)
    cache.run(["mmdebstrap", "--variant=essential", "--architectures=amd64", "--format=directory",
               "--aptopt=Acquire::Languages none", "--aptopt=APT::Install-Recommends false",
               "--aptopt=Acquire::Retries 3", "--dpkgopt=path-exclude=/usr/share/man/*",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
               "--dpkgopt=path-exclude=/usr/share/info/*", "--include=" + ",".join(packages)] +
              ["--aptopt=%s \"%s\"" % pair for pair in debian.inherited().items()] + list(extra) +
              [archive.suites[0], target] + lines, "mmdebstrap " + archive.suites[0])


def from_tree(tree):
    """Return a kernel directory made from a built kernel tree."""
    key = cache.hash_of(tree, *[os.stat(os.path.join(tree, f)).st_mtime_ns
                                for f in ("arch/x86/boot/bzImage", ".config", "Module.symvers")])

    def make(part):
        os.makedirs(part)
        shutil.copy(os.path.join(tree, "arch/x86/boot/bzImage"), os.path.join(part, "vmlinuz"))
        shutil.copy(os.path.join(tree, ".config"), os.path.join(part, "config"))
        cache.run(["make", "-C", tree, "INSTALL_MOD_PATH=" + part, "modules_install"])
        release = os.listdir(os.path.join(part, "lib/modules"))[0]
        with open(os.path.join(part, "VERSION"), "w") as handle:
            handle.write(release + "\n")
        os.symlink(tree, os.path.join(part, "build"))
    return cache.entry("kernels/tree-" + key, make, "installing the kernel of " + tree)


def bootable(kernel):
    """Return the file QEMU loads: the ELF image inside vmlinuz, taken out here so that the guest,
    which is slow, need not unpack it at each start; vmlinuz itself if that cannot be booted."""
    with open(kernel.vmlinuz, "rb") as handle:
        image = handle.read()
    if kernel.config("PVH") != "y" or image[0x202:0x206] != b"HdrS":
        return kernel.vmlinuz
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = ((image[0x1f1] or 4) + 1) * 512 + offset
    payload = image[start:start + length - 4]           # the last four bytes are the unpacked size

    def make(part):
        if payload.startswith(b"\xfd7zXZ"):
            plain = lzma.decompress(payload)
        elif payload.startswith(b"\x28\xb5\x2f\xfd"):
            plain = subprocess.run(["zstd", "-dcq"], input=payload, stdout=subprocess.PIPE, check=True).stdout
        elif payload.startswith(b"\x1f\x8b"):
            plain = zlib.decompressobj(31).decompress(payload)   # gzip counts those four bytes as its own
        else:
            plain = b""
        with open(part, "wb") as out:
            out.write(plain)
    made = cache.entry("guest/vmlinux-" + kernel.key, make)
    return made if os.path.getsize(made) else kernel.vmlinuz


def make_command(kernel, folder, *goals):
    """Return the command that builds the external modules in @folder for @kernel."""
    argv = ["make", "-C", kernel.build, "M=" + folder, "-j%d" % (os.cpu_count() or 1)] + list(goals)
    if kernel.tools:
        # The tools' system sees the cache under the same name; the mounts vanish with the namespace.
        keep = cache.root()
        script = ('mkdir -p "$1$2" && mount --rbind "$2" "$1$2" && mount -t proc proc "$1/proc" && '
                  'mount --rbind /dev "$1/dev" && tools=$1 && shift 2 && exec chroot "$tools" "$@"')
        argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", kernel.tools, keep,
                "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LC_ALL=C"] + argv
    return argv


def sources_key(source):
    """Return a hash over everything our modules are made of."""
    return cache.hash_of(*[("file", os.path.join(source, s)) for s in SOURCES
                           if os.path.exists(os.path.join(source, s))])


def our_modules(kernel, source=cache.TOP):
    """Build our modules for @kernel if they are not built yet; return {name: file}."""
    if not os.path.exists(os.path.join(source, "Kbuild")):
        raise cache.Failure("there is no Kbuild in %s: our modules cannot be built" % source)
    key = "%s-%s" % (kernel.key, sources_key(source))

    def make(part):
        work = cache.path("objects", kernel.key, "x")[:-2]
        log = work + ".log"
        with cache.locked("work-" + kernel.key):
            present = [os.path.join(source, s) for s in SOURCES if os.path.exists(os.path.join(source, s))]
            # A build that was killed leaves objects that look finished, but have no checksums of their symbols.
            unfinished = work + ".unfinished"
            if os.path.exists(unfinished):
                cache.remove(work)
            with open(unfinished, "w"):
                pass
            # Several trees are built here in turn: what differs gets the time of now, so that make sees an older file, too.
            cache.run(["rsync", "-rlp", "--checksum", "--delete"] + ["--exclude=" + p for p in PRODUCTS] + present + [work])
            cache.remove(log)
            for old in glob.glob(os.path.join(work, "*.ko")):
                os.unlink(old)
            cache.run(make_command(kernel, work, "modules"), "building our modules for %s (log: %s)" % (
                kernel.release, log), log=log)
            os.unlink(unfinished)
            os.makedirs(part)
            made_files = glob.glob(os.path.join(work, "**/*.ko"), recursive=True)
            for made in made_files + [os.path.join(work, "Module.symvers"), log]:
                shutil.copy(made, os.path.join(part, os.path.basename(made)))
    folder = cache.entry("modules/" + key, make, "building our modules for " + kernel.release)
    return {os.path.basename(f)[:-3]: f for f in sorted(glob.glob(os.path.join(folder, "*.ko")))}


def extra_modules(kernel, folder):
    """Build the external modules in @folder, which replace nothing, for @kernel; return {name: file}."""
    def make(part):
        work = part + ".work"
        cache.remove(work)
        shutil.copytree(folder, work)
        cache.run(make_command(kernel, work, "modules"), "building the modules in %s" % folder)
        os.makedirs(part)
        for made in glob.glob(os.path.join(work, "*.ko")):
            shutil.copy(made, part)
        cache.remove(work)
    key = "%s-%s-%s" % (kernel.key, os.path.basename(folder), cache.hash_of(("file", folder)))
    made = cache.entry("modules/" + key, make)
    return {os.path.basename(f)[:-3]: f for f in sorted(glob.glob(os.path.join(made, "*.ko")))}


def distribution_module(kernel, name):
    """Return the distribution's own file of module @name, or None."""
    found = glob.glob(os.path.join(kernel.modules, "kernel/**/%s.ko*" % name), recursive=True)
    return found[0] if found else None


def identity(name):
    """Return {"file", "srcversion", "build_id"} of a module file."""
    info = elf.Module(name)
    return {"file": name, "srcversion": info.srcversion, "build_id": info.build_id}
