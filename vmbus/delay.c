// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delays on demand, for tests: debugfs hyperv/DEVICE/ with the files that the
 * kernel's tools/hv/vmbus_testing writes.
 *
 *   fuzz_test_state				1: the delays below count
 *   delay/fuzz_test_buffer_interrupt_delay	before a driver is called for
 *						a signal of the host
 *   delay/fuzz_test_message_delay		before it gets a packet
 *
 * In microseconds, 0 to 1,000. They hold for a device's primary channel and
 * its sub-channels, and are kept where the kernel has a place for them. While
 * no device is tested, a key keeps all this off the way of packets.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/processor.h>
#include <linux/timekeeping.h>
#include "delay.h"

#define DELAY_MAX_US	1000

DEFINE_STATIC_KEY_FALSE(delay_key);
static DEFINE_MUTEX(lock);	/* fuzz_testing_state and its share in the key */
static struct dentry *dir;

static const struct vmbus_channel *primary(const struct vmbus_channel *abi)
{
	return abi->primary_channel ? abi->primary_channel : abi;
}

/* By the clock: an emulated counter need not keep to its frequency. */
static void wait_us(u32 us)
{
	u64 end = ktime_get_mono_fast_ns() + us * NSEC_PER_USEC;
	u32 looks = us * NSEC_PER_USEC;	/* should the clock stand still */

	while (looks-- && ktime_get_mono_fast_ns() < end)
		cpu_relax();
}

/**
 * delay_signal_slow() - the host signalled a channel; be late
 * @abi:	channel
 *
 * Context: Softirq or interrupt.
 */
void delay_signal_slow(const struct vmbus_channel *abi)
{
	abi = primary(abi);
	if (READ_ONCE(abi->fuzz_testing_state))
		wait_us(READ_ONCE(abi->fuzz_testing_interrupt_delay));
}

/**
 * delay_packet_slow() - a driver is about to get a packet; be late
 * @abi:	channel
 *
 * Context: Any.
 */
void delay_packet_slow(const struct vmbus_channel *abi)
{
	abi = primary(abi);
	if (READ_ONCE(abi->fuzz_testing_state))
		wait_us(READ_ONCE(abi->fuzz_testing_message_delay));
}

static void set_state(struct vmbus_channel *abi, bool on)
{
	mutex_lock(&lock);
	if (abi->fuzz_testing_state != on) {
		WRITE_ONCE(abi->fuzz_testing_state, on);
		if (on)
			static_branch_inc(&delay_key);
		else
			static_branch_dec(&delay_key);
	}
	mutex_unlock(&lock);
}

static int state_get(void *data, u64 *value)
{
	struct vmbus_channel *abi = data;

	*value = READ_ONCE(abi->fuzz_testing_state);
	return 0;
}

static int state_set(void *data, u64 value)
{
	if (value > 1)
		return -EINVAL;
	set_state(data, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(state_fops, state_get, state_set, "%llu\n");

static int us_get(void *data, u64 *value)
{
	*value = READ_ONCE(*(u32 *)data);
	return 0;
}

static int us_set(void *data, u64 value)
{
	if (value > DELAY_MAX_US)
		return -EINVAL;
	WRITE_ONCE(*(u32 *)data, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(us_fops, us_get, us_set, "%llu\n");

/**
 * delay_add() - show the files of a device
 * @dev:	device, about to be on the bus
 *
 * Context: Task, sleeps.
 */
void delay_add(struct hv_device *dev)
{
	struct vmbus_channel *abi = dev->channel;
	struct dentry *sub;

	dev->debug_dir = debugfs_create_dir(dev_name(&dev->device), dir);
	sub = debugfs_create_dir("delay", dev->debug_dir);
	debugfs_create_file("fuzz_test_state", 0644, dev->debug_dir, abi,
			    &state_fops);
	debugfs_create_file("fuzz_test_buffer_interrupt_delay", 0644, sub,
			    &abi->fuzz_testing_interrupt_delay, &us_fops);
	debugfs_create_file("fuzz_test_message_delay", 0644, sub,
			    &abi->fuzz_testing_message_delay, &us_fops);
}

/**
 * delay_del() - remove them; nobody is in them any more afterwards
 * @dev:	device, off the bus, its channel still there
 *
 * Context: Task, sleeps.
 */
void delay_del(struct hv_device *dev)
{
	debugfs_remove_recursive(dev->debug_dir);
	dev->debug_dir = NULL;
	set_state(dev->channel, false);
}

/**
 * delay_start() - make room for the devices
 *
 * Context: Module init, before the first device.
 */
void delay_start(void)
{
	dir = debugfs_create_dir("hyperv", NULL);
}

/**
 * delay_stop() - undo it
 *
 * Context: Module exit, after the last device.
 */
void delay_stop(void)
{
	debugfs_remove_recursive(dir);
	dir = NULL;
}
