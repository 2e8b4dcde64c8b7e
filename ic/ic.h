/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this module hold in common: a service, a device that
 * offers it, and the daemon some of them ask. Functions are grouped by the
 * file they live in.
 */
#ifndef IC_H
#define IC_H

#include <linux/atomic.h>
#include <linux/hyperv.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "daemon_fsm.h"
#include "ic_msg.h"

/* Ring of each direction, its header page included; no packet is longer. */
#define IC_RING_BYTES		(4 * 4096)
/* Packets one callback handles; then others get the CPU for a tick. */
#define IC_BUDGET		32
/* How long a daemon may think. */
#define IC_DAEMON_S		30
/* An answer the host makes no room for is dropped after so many ticks of 10 ms. */
#define IC_UNSENT_TRIES		500
#define IC_UNSENT_MS		10

struct ic_dev;

enum ic_turn {
	IC_ANSWER,		/* the status is set, the packet goes back */
	IC_LATER,		/* ic_answer() will be called */
};

/*
 * A service: what the host knows it by, and what it does.
 *
 * @skip_messages: how many of @messages are not to be offered, from the best on;
 *	may be left out; under ic->lock
 * @start, @stop: process context, before the channel opens and after it closed
 * @quiesce: process context; work of the service ends, the channel still open
 * @agreed: versions were chosen; under ic->lock
 * @request: a request of the service's own type, body and all behind it in
 *	@body; under ic->lock, which is what a tasklet may hold
 * @sent: the answer went out; same context
 * @suspending, @resumed: process context
 */
struct ic_service {
	const char *name;
	u16 type;
	const int *frameworks;
	const int *messages;
	u8 framework_count;
	u8 message_count;
	u8 hold_s;		/* wait so long for a daemon before negotiating */
	const struct ic_user_ops *user;
	size_t priv_bytes;
	u8 (*skip_messages)(struct ic_dev *ic);
	int (*start)(struct ic_dev *ic);
	void (*stop)(struct ic_dev *ic);
	void (*quiesce)(struct ic_dev *ic);
	void (*agreed)(struct ic_dev *ic);
	enum ic_turn (*request)(struct ic_dev *ic, void *body, u32 bytes,
				u32 *status);
	void (*sent)(struct ic_dev *ic);
	void (*suspending)(struct ic_dev *ic);
	void (*resumed)(struct ic_dev *ic);
};

/*
 * A service that asks a daemon.
 *
 * @registers: is it a registration? Builds the answer in user->out and sets
 *	its length, 0 for none. All of these run under ic->lock.
 * @answered: the daemon answered the host's request: fill ic_body(ic->pkt),
 *	return the status
 * @failed: no answer will come: @gone if the daemon went, else it was too slow
 * @own_done: the answer to what the service itself asked
 * @registered: the daemon is there and may be asked
 */
struct ic_user_ops {
	const char *node;
	u32 out_bytes;
	u32 in_bytes;
	u32 in_least;
	u16 timeout_s;
	bool (*registers)(struct ic_dev *ic, const void *msg, u32 bytes,
			  u32 *reply);
	u32 (*answered)(struct ic_dev *ic, const void *msg, u32 bytes);
	void (*failed)(struct ic_dev *ic, bool gone);
	void (*own_done)(struct ic_dev *ic, const void *msg, u32 bytes);
	void (*registered)(struct ic_dev *ic);
	u16 (*timeout)(struct ic_dev *ic);
};

/* Packets of the host that were not what they should be. */
enum ic_refusal {
	IC_REFUSED_SHORT,
	IC_REFUSED_LENGTH,
	IC_REFUSED_FOREIGN,
	IC_REFUSED_EARLY,	/* before versions were agreed on */
	IC_REFUSED_VERSIONS,	/* no common version */
	IC_REFUSED_REQUEST,	/* by the service */
	IC_REFUSED_READ,	/* the ring is not to be read */
	IC_REFUSED_UNSENT,	/* no room for the answer, given up */
	IC_REFUSED_NR
};

