# SPDX-License-Identifier: GPL-2.0-only
"""The test host: which QEMU runs, and with which devices.

Everything that --host, --disk, --nic, --accel and friends mean in terms of
QEMU's command line is in this file, and nowhere else.
"""
import fcntl
import os
import subprocess

from . import cache, kernel as kernels

# The enlightenments a guest gets unless --host says otherwise.
ENLIGHTENMENTS = ["hv-relaxed", "hv-vapic", "hv-time", "hv-vpindex", "hv-runtime", "hv-synic", "hv-stimer",
                  "hv-reset", "hv-crash", "hv-frequencies"]
CPU = "qemu64"
SYNTHETIC = ("kbd", "mouse", "video", "sock")

HELP = """
--host OPT=VALUE (may be given several times):
  hv=off                a plain machine: no Hyper-V CPUID leaves, no VMBus
  cpu=MODEL             QEMU's CPU model (default %s)
  cpu+=FLAGS            more CPU properties, for example cpu+=hv-stimer-direct=on
  cpu-=FLAGS            enlightenments to leave out, for example cpu-=hv-stimer
  bus.PROP=VALUE        a property of the VMBus device
  scsi.PROP=VALUE       a property of every hv-scsi controller
  net.PROP=VALUE        a property of every hv-net device
  ic=NAME+NAME          integration services: all, none (default), or names such as heartbeat+kvp
  ic.NAME.PROP=VALUE    a property of the device of one integration service, for example ic.kvp.PROP=VALUE
  kbd=on mouse=on video=on sock=on
                        a keyboard, a mouse, a screen, stream sockets (hv-kbd, hv-mouse, ..); their ids are hvkbd, hvmouse, ..; the
                        sockets are "sock" and "sock_PORT" in the folder of HV_QMP (tests/qemu/hv-synth.md)
  kbd.PROP=VALUE        a property of the keyboard, or of one of the others
  root=scsi             the root file system and everything else on an hv-scsi disk (default: virtio-blk)
  load=NAME,NAME        modules loaded before the script (default hv_vmbus,hv_storvsc, with --nic also hv_netvsc, with ic= also
                        hv_utils), or none
  kernel=vmlinuz        let the guest unpack its kernel itself (default: the same kernel, unpacked here once: saves seconds)
  root-image=FILE       another root image (raw ext4), written to only if root-write=on
  kexec=on              the run's own kernel and initramfs as devices: $(hv-disk kernel), $(hv-disk initrd)
  icount-shift=N        with --icount one instruction takes 2^N ns (default 3)
  device=STRING         one more -device
  arg=WORD              one more word on QEMU's command line
""" % CPU


def binary():
    """Return QEMU: HV_QEMU, or the one that tests/qemu/build makes (built now if need be)."""
    own = os.environ.get("HV_QEMU")
    if own:
        if not os.access(own, os.X_OK):
            raise cache.Failure("HV_QEMU=%s is not a program" % own)
        return own
    return built()


