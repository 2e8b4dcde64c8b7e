// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection to the host: find a version, ask for offers, take messages
 * in, leave. Runs the connection machine; owns the pages both sides share.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/hyperv.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <asm/byteorder.h>
#include <asm/sync_bitops.h>
#include "abi.h"
#include "conn.h"
#include "conn_fsm.h"
#include "hypercall/hvc.h"
#include "hypercall/synic.h"
#include "msg.h"
#include "offer.h"
#include "refuse.h"
#include "stats.h"
#include "trace.h"
#include "version.h"
#include "xact.h"

#define CONTACT_MS	10000
#define OFFERS_MS	10000
#define UNLOAD_MS	30000
#define CRASH_POLL_MS	10
#define CRASH_POLLS	10000	/* hosts may need long to flush a disk */

static struct {
	raw_spinlock_t lock;	/* protects fsm */
	struct conn_fsm fsm;
	/* read: from a look at the machine to the end of the hypercall */
	struct rw_semaphore sending;
	u32 number;		/* of this connection, changes when it ends */
	unsigned int cpu;	/* gets the messages; never goes offline */
	struct completion offers_done;
	u8 *interrupt_page;	/* second half: bits for the host */
	struct vmbus_monitor_page *monitor[2];	/* to guest, to host */
	bool host_gone;		/* the pages above are ours again */
} conn = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(conn.lock),
	.sending = __RWSEM_INITIALIZER(conn.sending),
};

static u32 step(enum conn_event ev, struct conn_fsm *now)
{
	unsigned long flags;
	u32 todo;

	raw_spin_lock_irqsave(&conn.lock, flags);
	todo = conn_step(&conn.fsm, ev);
	*now = conn.fsm;
	raw_spin_unlock_irqrestore(&conn.lock, flags);
	return todo;
}

static struct conn_fsm look(void)
{
	struct conn_fsm now;
	unsigned long flags;

	raw_spin_lock_irqsave(&conn.lock, flags);
	now = conn.fsm;
	raw_spin_unlock_irqrestore(&conn.lock, flags);
	return now;
}

/**
 * conn_init_pages() - allocate what the connection shares with the host
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM.
 */
int conn_init_pages(void)
{
	init_completion(&conn.offers_done);
	conn.host_gone = true;
	conn.interrupt_page = (u8 *)get_zeroed_page(GFP_KERNEL);
	conn.monitor[0] = (void *)get_zeroed_page(GFP_KERNEL);
	conn.monitor[1] = (void *)get_zeroed_page(GFP_KERNEL);
	if (!conn.interrupt_page || !conn.monitor[0] || !conn.monitor[1]) {
		conn_free_pages();
		return -ENOMEM;
	}
	abi_connection_pages(conn.interrupt_page, conn.monitor[0],
			     conn.monitor[1]);
	return 0;
}

/**
 * conn_free_pages() - free them, or leak them if the host did not let go
 *
 * Context: Module exit, after conn_unload().
 */
void conn_free_pages(void)
{
	abi_connection_pages(NULL, NULL, NULL);
	free_page((unsigned long)conn.interrupt_page);
	if (conn.host_gone) {
		free_page((unsigned long)conn.monitor[0]);
		free_page((unsigned long)conn.monitor[1]);
	} else {
		stat_leaked(2);
	}
	conn.interrupt_page = NULL;
	conn.monitor[0] = NULL;
	conn.monitor[1] = NULL;
}

/*
 * Ask for one version. Return: 0 if the host said yes, -EAGAIN to go lower,
 * -ETIMEDOUT if it said nothing: a late answer could then be taken for that
 * to another version, so this is the end.
 */
