// SPDX-License-Identifier: GPL-2.0-only
/* A snapshot for programs: one object on one line. */
#include "hvstat.h"

/* What comes before the next member: nothing in front of the first one. */
static const char *comma;

static void begin_object(void)
{
	putchar('{');
	comma = "";
}

static void end_object(void)
{
	putchar('}');
	comma = ",";
}

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

static void key(const char *name)
{
	fputs(comma, stdout);
	string(name);
	putchar(':');
	comma = ",";
}

static void key_string(const char *name, const char *text)
{
	key(name);
	if (*text)
		string(text);
	else
		fputs("null", stdout);
}

static void key_number(const char *name, long long number)
{
	key(name);
	if (number == UNKNOWN)
		fputs("null", stdout);
	else
		printf("%lld", number);
}

static void show_module(const struct module *m)
{
	key("module");
	begin_object();
	key_string("name", m->name);
	key_string("file", m->file);
	key_string("srcversion", m->srcversion);
	key("builtin");
	fputs(m->builtin ? "true" : "false", stdout);
	end_object();
}

static void show_refused(const struct reason *list, size_t nr)
{
	size_t i;

	key("refused");
	begin_object();
	for (i = 0; i < nr; i++) {
		key(list[i].name);
		printf("%lld", list[i].count);
	}
	end_object();
}

static void show_channel(const struct bus *before, const struct bus *now,
			 const struct device *dev, const struct channel *ch)
{
	size_t i;

	begin_object();
	key_number("id", ch->id);
	key_number("subchannel", ch->subchannel);
	key_number("cpu", ch->cpu);
	key_number("in_bytes", ch->in_bytes);
	key_number("out_free", ch->out_free);
	key_number("in_size", ch->in_size);
	key_number("out_size", ch->out_size);
	key_number("in_mask", ch->in_mask);
	key_number("out_mask", ch->out_mask);
	key_number("monitor_id", ch->monitor_id);
	key_number("latency", ch->latency);
	for (i = 0; i < COUNTERS; i++)
		key_number(counter_names[i], ch->count[i]);
	if (before) {
		key("per_second");
		begin_object();
		for (i = 0; i < COUNTERS; i++) {
			double value = rate(before, now, dev, ch, i);

			key(counter_names[i]);
			if (value < 0)
				fputs("null", stdout);
			else
				printf("%.3f", value);
		}
		end_object();
	}
	end_object();
}

static void show_device(const struct bus *before, const struct bus *now,
			const struct device *dev)
{
	size_t c;

	begin_object();
	key_number("id", dev->id);
	key_string("name", dev->name);
	key_string("class", dev->class_name);
	key_string("class_id", dev->class_id);
	key_string("device_id", dev->device_id);
	key_number("state", dev->state);
	key_string("driver", dev->driver);
	show_module(&dev->module);
	show_refused(dev->refused, dev->nr_refused);
	key("channels");
	putchar('[');
	for (c = 0; c < dev->nr_channels; c++) {
		if (c)
			putchar(',');
		show_channel(before, now, dev, &dev->channels[c]);
	}
	putchar(']');
	end_object();
}

static void show_hypervisor(const struct bus *now)
{
	key("hypervisor");
	if (!now->hypervisor) {
		fputs("null", stdout);
		return;
	}
	begin_object();
	key_string("vendor", now->vendor);
	key_string("interface", now->interface);
	key("version");
	printf("\"%u.%u\"", now->version[0], now->version[1]);
	key("build");
	printf("\"%u.%u\"", now->version[2], now->version[3]);
	end_object();
}

void json_show(const struct bus *before, const struct bus *now)
{
	size_t d;

	begin_object();
	show_hypervisor(now);
	key("vmbus");
	begin_object();
	key_string("version", now->protocol);
	show_module(&now->module);
	show_refused(now->refused, now->nr_refused);
	end_object();
	if (before) {
		key("seconds");
		printf("%.3f", now->when - before->when);
	}
	key("devices");
	putchar('[');
	for (d = 0; d < now->nr_devices; d++) {
		if (d)
			putchar(',');
		show_device(before, now, &now->devices[d]);
	}
	putchar(']');
	end_object();
	putchar('\n');
}
