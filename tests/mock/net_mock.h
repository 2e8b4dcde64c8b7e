/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a network host sends, byte by byte, for the suites and the fuzzer:
 * RNDIS packet messages and the packets that carry them.
 *
 * As in wire_mock.h, offsets are those of the protocol documents.
 */
#ifndef TESTS_MOCK_NET_MOCK_H
#define TESTS_MOCK_NET_MOCK_H

#include "wire_mock.h"

#define MOCK_PPI_RSC	0x80000001u

/* A per-packet information element of one word; returns where the next goes. */
static inline u32 mock_ppi(u8 *buf, u32 at, u32 type, u32 word)
{
	mock_put32(buf, at, 16);
	mock_put32(buf, at + 4, type);
	mock_put32(buf, at + 8, 12);
	mock_put32(buf, at + 12, word);
	return at + 16;
}

/*
 * Header of a frame message: elements from 44 to @ppi_end, @data_bytes of frame
 * at @data_at. Returns the length of the message.
 */
static inline u32 mock_packet(u8 *buf, u32 ppi_end, u32 data_at, u32 data_bytes)
{
	u32 i;

	for (i = 0; i < 44; i += 4)
		mock_put32(buf, i, 0);
	mock_put32(buf, 0, 1);
	mock_put32(buf, 4, data_at + data_bytes);
	mock_put32(buf, 8, data_at - 8);
	mock_put32(buf, 12, data_bytes);
	if (ppi_end > 44) {
		mock_put32(buf, 28, 36);
		mock_put32(buf, 32, ppi_end - 44);
	}
	return data_at + data_bytes;
}

/* A transfer-page packet of @n ranges, each { offset, bytes }. */
static inline u32 mock_xfer(u8 *buf, u64 tid, const u32 (*range)[2], u32 n)
{
	u32 i, at = 24 + 8 * n;

	memset(buf, 0, at + 40);
	mock_put16(buf, 0, 7);
	mock_put16(buf, 2, at / 8);
	mock_put16(buf, 4, (at + 40) / 8);
	mock_put16(buf, 6, 1);
	mock_put64(buf, 8, tid);
	mock_put16(buf, 16, 0xcafe);
	mock_put32(buf, 20, n);
	for (i = 0; i < n; i++) {
		mock_put32(buf, 24 + 8 * i, range[i][1]);
		mock_put32(buf, 28 + 8 * i, range[i][0]);
	}
	mock_put32(buf, at, 107);
	mock_put32(buf, at + 8, 0xffffffff);
	return at + 40;
}

#endif /* TESTS_MOCK_NET_MOCK_H */
