// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host writes UTF-16LE, daemons read UTF-8. Lengths are those of the
 * fields; nobody is trusted to have terminated anything.
 *
 * Pure. Called for strings of KVP and file copy.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include "utf.h"

#define REPLACEMENT	0xfffd

static bool is_high(u32 unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(u32 unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The character at unit @i, which may be two units long. */
static u32 next_char(const u8 *from, u32 units, u32 *i)
{
	u32 c = get_unaligned_le16(from + 2 * *i), low;

	(*i)++;
	if (!is_high(c))
		return is_low(c) ? REPLACEMENT : c;
	if (*i == units)
		return REPLACEMENT;
	low = get_unaligned_le16(from + 2 * *i);
	if (!is_low(low))
		return REPLACEMENT;
	(*i)++;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static u32 utf8_bytes(u32 c)
{
	if (c < 0x80)
		return 1;
	if (c < 0x800)
		return 2;
	return c < 0x10000 ? 3 : 4;
}

static void put_utf8(u32 c, u32 n, char *to)
{
	static const u8 lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	u32 i;

	for (i = n - 1; i; i--) {
		to[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	to[0] = (char)(lead[n] | c);
}

/**
 * utf_from_host() - UTF-16LE to UTF-8, up to a NUL or the end of the field
 * @from: first unit, at any address
 * @units: length of the field
 * @to: where to; always terminated
 * @room: bytes there, the NUL counted, at least 1
 *
 * Half a surrogate pair becomes U+FFFD.
 *
 * Context: any.
 * Return: bytes written without the NUL, or -E2BIG if they do not fit.
 */
int utf_from_host(const void *from, u32 units, char *to, u32 room)
{
	u32 i = 0, out = 0, c, n;

	while (i < units) {
		c = next_char(from, units, &i);
		if (!c)
			break;
		n = utf8_bytes(c);
		if (n > room - 1 - out) {
			to[out] = '\0';
			return -E2BIG;
		}
		put_utf8(c, n, to + out);
		out += n;
	}
	to[out] = '\0';
	return (int)out;
}

/*
 * One character of UTF-8: its length, or 0 if it is none. Overlong forms,
 * surrogates and what lies beyond Unicode are none.
 */
static u32 get_utf8(const u8 *p, u32 bytes, u32 *c)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	u32 n, i;

	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	if (p[0] >= 0xf8 || p[0] < 0xc0)
		return 0;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (n > bytes)
		return 0;
	*c = p[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || is_high(*c) || is_low(*c))
		return 0;
	return n;
}

/**
 * utf_to_host() - UTF-8 to UTF-16LE, up to a NUL or the end of the field
 * @from: the text
 * @bytes: length of the field
 * @to: where to, at any address; always terminated
 * @units: room there, the NUL counted, at least 1
 *
 * What does not fit is cut off between two characters.
 *
 * Context: any.
 * Return: units written without the NUL, or -EILSEQ if it is not UTF-8.
 */
int utf_to_host(const char *from, u32 bytes, void *to, u32 units)
{
	const u8 *p = (const u8 *)from;
	u32 i = 0, out = 0, c = 0, n;
	u8 *q = to;

	while (i < bytes && p[i]) {
		n = get_utf8(p + i, bytes - i, &c);
		if (!n) {
			put_unaligned_le16(0, q);
			return -EILSEQ;
		}
		i += n;
		if (out + (c >= 0x10000 ? 2 : 1) > units - 1)
			break;
		if (c >= 0x10000) {
			c -= 0x10000;
			put_unaligned_le16(0xd800 + (c >> 10), q + 2 * out++);
			c = 0xdc00 + (c & 0x3ff);
		}
		put_unaligned_le16(c, q + 2 * out++);
	}
	put_unaligned_le16(0, q + 2 * out);
	return (int)out;
}
