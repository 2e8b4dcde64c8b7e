// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round trips over VMBus: a driver for the test host's echo device (hv-test),
 * on whatever bus module is loaded.
 *
 *	echo "COUNT DEPTH" >/sys/kernel/debug/hv_bench/echo
 *
 * sends COUNT packets of 64 bytes, DEPTH of them on their way at a time, each
 * next one out of the channel's callback, and returns when all have come back.
 * Nothing but the bus is between the packet and its echo: no other layer of the
 * kernel, no process to wake.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/mutex.h>

#define RING_BYTES	(64 * 1024)
#define PAYLOAD		64
#define DEPTH_MAX	256

struct echo {
	struct vmbus_channel *channel;
	struct dentry *folder;
	struct mutex one_run;
	struct completion done;
	u64 to_send;	/* the callback's once a run has begun */
	u64 to_come;
	u64 strange;
};

static int send_one(struct echo *echo)
{
	u8 payload[PAYLOAD] = { 0x55 };

	return vmbus_sendpacket(echo->channel, payload, sizeof(payload), 1, VM_PKT_DATA_INBAND,
				VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
}

static void on_channel(void *context)
{
	struct echo *echo = context;
	u8 buffer[2 * PAYLOAD];
	u32 bytes;
	u64 id;

	while (!vmbus_recvpacket(echo->channel, buffer, sizeof(buffer), &bytes, &id) && bytes) {
		if (bytes < PAYLOAD || buffer[0] != 0x55 || !echo->to_come) {
			echo->strange++;
			continue;
		}
		if (echo->to_send) {
			echo->to_send--;
			if (send_one(echo))
				echo->strange++;
		}
		if (!--echo->to_come)
			complete(&echo->done);
	}
}

static ssize_t echo_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	struct echo *echo = file->private_data;
	unsigned int depth, started;
	unsigned long long count;
	char words[32] = "";
	ssize_t status = 0;

	if (length >= sizeof(words) || copy_from_user(words, from, length))
		return -EINVAL;
	if (sscanf(words, "%llu %u", &count, &depth) != 2 || !depth || depth > DEPTH_MAX || count < depth)
		return -EINVAL;
	if (mutex_lock_interruptible(&echo->one_run))
		return -EINTR;
	reinit_completion(&echo->done);
	echo->strange = 0;
	echo->to_send = count - depth;
	/* the callback counts this down from the first echo on */
	echo->to_come = count;
	for (started = 0; started < depth && !status; started++)
		status = send_one(echo);
	if (!status && !wait_for_completion_timeout(&echo->done, 120 * HZ))
		status = -ETIMEDOUT;
	if (!status && echo->strange)
		status = -EIO;
	mutex_unlock(&echo->one_run);
	return status ?: length;
}

static const struct file_operations echo_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = echo_write,
};

static int echo_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	struct echo *echo = devm_kzalloc(&device->device, sizeof(*echo), GFP_KERNEL);
	int status;

	if (!echo)
		return -ENOMEM;
	echo->channel = device->channel;
	mutex_init(&echo->one_run);
	init_completion(&echo->done);
	hv_set_drvdata(device, echo);
	status = vmbus_open(echo->channel, RING_BYTES, RING_BYTES, NULL, 0, on_channel, echo);
	if (status)
		return status;
	echo->folder = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("echo", 0200, echo->folder, echo, &echo_ops);
	return 0;
}

static void echo_close(struct hv_device *device)
{
	struct echo *echo = hv_get_drvdata(device);

	debugfs_remove_recursive(echo->folder);
	vmbus_close(echo->channel);
}

/* What remove() returns has changed between kernels; nothing here depends on it. */
static typeof(((struct hv_driver *)0)->remove((struct hv_device *)0)) echo_remove(struct hv_device *device)
{
	echo_close(device);
	return (typeof(echo_remove(device)))0;
}

static const struct hv_vmbus_device_id echo_ids[] = {
	{ .guid = GUID_INIT(0x7ed2a63c, 0x7b53, 0x4d6b, 0xa4, 0xd1, 0x3e, 0x2d, 0x6f, 0x9c, 0x0a, 0x51) },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, echo_ids);

static struct hv_driver echo_driver = {
	.name = KBUILD_MODNAME,
	.id_table = echo_ids,
	.probe = echo_probe,
	.remove = echo_remove,
};

static int __init echo_init(void)
{
	return vmbus_driver_register(&echo_driver);
}

static void __exit echo_exit(void)
{
	vmbus_driver_unregister(&echo_driver);
}

module_init(echo_init);
module_exit(echo_exit);
MODULE_DESCRIPTION("Round trips over VMBus, for the benchmark");
MODULE_LICENSE("GPL");
