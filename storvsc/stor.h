/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this driver hold in common: a controller, its channels
 * and its requests. Functions are grouped by the file they live in.
 */
#ifndef STORVSC_STOR_H
#define STORVSC_STOR_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "srb.h"
#include "steer.h"
#include "vstor.h"
#include "vstor_fsm.h"

/* Transfers up to 256 KiB, the limit of every known host, need no allocation. */
#define STOR_INLINE_FRAMES	65
#define STOR_MAX_TRANSFER	(2u << 20)
#define STOR_MAX_FRAMES		(STOR_MAX_TRANSFER / VSTOR_FRAME_BYTES + 1)

/* Control requests and commands may take this long: hosts have needed minutes. */
#define STOR_TIMEOUT_S		180
/* Silence this often, in command timeouts, and the command counts as lost. */
#define STOR_LOST_AFTER		3
#define STOR_DRAIN_S		15

enum stor_log {
	STOR_LOG_NONE,
	STOR_LOG_ERROR,
	STOR_LOG_WARN,
};

/* Refused inputs of the host, counted per controller. */
enum stor_refusal {
	STOR_REFUSED_SHORT,		/* packet too short */
	STOR_REFUSED_UNEXPECTED,	/* unsolicited and unknown */
	STOR_REFUSED_NOT_COMPLETE,	/* answer that completes nothing */
	STOR_REFUSED_ID,		/* id outside our table */
	STOR_REFUSED_STALE,		/* id of no outstanding command */
	STOR_REFUSED_CHANNEL,		/* answered on another channel */
	STOR_REFUSED_CONTROL,		/* no such control request outstanding */
	STOR_REFUSED_NR
};

enum stor_variant_id {
	STOR_SCSI,
	STOR_IDE,
	STOR_FC,
};

struct stor_variant {
	enum stor_variant_id id;
	unsigned int max_channel;
	unsigned int max_id;
	unsigned int max_lun;
	u32 transfer_limit;
	bool multi_channel;
};

/*
 * May commands go out? Read under rcu_read_lock() by io_queue(); a closer
 * writes it and calls synchronize_rcu() before it touches the channels.
 */
enum stor_gate {
	STOR_GATE_OPEN,
	STOR_GATE_HOLD,		/* later: suspend, recovery */
	STOR_GATE_DEAD,		/* never again: removal, rescind */
};

/*
 * An entry of the request table.
 * @id: transaction id while the host owns the command, else 0. Whoever changes
 *	it back to 0 (io_claim()) owns the command and completes it; that is
 *	the answer, the reaper, or a send that failed.
 * @cmd, @chan: valid while @id is not 0
 * @next_id: what @id is next; written by the owner only
 */
struct stor_slot {
	atomic64_t id;
	struct scsi_cmnd *cmd;
	struct stor_chan *chan;
	u64 next_id;
} __aligned(32);

/*
 * Per command, behind struct scsi_cmnd; allocated with the tags.
 * @held: in stor_queue.held
 * @desc: packet descriptor of a command with data, struct
 *	vmbus_packet_mpb_array: @own, or one for a transfer over 256 KiB
 * @desc_bytes: its length, 0 while nothing is mapped
 * @silences: timeouts so far
 */
struct stor_req {
	struct llist_node held;
	void *desc;
	u32 desc_bytes;
	u16 silences;
	struct vstor_pkt pkt;
	u64 own[4 + STOR_INLINE_FRAMES];
};

/*
 * A hardware queue.
 * @slots: its part of the request table
 * @held: commands that go out together with the next one
 * @nr_held: how many, about
 * @poll: 0, or for polled I/O with the sub-channel of this number
 */
struct stor_queue {
	struct stor_slot *slots;
	struct llist_head held;
	u32 nr_held;
	u32 poll;
} ____cacheline_aligned_in_smp;

