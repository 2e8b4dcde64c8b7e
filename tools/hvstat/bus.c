// SPDX-License-Identifier: GPL-2.0-only
/*
 * One snapshot of the bus, from sysfs as every kernel has it, and from
 * debugfs where the bus is ours and the reader is root.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvstat.h"

#define DEVICES "/sys/bus/vmbus/devices"

const char * const counter_names[COUNTERS] = {
	[INTERRUPTS] = "interrupts",
	[EVENTS] = "events",
	[OUT_FULL] = "out_full_first",
	[OUT_FULL_ALL] = "out_full_total",
	[IN_FULL] = "intr_in_full",
	[OUT_EMPTY] = "intr_out_empty",
};

/* Classes of devices, as the protocol numbers them. */
static const struct {
	const char *id;
	const char *name;
} classes[] = {
	{ "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f", "SCSI controller" },
	{ "2f9bcc4a-0069-4af3-b76b-6fd0be528cda", "Fibre Channel adapter" },
	{ "32412632-86cb-44a2-9b5c-50d1417354f5", "IDE disk" },
	{ "f8615163-df3e-46c5-913f-f2d2f965ed0e", "network card" },
	{ "da0a7802-e377-4aac-8e77-0558eb1073f8", "video" },
	{ "f912ad6d-2b17-48ea-bd65-f927a61c7684", "keyboard" },
	{ "cfa8b69e-5b4a-4cc0-b98b-8ba1a1f3f95a", "mouse" },
	{ "1db28d30-eff9-4f7b-a15a-a5a1c4a5ba8c", "dynamic memory" },
	{ "1874b3c3-1a2a-4e10-9be1-6c8f5dd1f6f9", "dynamic memory" },
	{ "57164f39-9115-4e78-ab55-382f3bd5422d", "heartbeat" },
	{ "9527e630-d0ae-497b-adce-e80ab0175caf", "time synchronization" },
	{ "0e0b6031-5213-4934-818b-38d90ced39db", "shutdown" },
	{ "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "key-value pairs" },
	{ "35fa2e29-ea23-4236-96ae-3a6ebacba440", "backup" },
	{ "34d14be3-dee4-41c8-9ae7-6b174977c192", "file copy" },
	{ "44c4f61d-4444-4400-9d52-802e27ede19f", "PCI pass-through" },
	{ "276aacf4-ac15-426c-98dd-7521ad3f01fe", "remote desktop" },
	{ "8c2eaf3d-32a7-4b09-ab99-bd1f1c86b501", "RDMA" },
};

static const char *class_name(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!strcmp(id, classes[i].id))
			return classes[i].name;
	}
	return "unknown";
}

/* "{01234567-...}" without its braces. */
static void read_guid(char *to, size_t bytes, const char *device, const char *file)
{
	char line[64], *from = line;

	file_text(line, sizeof(line), DEVICES "/%s/%s", device, file);
	if (*from == '{')
		from++;
	from[strcspn(from, "}")] = 0;
	snprintf(to, bytes, "%s", from);
}

static void read_channel(struct channel *ch, const char *device, const char *id)
{
	size_t i;

#define NUMBER(file) file_number(DEVICES "/%s/channels/%s/" file, device, id)
	*ch = (struct channel){
		.id = strtoul(id, NULL, 10),
		.subchannel = NUMBER("subchannel_id"),
		.cpu = NUMBER("cpu"),
		.in_bytes = NUMBER("read_avail"),
		.out_free = NUMBER("write_avail"),
		.in_mask = NUMBER("in_mask"),
		.out_mask = NUMBER("out_mask"),
		.monitor_id = NUMBER("monitor_id"),
		.latency = NUMBER("latency"),
		.in_size = UNKNOWN,
		.out_size = UNKNOWN,
	};
#undef NUMBER
	for (i = 0; i < COUNTERS; i++)
		ch->count[i] = file_number(DEVICES "/%s/channels/%s/%s", device, id,
					   counter_names[i]);
}

/* Its file is looked for once in a snapshot: several devices may have one driver. */
static void read_module(const struct bus *bus, struct device *dev, const char *name)
{
	size_t i;

	for (i = 0; &bus->devices[i] != dev; i++) {
		if (!strcmp(bus->devices[i].module.name, name)) {
			dev->module = bus->devices[i].module;
			return;
		}
	}
	module_read(&dev->module, name);
}

