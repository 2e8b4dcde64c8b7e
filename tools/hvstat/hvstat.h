/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvstat: what a Hyper-V guest's bus, its channels and their drivers do.
 * One snapshot is read (bus.c), then shown as a table or as JSON.
 */
#ifndef HVSTAT_H
#define HVSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PRINTF(at, from) __attribute__((__format__(__printf__, at, from)))
#define UNKNOWN (-1LL)		/* not said by this kernel, or ring not open */

/* Counters of a channel, in the order of counter_names[]. */
enum counter {
	INTERRUPTS,		/* from the host, since the offer */
	EVENTS,			/* to the host */
	OUT_FULL,		/* times a ring to the host became full */
	OUT_FULL_ALL,		/* packets that found it full */
	IN_FULL,		/* signals because the host waits for room */
	OUT_EMPTY,		/* signals because the host had read all */
	COUNTERS
};

struct channel {
	unsigned int id;
	long long subchannel;
	long long cpu;
	long long count[COUNTERS];
	long long in_bytes;	/* waiting for the guest */
	long long out_free;	/* room in the ring to the host */
	long long in_size;
	long long out_size;
	long long in_mask;	/* the guest does not want interrupts */
	long long out_mask;
	long long monitor_id;
	long long latency;	/* 100 ns, if the host watches a monitor page */
};

/* A word and a number: a refusal by reason. */
struct reason {
	char name[48];
	long long count;
};

struct module {
	char name[64];
	char file[256];		/* "" if nothing says which, or built in */
	char srcversion[40];
	bool builtin;
};

struct device {
	char name[64];		/* instance, as the directory is called */
	char class_id[64];
	char device_id[64];
	const char *class_name;
	unsigned int id;
	long long state;
	char driver[64];
	struct module module;
	struct channel *channels;
	size_t nr_channels;
	struct reason *refused;
	size_t nr_refused;
};

struct bus {
	bool hypervisor;
	char vendor[16];
	char interface[8];
	unsigned int version[4];	/* major, minor, build, service pack */
	char protocol[16];		/* of VMBus, "" if nothing says */
	struct module module;
	struct device *devices;
	size_t nr_devices;
	struct reason *refused;
	size_t nr_refused;
	double when;			/* seconds, monotonic */
};

extern const char * const counter_names[COUNTERS];

/* file.c: small files of the kernel's; @root is put in front of each name */
void file_root(const char *root);
bool file_text(char *to, size_t bytes, const char *format, ...)
	PRINTF(3, 4);
long long file_number(const char *format, ...) PRINTF(1, 2);
bool file_link(char *to, size_t bytes, const char *format, ...)
	PRINTF(3, 4);
FILE *file_open(const char *format, ...) PRINTF(1, 2);
size_t file_names(char ***names, const char *format, ...)
	PRINTF(2, 3);
void file_names_free(char **names, size_t nr);
void *grow(void *array, size_t nr, size_t bytes);

/* hypervisor.c */
void hypervisor_read(struct bus *bus);

/* module.c */
void module_read(struct module *module, const char *name);

/* refused.c */
void refused_bus(struct bus *bus);
void refused_device(struct device *dev);

/* bus.c */
bool bus_read(struct bus *bus);
void bus_free(struct bus *bus);
const struct channel *bus_find(const struct bus *bus, const char *device,
			       unsigned int channel);
double rate(const struct bus *before, const struct bus *now,
	    const struct device *dev, const struct channel *ch,
	    enum counter which);

/* table.c, json.c: @before is NULL, or the snapshot that rates count from */
void table_show(const struct bus *before, const struct bus *now);
void json_show(const struct bus *before, const struct bus *now);

#endif /* HVSTAT_H */
