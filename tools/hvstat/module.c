// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel module: the file that modprobe would take for it, and whether that
 * is what is loaded. Its source version says so; the kernel tells that of the
 * loaded one, and an uncompressed file has it in its text.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "hvstat.h"

/* Whether @path, a name from modules.dep, is the file of module @name. */
static bool is_file_of(const char *path, const char *name)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	for (; *name; name++, base++) {
		/* files may have a dash where the module's name cannot */
		if (*base != *name && !(*base == '-' && *name == '_'))
			return false;
	}
	return !strncmp(base, ".ko", 3);
}

/* The file for @name, below /lib/modules. */
static bool find(char *to, size_t bytes, const char *release, const char *name)
{
	FILE *file = file_open("/lib/modules/%s/modules.dep", release);
	char *line = NULL;
	size_t space = 0;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &space, file) > 0) {
		line[strcspn(line, ":\n")] = 0;
		found = is_file_of(line, name);
	}
	fclose(file);
	if (found && *line == '/')
		snprintf(to, bytes, "%s", line);
	else if (found)
		snprintf(to, bytes, "/lib/modules/%s/%s", release, line);
	free(line);
	return found;
}

/* Whether @file holds "srcversion=@version"; true also if nobody can tell. */
static bool holds(const char *file, const char *version)
{
	static const char key[] = "srcversion=";
	size_t at = 0;
	FILE *in;
	int c;

	if (strcmp(file + strlen(file) - 3, ".ko"))
		return true;
	in = file_open("%s", file);
	if (!in)
		return true;
	while ((c = getc(in)) != EOF) {
		at = c == key[at] ? at + 1 : c == key[0];
		if (at < sizeof(key) - 1)
			continue;
		while (*version && (c = getc(in)) == *version)
			version++;
		fclose(in);
		return !*version;
	}
	fclose(in);
	return true;
}

void module_read(struct module *module, const char *name)
{
	char text[16], release[96];
	struct utsname uts;

	memset(module, 0, sizeof(*module));
	snprintf(module->name, sizeof(module->name), "%s", name);
	file_text(module->srcversion, sizeof(module->srcversion),
		  "/sys/module/%s/srcversion", name);
	/* Only a loaded module has a state. */
	if (!file_text(text, sizeof(text), "/sys/module/%s/initstate", name)) {
		module->builtin = true;
		return;
	}
	if (!file_text(release, sizeof(release), "/proc/sys/kernel/osrelease") &&
	    !uname(&uts))
		snprintf(release, sizeof(release), "%s", uts.release);
	if (find(module->file, sizeof(module->file), release, name) &&
	    *module->srcversion && !holds(module->file, module->srcversion))
		*module->file = 0;
}
