// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a ring at once: the guest's end is vmbus/ring.c, the host's end
 * is written here from the protocol reference (sections 6.4 to 6.7), and both
 * sleep whenever the rules let them. A signal that is not sent when it is due
 * leaves both asleep, and the watchdog ends the program.
 *
 * Prints how often each side slept: a run in which nobody ever slept proves
 * nothing, and fails.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include "../../vmbus/ring.c"
#include "ring_mock.h"

#define DATA_BYTES 4096
#define PACKETS 150000

static u8 mem[RING_HEADER_BYTES + DATA_BYTES] __aligned(4096);
static sem_t to_host, to_guest;
static unsigned long host_slept, guest_slept, host_signals, guest_signals;

static u32 *word(unsigned int off)
{
	return (u32 *)(mem + off);
}

#define W_INDEX word(0)
#define R_INDEX word(4)
#define MASK word(8)
#define PENDING word(12)

static u32 get(u32 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void put(u32 *p, u32 v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static void full(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void nap(sem_t *s, unsigned long *count)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	if (sem_timedwait(s, &until)) {
		printf("lost wake-up: write %u read %u mask %u pending %u\n", *W_INDEX, *R_INDEX,
		       *MASK, *PENDING);
		fflush(stdout);
		_exit(1);
	}
	++*count;
	while (!sem_trywait(s))
		;
}

static void die(const char *what, unsigned long n)
{
	printf("%s at packet %lu\n", what, n);
	fflush(stdout);
	_exit(1);
}

static u32 length_of(unsigned long n)
{
	return 16 + (n * 2654435761u >> 7) % 900;
}

static u32 step_of(u32 bytes)
{
	return ((bytes + 7) & ~7u) + 8;
}

static u8 byte_of(unsigned long n, u32 i)
{
	return n * 31 + i;
}

static u8 data_at(u32 pos, u32 i)
{
	return mem[RING_HEADER_BYTES + (pos + i) % DATA_BYTES];
}

/* The host reads: drains, unmasks, looks again, sleeps. */
static void *host_reader(void *arg)
{
	u32 r = 0, old;
	unsigned long n = 0;

	while (n < PACKETS) {
		put(MASK, 1);
		full();
		while (n < PACKETS && get(W_INDEX) != r) {
			u32 bytes = length_of(n), i, p, w;

			for (i = 0; i < bytes; i += 97)
				if (data_at(r, i) != byte_of(n, i))
					die("wrong data at the host", n);
			old = r;
			r = (r + step_of(bytes)) % DATA_BYTES;
			put(R_INDEX, r);
			full();
			p = get(PENDING);
			w = get(W_INDEX);
			if (p) {
				u32 before = DATA_BYTES - (w - old + DATA_BYTES) % DATA_BYTES;
				u32 after = DATA_BYTES - (w - r + DATA_BYTES) % DATA_BYTES;

				if (before <= p && after > p) {
					host_signals++;
					sem_post(&to_guest);
				}
			}
			n++;
		}
		put(MASK, 0);
		full();
		if (n < PACKETS && get(W_INDEX) == r)
			nap(&to_host, &host_slept);
	}
	return arg;
}

static void guest_writer(struct ring *r)
{
	static u8 buf[1024];
	unsigned long n;

	for (n = 0; n < PACKETS; n++) {
		struct ring_vec vec = { buf, length_of(n) };
		u32 i;

		for (i = 0; i < vec.bytes; i++)
			buf[i] = byte_of(n, i);
		while (ring_put(r, &vec, 1) == RING_FULL) {
			ring_want_room(r, step_of(vec.bytes));
			if (ring_put(r, &vec, 1) == RING_OK) {
				ring_want_room(r, 0);
				break;
			}
			nap(&to_guest, &guest_slept);
			ring_want_room(r, 0);
		}
		if (ring_publish(r)) {
			guest_signals++;
			sem_post(&to_host);
		}
	}
}

/* The host writes: waits for room with pending_send_size, signals on empty. */
static void *host_writer(void *arg)
{
	u32 w = 0, bytes, need, i;
	unsigned long n;

	for (n = 0; n < PACKETS; n++) {
		bytes = length_of(n);
		need = step_of(bytes);
		for (;;) {
			u32 room = DATA_BYTES - (w - get(R_INDEX) + DATA_BYTES) % DATA_BYTES;

			if (room > need)
				break;
			put(PENDING, need);
			full();
			room = DATA_BYTES - (w - get(R_INDEX) + DATA_BYTES) % DATA_BYTES;
			if (room <= need)
				nap(&to_host, &host_slept);
			put(PENDING, 0);
		}
		for (i = 0; i < bytes; i++)
			mem[RING_HEADER_BYTES + (w + i) % DATA_BYTES] = byte_of(n, i);
		i = w;
		w = (w + need) % DATA_BYTES;
		put(W_INDEX, w);
		full();
		if (!get(MASK) && get(R_INDEX) == i) {
			host_signals++;
			sem_post(&to_guest);
		}
	}
	return arg;
}

static void guest_reader(struct ring *r)
{
	static u8 buf[1024];
	unsigned long n = 0;
	u32 avail, i;

	while (n < PACKETS) {
		ring_mask(r);
		while (n < PACKETS && ring_avail(r, &avail) == RING_OK && avail) {
			u32 bytes = length_of(n);

			if (avail < step_of(bytes))
				die("half a packet at the guest", n);
			ring_peek(r, 0, buf, bytes);
			for (i = 0; i < bytes; i += 97)
				if (buf[i] != byte_of(n, i))
					die("wrong data at the guest", n);
			ring_skip(r, step_of(bytes));
			if (n % 3 != 1 && ring_release(r)) {
				guest_signals++;
				sem_post(&to_host);
			}
			n++;
		}
		if (ring_release(r)) {
			guest_signals++;
			sem_post(&to_host);
		}
		if (ring_unmask(r, &avail) != RING_OK)
			die("broken ring", n);
		if (n < PACKETS && !avail)
			nap(&to_guest, &guest_slept);
	}
}

static void report(const char *what)
{
	printf("%s: %d packets, host slept %lu, guest %lu, signals to host %lu, to guest %lu\n",
	       what, PACKETS, host_slept, guest_slept, guest_signals, host_signals);
	if (!host_slept || !guest_slept)
		die("somebody never slept: nothing was proven", 0);
	host_slept = 0;
	guest_slept = 0;
	host_signals = 0;
	guest_signals = 0;
}

static void run(void *(*host)(void *), void (*guest)(struct ring *))
{
	pthread_t thread;
	struct ring r;

	if (ring_init(&r, mem, sizeof(mem)) || sem_init(&to_host, 0, 0) ||
	    sem_init(&to_guest, 0, 0) || pthread_create(&thread, NULL, host, NULL))
		die("set-up", 0);
	guest(&r);
	pthread_join(thread, NULL);
}

int main(void)
{
	run(host_reader, guest_writer);
	report("guest writes");
	run(host_writer, guest_reader);
	report("guest reads");
	return 0;
}
