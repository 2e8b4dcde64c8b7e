# SPDX-License-Identifier: GPL-2.0-only
"""A whole Debian system in an image: systemd, apt, dkms, kernel hooks, its own
kernel and its own initial RAM disk, booted from a disk on an hv-scsi
controller and from nothing else.

The image is bootstrapped once and kept in the cache. A test works on a copy:
it goes in from outside (loop mount and chroot, at the machine's own speed) to
run the distribution's real commands, and boots the copy to see what came of
it. The kernel and the RAM disk that QEMU starts are read from the image's own
/boot at each start: no firmware here can read a synthetic disk.
"""
import base64
import contextlib
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

from . import cache, console, debian, elf, guest, host, image, kernel as kernels, uefi

# The kernel that the system is made with, and the ones that it may get later.
OLD, NEW, OTHER = "6.1.0-50-amd64", "linux-image-amd64", "linux-image-6.12-amd64"
# What replaces initramfs-tools.
DRACUT = ["dracut", "dracut-core", "kpartx", "dmsetup", "libdevmapper1.02.1"]
# What headers from 6.12 on want besides.
HEADERS = ["pahole", "libbpf1", "libdw1", "libelf1"]
# A crash kernel, and a policy; with what these need and the system has not.
KDUMP = """bsdextrautils file kdump-tools kexec-tools liblzo2-2 libmagic-mgc libmagic1 libxencall1 libxendevicemodel1 libxenevtchn1
libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenmisc4.17 libxenstore4 libxentoolcore1 libxentoollog1 libyajl2 makedumpfile""".split()
SELINUX = ["policycoreutils", "selinux-policy-default", "selinux-utils"]
# autopkgtest makes an archive of the package with it.
AUTOPKGTEST = ["apt-utils"]
MORE = DRACUT + HEADERS + KDUMP + SELINUX + AUTOPKGTEST

PACKAGES = """
apt busybox ca-certificates chrony dbus debsums dkms e2fsprogs ethtool gcc hyperv-daemons initramfs-tools iproute2 kmod
libpam-systemd make openssl procps psmisc python3-minimal systemd-sysv udev zstd
""".split()

# What Debian's newest does not bring by itself any more.
NEWEST = ["mount"]

# What the system runs once it is up: a script that comes through its second serial port. (Not from /run: no exec there.)
AGENT = r"""#!/bin/sh
exec 3<>/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
echo "HV ready" >&3
while read -r line <&3 && [ "$line" != END ]; do
	echo "$line"
done | base64 -d >/root/hv-script
chmod +x /root/hv-script
/root/hv-script >&3 2>&3 3>&-
status=$?
rm -f /root/hv-script
echo "HV exit $status" >&3
sync
systemctl poweroff --no-block
"""

UNIT = """[Unit]
Description=Run the test's script
After=multi-user.target
[Service]
Type=simple
ExecStart=/usr/local/sbin/hv-agent
StandardOutput=null
[Install]
WantedBy=graphical.target multi-user.target
"""

CUSTOMIZE = """set -e
echo hvsystem >/etc/hostname
echo "127.0.0.1 localhost hvsystem" >/etc/hosts
echo "LABEL=hvsystem / ext4 errors=remount-ro 0 1" >/etc/fstab
echo "do_symlinks = no" >/etc/kernel-img.conf
rm -f /etc/machine-id /var/lib/dbus/machine-id
echo uninitialized >/etc/machine-id
systemctl enable hv-agent.service
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer getty@tty1.service
# The RAM disk of the bootstrap was made without /etc/fstab, so without fsck.
update-initramfs -u -k all
mkdir -p /srv/repo
echo "deb [trusted=yes] file:/srv/repo ./" >/etc/apt/sources.list
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
"""


def base_tree(archive, release, packages, part):
    """Bootstrap the system with kernel @release into directory @part."""
    kernels.bootstrap(archive, part, packages + ["linux-image-" + release, "linux-headers-" + release])
    for name, text, mode in (("usr/local/sbin/hv-agent", AGENT, 0o755), ("etc/systemd/system/hv-agent.service", UNIT, 0o644)):
        path = os.path.join(part, name)
        with open(path, "w") as handle:
            handle.write(text)
        os.chmod(path, mode)
    enter(part, ["sh", "-c", CUSTOMIZE])


