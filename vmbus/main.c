// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMBus module: bring the parts up in order, take them down in reverse.
 *
 *   platform  hypercall page, CPUID        hypercall/
 *   root      firmware's device            root.c
 *   bus type  device model                 bus.c
 *   offers    workers                      offer.c
 *   SynIC     messages and events          hypercall/synic.c
 *   contact   protocol version, offers     conn.c
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include "bus.h"
#include "chan.h"
#include "conn.h"
#include "crash.h"
#include "debug.h"
#include "hypercall/hvc.h"
#include "hypercall/synic.h"
#include "offer.h"
#include "root.h"
#include "stats.h"

static uint max_version;
module_param(max_version, uint, 0444);
MODULE_PARM_DESC(max_version,
		 "Highest VMBus protocol version to ask for (major << 16 | minor), 0: no limit");

static const struct synic_client client = {
	.event = isr_event,
	.message = conn_message,
	.cpu_offline = offer_evacuate_cpu,
};

static int __init vmbus_init(void)
{
	int ret;

	ret = hvc_platform_detect();
	if (ret)
		return ret;
	ret = root_find();
	if (ret) {
		pr_info("not loaded: the firmware shows no VMBus\n");
		return ret;
	}
	ret = hvc_platform_init();
	if (ret)
		goto err_root;
	ret = bus_register_type();
	if (ret) {
		pr_info("not loaded: another module has the bus: %d\n", ret);
		goto err_platform;
	}
	ret = conn_init_pages();
	if (ret)
		goto err_bus;
	ret = offer_start();
	if (ret)
		goto err_pages;
	ret = synic_start(&client);
	if (ret) {
		pr_err("no synthetic interrupts: %d\n", ret);
		goto err_offers;
	}
	ret = conn_connect(max_version);
	if (ret)
		goto err_synic;
	crash_arm();
	debug_start();
	ret = conn_request_offers();
	if (ret) {
		pr_err("offers not requested: %d\n", ret);
		goto err_connected;
	}
	return 0;

err_connected:
	debug_stop();
	crash_disarm();
	offer_close_all();
	conn_unload();
err_synic:
	synic_stop();
err_offers:
	offer_stop();
err_pages:
	conn_free_pages();
err_bus:
	bus_unregister_type();
err_platform:
	hvc_platform_exit();
err_root:
	root_release();
	return ret;
}

static void __exit vmbus_exit(void)
{
	debug_stop();
	offer_close_all();
	conn_unload();
	crash_disarm();
	synic_stop();
	offer_stop();
	conn_free_pages();
	bus_unregister_type();
	hvc_platform_exit();
	root_release();
	stat_report();
}

/* before the drivers, where bus and drivers are part of the kernel */
subsys_initcall(vmbus_init);
module_exit(vmbus_exit);

MODULE_DESCRIPTION("Hyper-V VMBus: the bus of synthetic devices");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
