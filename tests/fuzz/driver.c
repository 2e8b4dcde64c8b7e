// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drives a fuzz entry point where libFuzzer is not at hand: a deterministic
 * mutator over the seeds the entry point provides.
 *
 *   NAME_fuzz [ROUNDS] [SEED]	mutate (default 200000 rounds, seed 1)
 *   NAME_fuzz - FILE		run one input, as libFuzzer would
 */
#include <shim.h>
#include <stdlib.h>
#include "fuzz.h"

static u64 state;

static u64 noise(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static const u32 odd[] = {
	0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 0x14, 0x40, 0x7f, 0x80, 0xff, 0x100, 0x7ff, 0x800,
	0xfff, 0x1000, 0x7fff, 0x8000, 0xfff8, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
	0xfffffff8, 0xffffffff,
};

static size_t mutate(u8 *buf, size_t bytes, size_t cap)
{
	unsigned int n = 1 + noise() % 4;

	while (n--) {
		size_t at = bytes ? noise() % bytes : 0;
		u32 v = odd[noise() % ARRAY_SIZE(odd)];

		switch (noise() % 8) {
		case 0:
			if (bytes)
				buf[at] ^= 1 << noise() % 8;
			break;
		case 1:
			if (bytes)
				buf[at] = noise();
			break;
		case 2:
			at &= ~(size_t)1;
			if (at + 2 <= bytes)
				memcpy(buf + at, &v, 2);
			break;
		case 3:
			at &= ~(size_t)3;
			if (at + 4 <= bytes)
				memcpy(buf + at, &v, 4);
			break;
		case 4:
			bytes = at;
			break;
		case 5:
			at = noise() % 64;
			if (bytes + at > cap)
				at = cap - bytes;
			while (at--)
				buf[bytes++] = noise();
			break;
		case 6:
			if (bytes > 8) {
				size_t from = noise() % (bytes - 4);

				memmove(buf + at, buf + from, min(bytes - at, bytes - from));
			}
			break;
		default:
			if (at + 8 <= bytes)
				memset(buf + at, noise() & 1 ? 0xff : 0, 8);
			break;
		}
	}
	return bytes;
}

static void one(const u8 *data, size_t bytes)
{
	/* Exactly as long as it says, so that one byte too far is seen. */
	u8 *copy = malloc(bytes ? bytes : 1);

	if (!copy)
		abort();
	memcpy(copy, data, bytes);
	LLVMFuzzerTestOneInput(copy, bytes);
	free(copy);
}

static int replay(const char *name)
{
	static u8 buf[65536];
	FILE *f = fopen(name, "rb");

	if (!f)
		return 1;
	one(buf, fread(buf, 1, sizeof(buf), f));
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	static u8 buf[8192], kept[64][8192];
	size_t lengths[64], count, seeds;
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 200000, i;
	u32 sum = 0;

	if (argc > 2 && !strcmp(argv[1], "-"))
		return replay(argv[2]);
	state = (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * 0x9e3779b97f4a7c15ull;
	count = 0;
	while (count < ARRAY_SIZE(kept) && (lengths[count] = fuzz_seed(count, kept[count])))
		count++;
	if (!count || !rounds) {
		printf("no seeds or no rounds\n");
		return 1;
	}
	seeds = count;
	for (i = 0; i < count; i++)
		one(kept[i], lengths[i]);
	for (i = 0; i < rounds; i++) {
		size_t k = noise() % count, bytes;

		memcpy(buf, kept[k], lengths[k]);
		bytes = mutate(buf, lengths[k], sizeof(buf));
		one(buf, bytes);
		sum = sum * 31 + bytes;
		/* Let some mutants become seeds, so that changes add up. */
		if (noise() % 64 == 0 && seeds < ARRAY_SIZE(kept)) {
			k = count < ARRAY_SIZE(kept) ? count++ : seeds + noise() % (count - seeds);
			memcpy(kept[k], buf, bytes);
			lengths[k] = bytes;
		}
	}
	printf("%lu inputs, %s\n", rounds, fuzz_summary());
	return 0;
}
