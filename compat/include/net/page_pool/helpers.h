/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels before 6.6 have all of it in one header. */
#include <net/page_pool.h>
