// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: one kind of disk I/O, exactly so many requests, with marks
 * around it for the instruction counter (tests/qemu/plugins).
 *
 *	disk read|write random|linear DEVICE THREADS DEPTH BYTES COUNT
 *
 * DEPTH and COUNT are per thread. Each thread has a CPU of its own. Random
 * offsets come from a generator that begins the same each time. Prints
 * `DONE NANOSECONDS REQUESTS BYTES`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "clock.h"
#include "mark.h"

#define THREADS_MAX	16
#define DEPTH_MAX	256

struct worker {
	pthread_t thread;
	int number;
	aio_context_t context;
	struct iocb control[DEPTH_MAX];
	unsigned long long state, at, submitted, done;
};

static struct worker workers[THREADS_MAX];
static pthread_barrier_t gate;
static unsigned long long device_bytes, count;
static size_t bytes;
static int fd, threads, depth, random_order, opcode;

static unsigned long long next_offset(struct worker *worker)
{
	unsigned long long share = device_bytes / threads / bytes, block;

	if (random_order) {
		worker->state = worker->state * 6364136223846793005ull + 1442695040888963407ull;
		block = (worker->state >> 33) % share;
	} else {
		block = worker->at++ % share;
	}
	return (worker->number * share + block) * bytes;
}

static void submit(struct worker *worker, struct iocb **list, int n)
{
	for (int i = 0; i < n; i++)
		list[i]->aio_offset = next_offset(worker);
	for (int sent = 0; sent < n; ) {
		int now = syscall(SYS_io_submit, worker->context, n - sent, list + sent);

		if (now <= 0)
			die("io_submit");
		sent += now;
	}
	worker->submitted += n;
}

static void *run(void *data)
{
	struct io_event events[DEPTH_MAX];
	struct iocb *list[DEPTH_MAX];
	struct worker *worker = data;
	cpu_set_t cpus;
	int n;

	CPU_ZERO(&cpus);
	CPU_SET(worker->number % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (int i = 0; i < depth; i++)
		list[i] = &worker->control[i];
	pthread_barrier_wait(&gate);
	submit(worker, list, (unsigned long long)depth < count ? depth : (int)count);
	while (worker->done < count) {
		n = syscall(SYS_io_getevents, worker->context, 1, depth, events, NULL);
		if (n <= 0)
			die("io_getevents");
		for (int i = 0; i < n; i++) {
			if (events[i].res != (long long)bytes) {
				errno = -events[i].res;
				die("request of %zu bytes: %lld", bytes, (long long)events[i].res);
			}
			list[i] = (struct iocb *)(uintptr_t)events[i].obj;
		}
		worker->done += n;
		if (count - worker->submitted < (unsigned long long)n)
			n = count - worker->submitted;
		if (n)
			submit(worker, list, n);
	}
	return NULL;
}

static void prepare(struct worker *worker)
{
	worker->state = worker->number + 1;
	if (syscall(SYS_io_setup, depth, &worker->context))
		die("io_setup");
	for (int i = 0; i < depth; i++) {
		void *buffer = aligned_alloc(4096, bytes);

		if (!buffer)
			die("memory");
		memset(buffer, 'x', bytes);
		worker->control[i] = (struct iocb) {
			.aio_lio_opcode = opcode, .aio_fildes = fd, .aio_buf = (uintptr_t)buffer, .aio_nbytes = bytes,
		};
	}
	if (pthread_create(&worker->thread, NULL, run, worker))
		die("thread");
}

int main(int argc, char **argv)
{
	long long start, stop;

	if (argc != 8)
		return 2;
	opcode = strcmp(argv[1], "write") ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE;
	random_order = !strcmp(argv[2], "random");
	threads = atoi(argv[4]);
	depth = atoi(argv[5]);
	bytes = strtoul(argv[6], NULL, 0);
	count = strtoull(argv[7], NULL, 0);
	if (threads < 1 || threads > THREADS_MAX || depth < 1 || depth > DEPTH_MAX || bytes < 512 || !count)
		return 2;
	fd = open(argv[3], O_RDWR | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &device_bytes))
		die("%s", argv[3]);
	if (device_bytes / threads < bytes)
		return 2;
	pthread_barrier_init(&gate, NULL, threads + 1);
	for (int i = 0; i < threads; i++) {
		workers[i].number = i;
		prepare(&workers[i]);
	}
	usleep(200000);			/* all threads wait at the gate */
	start = now_ns();
	mark_begin();
	pthread_barrier_wait(&gate);
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	mark_end();
	stop = now_ns();
	printf("DONE %lld %llu %llu\n", stop - start, count * threads, count * threads * bytes);
	return 0;
}
