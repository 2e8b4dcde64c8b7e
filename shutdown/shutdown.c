// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: shutdown. The answer goes out first, the machine goes down in process
 * context after it; user space is asked, and forced if it does not answer.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/jiffies.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <asm/mshyperv.h>

#include "../ic/ic.h"
#include "sd.h"

/*
 * How long user space has to follow an order before another one is more than a
 * repetition.
 */
#define AGAIN_S	60

static const int frameworks[] = { IC_VERSION(3, 0), IC_VERSION(1, 0) };
static const int messages[] = { IC_VERSION(3, 2), IC_VERSION(3, 1),
				IC_VERSION(3, 0), IC_VERSION(1, 0) };

/*
 * @wanted: what the answer being sent promises
 * @doing: what @work does; SD_NOTHING while it does nothing
 * @since: when it was ordered
 * @can_hibernate: asked for once, because the answer may have to wait for memory
 */
struct shutdown {
	struct work_struct work;
	struct hv_device *hdev;
	enum sd_action wanted;
	enum sd_action doing;
	unsigned long since;
	bool can_hibernate;
};

/* Told to whoever decides about hibernation, usually a udev rule. */
static void tell_user_space(struct shutdown *sd)
{
	char *env[2] = { "EVENT=hibernate", NULL };

	kobject_uevent_env(&sd->hdev->device.kobj, KOBJ_CHANGE, env);
}

static void act(struct work_struct *work)
{
	struct shutdown *sd = container_of(work, struct shutdown, work);

	switch (READ_ONCE(sd->doing)) {
	case SD_POWER_OFF:
		pr_info("power off, ordered by the host\n");
		orderly_poweroff(true);
		break;
	case SD_RESTART:
		pr_info("restart, ordered by the host\n");
		orderly_reboot();
		break;
	case SD_HIBERNATE:
		pr_info("hibernation, ordered by the host\n");
		tell_user_space(sd);
		/* May fail or be over some day; then it can be asked again. */
		WRITE_ONCE(sd->doing, SD_NOTHING);
		break;
	case SD_NOTHING:
		break;
	}
}

static enum ic_turn request(struct ic_dev *ic, void *body, u32 bytes,
			    u32 *status)
{
	struct shutdown *sd = ic->priv;

	sd->wanted = sd_decide(body, bytes, ic->message, sd->can_hibernate,
			       status);
	if (*status)
		ic_refuse(ic, IC_REFUSED_REQUEST);
	return IC_ANSWER;
}

/* User space was asked and may be at it, or may have taken no notice. */
static bool under_way(struct shutdown *sd)
{
	return READ_ONCE(sd->doing) != SD_NOTHING &&
	       time_before(jiffies, sd->since + AGAIN_S * HZ);
}

/* The answer is in the ring and the host was told: now it may happen, once. */
static void sent(struct ic_dev *ic)
{
	struct shutdown *sd = ic->priv;

	if (sd->wanted != SD_NOTHING && !under_way(sd)) {
		sd->since = jiffies;
		WRITE_ONCE(sd->doing, sd->wanted);
		queue_work(system_long_wq, &sd->work);
	}
	sd->wanted = SD_NOTHING;
}

/* Whatever was about to be promised was not. */
static void agreed(struct ic_dev *ic)
{
	struct shutdown *sd = ic->priv;

	sd->wanted = SD_NOTHING;
}

static int start(struct ic_dev *ic)
{
	struct shutdown *sd = ic->priv;

	sd->hdev = ic->hdev;
	sd->can_hibernate = hv_is_hibernation_supported();
	INIT_WORK(&sd->work, act);
	return 0;
}

static void quiesce(struct ic_dev *ic)
{
	struct shutdown *sd = ic->priv;

	cancel_work_sync(&sd->work);
}

const struct ic_service shutdown_service = {
	.name = "shutdown",
	.type = IC_TYPE_SHUTDOWN,
	.frameworks = frameworks,
	.framework_count = ARRAY_SIZE(frameworks),
	.messages = messages,
	.message_count = ARRAY_SIZE(messages),
	.priv_bytes = sizeof(struct shutdown),
	.start = start,
	.quiesce = quiesce,
	.agreed = agreed,
	.request = request,
	.sent = sent,
};
