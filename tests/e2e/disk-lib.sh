# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the disk scripts share. They run as root in a guest, from /share, started
# by tests/steps/51-disk:  sh /share/disk-NAME.sh SUITE
#
# A case is a function of that name; it ends with a status, or with a sentence
# in $why. Disks are those of tests/vm (hv-disk N), the host obeys hv-qmp.

suite=${1:-disk}
why=
fails=0

# run CASE [ARG...]: one case, one line
run() {
	why=
	if "$@" >/tmp/case.log 2>&1; then
		echo "PASS $suite: $*"
	else
		echo "FAIL $suite: $*: ${why:-status $?}"
		sed 's/^/    /' /tmp/case.log | tail -n 25
		fails=$((fails + 1))
	fi
}

# is WHAT WANTED SEEN
is() {
	[ "$2" = "$3" ] && return 0
	why="$1: wanted '$2', saw '$3'"
	return 1
}

# until SECONDS COMMAND...: repeat until it succeeds
until_ok() {
	until_end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(date +%s)" -ge "$until_end" ]; then
			why="still not after the time allowed: $*"
			return 1
		fi
		sleep 0.2
	done
}

count() {
	[ -e "$1" ] && echo $# || echo 0
}

# unload MODULE...: as modprobe -r does. The kernel reads the partition table of a new disk on its own time, and
# has its driver in use then: the only excuse that counts.
unload() {
	unload_end=$(($(date +%s) + 60))
	until unload_said=$(modprobe -r "$@" 2>&1); do
		echo "$unload_said"
		case $unload_said in
		*"is in use."* | *"temporarily unavailable"*) [ "$(date +%s)" -lt "$unload_end" ] ;;
		*) false ;;
		esac || {
			why="does not unload: $unload_said"
			return 1
		}
		sleep 0.1
	done
}

controllers() {
	count /sys/class/scsi_host/host*/vstor_version
}

finish() {
	exit "$fails"
}

no_hung_task() {
	! dmesg | grep -E 'hung task|blocked for more than|BUG|WARNING'
}

gone() {
	! [ -e "$1" ]
}

# qmp COMMAND JSON
qmp() {
	hv-qmp "$@" || {
		why="the host refused: $*"
		return 1
	}
}

# fault TEXT [CONTROLLER]: add misbehaviour; an empty text ends it
fault() {
	qmp qom-set "{\"path\": \"/machine/peripheral/${2:-hvscsi0}\", \"property\": \"fault\", \"value\": \"$1\"}"
}

# The SCSI host (class directory) a disk hangs on
shost() {
	readlink -f "/sys/block/${1#/dev/}/device" | sed 's|.*/\(host[0-9]*\)/.*|/sys/class/scsi_host/\1|'
}

# The device on the bus (its folder) that a disk hangs on
vmbus_device() {
	readlink -f "/sys/block/${1#/dev/}" | sed 's|/host[0-9]*/.*||'
}

# refused DISK NAME: how often that was refused from the host
refused() {
	sed -n "s/^$2 //p" "$(shost "$1")/vstor_refused"
}

refused_total() {
	awk '{ n += $2 } END { print n }' "$(shost "$1")/vstor_refused"
}

ours() {
	ls /sys/class/scsi_host/host*/vstor_version >/dev/null 2>&1
}

# verify DISK OFFSET_MIB MIB FIO-OPTION...: write, read back, compare
verify() {
	verify_disk=$1
	verify_at=$2
	verify_size=$3
	shift 3
	fio --name=verify --filename="$verify_disk" --offset="${verify_at}m" --size="${verify_size}m" --rw=write \
		--direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c --verify_fatal=1 --do_verify=1 \
		--group_reporting --output=/tmp/fio.out "$@"
}

sectors() {
	cat "/sys/block/${1#/dev/}/size"
}

# hammer DISK SECONDS: in the background ($busy), I/O from four threads until something fails (status 7) or time is up
# (0); returns when it is at work. Who wants to see it fail gives it more time than any machine needs to get there.
hammer() {
	# here, not beside us: an earlier one's would be taken for this one's
	rm -f /tmp/hammering
	hammer_on "$@" &
	# shellcheck disable=SC2034 # the scripts use it
	busy=$!
	until_ok 120 test -e /tmp/hammering
}

hammer_on() {
	python3 - "$1" "$2" <<'PY'
import mmap, os, random, sys, threading, time
end = time.monotonic() + float(sys.argv[2])
ended = []

# opened here, so that no thread that starts late finds another disk by that name
fd = os.open(sys.argv[1], os.O_RDWR | os.O_DIRECT)

def work(seed):
    dice = random.Random(seed)
    memory = mmap.mmap(-1, 1 << 18)
    while time.monotonic() < end and not ended:
        size = 512 << dice.randrange(10)
        view = memoryview(memory)[:size]
        try:
            move = os.pwritev if dice.random() < 0.5 else os.preadv
            if move(fd, [view], 4096 * dice.randrange(1000)) != size:
                ended.append("short")
            elif not os.path.exists("/tmp/hammering"):
                open("/tmp/hammering", "w").close()
        except OSError as error:
            ended.append(error.strerror)

threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("hammer:", ended)
sys.exit(7 if ended else 0)
PY
}

# ended_badly PID: the hammer met an error
ended_badly() {
	wait "$1"
	is "status of the I/O" 7 $?
}
