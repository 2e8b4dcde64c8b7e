// SPDX-License-Identifier: GPL-2.0-only
/* hvstat: options, and the loop of --watch. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hvstat.h"

static const char usage[] =
	"usage: hvstat [--json] [--watch [SECONDS] [--count N]] [--root DIR] [DEVICE...]\n"
	"\n"
	"Shows the devices of VMBus, their channels and drivers; as root more of them.\n"
	"\n"
	"  -w, --watch[=SECONDS]  rates per second, again and again (1)\n"
	"  -n, --count=N          stop after N times\n"
	"  -j, --json             for programs: one object a line\n"
	"      --root=DIR         read sys, proc and lib/modules below DIR\n"
	"  DEVICE                 only devices whose class (\"network\"), driver, channel number or\n"
	"                         identifier begins like that\n";

static void die(const char *why)
{
	fprintf(stderr, "hvstat: %s\n%s", why, usage);
	exit(2);
}

static bool begins(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}

static bool wanted(const struct device *dev, char **words)
{
	char id[16];
	size_t c;

	for (; *words; words++) {
		if (begins(dev->class_name, *words) || begins(dev->driver, *words) ||
		    begins(dev->name, *words) || begins(dev->device_id, *words) ||
		    begins(dev->class_id, *words))
			return true;
		for (c = 0; c < dev->nr_channels; c++) {
			snprintf(id, sizeof(id), "%u", dev->channels[c].id);
			if (!strcmp(id, *words))
				return true;
		}
	}
	return false;
}

static void keep_wanted(struct bus *bus, char **words)
{
	size_t d, kept = 0;

	if (!*words)
		return;
	for (d = 0; d < bus->nr_devices; d++) {
		if (wanted(&bus->devices[d], words)) {
			bus->devices[kept++] = bus->devices[d];
			continue;
		}
		free(bus->devices[d].channels);
		free(bus->devices[d].refused);
	}
	bus->nr_devices = kept;
}

static void nap(double seconds)
{
	struct timespec left = { seconds, (seconds - (long)seconds) * 1e9 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static double positive(const char *text, const char *what)
{
	double value;
	char *end;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value > 0) || value > 1e6)
		die(what);
	return value;
}

int main(int argc, char **argv)
{
	enum { ROOT = 256, HELP };
	static const struct option options[] = {
		{ "watch", optional_argument, NULL, 'w' },
		{ "count", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "root", required_argument, NULL, ROOT },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 }
	};
	struct bus before = { 0 }, now;
	bool json = false, watch = false;
	double seconds = 1, count = 0;
	int option;

	while ((option = getopt_long(argc, argv, "w::n:j", options, NULL)) != -1) {
		switch (option) {
		case 'w':
			watch = true;
			if (optarg)
				seconds = positive(optarg, "--watch wants a number of seconds");
			break;
		case 'n':
			count = positive(optarg, "--count wants a number");
			break;
		case 'j':
			json = true;
			break;
		case ROOT:
			file_root(optarg);
			break;
		case HELP:
			fputs(usage, stdout);
			return 0;
		default:
			die("unknown option");
		}
	}
	if (count && !watch)
		die("--count is for --watch");

	do {
		if (!bus_read(&now)) {
			fputs(now.hypervisor ? "hvstat: no VMBus here: hv_vmbus is not loaded\n" :
			      "hvstat: no VMBus here: this machine has no hypervisor\n", stderr);
			bus_free(&before);
			return 1;
		}
		keep_wanted(&now, argv + optind);
		if (!watch || before.when) {
			if (watch && !json)
				fputs(isatty(STDOUT_FILENO) ? "\033[H\033[J" : "", stdout);
			(json ? json_show : table_show)(watch ? &before : NULL, &now);
			if (watch && !json && !isatty(STDOUT_FILENO))
				putchar('\n');
			if (fflush(stdout) || ferror(stdout))
				return 1;
			if (watch && count && !--count)
				watch = false;
		}
		bus_free(&before);
		before = now;
		if (watch)
			nap(seconds);
	} while (watch);
	bus_free(&before);
	return 0;
}
