// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the guest: `hv-mark begin` and `hv-mark end` mark a window for count.c;
 * `hv-mark COMMAND [ARG...]` makes one window of a whole command.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mark.h"

int main(int argc, char **argv)
{
	int status = 0;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: hv-mark begin|end|COMMAND [ARG...]\n");
		return 2;
	}
	if (!strcmp(argv[1], "begin")) {
		mark_begin();
		return 0;
	}
	if (!strcmp(argv[1], "end")) {
		mark_end();
		return 0;
	}
	mark_begin();
	child = fork();
	if (child < 0) {
		perror("hv-mark");
		return 1;
	}
	if (!child) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	waitpid(child, &status, 0);
	mark_end();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
