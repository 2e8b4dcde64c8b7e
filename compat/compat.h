/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives older kernels the names of newer ones. Included before everything
 * else, after the answers (HAVE_*) in config.h.
 *
 * Macros only, no header: the set of visible kernel headers is part of the
 * interface in vmbus/abi_*.c, and a file may still want to set pr_fmt. Headers
 * that older kernels lack are in include/, which is searched last.
 */
#ifndef COMPAT_H
#define COMPAT_H

#ifndef HAVE_TIMER_DELETE
#define timer_delete_sync(timer)	del_timer_sync(timer)
#define timer_delete(timer)		del_timer(timer)
#endif

#ifndef HAVE_TIMER_CONTAINER_OF
#define timer_container_of(var, callback, field) \
	from_timer(var, callback, field)
#endif

#ifndef HAVE_HRTIMER_SETUP
#define hrtimer_setup(timer, fn, clock, mode)				\
	do {								\
		struct hrtimer *compat_timer = (timer);			\
									\
		hrtimer_init(compat_timer, clock, mode);		\
		compat_timer->function = (fn);				\
	} while (0)
#endif

#ifndef HAVE_RDMSRQ
#define rdmsrq_safe(msr, value)		rdmsrl_safe(msr, value)
#define wrmsrq_safe(msr, value)		wrmsrl_safe(msr, value)
#endif

#ifndef HAVE_HV_GET_MSR
#define hv_get_msr(msr)			hv_get_register(msr)
#define hv_set_msr(msr, value)		hv_set_register(msr, value)
#endif

/* Hooks of the last CPU's suspend and resume; each takes (SYSCORE_ARG). */
#ifdef HAVE_REGISTER_SYSCORE
#define SYSCORE_ARG	void *data
#define DEFINE_SYSCORE(name, suspend_fn, resume_fn)			\
	static const struct syscore_ops name##_ops = {			\
		.suspend = suspend_fn,					\
		.resume = resume_fn,					\
	};								\
	static struct syscore name = { .ops = &name##_ops }
#else
#define SYSCORE_ARG	void
#define DEFINE_SYSCORE(name, suspend_fn, resume_fn)			\
	static struct syscore_ops name = {				\
		.suspend = suspend_fn,					\
		.resume = resume_fn,					\
	}
#define register_syscore(core)		register_syscore_ops(core)
#define unregister_syscore(core)	unregister_syscore_ops(core)
#endif

/* What scsi_rescan_device() takes of a SCSI device. */
#ifdef HAVE_SCSI_RESCAN_SDEV
#define SCSI_RESCAN_ARG(sdev)	(sdev)
#else
#define SCSI_RESCAN_ARG(sdev)	(&(sdev)->sdev_gendev)
#endif

/* There a command carries the function. */
#ifndef HAVE_SCSI_DONE_FUNCTION
#define scsi_done(cmd)							\
	do {								\
		struct scsi_cmnd *compat_done = (cmd);			\
									\
		compat_done->scsi_done(compat_done);			\
	} while (0)
#endif

#ifndef HAVE_SCSI_BUILD_SENSE_FUNCTION
#define scsi_build_sense(cmd, desc, key, asc, ascq)			\
	do {								\
		struct scsi_cmnd *compat_cmd = (cmd);			\
									\
		scsi_build_sense_buffer(desc, compat_cmd->sense_buffer,	\
					key, asc, ascq);		\
		compat_cmd->result = SAM_STAT_CHECK_CONDITION;		\
	} while (0)
#endif

#ifndef HAVE_HK_TYPE
#define HK_TYPE_MANAGED_IRQ		HK_FLAG_MANAGED_IRQ
#endif

/* Its two notices, for a caller that holds RTNL. */
#ifndef HAVE_NETDEV_NOTIFY_PEERS_LOCKED
#define __netdev_notify_peers(dev)					\
	do {								\
		struct net_device *compat_dev = (dev);			\
									\
		call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, compat_dev); \
		call_netdevice_notifiers(NETDEV_RESEND_IGMP, compat_dev); \
	} while (0)
#endif

#ifndef HAVE_XDP_FRAME_FRAGS
#define xdp_frame_has_frags(frame)	((void)(frame), false)
#endif

/* In the table of device classes, where it has room for that. */
#ifdef HAVE_VMBUS_PREF_RING_SIZE
#define FCOPY_RING_SIZE			.pref_ring_size = 0x4000
#else
#define FCOPY_RING_SIZE
#endif

#ifndef HAVE_ETHTOOL_PUTS
#define ethtool_puts(data, string)	ethtool_sprintf(data, "%.31s", string)
#endif

#endif /* COMPAT_H */
