#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""checkpatch --strict over whole files, less what checkpatch.allow permits with a reason.

usage: checkpatch.py KERNEL_SOURCE FILE...

Prints what is left. A permission that nothing uses any more is a complaint too,
unless its pattern matches none of the files given.
"""
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

LINE = re.compile(r"^(.+?):(\d+): (?:ERROR|WARNING|CHECK):(\w+): (.*)$")


def permissions():
    """Return [type, pattern, used] for each line of checkpatch.allow."""
    out = []
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpatch.allow")) as handle:
        for line in handle:
            found = re.match(r"([A-Z_]+) (\S+): \S", line)
            if found:
                out.append([found.group(1), found.group(2), False])
    return out


def main():
    """Return the exit status."""
    source, *files = sys.argv[1:]
    allowed = permissions()
    top = os.getcwd() + "/"
    scratch = tempfile.mkdtemp()        # checkpatch leaves a file where it stands
    done = subprocess.run(["perl", os.path.join(source, "scripts/checkpatch.pl"), "--no-tree", "--root=" + source, "--strict", "--terse",
                           "--show-types", "--no-summary", "-f"] + [os.path.abspath(f) for f in files], cwd=scratch,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shutil.rmtree(scratch)
    left = 0
    for line in done.stdout.replace(top, "").splitlines():
        found = LINE.match(line)
        if not found:
            if line.strip():
                print(line)
                left += 1
            continue
        name, _, kind, _ = found.groups()
        for entry in allowed:
            if entry[0] == kind and fnmatch.fnmatch(name, entry[1]):
                entry[2] = True
                break
        else:
            print(line)
            left += 1
    for kind, pattern, used in allowed:
        if not used and any(fnmatch.fnmatch(f, pattern) for f in files):
            print("checkpatch.allow: %s %s permits what nobody does" % (kind, pattern))
            left += 1
    return left > 0


if __name__ == "__main__":
    sys.exit(main())
