/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VSS_VSS_H
#define VSS_VSS_H

/* thaw.c */
void thaw_all(void);

#endif /* VSS_VSS_H */