static int contact(const struct conn_fsm *now)
{
	struct vmbus_msg_version answer;
	struct vmbus_msg_contact msg;
	enum version_verdict verdict;
	unsigned long flags;
	struct xact x;
	size_t bytes;
	u32 conn_id;
	int ret;

	bytes = msg_build_contact(&msg, now->version, hvc_vp_index(conn.cpu),
				  virt_to_phys(conn.monitor[0]),
				  virt_to_phys(conn.monitor[1]));
	conn.host_gone = false;
	xact_begin(&x, NULL, VMBUS_MSG_VERSION, 0, 0);
	ret = hvc_post_message(now->conn_id, &msg, bytes,
			       HVC_MAY_SLEEP | HVC_CONTACT);
	trace_vmbus_negotiate_version(&msg, ret);
	if (!ret)
		ret = xact_wait(&x, CONTACT_MS);
	xact_end(&x);
	if (ret == -ENXIO)
		return -EAGAIN;
	if (ret)
		return ret;

	memcpy(&answer, x.reply, sizeof(answer));
	verdict = version_judge(now->version, answer.supported, answer.state,
				le32_to_cpu(answer.conn_id), &conn_id);
	if (verdict == VERSION_INVALID)
		refuse(REFUSE_VERSION, now->version,
		       le32_to_cpu(answer.conn_id));
	if (verdict != VERSION_ACCEPTED)
		return -EAGAIN;
	raw_spin_lock_irqsave(&conn.lock, flags);
	conn.fsm.conn_id = conn_id;
	raw_spin_unlock_irqrestore(&conn.lock, flags);
	return 0;
}

/**
 * conn_connect() - agree upon a protocol version with the host
 * @max_version: highest version to ask for, 0 for no limit
 *
 * Context: Module init or resume, SynIC running. Sleeps.
 * Return: 0, -ENODEV if there is no version in common, -ETIMEDOUT if the host
 * is silent.
 */
int conn_connect(u32 max_version)
{
	enum conn_event ev = CONN_EV_START;
	struct conn_fsm now;
	unsigned long flags;
	u32 todo;
	int ret;

	raw_spin_lock_irqsave(&conn.lock, flags);
	conn_init(&conn.fsm, max_version);
	raw_spin_unlock_irqrestore(&conn.lock, flags);
	conn.cpu = cpumask_first(cpu_online_mask);

	while ((todo = step(ev, &now)) & CONN_DO_CONTACT) {
		ret = contact(&now);
		if (ret && ret != -EAGAIN) {
			pr_err("no answer to protocol %u.%u: %d\n",
			       now.version >> 16, now.version & 0xffff, ret);
			return ret;
		}
		ev = ret ? CONN_EV_REFUSED : CONN_EV_ACCEPTED;
	}
	if (!(todo & CONN_DO_WAKE)) {
		/* Every version was refused: the host uses none of our pages. */
		conn.host_gone = true;
		pr_err("no protocol version in common with the host\n");
		return -ENODEV;
	}
	vmbus_proto_version = now.version;
	/* Scripts look for this line; it reads as from the bus we stand for. */
	pr_info("Vmbus version:%u.%u\n", now.version >> 16,
		now.version & 0xffff);
	return 0;
}

/**
 * conn_reconnect() - connect again after conn_unload()
 *
 * Drivers know the version that was agreed upon; another one will not do.
 *
 * Context: Resume from hibernation, SynIC running. Sleeps.
 * Return: 0; -EPROTO if the host insists on another version; errno of
 * conn_connect().
 */
int conn_reconnect(void)
{
	u32 version = vmbus_proto_version;
	int ret;

	if (conn.host_gone) {
		memset(conn.interrupt_page, 0, PAGE_SIZE);
		memset(conn.monitor[0], 0, PAGE_SIZE);
		memset(conn.monitor[1], 0, PAGE_SIZE);
	}
	reinit_completion(&conn.offers_done);
	ret = conn_connect(version);
	if (!ret && vmbus_proto_version != version) {
		conn_unload();
		vmbus_proto_version = version;
		ret = -EPROTO;
	}
	return ret;
}

