# SPDX-License-Identifier: GPL-2.0-only
"""What the programs for the integration services share. They run as root in a guest, from /share."""
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
import traceback

FAIL, NO_MORE, INVALID = 0x80004005, 0x80070103, 0x80070057
GUID = {"heartbeat": "fd149e91-82e0-4a7d-afa6-2a4166cbd7c0", "kvp": "242ff919-07db-4180-9c2e-b86cb68c8c55",
        "shutdown": "b6650ff7-33bc-4840-8048-e0676786f393", "timesync": "2dd1ce17-079e-403c-b352-a1921ee207ee",
        "vss": "2450ee40-33bf-4fbd-892e-9fb06e9214cf", "fcopy": "eb765408-105f-49b6-b4aa-c123b64d17d4"}
DAEMON = {"kvp": "/usr/sbin/hv_kvp_daemon", "vss": "/usr/sbin/hv_vss_daemon", "fcopy": "/usr/sbin/hv_fcopy_daemon"}
FROZEN = "/run/frozen"      # where what is to be frozen is mounted
ASKED = ["x-hv-kvp-" + what for what in ("get", "set", "delete", "enumerate", "get-ip", "set-ip")] + ["x-hv-vss", "x-hv-shutdown",
                                                                                                       "x-hv-fcopy"]
TYPE = {"heartbeat": 1, "kvp": 2, "shutdown": 3, "timesync": 4, "vss": 5, "fcopy": 7}
suite = sys.argv[1] if len(sys.argv) > 1 else "ic"
failures = 0
# from=NAME: leave out the cases before that one
skip_to = next((word[5:] for word in sys.argv if word.startswith("from=")), None)


class Refused(Exception):
    """QEMU says no."""


def case(name, test):
    """Run one case: it passes unless it raises; what it returns is shown."""
    global failures, skip_to
    if skip_to and not name.startswith(skip_to):
        return
    skip_to = None
    signal.alarm(400)
    try:
        said = test()
        print("PASS %s: %s%s" % (suite, name, " (%s)" % said if said else ""), flush=True)
    except Exception as error:  # pylint: disable=broad-except
        failures += 1
        text = (str(error) or type(error).__name__).replace("\n", " ")[:300]
        print("FAIL %s: %s: %s" % (suite, name, text), flush=True)
        if not isinstance(error, AssertionError):
            traceback.print_exc(file=sys.stdout)
        print("".join("    %s\n" % line for line in sh("dmesg | tail -n 6").splitlines()), flush=True)


def too_long(*_):
    """A case that hangs fails, the others still run."""
    raise AssertionError("hangs")


signal.signal(signal.SIGALRM, too_long)


def sh(command):
    """Return what a shell command prints."""
    return subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          check=False).stdout.strip()


def qmp(command, **arguments):
    """Let the host run a command; return its result.

    A case that hangs is interrupted here. Its command is left alone then: it takes its answer, whenever that comes, and the
    next command waits for its turn until it has. What the guest is asked it has all the time for that a command may take.
    """
    arguments = {key.replace("_", "-"): value for key, value in arguments.items()}
    if command in ASKED:
        arguments.setdefault("timeout", 55000)
    process = subprocess.Popen(["hv-qmp", command, json.dumps(arguments)], stdout=subprocess.PIPE, text=True)
    said = process.communicate()[0]
    if process.returncode:
        raise Refused("%s: %s" % (command, said.strip()[:200]))
    return json.loads(said)


def host(service):
    """Return what the host knows of a service."""
    return qmp("x-hv-ic-query", service=service)[0]


def until(seconds, what, test):
    """Wait until test() is true; return the seconds it took."""
    start = time.monotonic()
    while not test():
        assert time.monotonic() - start < seconds, "not within %d s: %s" % (seconds, what)
        time.sleep(0.05)
    return time.monotonic() - start


def ready(service, seconds=60):
    """Wait until a service has its versions."""
    return until(seconds, "%s ready" % service, lambda: host(service)["state"] in ("ready", "wait-reply"))


