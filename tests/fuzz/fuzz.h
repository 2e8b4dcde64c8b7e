/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a fuzz entry point provides. LLVMFuzzerTestOneInput() is libFuzzer's
 * name; the other two serve the built-in driver.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <shim.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

/* Seed @n into @buf (8 KiB); returns its length, 0 behind the last one. */
size_t fuzz_seed(size_t n, u8 *buf);

/* How far the inputs came, for the log: fails the run if they came nowhere. */
const char *fuzz_summary(void);

/* A property that must hold for every input. */
#define FUZZ_CHECK(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: failed: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

#endif /* TESTS_FUZZ_FUZZ_H */