/**
 * conn_request_offers() - have the host offer its channels and wait for them
 *
 * The wait is bounded: whatever comes later is hot-added.
 *
 * Context: Module init or resume, connected. Sleeps.
 * Return: 0 or the errno of the message.
 */
int conn_request_offers(void)
{
	struct vmbus_msg_hdr msg;
	struct conn_fsm now;
	int ret;

	if (!(step(CONN_EV_REQUEST, &now) & CONN_DO_REQUEST_OFFERS))
		return -EINVAL;
	ret = conn_post(&msg, msg_build_simple(&msg, VMBUS_MSG_REQUEST_OFFERS));
	trace_vmbus_request_offers(ret);
	if (ret)
		return ret;
	if (!wait_for_completion_timeout(&conn.offers_done,
					 msecs_to_jiffies(OFFERS_MS)))
		pr_warn("the host has not finished its offers; going on\n");
	return 0;
}

/**
 * conn_unload() - leave: after this the host holds nothing of ours
 *
 * UNLOAD is the last message: whoever was about to send another one, such as
 * the release of a channel, is too late, and the host forgets it anyway.
 *
 * Context: Task, sleeps. Channels are closed already, or are lost (kexec).
 */
void conn_unload(void)
{
	struct vmbus_msg_hdr msg;
	struct conn_fsm now;
	struct xact x;
	u32 todo;
	int ret;

	xact_begin(&x, NULL, VMBUS_MSG_UNLOADED, 0, 0);
	down_write(&conn.sending);
	todo = step(CONN_EV_UNLOAD, &now);
	WRITE_ONCE(conn.number, conn.number + 1);
	up_write(&conn.sending);
	if (todo & CONN_DO_UNLOAD) {
		ret = hvc_post_message(now.conn_id, &msg,
				       msg_build_simple(&msg, VMBUS_MSG_UNLOAD),
				       HVC_MAY_SLEEP);
		if (!ret)
			ret = xact_wait(&x, UNLOAD_MS);
		if (ret)
			pr_err("the host did not let go: %d\n", ret);
		conn.host_gone = !ret;
		step(CONN_EV_UNLOADED, &now);
	}
	xact_end(&x);
	xact_cut_off();
}

/*
 * The crash path takes no lock (its holder may be stopped), so it reads the
 * state as it is.
 */
static bool crash_answered(void)
{
	struct synic_msg msg;
	unsigned int cpu;
	bool done = false;
	u32 type;

	for_each_possible_cpu(cpu) {
		while (synic_crash_poll(cpu, &msg)) {
			if (msg_check(msg.payload, msg.bytes,
				      conn.fsm.version, &type) == MSG_OK &&
			    type == VMBUS_MSG_UNLOADED)
				done = true;
			if (done)
				break;
		}
	}
	return done;
}

/*
 * A CPU that was stopped leaves its last timer message in the slot the answer
 * will need. Only that CPU could make the host look again (its end-of-message
 * register), so the slot has to be free before the host answers. Its timer
 * does not fire a second time: nobody arms it.
 */
static void crash_free_slots(void)
{
	struct synic_msg msg;
	unsigned int cpu;

	for_each_present_cpu(cpu)
		synic_crash_poll(cpu, &msg);
}

/**
 * conn_crash_unload() - leave from a dying kernel
 *
 * Context: Panic or kdump: no sleep, no lock, no allocation; other CPUs are
 * stopped, so their message slots are polled from here.
 */
void conn_crash_unload(void)
{
	struct vmbus_msg_hdr msg;
	int i;

	if (conn.fsm.state < CONN_LINKED ||
	    !version_has_unload(conn.fsm.version))
		return;
	crash_free_slots();
	msg_build_simple(&msg, VMBUS_MSG_UNLOAD);
	if (hvc_post_message(conn.fsm.conn_id, &msg, sizeof(msg), 0))
		return;
	for (i = 0; i < CRASH_POLLS && !crash_answered(); i++)
		mdelay(CRASH_POLL_MS);
	if (i == CRASH_POLLS)
		pr_err("the host did not let go\n");
}

