// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: one kind of traffic, exactly so many operations, with marks
 * around it for the instruction counter (tests/qemu/plugins).
 *
 *	traffic udp-send ADDRESS PORT FLOWS COUNT SIZE
 *	traffic udp-recv ADDRESS PORT FLOWS COUNT SIZE	asks ADDRESS for the packets
 *	traffic tcp-send ADDRESS PORT FLOWS BYTES
 *	traffic tcp-recv ADDRESS PORT FLOWS BYTES	asks ADDRESS for the bytes
 *	traffic tcp-rr   ADDRESS PORT FLOWS COUNT [1]	1: look at the clock each time
 *
 * COUNT and BYTES are per flow. Each flow has a thread, a CPU and a socket of
 * its own, with the same port each time. Between the marks there is nothing but
 * the traffic: sockets, threads and buffers are ready before. The other side is
 * QEMU's net-peer. Prints `DONE NANOSECONDS OPERATIONS BYTES [MEDIAN P99]`, the
 * last two in nanoseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "clock.h"
#include "mark.h"

#define FLOWS_MAX	64
#define STREAM_BUFFER	(128 * 1024)
#define LOST_SECONDS	10	/* no packet for so long: they do not come any more */
#define OWN_PORT	20000

struct flow {
	pthread_t thread;
	int number;
	int fd;
	char *buffer;
	unsigned long long operations;
	unsigned long long bytes;
	long long *samples;
};

static struct flow flows[FLOWS_MAX];
static int flow_count;
static unsigned long long wanted;
static size_t packet_bytes;
static int take_samples;
static int (*work)(struct flow *flow);
static pthread_barrier_t gate;

static int udp_send(struct flow *flow)
{
	while (flow->operations < wanted) {
		ssize_t n = send(flow->fd, flow->buffer, packet_bytes, 0);

		if (n < 0 && errno == ENOBUFS)
			continue;		/* the card's queue was full: the packet does not count */
		if (n < 0)
			return -1;
		flow->operations++;
		flow->bytes += n;
	}
	return 0;
}

static int udp_recv(struct flow *flow)
{
	/* Ask for them: the count as text. What comes back is all ours. */
	if (flow->number == 0 && send(flow->fd, flow->buffer, strlen(flow->buffer), 0) < 0)
		return -1;
	while (flow->operations < wanted) {
		ssize_t n = recv(flow->fd, flow->buffer + 64, STREAM_BUFFER - 64, 0);

		if (n < 0) {
			fprintf(stderr, "traffic: flow %d: %llu of %llu packets: %s\n", flow->number, flow->operations,
				wanted, strerror(errno));
			return errno == EAGAIN && flow->operations ? 0 : -1;
		}
		flow->operations++;
		flow->bytes += n;
	}
	return 0;
}

static int tcp_send(struct flow *flow)
{
	while (flow->bytes < wanted) {
		size_t left = wanted - flow->bytes;
		ssize_t n = send(flow->fd, flow->buffer, left < STREAM_BUFFER ? left : STREAM_BUFFER, 0);

		if (n <= 0)
			return -1;
		flow->bytes += n;
		flow->operations++;
	}
	/* All is said; the other side answers when all has arrived. */
	shutdown(flow->fd, SHUT_WR);
	return recv(flow->fd, flow->buffer, STREAM_BUFFER, 0) > 0 ? 0 : -1;
}

static int tcp_recv(struct flow *flow)
{
	char words[32];
	int length = snprintf(words, sizeof(words), "%llu\n", wanted);

	if (send(flow->fd, words, length, 0) != length)
		return -1;
	while (flow->bytes < wanted) {
		ssize_t n = recv(flow->fd, flow->buffer, STREAM_BUFFER, 0);

		if (n <= 0)
			return -1;
		flow->bytes += n;
		flow->operations++;
	}
	return 0;
}

static int tcp_rr(struct flow *flow)
{
	long long before = flow->samples ? now_ns() : 0;

	while (flow->operations < wanted) {
		if (send(flow->fd, "x", 1, 0) != 1 || recv(flow->fd, flow->buffer, 1, 0) != 1)
			return -1;
		if (flow->samples) {
			long long after = now_ns();

			flow->samples[flow->operations] = after - before;
			before = after;
		}
		flow->operations++;
		flow->bytes += 2;
	}
	return 0;
}

