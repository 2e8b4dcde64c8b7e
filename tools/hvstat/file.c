// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small files of the kernel's. A file that is not there, or cannot be read
 * at this moment, is an answer like any other: devices come and go.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvstat.h"

static const char *root = "";

void file_root(const char *where)
{
	root = where;
}

static bool full_name(char *to, const char *format, va_list words)
{
	int at = snprintf(to, PATH_MAX, "%s", root), n;

	if (at < 0 || at >= PATH_MAX)
		return false;
	n = vsnprintf(to + at, PATH_MAX - at, format, words);
	return n >= 0 && n < PATH_MAX - at;
}

#define NAME(name, format) \
	char name[PATH_MAX]; \
	va_list words; \
	bool fits; \
	\
	va_start(words, format); \
	fits = full_name(name, format, words); \
	va_end(words)

FILE *file_open(const char *format, ...)
{
	NAME(name, format);

	return fits ? fopen(name, "re") : NULL;
}

/* The first line, without its end, and without what a terminal would obey. */
static bool first_line(const char *name, char *to, size_t bytes)
{
	FILE *file = fopen(name, "re");
	char *c;
	bool ok;

	*to = 0;
	if (!file)
		return false;
	ok = fgets(to, bytes, file);
	fclose(file);
	if (!ok)
		*to = 0;
	to[strcspn(to, "\n")] = 0;
	for (c = to; *c; c++) {
		if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
			*c = '?';
	}
	return ok;
}

bool file_text(char *to, size_t bytes, const char *format, ...)
{
	NAME(name, format);

	*to = 0;
	return fits && first_line(name, to, bytes);
}

long long file_number(const char *format, ...)
{
	char line[64], *end;
	long long value;
	NAME(name, format);

	if (!fits || !first_line(name, line, sizeof(line)))
		return UNKNOWN;
	errno = 0;
	value = strtoll(line, &end, 0);
	if (errno || end == line || (*end && !isspace((unsigned char)*end)))
		return UNKNOWN;
	return value;
}

bool file_link(char *to, size_t bytes, const char *format, ...)
{
	char target[PATH_MAX];
	ssize_t length;
	NAME(name, format);

	*to = 0;
	length = fits ? readlink(name, target, sizeof(target) - 1) : -1;
	if (length < 0)
		return false;
	target[length] = 0;
	snprintf(to, bytes, "%s", strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
	return true;
}

static void *some(void *memory)
{
	if (!memory) {
		fputs("hvstat: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

void *grow(void *array, size_t nr, size_t bytes)
{
	return some(reallocarray(array, nr, bytes));
}

static int by_number_or_name(const void *a, const void *b)
{
	const char *x = *(char * const *)a, *y = *(char * const *)b;
	unsigned long m, n;
	char *p, *q;

	m = strtoul(x, &p, 10);
	n = strtoul(y, &q, 10);
	if (!*p && !*q)
		return (m > n) - (m < n);
	return strcmp(x, y);
}

size_t file_names(char ***names, const char *format, ...)
{
	struct dirent *entry;
	char **list = NULL;
	size_t nr = 0;
	DIR *dir;
	NAME(name, format);

	*names = NULL;
	dir = fits ? opendir(name) : NULL;
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		list = grow(list, nr + 1, sizeof(*list));
		list[nr++] = some(strdup(entry->d_name));
	}
	closedir(dir);
	if (nr)
		qsort(list, nr, sizeof(*list), by_number_or_name);
	*names = list;
	return nr;
}

void file_names_free(char **names, size_t nr)
{
	while (nr)
		free(names[--nr]);
	free(names);
}
