// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the guest: how long does a command take until a file is there?
 *
 *	appear FILE COMMAND [WORD...]
 *
 * Marks are set before the command starts and when FILE has appeared. Prints
 * `DONE NANOSECONDS 1 0` once the command has ended, too.
 */
#define _GNU_SOURCE
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>
#include "clock.h"
#include "mark.h"

#define PATIENCE_MS	60000

int main(int argc, char **argv)
{
	char folder[PATH_MAX], events[4096];
	struct pollfd watch = { .events = POLLIN };
	long long start, stop;
	int status;
	pid_t pid;

	if (argc < 3)
		return 2;
	snprintf(folder, sizeof(folder), "%s", argv[1]);
	watch.fd = inotify_init();
	if (watch.fd < 0 || inotify_add_watch(watch.fd, dirname(folder), IN_CREATE | IN_MOVED_TO) < 0)
		die("%s", folder);
	if (!access(argv[1], F_OK)) {
		fprintf(stderr, "appear: %s is there already\n", argv[1]);
		return 1;
	}
	start = now_ns();
	mark_begin();
	pid = vfork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (access(argv[1], F_OK)) {
		if (poll(&watch, 1, PATIENCE_MS) != 1 || read(watch.fd, events, sizeof(events)) <= 0)
			die("%s does not appear", argv[1]);
	}
	mark_end();
	stop = now_ns();
	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "appear: %s: status %#x\n", argv[2], status);
		return 1;
	}
	printf("DONE %lld 1 0\n", stop - start);
	return 0;
}
