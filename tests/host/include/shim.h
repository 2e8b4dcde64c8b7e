/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel facilities a core file may use, in user space.
 *
 * Every <linux/...> header a core file or a suite includes is forwarded here by
 * tests/host/Makefile, so that the very same source runs under the sanitizers.
 * Only what is pure belongs here: a core file that needs a lock, an allocation
 * or a log line is not a core file, and fails to build against this header.
 */
#ifndef TESTS_HOST_SHIM_H
#define TESTS_HOST_SHIM_H

#include <assert.h>
#include <byteswap.h>
#include <errno.h>
#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* types */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned int gfp_t;

typedef struct {
	__u8 b[16];
} guid_t;

static inline bool guid_equal(const guid_t *a, const guid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* errors the C library does not name */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif
#ifndef EPROBE_DEFER
#define EPROBE_DEFER 517
#endif

/* attributes and annotations */
#define __packed		__attribute__((packed))
#define __aligned(n)		__attribute__((aligned(n)))
#define __always_unused		__attribute__((unused))
#define __maybe_unused		__attribute__((unused))
#define __must_check		__attribute__((warn_unused_result))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __force
#define __iomem
#define __user
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __counted_by(m)
#define __init
#define __exit
#define __percpu
#define fallthrough		__attribute__((fallthrough))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#undef unreachable
#define unreachable()		__builtin_unreachable()
#define VISIBLE_IF_KUNIT	static
#define EXPORT_SYMBOL_IF_KUNIT(x)
#define IS_ENABLED(x)		0
#ifndef __always_true
#define __always_true		1
#endif

/* build-time checks; the kernel's static_assert takes an optional message */
#undef static_assert
#define static_assert(expr, ...) __static_assert_(expr, ##__VA_ARGS__, #expr)
#define __static_assert_(expr, msg, ...) _Static_assert(expr, msg)
#define BUILD_BUG_ON(c)		_Static_assert(!(c), #c)
#define BUILD_BUG_ON_MSG(c, m)	_Static_assert(!(c), m)
#define BUILD_BUG_ON_ZERO(c)	((int)sizeof(struct { int:(-!!(c)); }))

/* A warning of the kernel is a failure here. */
#define WARN_ON(c) ({							\
	bool __w = !!(c);						\
	if (__w) {							\
		fprintf(stderr, "%s:%d: WARN_ON(%s)\n",			\
			__FILE__, __LINE__, #c);			\
		abort();						\
	}								\
	__w;								\
})
#define WARN_ON_ONCE(c)		WARN_ON(c)
#define WARN_ONCE(c, ...)	WARN_ON(c)
#define WARN(c, ...)		WARN_ON(c)
#define BUG_ON(c)		((void)WARN_ON(c))
#define BUG()			abort()

/* arithmetic */
#define BITS_PER_LONG		64
#define BITS_PER_LONG_LONG	64
#define BITS_PER_BYTE		8
#define UL(x)			(x##UL)
#define ULL(x)			(x##ULL)
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define BIT_MASK(n)		(1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n)		((n) / BITS_PER_LONG)
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define __bf_shf(m)		(__builtin_ffsll(m) - 1)
#define FIELD_PREP(m, v)	(((typeof(m))(v) << __bf_shf(m)) & (m))
#define FIELD_GET(m, r)		((typeof(m))(((r) & (m)) >> __bf_shf(m)))
#define FIELD_MAX(m)		((typeof(m))((m) >> __bf_shf(m)))
#define min(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a < __b ? __a : __b; })
#define max(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a > __b ? __a : __b; })
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define min3(a, b, c)		min(min(a, b), c)
#define max3(a, b, c)		max(max(a, b), c)
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi)	clamp((t)(v), (t)(lo), (t)(hi))
#define swap(a, b) do { typeof(a) __t = (a); (a) = (b); (b) = __t; } while (0)
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, a)		(((x) + ((typeof(x))(a) - 1)) & ~((typeof(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a) - 1)) == 0)
#define round_up(x, a)		ALIGN(x, a)
#define round_down(x, a)	ALIGN_DOWN(x, a)
#define roundup(x, y)		((((x) + (y) - 1) / (y)) * (y))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define div64_u64(a, b)		((u64)(a) / (u64)(b))
#define div_u64(a, b)		((u64)(a) / (u32)(b))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((unsigned long long)(n), d)
#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))
#define ilog2(n)		(63 - __builtin_clzll(n))
#define lower_32_bits(n)	((u32)((n) & 0xffffffff))
#define upper_32_bits(n)	((u32)(((n) >> 16) >> 16))
#define sizeof_field(t, m)	sizeof(((t *)0)->m)
#define offsetofend(t, m)	(offsetof(t, m) + sizeof_field(t, m))
#define struct_size(p, m, n)	(sizeof(*(p)) + sizeof((p)->m[0]) * (size_t)(n))
#define flex_array_size(p, m, n) (sizeof((p)->m[0]) * (size_t)(n))
#define struct_size_t(t, m, n)	(sizeof(t) + sizeof_field(t, m[0]) * (size_t)(n))
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)
#define size_add(a, b) ({ size_t __s; __builtin_add_overflow((size_t)(a), (size_t)(b), &__s) ? SIZE_MAX : __s; })
#define size_mul(a, b) ({ size_t __s; __builtin_mul_overflow((size_t)(a), (size_t)(b), &__s) ? SIZE_MAX : __s; })
#define array_size(a, b)	size_mul(a, b)
#define array_index_nospec(i, n) ((i) < (n) ? (i) : 0)
#define U8_MAX			((u8)~0U)
#define U16_MAX			((u16)~0U)
#define S32_MAX			INT32_MAX
#define U32_MAX			((u32)~0U)
#define S64_MAX			INT64_MAX
#define U64_MAX			((u64)~0ULL)
#define SZ_4K			0x1000
#define SZ_64K			0x10000
#define PAGE_SHIFT		12
#define PAGE_SIZE		4096UL
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)
#define hweight32(x)		((unsigned int)__builtin_popcount(x))
#define hweight64(x)		((unsigned int)__builtin_popcountll(x))
#define __ffs(x)		((unsigned int)__builtin_ctzl(x))
#define __fls(x)		((unsigned int)(63 - __builtin_clzl(x)))
#define ffs(x)			__builtin_ffs(x)

