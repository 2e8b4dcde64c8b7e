// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: round trips over VMBus (bench/echo), with marks around them.
 *
 *	echo COUNT DEPTH
 *
 * Prints `DONE NANOSECONDS COUNT 0`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
#include "clock.h"
#include "mark.h"

int main(int argc, char **argv)
{
	int fd = open("/sys/kernel/debug/hv_bench/echo", O_WRONLY);
	char words[32];
	long long start, stop;
	int length;

	if (argc != 3)
		return 2;
	if (fd < 0)
		die("hv_bench");
	length = snprintf(words, sizeof(words), "%s %s", argv[1], argv[2]);
	start = now_ns();
	mark_begin();
	if (write(fd, words, length) != length)
		die("echo");
	mark_end();
	stop = now_ns();
	printf("DONE %lld %s 0\n", stop - start, argv[1]);
	return 0;
}