def made_of(archive, release, packages):
    """Return the image of a system of @archive's suite with kernel @release, made the first time (five minutes)."""
    def make(part):
        tree = part + ".root"
        cache.remove(tree)
        try:
            base_tree(archive, release, packages, tree)
            with open(part, "wb") as handle:
                handle.truncate(4 << 30)
            cache.run([image.tool("mke2fs"), "-q", "-F", "-t", "ext4", "-b", "4096", "-E", "lazy_itable_init=0,root_owner=0:0",
                       "-L", "hvsystem", "-d", tree, part])
        finally:
            cache.remove(tree)
    key = cache.hash_of(release, " ".join(packages), AGENT, UNIT, CUSTOMIZE, "1")
    return cache.entry("system/base-%s.ext4" % key, make, "bootstrapping a whole Debian system (%s) with systemd" % archive.suites[0])


def base_image():
    """Return the image that the tests of the package's life begin with."""
    return made_of(debian.bookworm(), OLD, PACKAGES)


def newest_image():
    """Return (image, its kernel) of Debian's newest: its kernel has the bus built in, its dkms and its tools are others."""
    archive = debian.sid()
    release = kernels.get("newest").release
    return made_of(archive, release, PACKAGES + NEWEST), release


def repository():
    """Return a folder with the packages that the system may install later, as apt wants it."""
    archive = debian.bookworm()

    def make(part):
        os.makedirs(part)
        wanted = []
        for meta in (NEW, OTHER):
            for name in (meta, meta.replace("image", "headers")):
                more = [name] + [d for d in archive.depends(name) if d.startswith("linux-")]
                for deeper in [d for d in more[1:] if d.startswith("linux-headers-")]:
                    more += [d for d in archive.depends(deeper) if d.startswith("linux-") and "compiler" not in d]
                wanted += [m for m in more if m not in wanted]
        archive.fetch(wanted + MORE, part)
        index(part)
    return cache.entry("system/repo-" + cache.hash_of(OLD, NEW, OTHER, " ".join(MORE)), make,
                       "fetching the kernels that a system may be updated to")


def index(folder):
    """Write the package index of @folder."""
    with open(os.path.join(folder, "Packages"), "w") as out:
        for name in sorted(f for f in os.listdir(folder) if f.endswith(".deb")):
            path = os.path.join(folder, name)
            fields = subprocess.run(["dpkg-deb", "--field", path], stdout=subprocess.PIPE, text=True, check=True).stdout
            sha = subprocess.run(["sha256sum", path], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]
            out.write("%sFilename: ./%s\nSize: %d\nSHA256: %s\n\n" % (fields, name, os.path.getsize(path), sha))


MOUNTS = """r=$1; shift
mount -t proc proc "$r/proc"; mount -t sysfs sysfs "$r/sys"; mount --bind /dev "$r/dev"
mount -t tmpfs tmpfs "$r/run"; mount -t tmpfs tmpfs "$r/tmp"
[ -z "$HV_REPO" ] || mount --bind "$HV_REPO" "$r/srv/repo"
# The kernel of a machine with Secure Boot, to what asks for it there.
[ -z "$HV_LOCKED" ] || { mount -t tmpfs tmpfs "$r/sys/kernel/security"; echo "none [integrity] confidentiality" >"$r/sys/kernel/security/lockdown"; }
"""
ENTER = MOUNTS + """exec chroot "$r" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
"""


def enter(tree, argv, repo=None, log=None, locked=False, outside=False):
    """Run a command inside @tree, which is a mounted system; return (status, what it said).

    @locked: the kernel seems to be locked down. @outside: only mount what belongs there, the command enters it by itself.
    """
    words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c"]
    words += [MOUNTS + 'exec "$@"\n' if outside else ENTER, "sh", tree]
    done = subprocess.run(words + argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, HV_REPO=repo or "", HV_LOCKED="1" if locked else ""), text=True, errors="replace")
    if log:
        with open(log, "a") as out:
            out.write("$ %s\n%s\n[status %d]\n" % (" ".join(argv), done.stdout, done.returncode))
    return done.returncode, done.stdout


@contextlib.contextmanager
def mounted(name):
    """Mount an image; yield the folder. What was written is on the image's disk afterwards."""
    folder = tempfile.mkdtemp(prefix="hv-system-")
    cache.run(["mount", "-o", "loop", name, folder])
    try:
        yield folder
    finally:
        for _ in range(50):
            if subprocess.run(["umount", folder], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.2)
        else:
            raise cache.Failure("%s cannot be unmounted" % folder)
        os.rmdir(folder)