struct stor_chan {
	struct stor_ctl *ctl;
	struct vmbus_channel *vmc;
	u16 index;
	bool dead;		/* rescinded alone; steer around it */
	bool polled;		/* of a polled queue, and for no other */
};

struct stor_counts {
	u64 sent;		/* commands the host owned */
	u64 ended;		/* of these, come back */
	u64 busy;		/* sends put off for lack of room */
};

/*
 * The one control request on its way.
 * @id: its transaction id, 0 for none; claimed like a slot's
 */
struct stor_xact {
	atomic64_t id;
	u32 serial;
	u32 need;
	struct vstor_pkt reply;
	struct completion done;
};

/* Events for scan_work */
#define STOR_EV_BUS_CHANGED	0
#define STOR_EV_LUN		1

/* Bits of scsi_device.hostdata, which this driver uses as a bitmap. */
#define STOR_LUN_GONE		0
#define STOR_LUN_CHANGED	1

/*
 * A controller; lives behind its struct Scsi_Host.
 *
 * @setup: held while channels are opened or closed and around control
 *	requests; guards @fsm and @xact
 * @chan_lock: guards @chans, @nr_chans and the rebuilding of @cpu_chan
 * @cpu_chan: what io_queue() reads, one pointer per CPU
 * @forms: of the version agreed; written while @gate is closed
 * @drain_wq: woken for each completion while @draining
 */
struct stor_ctl {
	struct hv_device *hdev;
	struct Scsi_Host *shost;
	const struct stor_variant *variant;
	struct list_head entry;

	/* hot, read only while commands go out */
	enum stor_gate gate;
	u16 version;
	u16 nr_chans;
	u32 pkt_bytes;
	u32 depth;
	u32 nr_slots;
	struct stor_slot *slots;
	struct stor_queue *queues;	/* one per hardware queue */
	struct stor_chan **cpu_chan;
	struct stor_counts __percpu *counts;
	bool draining;
	struct vstor_forms forms ____cacheline_aligned;

	struct mutex setup;		/* see above */
	struct vstor_fsm fsm;
	struct stor_xact xact;
	u32 max_transfer;

	spinlock_t chan_lock;		/* see above */
	struct stor_chan *chans;
	struct steer_chan *steer;
	int *cpu_node;
	u16 *map;
	u16 max_chans;
	u16 poll_queues;	/* the last ones of nr_hw_queues */

	wait_queue_head_t drain_wq;
	struct workqueue_struct *wq;
	struct work_struct scan_work;
	struct delayed_work watch;
	unsigned long events;
	bool hosted;		/* scsi_add_host() succeeded */
	bool removing;
	struct fc_rport *rport;

	/* a descriptor for a large transfer when memory is short */
	void *spare;
	unsigned long spare_busy;

	atomic64_t refused[STOR_REFUSED_NR];
};

/* Pairs that must be equal when the module goes, see main.c. */
struct stor_leaks {
	atomic64_t ctls_made, ctls_gone;
	atomic64_t chans_made, chans_gone;
	atomic64_t reqs_made, reqs_gone;
	atomic64_t descs_made, descs_gone;
};

extern struct stor_leaks stor_leaks;