/*
 * @fsm, @own, @deadline, @out_bytes: guarded by ic->lock
 * @io: serialises the file operations, guards @in and @bounce
 */
struct ic_user {
	struct miscdevice misc;
	struct ic_dev *ic;
	struct daemon_fsm fsm;
	bool own;		/* what was asked is ours, not the host's */
	bool open;
	bool dead;		/* the device went, the file is still open */
	u32 out_bytes;
	void *out;
	struct mutex io;	/* see above */
	void *in;
	void *bounce;
	wait_queue_head_t wq;
};

/*
 * A device. One packet is worked on at a time, in @pkt; @next holds the one
 * behind it while a daemon thinks, and the rest stays in the ring.
 *
 * @lock: guards all from @open on; a tasklet takes it
 * @priv: of the service, zeroed, freed with the device
 * @again: reads on after the budget was used up, or sends what did not fit
 * @timer: the daemon's time, or the wait for a daemon, is up at @deadline
 */
struct ic_dev {
	struct kref ref;
	struct hv_device *hdev;
	const struct ic_service *svc;
	void *priv;
	struct ic_user *user;
	struct delayed_work again;
	struct delayed_work timer;

	spinlock_t lock;	/* see above */
	bool open;
	bool busy;
	bool held;		/* a negotiation waits for a daemon in @pkt */
	bool waited;		/* ... and none is to wait again */
	unsigned int unsent_tries;
	int framework;
	int message;
	void *pkt;
	u32 pkt_bytes;
	u64 pkt_id;
	u32 unsent_status;
	void *next;
	u32 next_bytes;
	u64 next_id;
	unsigned long deadline;

	u64 requests;
	u64 answers;
	u64 negotiations;
	u64 refused[IC_REFUSED_NR];
};

/* Pairs that must be equal when the module goes, see ic_main.c. */
struct ic_leaks {
	atomic64_t devs_made, devs_gone;
	atomic64_t opens, closes;
	atomic64_t asked, settled;
	atomic64_t nodes_made, nodes_gone;
	atomic64_t files_opened, files_closed;
};

extern struct ic_leaks ic_leaks;
extern struct workqueue_struct *ic_wq;

#define ic_warn(ic, fmt, ...) \
	dev_warn_ratelimited(&(ic)->hdev->device, fmt, ##__VA_ARGS__)

/* ic_main.c */
void ic_put(struct ic_dev *ic);

/* ic_loop.c */
void ic_receive(void *context);
void ic_poll(struct ic_dev *ic);
void ic_refuse(struct ic_dev *ic, enum ic_refusal why);
void ic_answer(struct ic_dev *ic, u32 status);
void ic_let_negotiate(struct ic_dev *ic);
void ic_again(struct work_struct *work);
void ic_drop_pending(struct ic_dev *ic);

/* ic_user.c */
bool ic_user_ask(struct ic_dev *ic, const void *msg, u32 bytes, bool own);
void ic_user_give_up(struct ic_dev *ic);
int ic_user_write(struct ic_dev *ic, const void *msg, u32 bytes);
u32 ic_user_read(struct ic_dev *ic, void *to);
void ic_user_faulted(struct ic_dev *ic);
void ic_user_closed(struct ic_dev *ic);
void ic_user_timer(struct work_struct *work);
void ic_user_wait(struct ic_dev *ic, unsigned int seconds);

/* ic_node.c */
int ic_node_create(struct ic_dev *ic);
void ic_node_remove(struct ic_dev *ic);
void ic_node_free(struct ic_dev *ic);

/* The services, each in its folder */
extern const struct ic_service heartbeat_service;
extern const struct ic_service shutdown_service;
extern const struct ic_service timesync_service;
extern const struct ic_service kvp_service;
extern const struct ic_service vss_service;
#ifndef HAVE_FCOPY_BY_UIO
extern const struct ic_service fcopy_service;
#endif

#endif /* IC_H */
