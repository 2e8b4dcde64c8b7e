# SPDX-License-Identifier: GPL-2.0-only
"""One run of a guest: prepare, start, listen, judge.

Two serial ports lead into the guest. The first is the console. The second
carries the script's output, with the agent's messages framed in between
(tests/qemu/image/bin/agent). The run's verdict is the script's exit status,
unless something happened that must never happen.
"""
import ctypes
import fcntl
import glob
import json
import os
import secrets
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

from . import cache, console, count, host, image, kernel as kernels, qmp

REPLACEABLE = ("hv_vmbus", "hv_storvsc", "hv_netvsc", "hv_utils")
OUTBOX_MIB = 256
PR_SET_PDEATHSIG = 1
FAILED = 99             # our exit status when the run, not the script, is what failed
TIMED_OUT = 124
QEMU_DIED = 98


class Run:
    """Everything about one run. Fields are filled in by prepare()."""

    def __init__(self, args):
        self.args = args
        self.kernel = kernels.get(args.kernel)
        self.smp, self.mem, self.icount = args.smp, args.mem, args.icount
        self.accel, self.accel_why = host.accelerator(args.accel)
        self.host = host.Options(args.host)
        self.disks = [host.Disk(word, n) for n, word in enumerate(args.disk)]
        self.nics = [host.Nic(word, n) for n, word in enumerate(w for w in args.nic if w != "none")]
        self.share = args.share
        self.outbox = None
        self.plugin = self.counted = None
        self.problems = []
        self.reported = {}
        self.facts = {"started": None, "counters": None, "status": None, "bus": None}
        self.boots = 0
        self.reset_expected = self.was_reset = False
        self.nonce = secrets.token_hex(8)
        self.said = ""

    # -- before the guest runs

    def choose_modules(self):
        """Work out who provides which module: self.choice {name: "ours" | "distro" | "built-in"}."""
        asked = {}
        word = self.args.modules
        for item in word.split(","):
            name, equals, who = item.partition("=")
            if not equals:
                name, who = "hv_vmbus", item
            if who not in ("ours", "distro") or name not in REPLACEABLE:
                raise cache.Failure("--modules %s: expected ours, distro or NAME=ours|distro with NAME one of %s" % (
                    word, ", ".join(REPLACEABLE)))
            asked[name] = who
        general = asked.get("hv_vmbus", "distro")
        built = {}
        if "ours" in asked.values():
            built = kernels.our_modules(self.kernel)
        self.choice, ours = {}, {}
        for name in REPLACEABLE:
            who = asked.get(name, general)
            if name == "hv_vmbus" and self.kernel.bus_built_in():
                self.choice[name] = "built-in"
            elif who == "ours" and name in built:
                ours[name] = built[name]
                self.choice[name] = "ours"
            elif who == "ours" and name in asked and "=" in word:
                raise cache.Failure("--modules: our build for %s has no %s" % (self.kernel.release, name))
            elif kernels.distribution_module(self.kernel, name):
                self.choice[name] = "distro"
        if general == "ours" and "hv_vmbus" not in ours and self.choice.get("hv_vmbus") != "built-in":
            raise cache.Failure("our build for %s has no hv_vmbus; see its build log in the cache" % self.kernel.release)
        if self.choice.get("hv_vmbus") == "built-in" and general == "ours":
            cache.say("hv_vmbus is part of this kernel: the other modules are ours on the built-in bus")
        # Modules of ours that replace nothing (test modules) come along.
        for name in built:
            if name not in REPLACEABLE:
                ours[name] = built[name]
        for extra in self.args.module:
            ours[os.path.basename(extra).split(".ko")[0]] = extra
        self.modules = image.Modules(self.kernel, ours)
        self.expected = {}
        for name, who in self.choice.items():
            if who != "built-in":
                self.expected[name] = dict(kernels.identity(self.modules.winner(name)), who=who)

    def prepare(self):
        """Make everything QEMU needs."""
        self.folder = keep_folder(self.args.name)
        self.temp, self.temp_lock = scratch_folder()
        self.choose_modules()
        self.root_image = self.host.root_image or image.root_image()
        self.modules_image = image.modules_image(self.kernel)
        load = self.host.load
        if load is None:
            load = [n for n in ("hv_vmbus", "hv_storvsc") if n in self.choice] if self.host.hyperv else []
            load += [n for n, used in (("hv_netvsc", any(c.model == "hv-net" for c in self.nics)), ("hv_utils", self.host.services))
                     if used and n in self.choice]
        self.load = load = list(load)
        if self.disks and self.host.load is None:
            load += ["sd_mod"] + (["sr_mod"] if any(d.cd for d in self.disks) else [])
        alone = self.host.load is not None              # the script itself loads what drives the devices
        settings = {
            "nonce": self.nonce, "load": " ".join(load), "shell": "yes" if self.args.shell else "",
            "disks": "" if alone else " ".join(str(d.number) for d in self.disks),
            "nics": " ".join(n.mac for n in self.nics),
            "cards": "" if alone else " ".join(str(n.number) for n in self.nics if n.model == "hv-net"),
            "outbox": "yes" if self.share or self.args.count else "", "count": "yes" if self.args.count else "",
        }
        files = {"settings": "".join("%s='%s'\n" % item for item in settings.items()).encode()}
        files["command"] = self.command(files)
        if self.share:
            if not os.path.isdir(self.share):
                raise cache.Failure("--share %s: no such folder" % self.share)
            files["share"] = os.path.abspath(self.share)
        if self.share or self.args.count:
            self.outbox = os.path.join(self.temp, "outbox")
            with open(self.outbox, "wb") as handle:
                handle.truncate(OUTBOX_MIB * 1048576)
        if self.args.count:
            files["bin/hv-mark"] = count.marker()
        self.initrd = os.path.join(self.temp, "initrd")
        image.initramfs(self.initrd, self.modules, self.host.root == "scsi", files)
        self.append = ("console=ttyS0,115200 panic=-1 oops=panic nokaslr audit=0 cryptomgr.notests no_timer_check "
                       "loglevel=7 printk.time=1 rcupdate.rcu_normal_after_boot=0 net.ifnames=0")
        self.append = " ".join([self.append] + self.args.append)
        self.qemu = host.binary()
        if self.args.count:
            if self.accel != "tcg":
                raise cache.Failure("--count works with --accel tcg only")
            self.plugin, self.counted = count.plugin(self.qemu), os.path.join(self.temp, "counted")

    def command(self, files):
        """Return the guest's /run/hv/command: the script, or a command line of the guest's own."""
        if self.args.shell:
            return b"#!/bin/sh\n"
        script, *words = self.args.script
        if os.path.isfile(script):
            with open(script, "rb") as handle:
                files["script"] = handle.read()
            words = ["/run/hv/script"] + words
        else:
            words = [script] + words
        return ("#!/bin/sh\nexec " + " ".join(shlex.quote(w) for w in words) + "\n").encode()

    # -- while the guest runs

    def start(self):
        """Start QEMU, stopped, with its channels connected."""
        ours_console, console_end = socket.socketpair()
        ours_port, port_end = socket.socketpair()
        ours_qmp, qmp_end = socket.socketpair()
        self.qmp_path = os.path.join(self.temp, "qmp.sock")
        words = host.command_line(self.qemu, self)
        words += ["-chardev", "socket,id=con,fd=%d" % console_end.fileno(), "-serial", "chardev:con",
                  "-chardev", "socket,id=port,fd=%d" % port_end.fileno(), "-serial", "chardev:port",
                  "-chardev", "socket,id=qmp,fd=%d" % qmp_end.fileno(), "-mon", "chardev=qmp,mode=control",
                  "-qmp", "unix:%s,server=on,wait=off" % self.qmp_path]
        with open(os.path.join(self.folder, "qemu-command"), "w") as handle:
            handle.write(" ".join(shlex.quote(w) for w in words) + "\n")
        self.log = console.Console(os.path.join(self.folder, "console.log"), self.args.expect)
        self.qemu_log = open(os.path.join(self.folder, "qemu.log"), "w+b")
        self.began = time.monotonic()
        self.process = subprocess.Popen(words, pass_fds=[e.fileno() for e in (console_end, port_end, qmp_end)],
                                        stdin=subprocess.DEVNULL, stdout=self.qemu_log, stderr=self.qemu_log,
                                        # what a killed QEMU was about to unlink goes with the scratch folder
                                        env=dict(os.environ, TMPDIR=self.temp),
                                        start_new_session=True, preexec_fn=dies_with(os.getpid()))
        for end in (console_end, port_end, qmp_end):
            end.close()
        self.console_socket, self.port = ours_console, ours_port
        self.pending = b""
        self.stop = threading.Event()
        self.ended = None
        self.reply_queue = []
        self.client = qmp.Client(ours_qmp, self.event)
        self.client.command("qmp_capabilities")
        self.client.command("cont")
        self.helper = None
        if self.args.qmp:
            self.helper = qmp.start_script(self.client, self.qmp_path, self.args.qmp, self.watch, self.stop)

    def event(self, message):
        """Take a QMP event; called from the reader's thread."""
        if message["event"] == "RESET":
            self.was_reset |= message.get("data", {}).get("reason") != "host-qmp-system-reset"
        elif message["event"] == "SHUTDOWN":
            self.stop.set()

    def judge_reset(self):
        """Was a reset announced? To be asked when all that the guest had said before is read: this thread may be late."""
        if self.was_reset and not self.reset_expected:
            self.problems.append("the guest was reset unexpectedly")
            self.stop.set()
        self.was_reset = False

    def watch(self, text, stop):
        """Wait until the script or the console says @text."""
        while not stop.is_set():
            if text in self.said or text in self.log.text:
                return True
            time.sleep(0.02)
        return False

    def listen(self):
        """Move bytes until QEMU ends or the time is over."""
        deadline = self.began + self.args.timeout * self.args.patience
        sources = {self.console_socket: self.from_console, self.port: self.from_port}
        if self.args.shell:
            sources[sys.stdin] = self.from_keyboard
        while sources:
            left = deadline - time.monotonic()
            if left <= 0 and not self.args.shell:
                self.problems.append("time-out: the guest did not end within %d s" % (self.args.timeout * self.args.patience))
                self.facts["status"] = TIMED_OUT
                break
            ready, _, _ = select.select(list(sources), [], [], max(0, min(left, 0.2)))
            for source in ready:
                if not sources[source]():
                    sources.pop(source)
            if not ready and self.process.poll() is not None:
                break
            if self.was_reset and self.port in sources:
                self.drain({self.port: self.from_port})
                self.judge_reset()
            if self.stop.is_set() and any("unexpectedly" in p for p in self.problems):
                time.sleep(0.3)
                self.drain(sources)
                break
            if len(sources) == 1 and sys.stdin in sources:
                break

    def drain(self, sources):
        """Take what is still in the pipes."""
        for source in [s for s in sources if s is not sys.stdin]:
            while select.select([source], [], [], 0.1)[0] and sources[source]():
                pass

    def from_console(self):
        """Console bytes go to the log, and to the terminal in a shell."""
        data = receive(self.console_socket)
        if data:
            self.log.feed(data)
            if self.args.shell or self.args.verbose:
                out = sys.stdout if self.args.shell else sys.stderr
                out.buffer.write(data)
                out.flush()
        return bool(data)

    def from_keyboard(self):
        """Keys go to the console of a shell."""
        data = os.read(sys.stdin.fileno(), 4096)
        if data:
            self.console_socket.sendall(data)
        return bool(data)

    def from_port(self):
        """Take the script's output and the agent's messages apart."""
        data = receive(self.port)
        self.pending += data
        mark = b"\001HV " + self.nonce.encode() + b" "
        while True:
            before, found, after = self.pending.partition(mark)
            if not found:
                break
            message, closed, rest = after.partition(b"\001")
            if not closed:
                self.output(before)
                self.pending = mark + after
                return bool(data)
            self.output(before)
            self.pending = rest
            self.message(message.decode(errors="replace"))
        # Hold back what may be the beginning of a mark.
        hold = next((n for n in range(min(len(mark) - 1, len(self.pending)), 0, -1)
                     if mark.startswith(self.pending[-n:])), 0) if data else 0
        self.output(self.pending[:len(self.pending) - hold])
        self.pending = self.pending[len(self.pending) - hold:]
        return bool(data)

    def output(self, data):
        """Pass the script's output on as it comes."""
        if data:
            self.said = (self.said + data.decode(errors="replace"))[-65536:]
            sys.stdout.buffer.write(data)
            sys.stdout.flush()

    def message(self, text):
        """Act on one message of the agent."""
        word, _, rest = text.partition(" ")
        if word == "ready":
            self.boots = int(rest)
            # SeaBIOS may add a reset of its own; it is over when the guest is up again
            self.judge_reset()
            self.reset_expected = False
            if self.facts["started"] is None:
                self.facts["started"] = time.monotonic() - self.began
            if self.args.verbose:
                cache.say("script starts after %.1f s" % (time.monotonic() - self.began))
            self.answer("stop" if self.problems else "run")
            if self.problems:
                self.client.command("quit")
        elif word == "module":
            self.check_module(*rest.split())
        elif word == "load-failed":
            self.problems.append("modprobe %s failed in the guest" % rest)
        elif word == "no-disk":
            self.problems.append("disk %s did not appear in the guest" % rest)
        elif word == "no-nic":
            self.problems.append("network card %s did not appear in the guest" % rest)
        elif word == "share-failed":
            self.problems.append("the guest could not hand back /share (more than %d MiB?)" % OUTBOX_MIB)
        elif word == "reset-expected":
            self.reset_expected = True
        elif word == "qmp":
            self.guest_command(rest)
        elif word == "exit":
            self.facts["status"] = int(rest)
            self.facts["counters"] = self.client.command("x-query-hyperv")
            self.answer("off")

    def guest_command(self, text):
        """Run a QMP command for the guest."""
        try:
            reply = self.client.call(json.loads(text)) or {"error": {"desc": "QEMU is gone"}}
        except ValueError as error:
            reply = {"error": {"desc": "not JSON: %s" % error}}
        kind = "return" if "return" in reply else "error"
        self.answer("%s %s" % (kind, json.dumps(reply[kind])))

    def answer(self, text):
        """Send one line to the agent."""
        try:
            self.port.sendall(text.encode() + b"\n")
        except OSError:
            pass

    def check_module(self, name, srcversion, build_id):
        """Compare a loaded module with the one asked for."""
        self.reported[name] = {"srcversion": srcversion, "build_id": build_id}
        if srcversion == "built-in":
            if self.choice.get(name) not in (None, "built-in"):
                self.problems.append("%s is built in, but %s was asked for" % (name, self.choice[name]))
            return
        want = self.expected.get(name)
        if not want:
            return
        known = [(w, g) for w, g in ((want["build_id"], build_id), (want["srcversion"], srcversion)) if w and g != "-"]
        if not known:
            self.problems.append("%s: neither build id nor srcversion to tell which module is loaded" % name)
        elif any(w != g for w, g in known):
            self.problems.append("%s: another module is loaded than the one asked for (%s): build id %s, not %s" % (
                name, want["who"], build_id, want["build_id"]))

    # -- afterwards

    def finish(self):
        """End QEMU, bring results home, and return our exit status."""
        self.stop.set()
        if self.process.poll() is None and not qmp.wait_for(lambda: self.process.poll() is not None, 10
                                                            if self.facts["status"] not in (None, TIMED_OUT) else 0):
            self.process.send_signal(signal.SIGTERM)
            if not qmp.wait_for(lambda: self.process.poll() is not None, 5):
                self.process.kill()
        self.process.wait()
        self.wall = time.monotonic() - self.began
        self.log.close()
        if self.helper:
            try:
                self.helper.wait(10)
            except subprocess.TimeoutExpired:
                self.helper.kill()
            if self.helper.returncode:
                self.problems.append("the QMP script %s ended with status %s" % (self.args.qmp, self.helper.returncode))
        if self.process.returncode:
            self.problems.append("QEMU ended with status %d: %s" % (self.process.returncode, self.qemu_said()))
        if self.facts["status"] is None and not self.problems:
            self.problems.append("the guest ended without the script's exit status")
        seen = []
        for line in self.log.trouble:
            if line not in seen:
                seen.append(line)
        self.problems += ["console: " + line for line in seen[:20]]
        if self.outbox and not self.problems:
            self.take_share()
        status = self.facts["status"]
        if self.problems and status in (None, 0):
            status = QEMU_DIED if self.process.returncode and status is None else FAILED
        return status

    def qemu_said(self):
        """Return the end of what QEMU printed."""
        self.qemu_log.seek(0)
        return self.qemu_log.read()[-2000:].decode(errors="replace").strip()

    def take_share(self):
        """Unpack what the guest changed in the shared folder."""
        try:
            with tarfile.open(self.outbox, "r:") as archive:
                for item in archive:
                    if item.name == "hv-kallsyms":
                        with archive.extractfile(item) as source:
                            self.take_count(source.read().decode())
                        continue
                    name = os.path.normpath(item.name)
                    if not item.isreg() or name.startswith("..") or os.path.isabs(name):
                        continue
                    target = os.path.join(self.share, name)
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    with archive.extractfile(item) as source, open(target, "wb") as out:
                        shutil.copyfileobj(source, out)
        except tarfile.ReadError:
            pass                # nothing was handed back

    def take_count(self, symbols):
        """Give the plugin's counters their names and write --count's file."""
        with open(self.counted) as handle:
            found = count.windows(handle.read(), count.Symbols(symbols.split("\n")))
        with open(self.args.count, "w") as out:
            json.dump({"kernel": self.kernel.release, "smp": self.smp, "icount": self.icount, "windows": found}, out)

    def report(self, status):
        """Return what --json writes."""
        modules = {}
        for name, who in self.choice.items():
            want = self.expected.get(name, {})
            got = self.reported.get(name)
            modules[name] = {"asked": who, "file": want.get("file"), "srcversion": want.get("srcversion"),
                             "build_id": want.get("build_id"), "loaded": bool(got), "in_guest": got}
        counters = self.facts["counters"]
        vmbus = (counters or {}).get("vmbus") or {}
        return {
            "kernel": {"name": self.args.kernel, "release": self.kernel.release, "origin": self.kernel.describe()},
            "accel": self.accel, "accel_why": self.accel_why, "icount": self.icount, "smp": self.smp, "mem": self.mem,
            "qemu": self.qemu, "qemu_build": qemu_build(self.qemu), "modules": modules,
            "vmbus_version": vmbus.get("version") or self.log.version, "root": self.host.root,
            "boot_seconds": self.facts["started"] and round(self.facts["started"], 2), "wall_seconds": round(self.wall, 2),
            "boots": self.boots, "console_version": self.log.version, "host_counters": counters, "exit_status": status, "problems": self.problems,
            "console": self.log.path, "script": self.args.script,
        }

    def clean(self):
        """Remove what only this run needed."""
        shutil.rmtree(self.temp, ignore_errors=True)