static void read_device(const struct bus *bus, struct device *dev, const char *name)
{
	char **ids, module[64];
	size_t i;

	memset(dev, 0, sizeof(*dev));
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	read_guid(dev->class_id, sizeof(dev->class_id), name, "class_id");
	read_guid(dev->device_id, sizeof(dev->device_id), name, "device_id");
	dev->class_name = class_name(dev->class_id);
	dev->id = file_number(DEVICES "/%s/id", name);
	dev->state = file_number(DEVICES "/%s/state", name);
	if (file_link(dev->driver, sizeof(dev->driver), DEVICES "/%s/driver", name)) {
		if (file_link(module, sizeof(module), DEVICES "/%s/driver/module", name))
			read_module(bus, dev, module);
		else
			dev->module.builtin = true;
	}
	dev->nr_channels = file_names(&ids, DEVICES "/%s/channels", name);
	dev->channels = grow(NULL, dev->nr_channels + 1, sizeof(*dev->channels));
	for (i = 0; i < dev->nr_channels; i++)
		read_channel(&dev->channels[i], name, ids[i]);
	file_names_free(ids, dev->nr_channels);
	refused_device(dev);
}

static int by_id(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* What only our own bus tells: its version, and how large each ring is. */
static void read_debug(struct bus *bus)
{
	long long in, out;
	unsigned int id;
	char line[128];
	size_t d, c;
	FILE *file;

	file = file_open("/sys/kernel/debug/hv_vmbus/vmbus");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "version %15s", bus->protocol);
	if (file)
		fclose(file);

	file = file_open("/sys/kernel/debug/hv_vmbus/rings");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u %lld %lld", &id, &in, &out) != 3)
			continue;
		for (d = 0; d < bus->nr_devices; d++) {
			for (c = 0; c < bus->devices[d].nr_channels; c++) {
				struct channel *ch = &bus->devices[d].channels[c];

				if (ch->id == id && in > 0 && out > 0) {
					ch->in_size = in;
					ch->out_size = out;
				}
			}
		}
	}
	if (file)
		fclose(file);
}

bool bus_read(struct bus *bus)
{
	struct timespec now;
	char **names;
	size_t i;

	memset(bus, 0, sizeof(*bus));
	hypervisor_read(bus);
	if (file_number("/sys/bus/vmbus/drivers_autoprobe") == UNKNOWN)
		return false;
	module_read(&bus->module, "hv_vmbus");
	clock_gettime(CLOCK_MONOTONIC, &now);
	bus->when = now.tv_sec + now.tv_nsec / 1e9;
	bus->nr_devices = file_names(&names, DEVICES);
	bus->devices = grow(NULL, bus->nr_devices + 1, sizeof(*bus->devices));
	for (i = 0; i < bus->nr_devices; i++)
		read_device(bus, &bus->devices[i], names[i]);
	file_names_free(names, bus->nr_devices);
	qsort(bus->devices, bus->nr_devices, sizeof(*bus->devices), by_id);
	read_debug(bus);
	refused_bus(bus);
	return true;
}

void bus_free(struct bus *bus)
{
	size_t i;

	for (i = 0; i < bus->nr_devices; i++) {
		free(bus->devices[i].channels);
		free(bus->devices[i].refused);
	}
	free(bus->devices);
	free(bus->refused);
	memset(bus, 0, sizeof(*bus));
}

const struct channel *bus_find(const struct bus *bus, const char *device, unsigned int channel)
{
	size_t d, c;

	for (d = 0; d < bus->nr_devices; d++) {
		if (strcmp(bus->devices[d].name, device))
			continue;
		for (c = 0; c < bus->devices[d].nr_channels; c++) {
			if (bus->devices[d].channels[c].id == channel)
				return &bus->devices[d].channels[c];
		}
	}
	return NULL;
}

/* Per second. A channel that is new counts from nothing, as does one whose counters began anew. */
double rate(const struct bus *before, const struct bus *now, const struct device *dev,
	    const struct channel *ch, enum counter which)
{
	const struct channel *old = bus_find(before, dev->name, ch->id);
	long long count = ch->count[which];
	double seconds = now->when - before->when;

	if (count == UNKNOWN || seconds <= 0)
		return -1;
	if (old && old->count[which] != UNKNOWN && old->count[which] <= count)
		count -= old->count[which];
	return count / seconds;
}