/* byte order: the tests run on little-endian machines, as the guests do */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian only");
#define cpu_to_le16(x)		((__le16)(u16)(x))
#define cpu_to_le32(x)		((__le32)(u32)(x))
#define cpu_to_le64(x)		((__le64)(u64)(x))
#define le16_to_cpu(x)		((u16)(x))
#define le32_to_cpu(x)		((u32)(x))
#define le64_to_cpu(x)		((u64)(x))
#define cpu_to_be16(x)		((__be16)bswap_16(x))
#define cpu_to_be32(x)		((__be32)bswap_32(x))
#define cpu_to_be64(x)		((__be64)bswap_64(x))
#define be16_to_cpu(x)		bswap_16((u16)(x))
#define be32_to_cpu(x)		bswap_32((u32)(x))
#define be64_to_cpu(x)		bswap_64((u64)(x))

#define SHIM_UNALIGNED(bits, end, conv)					\
static inline u##bits get_unaligned_##end##bits(const void *p)		\
{									\
	u##bits v;							\
									\
	memcpy(&v, p, sizeof(v));					\
	return conv(v);							\
}									\
static inline void put_unaligned_##end##bits(u##bits v, void *p)	\
{									\
	v = conv(v);							\
	memcpy(p, &v, sizeof(v));					\
}
#define SHIM_SAME(x) (x)
SHIM_UNALIGNED(16, le, SHIM_SAME)
SHIM_UNALIGNED(32, le, SHIM_SAME)
SHIM_UNALIGNED(64, le, SHIM_SAME)
SHIM_UNALIGNED(16, be, bswap_16)
SHIM_UNALIGNED(32, be, bswap_32)
SHIM_UNALIGNED(64, be, bswap_64)

#define get_unaligned(p) ({ typeof(*(p)) __v; memcpy(&__v, p, sizeof(__v)); __v; })
#define put_unaligned(v, p) do { typeof(*(p)) __v = (v); memcpy(p, &__v, sizeof(__v)); } while (0)

/* ordering: real instructions, so that a thread test means something */
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))
#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "=r" (v) : "0" (v))
#define barrier()		__asm__ __volatile__("" ::: "memory")
#define mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb()			__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define wmb()			__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()		mb()
#define smp_rmb()		rmb()
#define smp_wmb()		wmb()
#define virt_mb()		mb()
#define virt_rmb()		rmb()
#define virt_wmb()		wmb()
#define dma_rmb()		rmb()
#define dma_wmb()		wmb()
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define virt_load_acquire(p)	smp_load_acquire(p)
#define virt_store_release(p, v) smp_store_release(p, v)
#define virt_store_mb(x, v)	do { WRITE_ONCE(x, v); mb(); } while (0)
#define smp_store_mb(x, v)	virt_store_mb(x, v)
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define sync_cmpxchg(p, old, new) __sync_val_compare_and_swap(p, old, new)
#define cmpxchg(p, old, new)	sync_cmpxchg(p, old, new)

/* bit maps, single word at a time */
#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(n, bits)	unsigned long n[BITS_TO_LONGS(bits)]

static inline bool test_bit(unsigned long n, const volatile unsigned long *p)
{
	return p[BIT_WORD(n)] & BIT_MASK(n);
}

static inline void __set_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static inline unsigned long find_next_bit(const unsigned long *p, unsigned long bits,
					  unsigned long from)
{
	for (; from < bits; from++)
		if (test_bit(from, p))
			return from;
	return bits;
}

static inline unsigned long find_next_zero_bit(const unsigned long *p, unsigned long bits,
					       unsigned long from)
{
	for (; from < bits; from++)
		if (!test_bit(from, p))
			return from;
	return bits;
}

#define find_first_bit(p, n)		find_next_bit(p, n, 0)
#define find_first_zero_bit(p, n)	find_next_zero_bit(p, n, 0)
#define bitmap_zero(p, n)		memset(p, 0, BITS_TO_LONGS(n) * sizeof(long))
#define bitmap_fill(p, n)		memset(p, 0xff, BITS_TO_LONGS(n) * sizeof(long))

/* memory and strings */
#define memzero_explicit(p, n)	memset(p, 0, n)
#define strtomem_pad(d, s, c)	(memset(d, c, sizeof(d)), \
				 memcpy(d, s, min(sizeof(d), strlen(s))))

static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; n--, b++)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

static inline ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return (ssize_t)n;
}

/* module boilerplate of a suite */
#define MODULE_LICENSE(x)	_Static_assert(sizeof(x) > 1, "licence")
#define MODULE_DESCRIPTION(x)	_Static_assert(sizeof(x) > 1, "description")
#define MODULE_AUTHOR(x)	_Static_assert(sizeof(x) > 1, "author")
#define MODULE_IMPORT_NS(x)	_Static_assert(1, "namespace")

#endif /* TESTS_HOST_SHIM_H */
