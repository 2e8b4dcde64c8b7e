// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the character devices daemons open, /dev/vmbus/hv_kvp and so on.
 *
 * An open file keeps the device structure alive, not the channel: a service
 * can go at once, whatever its daemon does. What is left of the file says
 * EBADF and POLLHUP.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ic.h"

static struct ic_dev *file_dev(struct file *file)
{
	return file->private_data;
}

static int node_open(struct inode *inode, struct file *file)
{
	/* Set by the misc core, which holds off our removal meanwhile. */
	struct miscdevice *misc = file->private_data;
	struct ic_user *user = container_of(misc, struct ic_user, misc);
	struct ic_dev *ic = user->ic;
	int ret = 0;

	spin_lock_bh(&ic->lock);
	if (user->dead)
		ret = -EBADF;
	else if (user->open)
		ret = -EBUSY;
	else
		user->open = true;
	spin_unlock_bh(&ic->lock);
	if (ret)
		return ret;
	kref_get(&ic->ref);
	file->private_data = ic;
	atomic64_inc(&ic_leaks.files_opened);
	return 0;
}

static int node_release(struct inode *inode, struct file *file)
{
	struct ic_dev *ic = file_dev(file);

	ic_user_closed(ic);
	atomic64_inc(&ic_leaks.files_closed);
	ic_put(ic);
	return 0;
}

static ssize_t node_read(struct file *file, char __user *to, size_t room,
			 loff_t *pos)
{
	struct ic_dev *ic = file_dev(file);
	struct ic_user *user = ic->user;
	ssize_t ret;
	u32 bytes;

	if (wait_event_interruptible(user->wq, READ_ONCE(user->out_bytes) ||
				     READ_ONCE(user->dead)))
		return -EINTR;
	mutex_lock(&user->io);
	bytes = READ_ONCE(user->out_bytes);
	if (READ_ONCE(user->dead)) {
		ret = -EBADF;
	} else if (!bytes) {
		ret = -EAGAIN;
	} else if (room < bytes) {
		ret = -EINVAL;
	} else {
		/*
		 * It may have been replaced since: a daemon reads with room
		 * for the longest, and never gets more than it has room for.
		 */
		bytes = ic_user_read(ic, user->bounce);
		ret = bytes ? (ssize_t)bytes : -EAGAIN;
		if (bytes > room || (bytes && copy_to_user(to, user->bounce,
							   bytes))) {
			ic_user_faulted(ic);
			ret = bytes > room ? -EINVAL : -EFAULT;
		}
	}
	mutex_unlock(&user->io);
	return ret;
}

static ssize_t node_write(struct file *file, const char __user *from,
			  size_t bytes, loff_t *pos)
{
	struct ic_dev *ic = file_dev(file);
	const struct ic_user_ops *ops = ic->svc->user;
	struct ic_user *user = ic->user;
	int ret;

	if (READ_ONCE(user->dead))
		return -EBADF;
	if (bytes < ops->in_least || bytes > ops->in_bytes)
		return -EINVAL;
	mutex_lock(&user->io);
	memset(user->in, 0, ops->in_bytes);
	if (copy_from_user(user->in, from, bytes))
		ret = -EFAULT;
	else
		ret = ic_user_write(ic, user->in, bytes);
	mutex_unlock(&user->io);
	return ret ? ret : (ssize_t)bytes;
}

static __poll_t node_poll(struct file *file, poll_table *wait)
{
	struct ic_user *user = file_dev(file)->user;

	poll_wait(file, &user->wq, wait);
	if (READ_ONCE(user->dead))
		return EPOLLERR | EPOLLHUP;
	return READ_ONCE(user->out_bytes) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
	.read = node_read,
	.write = node_write,
	.poll = node_poll,
	/* Not stream_open(): the file copy daemon uses pread and pwrite. */
	.llseek = noop_llseek,
};

/**
 * ic_node_create() - make the device a daemon opens
 * @ic: the device of the service
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int ic_node_create(struct ic_dev *ic)
{
	const struct ic_user_ops *ops = ic->svc->user;
	struct ic_user *user;
	int ret;

	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		return -ENOMEM;
	ic->user = user;
	user->ic = ic;
	mutex_init(&user->io);
	init_waitqueue_head(&user->wq);
	user->out = kzalloc(ops->out_bytes, GFP_KERNEL);
	user->bounce = kzalloc(ops->out_bytes, GFP_KERNEL);
	user->in = kzalloc(ops->in_bytes, GFP_KERNEL);
	if (!user->out || !user->bounce || !user->in)
		return -ENOMEM;
	user->misc.minor = MISC_DYNAMIC_MINOR;
	user->misc.name = ops->node;
	user->misc.fops = &node_fops;
	ret = misc_register(&user->misc);
	if (ret) {
		user->misc.this_device = NULL;
		return ret;
	}
	atomic64_inc(&ic_leaks.nodes_made);
	return 0;
}

/**
 * ic_node_remove() - take it away; who has it open notices
 * @ic: the device of the service
 *
 * Context: process.
 */
void ic_node_remove(struct ic_dev *ic)
{
	struct ic_user *user = ic->user;

	if (!user || !user->misc.this_device)
		return;
	misc_deregister(&user->misc);
	atomic64_inc(&ic_leaks.nodes_gone);
	spin_lock_bh(&ic->lock);
	WRITE_ONCE(user->dead, true);
	spin_unlock_bh(&ic->lock);
	wake_up_interruptible_all(&user->wq);
}

/**
 * ic_node_free() - when nobody has it open any more
 * @ic: the device of the service
 *
 * Context: process.
 */
void ic_node_free(struct ic_dev *ic)
{
	struct ic_user *user = ic->user;

	if (!user)
		return;
	kfree(user->in);
	kfree(user->bounce);
	kfree(user->out);
	kfree(user);
	ic->user = NULL;
}