static int post_locked(const void *msg, size_t bytes)
{
	struct conn_fsm now = look();

	if (now.state < CONN_LINKED || now.state == CONN_UNLOADING)
		return -ENOTCONN;
	return hvc_post_message(now.conn_id, msg, bytes, HVC_MAY_SLEEP);
}

/**
 * conn_post() - send a message on the port of the connection
 * @msg:	message
 * @bytes:	its length
 *
 * Context: Task; sleeps while the host's queue is full.
 * Return: 0; -ENOTCONN if there is no connection or it is ending; errno of
 * hvc_post_message().
 */
int conn_post(const void *msg, size_t bytes)
{
	int ret;

	down_read(&conn.sending);
	ret = post_locked(msg, bytes);
	up_read(&conn.sending);
	return ret;
}

/**
 * conn_post_in() - send a message that makes sense in one connection only
 * @number:	conn_number() when the relid in the message was learnt
 * @msg:	message
 * @bytes:	its length
 *
 * Context: Task; sleeps while the host's queue is full.
 * Return: 0; -ENOTCONN if that connection is over or ending; errno of
 * hvc_post_message().
 */
int conn_post_in(u32 number, const void *msg, size_t bytes)
{
	int ret = -ENOTCONN;

	down_read(&conn.sending);
	if (conn.number == number)
		ret = post_locked(msg, bytes);
	up_read(&conn.sending);
	return ret;
}

/**
 * conn_number() - which connection this is
 *
 * Context: Any.
 * Return: a number that the next connection does not have.
 */
u32 conn_number(void)
{
	return READ_ONCE(conn.number);
}

static u32 word(const struct synic_msg *msg, unsigned int off)
{
	return le32_to_cpup((const __le32 *)(msg->payload + off));
}

static bool answered(u32 type, u32 key1, u32 key2, const struct synic_msg *msg)
{
	if (xact_answer(type, key1, key2, msg->payload, msg->bytes))
		return true;
	refuse(REFUSE_MSG_UNEXPECTED, type, key1 ? key1 : key2);
	return false;
}

static void all_offers(void)
{
	struct conn_fsm now;

	if (step(CONN_EV_ALL_OFFERS, &now) & CONN_DO_REFUSE)
		refuse(REFUSE_MSG_UNEXPECTED, VMBUS_MSG_ALL_OFFERS, now.state);
	else
		offer_mark_end();
}

/* What scripts may watch; each is long enough for its type by now. */
static void trace(u32 type, const void *payload)
{
	switch (type) {
	case VMBUS_MSG_OFFER:
		trace_vmbus_onoffer(payload);
		break;
	case VMBUS_MSG_RESCIND:
		trace_vmbus_onoffer_rescind(le32_to_cpup(payload + 8));
		break;
	case VMBUS_MSG_OPEN_RESULT:
		trace_vmbus_onopen_result(payload);
		break;
	case VMBUS_MSG_GPADL_CREATED:
		trace_vmbus_ongpadl_created(payload);
		break;
	case VMBUS_MSG_GPADL_TORNDOWN:
		trace_vmbus_ongpadl_torndown(payload);
		break;
	case VMBUS_MSG_MODIFIED:
		trace_vmbus_onmodifychannel_response(payload);
		break;
	case VMBUS_MSG_VERSION:
		trace_vmbus_onversion_response(payload);
		break;
	}
}

