/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_OFFER_H
#define HV_VMBUS_OFFER_H

#include <linux/types.h>

struct chan;
struct vmbus_msg_offer;

int offer_start(void);
void offer_close_all(void);
void offer_stop(void);

/* SynIC interrupt */
void offer_receive(const struct vmbus_msg_offer *msg);
void offer_rescind(u32 relid);
void offer_mark_end(void);
struct chan *offer_find(u32 relid);

void offer_lock(void);
void offer_unlock(void);
void offer_forget(struct chan *chan);
void offer_queue_remove(struct chan *chan);
struct chan *offer_open_sub(struct chan *primary);
int offer_evacuate_cpu(unsigned int cpu);

#endif /* HV_VMBUS_OFFER_H */
