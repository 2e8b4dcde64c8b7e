/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of KUnit our suites use, in user space: cases, parameters,
 * expectations, assertions and managed memory. tests/host/kunit.c runs it.
 *
 * Managed memory is plain malloc() of exactly the size asked for, so that the
 * address sanitizer sees an access one byte past a truncated input.
 */
#ifndef TESTS_HOST_KUNIT_TEST_H
#define TESTS_HOST_KUNIT_TEST_H

#include <setjmp.h>
#include <shim.h>

#define KUNIT_PARAM_DESC_SIZE 128
#define GFP_KERNEL 0u

struct kunit {
	const char *name;
	void *priv;
	const void *param_value;
	int failures;
	bool skipped;
	char status_comment[256];
	jmp_buf abort;
	struct kunit_block *blocks;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_SLOW(fn)		KUNIT_CASE(fn)
#define KUNIT_CASE_PARAM(fn, gen)	\
	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)				\
static const void *name##_gen_params(const void *prev, char *desc)		\
{										\
	typeof((array)[0]) *next = prev ? ((typeof(next))prev) + 1 : (array);	\
	void (*describe)(typeof(next), char *) = get_desc;			\
										\
	if (next - (array) >= (long)ARRAY_SIZE(array))				\
		return NULL;							\
	if (describe)								\
		describe(next, desc);						\
	return next;								\
}

int kunit_run_suites(struct kunit_suite *const *suites, size_t n);
void *kunit_kmalloc(struct kunit *test, size_t bytes, gfp_t gfp);
void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t gfp);
void *kunit_kcalloc(struct kunit *test, size_t n, size_t bytes, gfp_t gfp);
void kunit_kfree(struct kunit *test, const void *p);
void kunit_report(struct kunit *test, bool fatal, const char *file, int line,
		  const char *what, const char *fmt, ...) __printf(6, 7);

#define kunit_kmalloc_array(t, n, s, g)	kunit_kmalloc(t, size_mul(n, s), g)

#define kunit_test_suites(...)							\
int main(void)									\
{										\
	static struct kunit_suite *const all[] = { __VA_ARGS__ };		\
										\
	return kunit_run_suites(all, ARRAY_SIZE(all));				\
}
#define kunit_test_suite(suite)		kunit_test_suites(&suite)

#define kunit_info(t, fmt, ...)		printf("    # %s: " fmt "\n", (t)->name, ##__VA_ARGS__)
#define kunit_log(l, t, fmt, ...)	kunit_info(t, fmt, ##__VA_ARGS__)
#define kunit_err(t, fmt, ...)		kunit_info(t, fmt, ##__VA_ARGS__)
#define kunit_warn(t, fmt, ...)		kunit_info(t, fmt, ##__VA_ARGS__)
#define kunit_skip(t, fmt, ...) do {						\
	(t)->skipped = true;							\
	snprintf((t)->status_comment, sizeof((t)->status_comment), fmt,		\
		 ##__VA_ARGS__);						\
	longjmp((t)->abort, 1);							\
} while (0)

