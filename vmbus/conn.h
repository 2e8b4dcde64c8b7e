/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMBUS_CONN_H
#define HV_VMBUS_CONN_H

#include <linux/types.h>

struct device;
struct synic_msg;
struct vmbus_monitor_page;

int conn_init_pages(void);
void conn_free_pages(void);
int conn_connect(u32 max_version);
int conn_reconnect(void);
int conn_request_offers(void);
void conn_unload(void);
void conn_crash_unload(void);

int conn_post(const void *msg, size_t bytes);
int conn_post_in(u32 number, const void *msg, size_t bytes);
u32 conn_number(void);
void conn_message(const struct synic_msg *msg);

u32 conn_version(void);
unsigned int conn_cpu(void);
u32 *conn_trigger_group(unsigned int group);
const struct vmbus_monitor_page *conn_monitor_page(bool to_host);
void conn_mark_sent(u32 relid);
void conn_offers_complete(void);

#endif /* HV_VMBUS_CONN_H */
