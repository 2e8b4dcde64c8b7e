// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot for people. */
#include <string.h>

#include "hvstat.h"

static void show_module(const char *what, const struct module *m)
{
	if (m->builtin)
		printf("%s%s, built in", what, m->name);
	else
		printf("%s%s", what, *m->file ? m->file : *m->name ? m->name : "no driver");
	if (*m->srcversion)
		printf(", srcversion %s", m->srcversion);
	if (*m->name && !m->builtin && !*m->file)
		fputs(", whose file is not there any more", stdout);
	putchar('\n');
}

static void show_head(const struct bus *bus)
{
	if (!bus->hypervisor)
		puts("hypervisor  none");
	else if (!*bus->interface)
		printf("hypervisor  %s\n", bus->vendor);
	else
		printf("hypervisor  %s, %s, version %u.%u, build %u.%u\n", bus->vendor,
		       bus->interface, bus->version[0], bus->version[1], bus->version[2],
		       bus->version[3]);
	printf("VMBus       %s%s", *bus->protocol ? bus->protocol : "", *bus->protocol ? ", " : "");
	show_module("", &bus->module);
}

/* How full a ring is, in per cent where its size is known; else in bytes. */
static const char *fill(char *to, size_t bytes, long long used, long long size)
{
	if (used == UNKNOWN)
		return "-";
	if (size > 0)
		snprintf(to, bytes, "%lld%%", (used * 100 + size - 1) / size);
	else
		snprintf(to, bytes, "%lld", used);
	return to;
}

static const char *count(char *to, size_t bytes, const struct bus *before,
			 const struct bus *now, const struct device *dev,
			 const struct channel *ch, enum counter which)
{
	double per_second;

	if (ch->count[which] == UNKNOWN)
		return "-";
	if (!before) {
		snprintf(to, bytes, "%lld", ch->count[which]);
		return to;
	}
	per_second = rate(before, now, dev, ch, which);
	if (per_second < 0)
		return "-";
	snprintf(to, bytes, "%.*f", per_second < 10 ? 1 : 0, per_second);
	return to;
}

static void show_channel(const struct bus *before, const struct bus *now,
			 const struct device *dev, const struct channel *ch, bool first)
{
	static const enum counter shown[] = { INTERRUPTS, EVENTS, OUT_FULL_ALL };
	char text[4][24], cpu[16] = "-";
	const char *cells[3], *in, *out;
	long long used = UNKNOWN;
	size_t i;

	for (i = 0; i < 3; i++)
		cells[i] = count(text[i], sizeof(text[i]), before, now, dev, ch, shown[i]);
	if (ch->cpu != UNKNOWN)
		snprintf(cpu, sizeof(cpu), "%lld", ch->cpu);
	in = fill(text[3], sizeof(text[3]), ch->in_bytes, ch->in_size);
	printf("%5u  %-21s %-12s %4s %9s ", ch->id, first ? dev->class_name : "",
	       first ? dev->driver : "", cpu, in);
	/* Without its size only the room in a ring is known, not what is used. */
	if (ch->out_free != UNKNOWN && ch->out_size > 0)
		used = ch->out_size > ch->out_free ? ch->out_size - ch->out_free : 0;
	out = fill(text[3], sizeof(text[3]), ch->out_size > 0 ? used : ch->out_free,
		   ch->out_size);
	printf("%9s %12s %12s %8s\n", out, cells[0], cells[1], cells[2]);
}

static bool seen_before(const struct bus *bus, size_t d)
{
	size_t i;

	for (i = 0; i < d; i++) {
		if (!strcmp(bus->devices[i].module.name, bus->devices[d].module.name))
			return true;
	}
	return false;
}

static void show_refused(const char *who, const struct reason *list, size_t nr)
{
	bool any = false;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!list[i].count)
			continue;
		printf("%s %s %lld", any ? "," : who, list[i].name, list[i].count);
		any = true;
	}
	if (any)
		putchar('\n');
}

void table_show(const struct bus *before, const struct bus *now)
{
	bool sizes = false;
	size_t d, c;

	for (d = 0; d < now->nr_devices; d++) {
		for (c = 0; c < now->devices[d].nr_channels; c++)
			sizes |= now->devices[d].channels[c].out_size > 0;
	}
	show_head(now);
	printf("\n%5s  %-21s %-12s %4s %9s %9s %12s %12s %8s\n", "CHAN", "DEVICE", "DRIVER", "CPU",
	       sizes ? "IN FULL" : "IN BYTES", sizes ? "OUT FULL" : "OUT FREE",
	       before ? "INTERRUPTS/s" : "INTERRUPTS", before ? "EVENTS/s" : "EVENTS",
	       before ? "STALLS/s" : "STALLS");
	for (d = 0; d < now->nr_devices; d++) {
		const struct device *dev = &now->devices[d];

		if (!dev->nr_channels)
			printf("%5u  %-21s %-12s\n", dev->id, dev->class_name, dev->driver);
		for (c = 0; c < dev->nr_channels; c++)
			show_channel(before, now, dev, &dev->channels[c], !c);
	}
	putchar('\n');
	for (d = 0; d < now->nr_devices; d++) {
		const struct module *module = &now->devices[d].module;

		if (*module->name && !seen_before(now, d)) {
			printf("%-12s", module->name);
			show_module("", module);
		}
	}
	show_refused("refused by the bus:", now->refused, now->nr_refused);
	for (d = 0; d < now->nr_devices; d++) {
		char who[96];

		snprintf(who, sizeof(who), "refused by %s (%s %u):", now->devices[d].driver,
			 now->devices[d].class_name, now->devices[d].id);
		show_refused(who, now->devices[d].refused, now->devices[d].nr_refused);
	}
}