static void *run(void *data)
{
	struct flow *flow = data;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(flow->number % sysconf(_SC_NPROCESSORS_ONLN), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	pthread_barrier_wait(&gate);
	if (work(flow))
		die("flow %d after %llu operations, %llu bytes", flow->number, flow->operations, flow->bytes);
	return NULL;
}

static void prepare(struct flow *flow, const char *address, int port, int type)
{
	const struct timeval patience = { .tv_sec = LOST_SECONDS };
	struct sockaddr_in other = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(OWN_PORT + flow->number) };
	const struct linger at_once = { .l_onoff = 1 };
	int room = 256 << 20, yes = 1;

	inet_pton(AF_INET, address, &other.sin_addr);
	flow->fd = socket(AF_INET, type, 0);
	flow->buffer = malloc(STREAM_BUFFER);
	if (flow->fd < 0 || !flow->buffer)
		die("socket");
	memset(flow->buffer, 'x', STREAM_BUFFER);
	setsockopt(flow->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(flow->fd, (struct sockaddr *)&own, sizeof(own)))
		die("port %d", OWN_PORT + flow->number);
	if (work == udp_recv) {
		snprintf(flow->buffer, 64, "%d %llu %zu\n", flow_count, wanted, packet_bytes);
		setsockopt(flow->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
		setsockopt(flow->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	if (work == tcp_rr && take_samples) {
		flow->samples = calloc(wanted, sizeof(*flow->samples));
		if (!flow->samples)
			die("memory");
	}
	/* no TIME_WAIT: the next one has the same ports */
	if (type == SOCK_STREAM)
		setsockopt(flow->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	if (type == SOCK_STREAM)
		setsockopt(flow->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(flow->fd, (struct sockaddr *)&other, sizeof(other)))
		die("connect to %s port %d", address, port);
}

/* Print median and 99th percentile of all flows' samples. */
static void print_samples(unsigned long long n)
{
	long long *all = calloc(n, sizeof(*all));
	unsigned long long at = 0;

	if (!all)
		die("memory");
	for (int i = 0; i < flow_count; i++) {
		memcpy(all + at, flows[i].samples, flows[i].operations * sizeof(*all));
		at += flows[i].operations;
	}
	qsort(all, n, sizeof(*all), by_value);
	printf(" %lld %lld", all[n / 2], all[n * 99 / 100]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*work)(struct flow *flow);
		int type;
	} kinds[] = {
		{ "udp-send", udp_send, SOCK_DGRAM }, { "udp-recv", udp_recv, SOCK_DGRAM },
		{ "tcp-send", tcp_send, SOCK_STREAM }, { "tcp-recv", tcp_recv, SOCK_STREAM }, { "tcp-rr", tcp_rr, SOCK_STREAM },
	};
	unsigned long long operations = 0, bytes = 0;
	long long start, stop;
	int type = 0;

	if (argc < 6)
		return 2;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(argv[1], kinds[i].name)) {
			work = kinds[i].work;
			type = kinds[i].type;
		}
	}
	flow_count = atoi(argv[4]);
	wanted = strtoull(argv[5], NULL, 0);
	packet_bytes = argc > 6 ? strtoul(argv[6], NULL, 0) : 64;
	take_samples = argc > 6 && work == tcp_rr;
	if (!work || flow_count < 1 || flow_count > FLOWS_MAX || packet_bytes > STREAM_BUFFER)
		return 2;
	pthread_barrier_init(&gate, NULL, flow_count + 1);
	for (int i = 0; i < flow_count; i++) {
		flows[i].number = i;
		/* A stream's port stands for one kind of peer; datagrams of a flow have a port of their own. */
		prepare(&flows[i], argv[2], atoi(argv[3]) + (type == SOCK_DGRAM ? i : 0), type);
		if (pthread_create(&flows[i].thread, NULL, run, &flows[i]))
			die("thread");
	}
	usleep(200000);			/* all threads wait at the gate */
	start = now_ns();
	mark_begin();
	pthread_barrier_wait(&gate);
	for (int i = 0; i < flow_count; i++)
		pthread_join(flows[i].thread, NULL);
	mark_end();
	stop = now_ns();
	for (int i = 0; i < flow_count; i++) {
		operations += flows[i].operations;
		bytes += flows[i].bytes;
	}
	printf("DONE %lld %llu %llu", stop - start, operations, bytes);
	if (take_samples)
		print_samples(operations);
	printf("\n");
	return 0;
}