def all_ready():
    """Wait until all services have versions and have understood every packet, and until the heart beats."""
    for service in ("heartbeat", "timesync", "shutdown", "vss"):
        ready(service, 30)
        info = host(service)
        assert not info["counters"]["malformed"] and not info["counters"]["refused"], info
    before = qmp("x-hv-heartbeat-query")["answered"]
    until(60, "two beats", lambda: qmp("x-hv-heartbeat-query")["answered"] >= before + 2)
    assert qmp("x-hv-heartbeat-query")["status"] == "ok"


def ours():
    """Is it our hv_utils?"""
    return os.path.exists("/sys/module/hv_utils/version")


def stats(service):
    """Return our driver's counters of a service."""
    with open("/sys/bus/vmbus/devices/%s/ic_stats" % GUID[service]) as text:
        return dict(line.split(None, 1) for line in text.read().splitlines())


def node(service):
    """Return the node of a service's daemon."""
    return "/dev/vmbus/hv_%s" % service


def mount_disk(path):
    """Make a file system on the run's first disk and mount it; return the disk."""
    disk = sh("hv-disk 0")
    sh("mkfs.ext4 -q -F %s; mkdir -p %s; mount %s %s" % (disk, path, disk, path))
    assert os.path.ismount(path), disk
    return disk


def fault(service, text):
    """Make the host misbehave; an empty text ends it."""
    qmp("qom-set", path="/machine/peripheral/hvic" + service, property="fault", value=text)


def offer(service, there, **properties):
    """Let the host switch a service off or on."""
    if there:
        qmp("device_add", driver="hv-ic-" + service, id="hvic" + service, **properties)
    else:
        qmp("device_del", id="hvic" + service)


def packet(service, payload=b"", mtype=None, bytes_=None, **fields):
    """Return a request in hex, from the pipe header on; bytes_ cuts or fills it."""
    size = fields.get("size", len(payload))
    pipe = fields.get("pipe", 20 + len(payload))
    mtype = TYPE[service] if mtype is None else mtype
    head = struct.pack("<IIHHHHHHIBBH", 1, pipe & 0xffffffff, 3, 0, mtype, fields.get("major", 4), 0, size & 0xffff, 0, 0xa5, 3, 0)
    data = head + payload
    if bytes_ is not None:
        data = data[:bytes_] + bytes(max(0, bytes_ - len(data)))
    return data.hex()


def inject(service, data, timeout=20000, **more):
    """Put bytes into a service's ring; return the guest's answer, or None."""
    answer = qmp("x-hv-ic-inject", service=service, data=data, timeout=timeout, **more).get("reply")
    return bytes.fromhex(answer) if answer else None


def status_of(answer):
    """Return the status in an answer."""
    assert answer is not None, "no answer"
    assert answer[25] == 5, "flags of the answer: %d" % answer[25]
    return struct.unpack_from("<I", answer, 20)[0]