def built():
    """Return the QEMU that tests/qemu/build makes."""
    done = subprocess.run([os.path.join(cache.TOP, "tests/qemu/build")], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise cache.Failure("tests/qemu/build failed")
    return os.path.join(done.stdout.strip().split("\n")[-1], "bin/qemu-system-x86_64")


def firmware(qemu):
    """Return the -L options that lead to SeaBIOS and the option ROMs."""
    own = os.path.join(os.path.dirname(os.path.dirname(qemu)), "share/qemu")
    words = []
    for folder in (own, "/usr/share/seabios", "/usr/share/qemu", "/usr/share/qemu-kvm", "/usr/share/seavgabios"):
        if os.path.isdir(folder):
            words += ["-L", folder]
    return words


def devices(qemu):
    """Return the names of the devices this QEMU knows."""
    listing = subprocess.run([qemu, "-device", "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return {line.split('"')[1] for line in listing.stdout.split("\n") if line.startswith('name "')}


def accelerator(asked):
    """Return "kvm" or "tcg" for --accel, and a sentence that says why."""
    if asked in ("tcg", "kvm"):
        return asked, "asked for"
    with open("/proc/cpuinfo") as handle:
        flags = handle.read()
    if not (" vmx" in flags or " svm" in flags):
        return "tcg", "this CPU offers no virtualization"
    try:
        fd = os.open("/dev/kvm", os.O_RDWR)
    except OSError as error:
        return "tcg", "/dev/kvm: %s" % error.strerror
    try:
        machine = fcntl.ioctl(fd, 0xAE01, 0)                    # KVM_CREATE_VM
        os.close(machine)
        if fcntl.ioctl(fd, 0xAE03, 123) <= 0:                   # KVM_CAP_HYPERV_SYNIC
            return "tcg", "this KVM has no SynIC"
        return "kvm", "/dev/kvm works and has a SynIC"
    except OSError as error:
        return "tcg", "/dev/kvm: %s" % error.strerror
    finally:
        os.close(fd)


class Options:
    """What the --host words mean, once parsed."""

    def __init__(self, words):
        self.hyperv = True
        self.cpu = None
        self.more = []
        self.less = []
        self.bus = []
        self.scsi = []
        self.net = []
        self.services = []
        self.service_properties = {}
        self.synthetic = {}
        self.root = "virtio"
        self.root_image = None
        self.root_write = False
        self.load = None
        self.kernel = "elf"
        self.kexec = False
        self.icount_shift = 3
        self.devices = []
        self.args = []
        for word in words:
            key, equals, value = word.partition("=")
            if not equals:
                raise cache.Failure("--host %s: expected OPT=VALUE\n%s" % (word, HELP))
            self.take(key, value)

    def take(self, key, value):
        """Apply one OPT=VALUE."""
        if key == "hv" and value in ("on", "off"):
            self.hyperv = value == "on"
        elif key == "cpu":
            self.cpu = value
        elif key == "cpu+":
            self.more += value.split(",")
        elif key == "cpu-":
            self.less += value.split(",")
        elif key.startswith("bus."):
            self.bus.append("%s=%s" % (key[4:], value))
        elif key.startswith("scsi."):
            self.scsi.append("%s=%s" % (key[5:], value))
        elif key.startswith("net."):
            self.net.append("%s=%s" % (key[4:], value))
        elif key == "ic":
            self.services = [] if value == "none" else value.split("+")
        elif key.startswith("ic.") and key.count(".") == 2:
            _, name, item = key.split(".")
            self.service_properties.setdefault(name, []).append("%s=%s" % (item, value))
        elif key in SYNTHETIC and value in ("on", "off"):
            self.synthetic.pop(key, None)
            if value == "on":
                self.synthetic[key] = []
        elif key.partition(".")[0] in self.synthetic and "." in key:
            name, _, item = key.partition(".")
            self.synthetic[name].append("%s=%s" % (item, value))
        elif key == "root" and value in ("scsi", "virtio"):
            self.root = value
        elif key == "root-image":
            self.root_image = os.path.abspath(value)
        elif key == "root-write" and value in ("on", "off"):
            self.root_write = value == "on"
        elif key == "kernel" and value in ("elf", "vmlinuz"):
            self.kernel = value
        elif key == "kexec" and value in ("on", "off"):
            self.kexec = value == "on"
        elif key == "icount-shift" and value.isdigit():
            self.icount_shift = int(value)
        elif key == "load":
            self.load = [] if value == "none" else value.split(",")
        elif key == "device":
            self.devices.append(value)
        elif key == "arg":
            self.args.append(value)
        else:
            raise cache.Failure("--host %s=%s is not known\n%s" % (key, value, HELP))


class Disk:
    """One --disk: a file, options of the disk, options of its back end."""

    OWN = ("ctrl", "lun", "format", "ro", "snapshot", "cache", "cd", "discard", "aio")

    def __init__(self, word, number):
        words = word.split(",")
        self.file = words[0]
        self.number = number
        self.own = {"ctrl": "0"}
        self.device = []
        for item in words[1:]:
            key, equals, value = item.partition("=")
            if key in self.OWN:
                self.own[key] = value if equals else "on"
            elif equals:
                self.device.append(item)
            else:
                raise cache.Failure("--disk %s: option %s has no value" % (word, item))
        self.cd = self.own.get("cd") == "on"
        self.null = self.file[len("null:"):] if self.file.startswith("null:") else None
        if not self.null and not os.path.exists(self.file):
            raise cache.Failure("--disk %s: no such file" % self.file)

    def drive(self, name):
        """Return the -drive value."""
        if self.null:
            return "if=none,id=%s,driver=null-co,size=%s,read-zeroes=on" % (name, self.null)
        kind = self.own.get("format") or ("qcow2" if is_qcow2(self.file) else "raw")
        words = ["if=none", "id=" + name, "file=" + self.file.replace(",", ",,"), "format=" + kind,
                 "cache=" + self.own.get("cache", "writeback"), "discard=" + self.own.get("discard", "unmap")]
        if self.cd or self.own.get("ro") == "on":
            words.append("readonly=on")
        if self.own.get("snapshot") == "on":
            words.append("snapshot=on")
        if "aio" in self.own:
            words.append("aio=" + self.own["aio"])
        return ",".join(words)


class Nic:
    """One --nic: a back end (-netdev), a device, options of both."""

    def __init__(self, word, number):
        self.word, self.number = word, number
        self.kind, *options = word.split(",")
        self.model, self.mac = "hv-net", "52:48:56:00:00:%02x" % number
        self.device, self.backend, self.either = [], [], []
        for item in options:
            key, equals, value = item.partition("=")
            if not self.kind or not equals:
                raise cache.Failure("--nic %s: option %s has no value" % (word, item))
            if key == "model":
                self.model = value
            elif key == "mac":
                self.mac = value.lower()
            elif key.startswith("dev."):
                self.device.append(item[4:])
            elif key.startswith("net."):
                self.backend.append(item[4:])
            else:
                self.either.append(item)

    def words(self, qemu, known, common):
        """Return the words for QEMU; an option goes to the device if that has a property of this name."""
        if self.model not in known:
            raise cache.Failure("--nic %s: this QEMU (%s) has no device %s" % (self.word, qemu, self.model))
        have = properties(qemu, self.model)
        device = [i for i in self.either if i.partition("=")[0] in have] + self.device
        backend = [i for i in self.either if i.partition("=")[0] not in have] + self.backend
        if self.kind == "user" and not any(i.startswith("restrict=") for i in backend):
            backend.append("restrict=on")               # a guest has no business outside
        if "romfile" in have and not any(i.startswith("romfile=") for i in device):
            device.append("romfile=")                   # nobody boots from it
        name = "hvnic%d" % self.number
        return ["-netdev", ",".join([self.kind, "id=net" + name] + backend),
                "-device", ",".join([self.model, "netdev=net" + name, "mac=" + self.mac]
                                    + ([] if any(i.startswith("id=") for i in device) else ["id=" + name])
                                    + (common if self.model == "hv-net" else []) + device)]


def properties(qemu, device):
    """Return the names of a device's properties."""
    listing = subprocess.run([qemu, "-device", device + ",help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return {line.strip().partition("=")[0] for line in listing.stdout.split("\n") if line.startswith("  ")}


def services(opt, known):
    """Return the words for the integration services."""
    there = sorted(d[len("hv-ic-"):] for d in known if d.startswith("hv-ic-"))
    asked = there if opt.services == ["all"] else opt.services
    words = []
    for name in asked + [n for n in opt.service_properties if n not in asked]:
        if name not in there or name not in asked:
            raise cache.Failure("--host ic=%s: no service %s (this QEMU has: %s)" % (
                "+".join(opt.services), name, ", ".join(there) or "none"))
        words += ["-device", ",".join(["hv-ic-" + name, "id=hvic" + name] + opt.service_properties.get(name, []))]
    if opt.services and not words:
        raise cache.Failure("--host ic=%s: this QEMU has no integration services" % "+".join(opt.services))
    return words


def synthetic(run, known):
    """Return the words for keyboard, mouse, screen, and sockets."""
    words = []
    for name, more in run.host.synthetic.items():
        if "hv-" + name not in known or not run.host.hyperv:
            raise cache.Failure("--host %s=on: this QEMU has no hv-%s, or the guest no bus" % (name, name))
        own = ["path=" + os.path.join(run.temp, "sock")] if name == "sock" else []
        words += ["-device", ",".join(["hv-" + name, "id=hv" + name] + own + more)]
    return words


def is_qcow2(name):
    """Whether a file starts like a qcow2 image."""
    with open(name, "rb") as handle:
        return handle.read(4) == b"QFI\xfb"


def scsi_disk(words, name, bus, lun, drive, serial, extra, cd=False):
    """Append one disk behind an hv-scsi controller."""
    words += ["-drive", drive, "-device", ",".join(
        ["scsi-cd" if cd else "scsi-hd", "id=" + name, "bus=%s.0" % bus, "scsi-id=0", "lun=%d" % lun, "drive=%s" % ("d" + name)]
        + ([] if any(e.startswith("serial=") for e in extra) else ["serial=" + serial]) + extra)]


def command_line(qemu, run):
    """Return QEMU's command line for a run (see guest.Run for its fields)."""
    opt = run.host
    icount = run.icount
    words = [qemu, "-nodefaults", "-no-user-config", "-display", "none", "-S"] + firmware(qemu)
    words += ["-machine", "q35,vmport=off"]
    if run.accel == "tcg":
        words += ["-accel", "tcg" + ("" if icount else ",thread=multi")]
        if icount:
            # A guest that waits for a network must not see time jump ahead of another side that lives in real time.
            words += ["-icount", "shift=%d,align=off,sleep=%s" % (
                opt.icount_shift, "on" if any(n.kind != "hubport" for n in run.nics) else "off")]
    else:
        words += ["-accel", "kvm"]
    flags = [e for e in ENLIGHTENMENTS if e not in opt.less] if opt.hyperv else []
    if run.accel == "kvm" and opt.hyperv:
        flags.append("kvm=off")                 # Linux takes KVM's own leaves where it finds them beside Hyper-V's
    words += ["-cpu", ",".join([opt.cpu or CPU] + flags + opt.more), "-smp", str(run.smp), "-m", str(run.mem)]
    words += ["-kernel", run.kernel.vmlinuz if opt.kernel == "vmlinuz" else kernels.bootable(run.kernel), "-initrd", run.initrd, "-append", run.append]
    known = devices(qemu)
    if opt.hyperv:
        words += ["-device", ",".join(["vmbus-bridge"] + opt.bus)]
    if (opt.root == "scsi" or run.disks) and "hv-scsi" not in known:
        raise cache.Failure("this QEMU has no hv-scsi device (%s): --disk and root=scsi need it" % qemu)
    if (opt.root == "scsi" or run.disks) and not opt.hyperv:
        raise cache.Failure("--host hv=off leaves no bus for --disk and root=scsi")
    fixed = [("root", run.root_image, "" if opt.root_write else ",snapshot=on"), ("modules", run.modules_image, ",readonly=on")]
    if run.outbox:
        fixed.append(("outbox", run.outbox, ""))
    if opt.kexec:
        fixed += [("kernel", run.kernel.vmlinuz, ",readonly=on"), ("initrd", run.initrd, ",readonly=on")]
    if opt.root == "scsi":
        words += ["-device", ",".join(["hv-scsi", "id=hvctrl"] + opt.scsi)]
    for number, (name, image, extra) in enumerate(fixed):
        drive = "if=none,id=dhv%s,file=%s,format=raw,cache=unsafe%s" % (name, image.replace(",", ",,"), extra)
        if opt.root == "scsi":
            scsi_disk(words, "hv" + name, "hvctrl", number, drive, "hv" + name, [])
        else:
            words += ["-drive", drive, "-device", "virtio-blk-pci,id=hv%s,drive=dhv%s,serial=hv%s" % (name, name, name)]
    controllers = []
    luns = {}
    for disk in run.disks:
        controller = "hvscsi" + disk.own["ctrl"]
        if controller not in controllers:
            controllers.append(controller)
            words += ["-device", ",".join(["hv-scsi", "id=" + controller] + opt.scsi)]
        lun = int(disk.own.get("lun", luns.get(controller, 0)))
        luns[controller] = lun + 1
        name = "hvdisk%d" % disk.number
        scsi_disk(words, name, controller, lun, disk.drive("d" + name), name, disk.device, disk.cd)
    if (opt.services or any(n.model == "hv-net" for n in run.nics)) and not opt.hyperv:
        raise cache.Failure("--host hv=off leaves no bus for --nic and ic=")
    words += services(opt, known) + synthetic(run, known)
    for device in opt.devices:
        words += ["-device", device]
    for nic in run.nics:
        words += nic.words(qemu, known, opt.net)
    if run.plugin:
        words += ["-plugin", "%s,out=%s" % (run.plugin, run.counted)]
    return words + opt.args
