// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the KUnit suites of tests/kunit in user space and prints the same KTAP
 * a kernel prints. Exit status 1 if a case failed.
 */
#include <kunit/test.h>
#include <stdarg.h>

struct kunit_block {
	struct kunit_block *next;
	void *p;
};

static void *manage(struct kunit *test, void *p)
{
	struct kunit_block *b = malloc(sizeof(*b));

	if (!p || !b)
		abort();
	b->p = p;
	b->next = test->blocks;
	test->blocks = b;
	return p;
}

void *kunit_kmalloc(struct kunit *test, size_t bytes, gfp_t gfp)
{
	void *p = malloc(bytes);

	(void)gfp;
	/* Not zero: a read of memory nobody wrote should show. */
	if (p)
		memset(p, 0xa5, bytes);
	return manage(test, p);
}

void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t gfp)
{
	(void)gfp;
	return manage(test, calloc(1, bytes));
}

void *kunit_kcalloc(struct kunit *test, size_t n, size_t bytes, gfp_t gfp)
{
	(void)gfp;
	return manage(test, calloc(n, bytes));
}

void kunit_kfree(struct kunit *test, const void *p)
{
	struct kunit_block **b, *gone;

	for (b = &test->blocks; *b; b = &(*b)->next) {
		if ((*b)->p != p)
			continue;
		gone = *b;
		*b = gone->next;
		free(gone->p);
		free(gone);
		return;
	}
	if (p)
		abort();
}

void kunit_report(struct kunit *test, bool fatal, const char *file, int line,
		  const char *what, const char *fmt, ...)
{
	va_list ap;

	test->failures++;
	/* Enough to see what is wrong, not one line per byte of a sweep. */
	if (test->failures <= 10) {
		printf("    # %s: %s failed at %s:%d\n        %s: ", test->name,
		       fatal ? "ASSERTION" : "EXPECTATION", file, line, what);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		printf("\n");
	}
	if (fatal)
		longjmp(test->abort, 1);
}

static void run_once(struct kunit_suite *suite, struct kunit_case *c, struct kunit *test)
{
	/* Survives the longjmp() of an assertion. */
	volatile bool started = false;

	if (!setjmp(test->abort)) {
		if (suite->init && suite->init(test)) {
			kunit_report(test, false, c->name, 0, "init", "failed");
		} else {
			started = true;
			c->run_case(test);
		}
	}
	if (started && suite->exit)
		suite->exit(test);
	while (test->blocks)
		kunit_kfree(test, test->blocks->p);
}

static const void *next_param(struct kunit_case *c, const void *prev, char *desc)
{
	desc[0] = '\0';
	return c->generate_params(prev, desc);
}

static bool run_case(struct kunit_suite *suite, struct kunit_case *c, int number)
{
	struct kunit test = { .name = c->name };
	char desc[KUNIT_PARAM_DESC_SIZE];
	const void *param = NULL;
	int params = 0;

	if (!c->generate_params) {
		run_once(suite, c, &test);
	} else {
		while ((param = next_param(c, param, desc))) {
			int before = test.failures;

			test.param_value = param;
			run_once(suite, c, &test);
			params++;
			if (test.failures > before)
				printf("    # %s: parameter %d (%s) failed\n",
				       c->name, params, desc);
		}
		if (!params)
			kunit_report(&test, false, c->name, 0, "parameters", "none");
	}
	printf("    %s %d %s%s%s\n", test.failures ? "not ok" : "ok", number, c->name,
	       test.skipped ? " # SKIP " : "", test.status_comment);
	fflush(stdout);
	return !test.failures;
}

int kunit_run_suites(struct kunit_suite *const *suites, size_t n)
{
	struct kunit_case *c;
	bool good, all = true;
	size_t i;

	printf("KTAP version 1\n1..%zu\n", n);
	for (i = 0; i < n; i++) {
		int number = 0;

		good = true;
		printf("    KTAP version 1\n    # Subtest: %s\n", suites[i]->name);
		if (suites[i]->suite_init && suites[i]->suite_init(suites[i])) {
			printf("    # suite_init failed\n");
			good = false;
		}
		for (c = suites[i]->test_cases; c->run_case; c++)
			good &= run_case(suites[i], c, ++number);
		if (suites[i]->suite_exit)
			suites[i]->suite_exit(suites[i]);
		printf("%s %zu %s\n", good ? "ok" : "not ok", i + 1, suites[i]->name);
		all &= good;
	}
	return all ? 0 : 1;
}
