// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers refused of what the host sent, by reason: the bus says so in
 * debugfs, disks in their SCSI host, network cards in `ethtool -S`, services
 * in ic_stats. Drivers that do not count have nothing to show.
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvstat.h"

static const char prefix[] = "refused_";

static void add(struct reason **list, size_t *nr, const char *name, long long count)
{
	struct reason *new;

	*list = grow(*list, *nr + 1, sizeof(**list));
	new = &(*list)[(*nr)++];
	snprintf(new->name, sizeof(new->name), "%s", name);
	new->count = count;
}

/* Lines of "name number"; only those that begin with @only, which is cut off. */
static void add_lines(struct reason **list, size_t *nr, FILE *file,
		      const char *only)
{
	char line[128], name[48];
	size_t skip = strlen(only);
	long long count;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, only, skip) && sscanf(line + skip, "%47s %lld", name, &count) == 2)
			add(list, nr, name, count);
	}
	fclose(file);
}

void refused_bus(struct bus *bus)
{
	add_lines(&bus->refused, &bus->nr_refused,
		  file_open("/sys/kernel/debug/hv_vmbus/refused"), "");
}

static void add_ethtool(struct device *dev, const char *interface)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} ask = {
		.info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS },
	};
	struct ethtool_gstrings *names = NULL;
	struct ethtool_stats *values = NULL;
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	__u32 i;

	if (fd < 0)
		return;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	request.ifr_data = (void *)&ask;
	if (ioctl(fd, SIOCETHTOOL, &request) || !ask.info.sset_mask || !ask.count)
		goto out;
	names = grow(NULL, 1, sizeof(*names) + (size_t)ask.count * ETH_GSTRING_LEN);
	values = grow(NULL, 1, sizeof(*values) + (size_t)ask.count * sizeof(values->data[0]));
	*names = (struct ethtool_gstrings){ ETHTOOL_GSTRINGS, ETH_SS_STATS, ask.count };
	*values = (struct ethtool_stats){ ETHTOOL_GSTATS, ask.count };
	request.ifr_data = (void *)names;
	if (ioctl(fd, SIOCETHTOOL, &request))
		goto out;
	request.ifr_data = (void *)values;
	if (ioctl(fd, SIOCETHTOOL, &request))
		goto out;
	for (i = 0; i < ask.count && i < names->len && i < values->n_stats; i++) {
		char name[ETH_GSTRING_LEN + 1] = "";

		memcpy(name, names->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
		if (!strncmp(name, prefix, sizeof(prefix) - 1))
			add(&dev->refused, &dev->nr_refused, name + sizeof(prefix) - 1,
			    values->data[i]);
	}
out:
	free(names);
	free(values);
	close(fd);
}

void refused_device(struct device *dev)
{
	static const char at[] = "/sys/bus/vmbus/devices";
	char **names, **hosts;
	size_t nr, i, j, n;

	add_lines(&dev->refused, &dev->nr_refused,
		  file_open("%s/%s/ic_stats", at, dev->name), prefix);

	nr = file_names(&names, "%s/%s/net", at, dev->name);
	for (i = 0; i < nr; i++)
		add_ethtool(dev, names[i]);
	file_names_free(names, nr);

	nr = file_names(&names, "%s/%s", at, dev->name);
	for (i = 0; i < nr; i++) {
		if (strncmp(names[i], "host", 4))
			continue;
		n = file_names(&hosts, "%s/%s/%s/scsi_host", at, dev->name, names[i]);
		for (j = 0; j < n; j++)
			add_lines(&dev->refused, &dev->nr_refused,
				  file_open("%s/%s/%s/scsi_host/%s/vstor_refused", at, dev->name,
					    names[i], hosts[j]), "");
		file_names_free(hosts, n);
	}
	file_names_free(names, nr);
}
