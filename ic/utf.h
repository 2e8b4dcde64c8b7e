/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IC_UTF_H
#define IC_UTF_H

#include <linux/types.h>

int utf_from_host(const void *from, u32 units, char *to, u32 room);
int utf_to_host(const char *from, u32 bytes, void *to, u32 units);

#endif /* IC_UTF_H */
