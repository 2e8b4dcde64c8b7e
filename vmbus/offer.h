/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_OFFER_H
#define HV_VMBUS_OFFER_H

#include <linux/types.h>

struct chan;
struct seq_file;
struct vmbus_msg_offer;

int offer_start(void);
void offer_close_all(void);
void offer_stop(void);

/* SynIC interrupt */
void offer_receive(const struct vmbus_msg_offer *msg);
void offer_rescind(u32 relid);
void offer_mark_end(void);

void offer_lock(void);
void offer_unlock(void);
void offer_forget(struct chan *chan);
void offer_queue_remove(struct chan *chan);
struct chan *offer_open_sub(struct chan *primary);
int offer_evacuate_cpu(unsigned int cpu);
void offer_show_rings(struct seq_file *m);

/* hibernation */
int offer_go_away(void);
void offer_come_back(void);
void offer_mark_lost(void);
void offer_remove_lost(struct chan *chan);

#endif /* HV_VMBUS_OFFER_H */
