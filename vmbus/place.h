/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_PLACE_H
#define HV_VMBUS_PLACE_H

struct chan;

void place_channel(struct chan *chan);
void place_give_back(struct chan *chan);
void place_move(struct chan *chan, unsigned int cpu);
unsigned int place_other(unsigned int cpu);

#endif /* HV_VMBUS_PLACE_H */
