// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's first program. It loads the modules that lead to the root file
 * system, mounts it, hands the run's own files over to it and starts the agent
 * there. When the agent ends, the guest is powered off.
 *
 * With hv_resume=SERIAL on the kernel's command line it first goes back to the
 * image of a machine that hibernated on that disk, as any initramfs does for
 * resume=; without an image it goes on.
 *
 * A disk is found by its serial number, not by its name, because names depend
 * on who drives the disk and on the order of arrival.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS 60

/* One line in the kernel log, where the host looks for it. */
static void note(const char *format, ...)
{
	char line[400];
	va_list args;
	int fd, n;

	n = snprintf(line, sizeof(line), "<4>hv-init: ");
	va_start(args, format);
	n += vsnprintf(line + n, sizeof(line) - n - 1, format, args);
	va_end(args);
	fd = open("/dev/kmsg", O_WRONLY);
	if (fd >= 0) {
		if (write(fd, line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1) < 0)
			fd = -1;
		close(fd);
	}
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* The agent's children ask for the end of the guest with a signal: bin/reboot, bin/poweroff. */
static void on_signal(int number)
{
	sync();
	reboot(number == SIGUSR1 ? RB_AUTOBOOT : RB_POWER_OFF);
}

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note("FAILED: %s", text);
	sleep(1);
	power_off();
}

static void must_mount(const char *source, const char *target, const char *type, unsigned long flags)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, NULL))
		fail("mount %s on %s: %s", source, target, strerror(errno));
}

/* Load what /hv/boot/order lists; the host sorted it by dependency. */
static void load_boot_modules(void)
{
	char line[512], path[600];
	FILE *order = fopen("/hv/boot/order", "r");

	if (!order)
		fail("no list of boot modules");
	while (fgets(line, sizeof(line), order)) {
		int fd;

		line[strcspn(line, "\n")] = '\0';
		snprintf(path, sizeof(path), "/hv/boot/%s", line);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fail("open %s: %s", path, strerror(errno));
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			note("load %s: %s", line, strerror(errno));
		close(fd);
	}
	fclose(order);
}

/* Whether the file (a serial number, or VPD page 0x80 around one) contains the text. */
static bool file_has(const char *block, const char *file, const char *text)
{
	char path[300], data[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", block, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, data, sizeof(data));
	close(fd);
	return n > 0 && memmem(data, n, text, strlen(text));
}

static bool find_now(const char *serial, char *device, size_t size)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	if (!folder)
		return false;
	while (!found && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		found = file_has(entry->d_name, "serial", serial) || file_has(entry->d_name, "device/vpd_pg80", serial);
		if (found)
			snprintf(device, size, "/dev/%s", entry->d_name);
	}
	closedir(folder);
	return found;
}

/* Disks are scanned in the background: wait for the one with this serial number. */
static void find_disk(const char *serial, char *device, size_t size)
{
	const struct timespec pause_time = { .tv_nsec = 10 * 1000 * 1000 };
	time_t end = time(NULL) + WAIT_SECONDS;

	while (!find_now(serial, device, size) || access(device, F_OK)) {
		if (time(NULL) > end)
			fail("no disk with serial number %s after %d s", serial, WAIT_SECONDS);
		nanosleep(&pause_time, NULL);
	}
}

/* Comes back only if nobody hibernated there. */
static void resume_from(const char *serial)
{
	char device[300], number[40];
	struct stat disk;
	int fd, n;

	find_disk(serial, device, sizeof(device));
	if (stat(device, &disk))
		fail("%s: %s", device, strerror(errno));
	n = snprintf(number, sizeof(number), "%u:%u\n", major(disk.st_rdev), minor(disk.st_rdev));
	fd = open("/sys/power/resume", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail("/sys/power/resume: %s", strerror(errno));
	if (write(fd, number, n) != n)
		note("no image on %s: %s", device, strerror(errno));
	close(fd);
}

static void enter_root(void)
{
	char device[300];

	find_disk("hvroot", device, sizeof(device));
	must_mount(device, "/root", "ext4", MS_NOATIME);
	note("root file system on %s", device);
	must_mount("run", "/root/run", "tmpfs", 0);
	must_mount("tmp", "/root/tmp", "tmpfs", 0);
	must_mount("/hv", "/root/run/hv", NULL, MS_BIND);
	find_disk("hvmodules", device, sizeof(device));
	must_mount(device, "/root/run/hv-modules", "ext4", MS_RDONLY);
	must_mount("/hv/lib/modules", "/root/lib/modules", NULL, MS_BIND);
	if (!access("/hv/share", F_OK))
		must_mount("/hv/share", "/root/share", NULL, MS_BIND);
	must_mount("/dev", "/root/dev", NULL, MS_MOVE);
	must_mount("/proc", "/root/proc", NULL, MS_MOVE);
	must_mount("/sys", "/root/sys", NULL, MS_MOVE);
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		fail("enter the root file system: %s", strerror(errno));
}

int main(void)
{
	static char *const agent[] = { "/run/hv/bin/agent", NULL };
	static char *const environment[] = {
		"PATH=/run/hv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "LC_ALL=C", "TERM=dumb", "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1", NULL,
	};
	pid_t child;

	mount("dev", "/dev", "devtmpfs", 0, NULL);
	must_mount("proc", "/proc", "proc", 0);
	must_mount("sys", "/sys", "sysfs", 0);
	load_boot_modules();
	if (getenv("hv_resume"))
		resume_from(getenv("hv_resume"));
	enter_root();
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	child = fork();
	if (!child) {
		setsid();
		execve(agent[0], agent, environment);
		_exit(127);
	}
	for (;;) {
		int status;
		pid_t gone = waitpid(-1, &status, 0);

		if (gone == child)
			power_off();
		if (gone < 0 && errno == ECHILD)
			power_off();
	}
}