#define stor_warn(ctl, fmt, ...)					\
	do {								\
		if (stor_log_level >= STOR_LOG_WARN)			\
			dev_warn_ratelimited(&(ctl)->hdev->device,	\
					     fmt, ##__VA_ARGS__);	\
	} while (0)

#define stor_err(ctl, fmt, ...)						\
	do {								\
		if (stor_log_level >= STOR_LOG_ERROR)			\
			dev_err_ratelimited(&(ctl)->hdev->device,	\
					    fmt, ##__VA_ARGS__);	\
	} while (0)

/* main.c */
extern struct workqueue_struct *stor_wq;
extern unsigned int stor_log_level;
extern unsigned int stor_low_water;
extern unsigned int stor_ring_bytes;
extern unsigned int stor_lost_after;
struct stor_ctl *stor_get(struct vmbus_channel *primary);
void stor_put(struct stor_ctl *ctl);
bool stor_rescinded(const struct stor_ctl *ctl);

/* io.c */
#ifdef HAVE_SCSI_QC_STATUS
#define QC_STATUS	enum scsi_qc_status
#else
#define QC_STATUS	int
#endif
void io_receive(void *context);
QC_STATUS io_queue(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
void io_commit(struct Scsi_Host *shost, u16 queue);
void io_commit_all(struct stor_ctl *ctl);
int io_init_cmd(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
int io_table_alloc(struct stor_ctl *ctl, u32 depth, u32 queues);
void io_table_free(struct stor_ctl *ctl);
void io_reap(struct stor_ctl *ctl, struct stor_chan *chan, int host_byte);
bool io_idle(struct stor_ctl *ctl);
bool io_drain(struct stor_ctl *ctl, unsigned long timeout);
void io_gate(struct stor_ctl *ctl, enum stor_gate gate);
void io_count(struct stor_ctl *ctl, struct stor_counts *sum);

/* poll.c */
int io_poll(struct Scsi_Host *shost, unsigned int number);
void poll_mute(struct stor_chan *chan);
void poll_all(struct stor_ctl *ctl, bool draining);
void poll_map_queues(struct Scsi_Host *shost);

/* Where the commands of a polled queue go. Under rcu_read_lock(). */
static inline struct stor_chan *poll_chan(struct stor_ctl *ctl,
					  const struct stor_queue *queue)
{
	/* Pairs with publish(). */
	if (queue->poll < smp_load_acquire(&ctl->nr_chans) &&
	    !READ_ONCE(ctl->chans[queue->poll].dead))
		return &ctl->chans[queue->poll];
	return ctl->chans;
}

/* sg.c; the rest is in sg.h */
int sg_spare_alloc(struct stor_ctl *ctl);

/* chan.c */
int chans_alloc(struct stor_ctl *ctl);
void chans_free(struct stor_ctl *ctl);
int chan_connect(struct stor_ctl *ctl);
void chan_disconnect(struct stor_ctl *ctl);
int chan_request(struct stor_ctl *ctl, u32 op, u16 arg, unsigned long timeout);
bool chan_bury_dead(struct stor_ctl *ctl);

/* scan.c */
void scan_init(struct stor_ctl *ctl);
void scan_bus_changed(struct stor_ctl *ctl);
void scan_lun(struct stor_ctl *ctl, struct scsi_device *sdev, int bit);
void scan_start(struct stor_ctl *ctl);
void scan_stop(struct stor_ctl *ctl);

/* eh.c */
#ifdef HAVE_SCSI_TIMEOUT_ACTION
#define TIMEOUT_ACTION	enum scsi_timeout_action
#else
#define TIMEOUT_ACTION	enum blk_eh_timer_return
#endif
TIMEOUT_ACTION eh_timed_out(struct scsi_cmnd *cmd);
int eh_host_reset(struct scsi_cmnd *cmd);

/* sysfs.c */
#ifdef HAVE_SCSI_SHOST_GROUPS
extern const struct attribute_group *sysfs_shost_groups[];
#else
extern struct device_attribute *sysfs_shost_attrs[];
#endif

/* fc.c, built where the kernel has an FC transport */
#if IS_ENABLED(CONFIG_SCSI_FC_ATTRS)
int fc_start(void);
void fc_stop(void);
void fc_prepare(struct stor_ctl *ctl);
void fc_add(struct stor_ctl *ctl);
void fc_remove(struct stor_ctl *ctl);
#else
static inline int fc_start(void) { return 0; }
static inline void fc_stop(void) { }
static inline void fc_prepare(struct stor_ctl *ctl) { }
static inline void fc_add(struct stor_ctl *ctl) { }
static inline void fc_remove(struct stor_ctl *ctl) { }
#endif

#endif /* STORVSC_STOR_H */
