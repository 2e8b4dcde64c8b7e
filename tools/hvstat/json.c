// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot for programs: one object on one line. */
#include "hvstat.h"

static void string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void key_string(const char *key, const char *text)
{
	printf("\"%s\":", key);
	if (*text)
		string(text);
	else
		fputs("null", stdout);
}

static void key_number(const char *key, long long number)
{
	if (number == UNKNOWN)
		printf("\"%s\":null", key);
	else
		printf("\"%s\":%lld", key, number);
}

static void show_module(const struct module *m)
{
	fputs("\"module\":{", stdout);
	key_string("name", m->name);
	putchar(',');
	key_string("file", m->file);
	putchar(',');
	key_string("srcversion", m->srcversion);
	printf(",\"builtin\":%s}", m->builtin ? "true" : "false");
}

static void show_refused(const struct reason *list, size_t nr)
{
	size_t i;

	fputs("\"refused\":{", stdout);
	for (i = 0; i < nr; i++) {
		if (i)
			putchar(',');
		string(list[i].name);
		printf(":%lld", list[i].count);
	}
	putchar('}');
}

static void show_channel(const struct bus *before, const struct bus *now,
			 const struct device *dev, const struct channel *ch)
{
	size_t i;

	printf("{\"id\":%u,", ch->id);
	key_number("subchannel", ch->subchannel);
	putchar(',');
	key_number("cpu", ch->cpu);
	putchar(',');
	key_number("in_bytes", ch->in_bytes);
	putchar(',');
	key_number("out_free", ch->out_free);
	putchar(',');
	key_number("in_size", ch->in_size);
	putchar(',');
	key_number("out_size", ch->out_size);
	putchar(',');
	key_number("in_mask", ch->in_mask);
	putchar(',');
	key_number("out_mask", ch->out_mask);
	putchar(',');
	key_number("monitor_id", ch->monitor_id);
	putchar(',');
	key_number("latency", ch->latency);
	for (i = 0; i < COUNTERS; i++) {
		putchar(',');
		key_number(counter_names[i], ch->count[i]);
	}
	if (before) {
		fputs(",\"per_second\":{", stdout);
		for (i = 0; i < COUNTERS; i++) {
			double value = rate(before, now, dev, ch, i);

			printf("%s\"%s\":", i ? "," : "", counter_names[i]);
			if (value < 0)
				fputs("null", stdout);
			else
				printf("%.3f", value);
		}
		putchar('}');
	}
	putchar('}');
}

static void show_device(const struct bus *before, const struct bus *now,
			const struct device *dev)
{
	size_t c;

	printf("{\"id\":%u,", dev->id);
	key_string("name", dev->name);
	putchar(',');
	key_string("class", dev->class_name);
	putchar(',');
	key_string("class_id", dev->class_id);
	putchar(',');
	key_string("device_id", dev->device_id);
	putchar(',');
	key_number("state", dev->state);
	putchar(',');
	key_string("driver", dev->driver);
	putchar(',');
	show_module(&dev->module);
	putchar(',');
	show_refused(dev->refused, dev->nr_refused);
	fputs(",\"channels\":[", stdout);
	for (c = 0; c < dev->nr_channels; c++) {
		if (c)
			putchar(',');
		show_channel(before, now, dev, &dev->channels[c]);
	}
	fputs("]}", stdout);
}

void json_show(const struct bus *before, const struct bus *now)
{
	size_t d;

	fputs("{\"hypervisor\":", stdout);
	if (now->hypervisor) {
		putchar('{');
		key_string("vendor", now->vendor);
		putchar(',');
		key_string("interface", now->interface);
		printf(",\"version\":\"%u.%u\",\"build\":\"%u.%u\"}", now->version[0],
		       now->version[1], now->version[2], now->version[3]);
	} else {
		fputs("null", stdout);
	}
	fputs(",\"vmbus\":{", stdout);
	key_string("version", now->protocol);
	putchar(',');
	show_module(&now->module);
	putchar(',');
	show_refused(now->refused, now->nr_refused);
	putchar('}');
	if (before)
		printf(",\"seconds\":%.3f", now->when - before->when);
	fputs(",\"devices\":[", stdout);
	for (d = 0; d < now->nr_devices; d++) {
		if (d)
			putchar(',');
		show_device(before, now, &now->devices[d]);
	}
	puts("]}");
}