def copy(source, target):
    """Copy an image, with its holes."""
    cache.run(["cp", "--sparse=always", "--reflink=auto", source, target])


class Bootable:
    """The kernel inside an image, for kernels.bootable()."""

    def __init__(self, vmlinuz, key):
        self.vmlinuz, self.key = vmlinuz, key

    def config(self, option):
        """Every kernel here is a Debian one."""
        return "y" if option == "PVH" else None


def dump(name, path, target):
    """Copy a file out of an image that is not mounted; whether it was there. Like a boot loader, it looks at no bitmap: of a machine that
    lost its power these need not be right before the journal was replayed."""
    subprocess.run([image.tool("debugfs"), "-c", "-R", "dump %s %s" % (path, target), name],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return os.path.exists(target) and os.path.getsize(target) > 0


class Boot:
    """One start of an image."""

    def __init__(self, name, release, options=(), append="", smp=2, mem=1024, hyperv=True, timeout=3600, label="system",
                 expect=(), initrd=None, devices=None, secure=None):
        # @timeout is for what hangs: a third of a processor emulating a machine that makes its own RAM disk takes more than a quarter of an hour
        self.name, self.release, self.options, self.append = name, release, list(options), append
        self.smp, self.mem, self.hyperv, self.timeout, self.expect = smp, mem, hyperv, timeout, expect
        self.folder = guest.keep_folder(label)
        self.initrd_path = initrd or "/boot/initrd.img-" + release
        self.devices = devices
        # with Secure Boot; which owner's keys the shim trusts (DER)
        self.secure = secure
        # what the last script said, and those before it
        self.said, self.before = "", ""
        self.status, self.problems = None, []
        self.ready_after = None

    def command_line(self, qemu, temp):
        """Return QEMU's command line."""
        vmlinuz, initrd = os.path.join(temp, "vmlinuz"), os.path.join(temp, "initrd")
        for path, target in (("/boot/vmlinuz-" + self.release, vmlinuz), (self.initrd_path, initrd)):
            if not dump(self.name, path, target):
                raise cache.Failure("%s: no %s in the image" % (self.name, path))
        key = "system-%s-%s" % (self.release, cache.hash_of(("file", vmlinuz)))
        append = "root=LABEL=hvsystem ro console=ttyS0,115200 panic=-1 net.ifnames=0 systemd.show_status=1 no_timer_check cryptomgr.notests " + self.append
        words = [qemu, "-nodefaults", "-no-user-config", "-display", "none"] + host.firmware(qemu)
        words += ["-machine", "q35,vmport=off,smm=" + ("off" if self.secure is None else "on"), "-accel", "tcg,thread=multi"]
        words += ["-smp", str(self.smp), "-m", str(self.mem)]
        # Linux sets the chipset's watchdog going, and a crash kernel does not feed it. Hyper-V has none.
        words += ["-action", "watchdog=none"]
        words += ["-cpu", ",".join([host.CPU] + (host.ENLIGHTENMENTS if self.hyperv else []))]
        if self.secure is None:
            words += ["-kernel", kernels.bootable(Bootable(vmlinuz, key)), "-initrd", initrd, "-append", append]
        else:
            uefi.flash(os.path.join(temp, "vars"), self.secure)
            uefi.esp(os.path.join(temp, "esp"), vmlinuz, initrd, append)
            words += uefi.options(os.path.join(temp, "vars"), os.path.join(temp, "esp"))
        drive = "if=none,id=droot,file=%s,format=raw,cache=writeback" % self.name.replace(",", ",,")
        if self.hyperv:
            words += ["-device", "vmbus-bridge", "-device", "hv-scsi,id=hvctrl", "-drive", drive,
                      "-device", "scsi-hd,id=hvroot,bus=hvctrl.0,scsi-id=0,lun=0,drive=droot,serial=hvroot"]
            words += ["-netdev", "user,id=net0,restrict=on", "-device", "hv-net,netdev=net0,mac=52:48:56:00:00:00"]
            if self.devices is None:
                for service in ("heartbeat", "timesync", "shutdown", "kvp", "vss"):
                    words += ["-device", "hv-ic-%s,id=hvic%s" % (service, service)]
        else:
            words += ["-drive", drive, "-device", "virtio-blk-pci,drive=droot,serial=hvroot"]
        return words + (self.devices or []) + self.options

    def run(self, *scripts):
        """Boot, run the script (bytes), wait for the end; return its exit status, None if there was none.

        Of several scripts all but the last one end with the machine starting again, where the next one is run.
        """
        temp, lock = guest.scratch_folder()
        ours_console, console_end = socket.socketpair()
        ours_port, port_end = socket.socketpair()
        process = None
        log = console.Console(os.path.join(self.folder, "console.log"), self.expect)
        try:
            qemu = host.binary()
            words = self.command_line(qemu, temp)
            words += ["-chardev", "socket,id=con,fd=%d" % console_end.fileno(), "-serial", "chardev:con",
                      "-chardev", "socket,id=port,fd=%d" % port_end.fileno(), "-serial", "chardev:port",
                      "-qmp", "unix:%s,server=on,wait=off" % os.path.join(temp, "qmp.sock")]
            self.qmp_path = os.path.join(temp, "qmp.sock")
            with open(os.path.join(self.folder, "qemu.log"), "wb") as out:
                process = subprocess.Popen(words, pass_fds=[console_end.fileno(), port_end.fileno()], stdin=subprocess.DEVNULL,
                                           stdout=out, stderr=out, start_new_session=True, preexec_fn=guest.dies_with(os.getpid()))
            console_end.close()
            port_end.close()
            self.listen(process, ours_console, ours_port, log, list(scripts))
        finally:
            if process:
                if self.status is not None:
                    self.drain(process, (ours_console, ours_port), log)
                if process.poll() is None:
                    self.problems.append("the system did not power off")
                    process.kill()
                process.wait()
            while select.select([ours_console], [], [], 0)[0]:
                data = guest.receive(ours_console)
                if not data:
                    break
                log.feed(data)
            log.close()
            for end in (ours_console, ours_port):
                end.close()
            shutil.rmtree(temp, ignore_errors=True)
            lock.close()
        self.problems += ["console: " + line for line in log.trouble[:10]]
        with open(os.path.join(self.folder, "said"), "w") as out:
            out.write(self.said)
        return self.status

    def listen(self, process, con, port, log, scripts):
        """Move bytes until the last script is over."""
        began = time.monotonic()
        sources = [con, port]
        while sources and process.poll() is None:
            if time.monotonic() - began > self.timeout:
                self.problems.append("time-out: no end within %d s" % self.timeout)
                return
            for source in select.select(sources, [], [], 0.5)[0]:
                data = guest.receive(source)
                if not data:
                    sources.remove(source)
                elif source is con:
                    log.feed(data)
                else:
                    self.said += data.decode(errors="replace")
            if scripts and "HV ready\n" in self.said:
                self.ready_after = time.monotonic() - began
                before, self.said = self.said.split("HV ready\n", 1)
                self.before += before
                port.sendall(base64.encodebytes(scripts.pop(0)) + b"END\n")
            found = re.search(r"^HV exit (\d+)$", self.said, re.M)
            if found and not scripts:
                self.status = int(found.group(1))
                self.said = self.said[:found.start()]
                return

    @staticmethod
    def drain(process, sources, log):
        """Wait for the power to go off. A console that nobody reads holds the guest up."""
        end = time.monotonic() + 1200
        while process.poll() is None and time.monotonic() < end:
            for source in select.select(sources, [], [], 0.5)[0]:
                data = guest.receive(source)
                if not data:
                    # closed: QEMU is about to end
                    try:
                        process.wait(timeout=max(0, end - time.monotonic()))
                    except subprocess.TimeoutExpired:
                        return
                elif source is sources[0]:
                    log.feed(data)

    def console(self):
        """Return what the console said."""
        with open(os.path.join(self.folder, "console.log"), errors="replace") as handle:
            return handle.read()

    def facts(self):
        """Return {key: value} of the lines `FACT key value` that the script said."""
        return dict(re.findall(r"^FACT (\S+) (.*)$", self.said, re.M))


def srcversion(path):
    """Return a module file's srcversion."""
    return kernels.identity(path)["srcversion"]


def contents(path):
    """Return the bytes of a module file, uncompressed."""
    return elf.contents(path)
