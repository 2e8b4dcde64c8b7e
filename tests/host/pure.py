#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every core file has its suite.

usage: pure.py INCLUDE_DIR OUT_DIR FOLDER...

A .c file is core if it compiles over the shims (INCLUDE_DIR, which has no
kernel facility in it) and calls nothing but the C library's string functions
and other core files. Such a file needs tests/kunit/<folder>/<file>_test.c.
Prints PASS or FAIL for each of them.
"""
import glob
import os
import subprocess
import sys

LIBRARY = {"memcpy", "memset", "memcmp", "memmove", "memchr", "strlen", "strcmp", "strncmp", "strnlen", "abort",
           "fprintf", "stderr", "__stack_chk_fail"}


def symbols(obj):
    """Return (defined, undefined) global symbols of an object file."""
    text = subprocess.run(["nm", "-g", obj], stdout=subprocess.PIPE, text=True, check=True).stdout
    words = [line.split() for line in text.splitlines()]
    return {w[-1] for w in words if w[-2] != "U"}, {w[-1] for w in words if w[-2] == "U"}


def main():
    """Return the exit status."""
    include, out, *folders = sys.argv[1:]
    found = {}
    os.makedirs(out, exist_ok=True)
    for source in sorted(f for folder in folders for f in glob.glob(folder + "/*.c")):
        obj = os.path.join(out, source.replace("/", "_") + ".o")
        done = subprocess.run(["gcc", "-I" + include, "-Itests/host/include", "-I.", "-include", "shim.h", "-std=gnu11",
                               "-O1", "-w", "-Werror=implicit-function-declaration", "-c", "-o", obj, source],
                              stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            found[source] = symbols(obj)
    while True:
        known = set(LIBRARY).union(*(defined for defined, _ in found.values()))
        glue = [source for source, (_, wanted) in found.items() if wanted - known]
        if not glue:
            break
        for source in glue:
            del found[source]
    for source in found:
        suite = "tests/kunit/%s_test.c" % source[:-2]
        if os.path.exists(suite):
            print("PASS host/core: %s has a suite" % source)
        else:
            print("FAIL host/core: %s has a suite: it is pure and there is no %s" % (source, suite))
    if not found:
        print("FAIL host/core: core files: none found")


if __name__ == "__main__":
    sys.exit(main())