def dies_with(parent):
    """Return what makes a new child end when @parent does, however that ends."""
    libc = ctypes.CDLL(None)

    def prepare():
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    return prepare


def scratch_folder():
    """Return a new folder for this run alone, and a lock that says so; remove those of runs that were killed."""
    prefix = os.path.join(tempfile.gettempdir(), "hv-vm-")
    for folder in glob.glob(prefix + "*"):
        try:
            with open(os.path.join(folder, "lock")) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass                # in use, not ours, or gone
    folder = tempfile.mkdtemp(prefix=os.path.basename(prefix))
    # Nobody takes a folder for abandoned before its lock is held.
    lock = open(os.path.join(folder, "new"), "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(lock.name, os.path.join(folder, "lock"))
    return folder, lock


def receive(sock):
    """Return bytes from a socket, or nothing at its end."""
    try:
        return sock.recv(65536)
    except OSError:
        return b""


def qemu_build(qemu):
    """Return what the test host is: the VERSION that tests/qemu/build wrote, else QEMU's --version."""
    name = os.path.join(os.path.dirname(os.path.dirname(qemu)), "VERSION")
    if os.path.exists(name):
        with open(name) as handle:
            return handle.read().strip()
    done = subprocess.run([qemu, "--version"], stdout=subprocess.PIPE, text=True)
    return done.stdout.split("\n")[0]


def keep_folder(name):
    """Return a new folder below build/vm for this run's logs; old ones go when there are many."""
    base = os.environ.get("HV_LOGS") or os.path.join(cache.TOP, "build/vm")
    os.makedirs(base, exist_ok=True)
    for _, folder in sorted(filter(None, (dated(os.path.join(base, f)) for f in os.listdir(base))))[:-200]:
        shutil.rmtree(folder, ignore_errors=True)
    return tempfile.mkdtemp(prefix="%s-%s-" % (time.strftime("%m%d-%H%M%S"), name), dir=base)


def dated(folder):
    """Return (time, folder), or None if another run, which tidies up as well, has removed it."""
    try:
        return os.path.getmtime(folder), folder
    except OSError:
        return None


def execute(args):
    """Do one run; return the exit status of the program."""
    run = Run(args)
    try:
        run.prepare()
        if not args.quiet:
            cache.say("%s, %s (%s), %d CPUs, %d MiB, modules: %s" % (
                run.kernel.release, run.accel.upper(), run.accel_why, run.smp, run.mem,
                ", ".join("%s %s" % (n, w) for n, w in run.choice.items() if n in run.load + ["hv_vmbus"])))
        run.start()
        try:
            run.listen()
        finally:
            status = run.finish()
    finally:
        if hasattr(run, "temp"):
            run.clean()
    if args.json:
        with open(args.json, "w") as handle:
            json.dump(run.report(status), handle, indent=1)
            handle.write("\n")
    for problem in run.problems:
        cache.say("FAILED: " + problem)
    if run.problems or (status and not args.quiet):
        cache.say("script's status %s, our status %d; console: %s" % (run.facts["status"], status, run.log.path))
        if run.facts["started"] is None:
            sys.stderr.write("".join("  | %s\n" % line for line in run.log.tail[-15:]))
    elif not args.quiet:
        cache.say("done in %.1f s (script started after %.1f s); console: %s" % (
            run.wall, run.facts["started"] or 0, run.log.path))
    return status