class Daemon:
    """The distribution's daemon, unchanged."""

    def __init__(self, service):
        self.service = service
        os.makedirs("/var/lib/hyperv", exist_ok=True)
        until(60, node(service), lambda: os.path.exists(node(service)))
        self.process = subprocess.Popen([DAEMON[service], "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, how=signal.SIGKILL):
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait()

    def alive(self):
        """Is it?"""
        return self.process.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


class Fake:
    """A daemon under our control."""

    SIZE = {"kvp": 7432, "vss": 12, "fcopy": 6196}
    HELLO = {"kvp": struct.pack("<I", 100) + bytes(7428), "vss": struct.pack("<I", 129) + bytes(8), "fcopy": struct.pack("<I", 1)}

    def __init__(self, service, register=True):
        self.service = service
        until(60, node(service), lambda: os.path.exists(node(service)))
        self.fd = os.open(node(service), os.O_RDWR)
        if register:
            self.write(self.HELLO[service])
            self.greeting = self.read()

    def waiting(self, seconds):
        """Is there a message within that time?"""
        return bool(select.select([self.fd], [], [], seconds)[0])

    def read(self, seconds=20):
        """Return the next message."""
        assert self.waiting(seconds), "no message from the kernel"
        return os.read(self.fd, self.SIZE[self.service])

    def write(self, data):
        """Answer."""
        return os.write(self.fd, data)

    def agree(self, message=None):
        """Answer a question with success and with itself; without one: a backup's, with success alone."""
        self.write(struct.pack("<I", 0) + (message[4:] if message else bytes(8)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)


class Later:
    """A command of the host that goes on while we do something else."""

    def __init__(self, command, **arguments):
        # The host answers at once; the request is waited for by its number.
        result = qmp(command, timeout=0, **arguments)
        self.number = (result.get("result") or result)["id"]

    def wait(self, seconds):
        """Return the result."""
        end = time.monotonic() + seconds
        while True:
            result = qmp("x-hv-ic-result", id=self.number)
            if result["outcome"] != "pending":
                return result
            assert time.monotonic() < end, "the host has no answer after %d s" % seconds
            time.sleep(0.1)


def replied(result, status=0):
    """Check a result of the host."""
    result = result.get("result") or result
    assert result["outcome"] == "replied", "outcome %s" % result["outcome"]
    assert result["status"] == status, "status %#x" % result["status"]
    return result


def serves_second(fake, late=None, command="x-hv-kvp-set", **more):
    """After a first question that came to nothing a second one gets its own answer, also when the first one's comes late."""
    second = Later(command, pool=0, key="second", **more)
    if late:
        assert fake.waiting(20), "no second question"
        fake.write(late)
    message = fake.read()
    assert message[16:22] == b"second", message[:32]
    fake.agree(message)
    replied(second.wait(20))


def backup_daemon():
    """Wait until the daemon for backups is at work: there are versions without it."""
    until(60, "the daemon", lambda: qmp("x-hv-vss", operation="hot-backup")["status"] == 0)


def freeze():
    """Freeze what is mounted, as the host does it; the distribution's daemon is there."""
    ready("vss", 60)
    backup_daemon()
    replied(qmp("x-hv-vss", operation="freeze", timeout=40000))


def thawed():
    """Write to what was frozen; return the seconds until that was done."""
    start = time.monotonic()
    done = subprocess.run(["timeout", "60", "sh", "-c", "echo x >%s/x && sync -f %s/x" % (FROZEN, FROZEN)], check=False)
    took = time.monotonic() - start
    assert done.returncode == 0, "still frozen after %d s" % took
    return took


def thawed_after(leave):
    """Go away with file systems frozen: they are thawed afterwards, and the next backup works."""
    with Daemon("vss"):
        freeze()
        leave()
        took = thawed()
        freeze()
        replied(qmp("x-hv-vss", operation="thaw", timeout=40000))
    return "thawed after %.1f s" % took


def thaws(fake):
    """Go along with every thaw the daemon is told, by us or by a careful host; return how many came. Nothing else may."""
    told = 0
    while fake.waiting(3):
        assert fake.read()[0] == 6, "not a thaw"
        fake.agree()
        told += 1
    assert told, "nobody says thaw"
    return told


complaints = []


def clear_log():
    """Empty the kernel's log; remember what it complained of."""
    # A kernel that could freeze all file systems for a sleep warns of one that is frozen already, whoever did that.
    theirs = " | grep -v thaw_super_locked" if os.path.exists("/sys/power/freeze_filesystems") else ""
    complaints.append(sh("dmesg -c | grep -E 'BUG|WARNING|Oops|hung task|blocked for more|KASAN|UBSAN|leaked [1-9]|LEAK'%s | head -n 3"
                         % theirs))


def no_complaints():
    """The kernel has had nothing to say."""
    clear_log()
    bad = "; ".join(filter(None, complaints))
    assert not bad, bad


def finish():
    """End the program."""
    case("no complaint of the kernel", no_complaints)
    sys.exit(1 if failures else 0)
