/* SPDX-License-Identifier: GPL-2.0-only */
/* What the programs of the benchmark share: time, and how they end early. */
#ifndef CLOCK_H
#define CLOCK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

#define die(...) do { \
	int die_errno = errno; \
	fprintf(stderr, "%s: ", program_invocation_short_name); \
	fprintf(stderr, __VA_ARGS__); \
	fprintf(stderr, ": %s\n", strerror(die_errno)); \
	exit(1); \
} while (0)

static inline int by_value(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

#endif