static void dispatch(u32 type, const struct synic_msg *msg)
{
	trace_vmbus_on_message(type);
	trace(type, msg->payload);
	switch (type) {
	case VMBUS_MSG_OFFER:
		offer_receive((const void *)msg->payload);
		break;
	case VMBUS_MSG_RESCIND:
		offer_rescind(word(msg, 8));
		break;
	case VMBUS_MSG_ALL_OFFERS:
		all_offers();
		break;
	case VMBUS_MSG_OPEN_RESULT:
	case VMBUS_MSG_GPADL_CREATED:
		answered(type, word(msg, 8), word(msg, 12), msg);
		break;
	case VMBUS_MSG_GPADL_TORNDOWN:
		answered(type, 0, word(msg, 8), msg);
		break;
	case VMBUS_MSG_MODIFIED:
		answered(type, word(msg, 8), 0, msg);
		break;
	case VMBUS_MSG_VERSION:
	case VMBUS_MSG_UNLOADED:
		answered(type, 0, 0, msg);
		break;
	case VMBUS_MSG_TL_RESULT:
		/* The vsock transport learns of a refusal by its own timer. */
		break;
	default:
		refuse(REFUSE_MSG_UNEXPECTED, type, 0);
		break;
	}
}

/**
 * conn_message() - a message arrived from the host
 * @msg:	private copy, valid during the call
 *
 * Answers are handed to their waiters right here, so a waiter never depends
 * on the worker that handles offers.
 *
 * Context: SynIC interrupt.
 */
void conn_message(const struct synic_msg *msg)
{
	static const enum refuse_reason reasons[MSG_VERDICTS] = {
		[MSG_SHORT] = REFUSE_MSG_SHORT,
		[MSG_LONG] = REFUSE_MSG_LONG,
		[MSG_UNKNOWN] = REFUSE_MSG_UNKNOWN,
		[MSG_WRONG_WAY] = REFUSE_MSG_WRONG_WAY,
		[MSG_TOO_NEW] = REFUSE_MSG_TOO_NEW,
	};
	struct conn_fsm now = look();
	enum msg_verdict verdict;
	u32 type;

	verdict = msg_check(msg->payload, msg->bytes,
			    conn_agreed_version(&now), &type);
	trace_vmbus_on_msg_dpc(type);
	if (verdict != MSG_OK) {
		refuse(reasons[verdict], type, msg->bytes);
		return;
	}
	/* Before a version is agreed upon, nothing but that answer counts. */
	if (now.state < CONN_LINKED && type != VMBUS_MSG_VERSION) {
		refuse(REFUSE_MSG_UNEXPECTED, type, now.state);
		return;
	}
	dispatch(type, msg);
}

/**
 * conn_offers_complete() - the first round of offers has been worked off
 *
 * Context: Offer worker.
 */
void conn_offers_complete(void)
{
	complete_all(&conn.offers_done);
}

/**
 * conn_version() - protocol version agreed upon
 *
 * Context: Any.
 * Return: version, 0 without a connection.
 */
u32 conn_version(void)
{
	struct conn_fsm now = look();

	return conn_agreed_version(&now);
}

/**
 * conn_cpu() - CPU that gets the messages of the connection
 *
 * Context: Any.
 * Return: CPU number.
 */
unsigned int conn_cpu(void)
{
	return conn.cpu;
}

/**
 * conn_trigger_group() - word of the monitor page the host polls
 * @group:	0..3
 *
 * Context: Any, while connected.
 * Return: where to set monitor bits of the group.
 */
u32 *conn_trigger_group(unsigned int group)
{
	return &conn.monitor[1]->group[group].pending;
}

/**
 * conn_monitor_page() - one of the two monitor pages
 * @to_host:	the one we write triggers into, else the host's
 *
 * Context: Any.
 * Return: page shared with the host, NULL before conn_init_pages().
 */
const struct vmbus_monitor_page *conn_monitor_page(bool to_host)
{
	return conn.monitor[to_host];
}

/**
 * conn_mark_sent() - set a channel's bit in the interrupt page
 * @relid:	channel without an interrupt port of its own
 *
 * Context: Any, while connected.
 */
void conn_mark_sent(u32 relid)
{
	sync_set_bit(relid, (unsigned long *)(conn.interrupt_page +
					      PAGE_SIZE / 2));
}