#define KUNIT_SUCCEED(t)		do { } while (0)
#define KUNIT_FAIL(t, fmt, ...)							\
	kunit_report(t, false, __FILE__, __LINE__, "failure", fmt, ##__VA_ARGS__)

#define SHIM_BOOL(t, fatal, cond, want, what, fmt, ...) do {			\
	if (!!(cond) != (want))							\
		kunit_report(t, fatal, __FILE__, __LINE__, what, fmt,		\
			     ##__VA_ARGS__);					\
} while (0)

#define SHIM_CMP(t, fatal, a, op, b, what, fmt, ...) do {			\
	typeof(a) __l = (a);							\
	typeof(b) __r = (b);							\
	if (!(__l op __r))							\
		kunit_report(t, fatal, __FILE__, __LINE__, what,		\
			     "%lld (%#llx) against %lld (%#llx) " fmt,		\
			     (long long)__l, (unsigned long long)__l,		\
			     (long long)__r, (unsigned long long)__r,		\
			     ##__VA_ARGS__);					\
} while (0)

#define SHIM_PTR(t, fatal, a, op, b, what, fmt, ...) do {			\
	const void *__l = (a);							\
	const void *__r = (b);							\
	if (!(__l op __r))							\
		kunit_report(t, fatal, __FILE__, __LINE__, what,		\
			     "%p against %p " fmt, __l, __r, ##__VA_ARGS__);	\
} while (0)

#define SHIM_MEM(t, fatal, a, b, n, want, what, fmt, ...) do {			\
	if ((memcmp(a, b, n) == 0) != (want))						\
		kunit_report(t, fatal, __FILE__, __LINE__, what, fmt,		\
			     ##__VA_ARGS__);					\
} while (0)

#define SHIM_STR(t, fatal, a, b, want, what, fmt, ...) do {			\
	const char *__l = (a);							\
	const char *__r = (b);							\
	if ((strcmp(__l, __r) == 0) != (want))					\
		kunit_report(t, fatal, __FILE__, __LINE__, what,		\
			     "\"%s\" against \"%s\" " fmt, __l, __r,		\
			     ##__VA_ARGS__);					\
} while (0)

#define KUNIT_EXPECT_TRUE(t, c)		SHIM_BOOL(t, false, c, true, #c, "is false")
#define KUNIT_EXPECT_FALSE(t, c)	SHIM_BOOL(t, false, c, false, #c, "is true")
#define KUNIT_ASSERT_TRUE(t, c)		SHIM_BOOL(t, true, c, true, #c, "is false")
#define KUNIT_ASSERT_FALSE(t, c)	SHIM_BOOL(t, true, c, false, #c, "is true")
#define KUNIT_EXPECT_TRUE_MSG(t, c, ...)	SHIM_BOOL(t, false, c, true, #c, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...)	SHIM_BOOL(t, false, c, false, #c, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE_MSG(t, c, ...)	SHIM_BOOL(t, true, c, true, #c, __VA_ARGS__)
#define KUNIT_ASSERT_FALSE_MSG(t, c, ...)	SHIM_BOOL(t, true, c, false, #c, __VA_ARGS__)

#define KUNIT_EXPECT_EQ(t, a, b)	SHIM_CMP(t, false, a, ==, b, #a " == " #b, "")
#define KUNIT_EXPECT_NE(t, a, b)	SHIM_CMP(t, false, a, !=, b, #a " != " #b, "")
#define KUNIT_EXPECT_LT(t, a, b)	SHIM_CMP(t, false, a, <, b, #a " < " #b, "")
#define KUNIT_EXPECT_LE(t, a, b)	SHIM_CMP(t, false, a, <=, b, #a " <= " #b, "")
#define KUNIT_EXPECT_GT(t, a, b)	SHIM_CMP(t, false, a, >, b, #a " > " #b, "")
#define KUNIT_EXPECT_GE(t, a, b)	SHIM_CMP(t, false, a, >=, b, #a " >= " #b, "")
#define KUNIT_ASSERT_EQ(t, a, b)	SHIM_CMP(t, true, a, ==, b, #a " == " #b, "")
#define KUNIT_ASSERT_NE(t, a, b)	SHIM_CMP(t, true, a, !=, b, #a " != " #b, "")
#define KUNIT_ASSERT_LT(t, a, b)	SHIM_CMP(t, true, a, <, b, #a " < " #b, "")
#define KUNIT_ASSERT_LE(t, a, b)	SHIM_CMP(t, true, a, <=, b, #a " <= " #b, "")
#define KUNIT_ASSERT_GT(t, a, b)	SHIM_CMP(t, true, a, >, b, #a " > " #b, "")
#define KUNIT_ASSERT_GE(t, a, b)	SHIM_CMP(t, true, a, >=, b, #a " >= " #b, "")
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, ==, b, #a " == " #b, __VA_ARGS__)
#define KUNIT_EXPECT_NE_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, !=, b, #a " != " #b, __VA_ARGS__)
#define KUNIT_EXPECT_LT_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, <, b, #a " < " #b, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, <=, b, #a " <= " #b, __VA_ARGS__)
#define KUNIT_EXPECT_GT_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, >, b, #a " > " #b, __VA_ARGS__)
#define KUNIT_EXPECT_GE_MSG(t, a, b, ...)	SHIM_CMP(t, false, a, >=, b, #a " >= " #b, __VA_ARGS__)
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...)	SHIM_CMP(t, true, a, ==, b, #a " == " #b, __VA_ARGS__)
#define KUNIT_ASSERT_NE_MSG(t, a, b, ...)	SHIM_CMP(t, true, a, !=, b, #a " != " #b, __VA_ARGS__)
#define KUNIT_ASSERT_LT_MSG(t, a, b, ...)	SHIM_CMP(t, true, a, <, b, #a " < " #b, __VA_ARGS__)
#define KUNIT_ASSERT_LE_MSG(t, a, b, ...)	SHIM_CMP(t, true, a, <=, b, #a " <= " #b, __VA_ARGS__)

#define KUNIT_EXPECT_PTR_EQ(t, a, b)	SHIM_PTR(t, false, a, ==, b, #a " == " #b, "")
#define KUNIT_EXPECT_PTR_NE(t, a, b)	SHIM_PTR(t, false, a, !=, b, #a " != " #b, "")
#define KUNIT_ASSERT_PTR_EQ(t, a, b)	SHIM_PTR(t, true, a, ==, b, #a " == " #b, "")
#define KUNIT_ASSERT_PTR_NE(t, a, b)	SHIM_PTR(t, true, a, !=, b, #a " != " #b, "")
#define KUNIT_EXPECT_PTR_EQ_MSG(t, a, b, ...)	SHIM_PTR(t, false, a, ==, b, #a " == " #b, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE_MSG(t, a, b, ...)	SHIM_PTR(t, false, a, !=, b, #a " != " #b, __VA_ARGS__)
#define KUNIT_EXPECT_NULL(t, p)		SHIM_PTR(t, false, p, ==, NULL, #p, "")
#define KUNIT_EXPECT_NOT_NULL(t, p)	SHIM_PTR(t, false, p, !=, NULL, #p, "")
#define KUNIT_ASSERT_NULL(t, p)		SHIM_PTR(t, true, p, ==, NULL, #p, "")
#define KUNIT_ASSERT_NOT_NULL(t, p)	SHIM_PTR(t, true, p, !=, NULL, #p, "")
#define KUNIT_EXPECT_NULL_MSG(t, p, ...)	SHIM_PTR(t, false, p, ==, NULL, #p, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, ...)	SHIM_PTR(t, false, p, !=, NULL, #p, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...)	SHIM_PTR(t, true, p, !=, NULL, #p, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p)	KUNIT_ASSERT_NOT_NULL(t, p)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, p)	KUNIT_EXPECT_NOT_NULL(t, p)

#define KUNIT_EXPECT_MEMEQ(t, a, b, n)		SHIM_MEM(t, false, a, b, n, true, #a " == " #b, "differs")
#define KUNIT_EXPECT_MEMNEQ(t, a, b, n)		SHIM_MEM(t, false, a, b, n, false, #a " != " #b, "is equal")
#define KUNIT_ASSERT_MEMEQ(t, a, b, n)		SHIM_MEM(t, true, a, b, n, true, #a " == " #b, "differs")
#define KUNIT_EXPECT_MEMEQ_MSG(t, a, b, n, ...)	SHIM_MEM(t, false, a, b, n, true, #a " == " #b, __VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ_MSG(t, a, b, n, ...)	SHIM_MEM(t, true, a, b, n, true, #a " == " #b, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, a, b)		SHIM_STR(t, false, a, b, true, #a " == " #b, "")
#define KUNIT_EXPECT_STRNEQ(t, a, b)		SHIM_STR(t, false, a, b, false, #a " != " #b, "")
#define KUNIT_ASSERT_STREQ(t, a, b)		SHIM_STR(t, true, a, b, true, #a " == " #b, "")
#define KUNIT_EXPECT_STREQ_MSG(t, a, b, ...)	SHIM_STR(t, false, a, b, true, #a " == " #b, __VA_ARGS__)

#endif /* TESTS_HOST_KUNIT_TEST_H */
