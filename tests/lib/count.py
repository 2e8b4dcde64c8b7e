# SPDX-License-Identifier: GPL-2.0-only
"""Counting instructions: the plugin for QEMU, and what its counters mean.

tests/qemu/plugins/count.c counts; here it is compiled, its addresses are given
the names that the guest's own /proc/kallsyms knows, and the result is printed.
"""
import bisect
import json
import os
import subprocess

from . import cache, host

PLUGINS = os.path.join(cache.TOP, "tests/qemu/plugins")


def header(qemu):
    """Return the folder of qemu-plugin.h: next to this QEMU, or next to the one tests/qemu/build makes."""
    for find in (lambda: qemu, host.built):
        folder = os.path.join(os.path.dirname(os.path.dirname(find())), "include")
        if os.path.exists(os.path.join(folder, "qemu-plugin.h")):
            return folder
    raise cache.Failure("--count: no qemu-plugin.h to compile the plugin with")


def plugin(qemu):
    """Return the plugin, compiled the first time."""
    folder = header(qemu)

    def make(part):
        flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0"], stdout=subprocess.PIPE, text=True).stdout.split()
        cache.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
                   "-fvisibility=hidden"] + flags + ["-I" + folder, "-o", part, os.path.join(PLUGINS, "count.c")],
                  "compiling the counting plugin")
    key = cache.hash_of(("file", PLUGINS), ("file", os.path.join(folder, "qemu-plugin.h")))
    return cache.entry("plugins/count-%s.so" % key, make)


def program(source, headers=()):
    """Return a C program for the guest, compiled statically; it may include mark.h and @headers beside it."""
    key = cache.hash_of(*[("file", f) for f in (source, os.path.join(PLUGINS, "mark.h"), *headers)])
    name = os.path.basename(source)[:-2]
    return cache.entry("guest/%s-%s" % (name, key), lambda part: cache.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-pthread", "-I" + PLUGINS, "-o", part, source],
        "compiling " + source))


def marker():
    """Return the program hv-mark."""
    return program(os.path.join(PLUGINS, "hv-mark.c"))


class Symbols:
    """Text symbols of the guest, with the module each belongs to."""

    def __init__(self, lines):
        found = []
        for line in lines:
            words = line.split()
            if len(words) >= 3 and words[1] in "tTwW":
                found.append((int(words[0], 16), words[2], words[3].strip("[]") if len(words) > 3 else "kernel"))
        found.sort(key=lambda s: s[0])
        self.list = found
        self.starts = [s[0] for s in found]

    def find(self, address):
        """Return (module, function, offset)."""
        place = bisect.bisect_right(self.starts, address) - 1
        if place < 0 or address - self.starts[place] > 1 << 20:
            return "?", "%x" % address, 0
        start, name, module = self.list[place]
        return module, name, address - start


def windows(text, symbols):
    """Return the windows of the plugin's output, by module and function."""
    found = []
    for line in text.split("\n"):
        word, _, rest = line.partition(" ")
        if word == "window":
            now = {"total": 0, "user": 0, "modules": {}, "functions": {}, "code": {}}
        elif word == "end":
            now["functions"] = {m: sorted(([n, f] for f, n in fs.items()), reverse=True) for m, fs in now["functions"].items()}
            found.append(now)
        elif word in ("user", "lost"):
            now["total"] += int(rest)
            now[word] = int(rest)
        elif word:
            count = int(rest)
            module, name, offset = symbols.find(int(word, 16))
            now["total"] += count
            now["modules"][module] = now["modules"].get(module, 0) + count
            functions = now["functions"].setdefault(module, {})
            functions[name] = functions.get(name, 0) + count
            if module not in ("kernel", "?"):
                now["code"].setdefault(module, {}).setdefault(name, []).append([offset, count])
    return found


def show(args):
    """tests/vm profile: print a counted run."""
    with open(args.file) as handle:
        counted = json.load(handle)["windows"]
    if not counted:
        raise cache.Failure("%s: no window in it: did the guest run hv-mark?" % args.file)
    for number, window in enumerate(counted, 1):
        if args.window and args.window != number:
            continue
        print("window %d: %d instructions, %.1f per operation" % (number, window["total"], window["total"] / args.per))
        rows = [(window["user"], "user space")] + [(n, m) for m, n in window["modules"].items()]
        for count, name in sorted(rows, reverse=True):
            print("  %12d %10.2f %5.1f%%  %s" % (count, count / args.per, 100 * count / window["total"], name))
        for module in args.module or ["kernel"] + sorted(m for m in window["modules"] if m.startswith("hv_")):
            rows = window["functions"].get(module, [])
            print("  -- %s" % module)
            for count, name in rows[:args.top]:
                print("  %12d %10.2f %5.1f%%  %s" % (count, count / args.per, 100 * count / max(1, window["modules"][module]), name))
        for name in args.code:
            for module, functions in window["code"].items():
                for offset, count in sorted(functions.get(name, [])):
                    print("  %12d %10.2f  %s+%#x [%s]" % (count, count / args.per, name, offset, module))
