#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turn the KTAP of a suite into lines for the test runner.

usage: ktap.py PREFIX SUITE.c < KTAP

Prints `PASS PREFIX/suite: case` or `FAIL PREFIX/suite: case: reason` for every
case the source declares. A case that is declared and not reported is a
failure: a suite that crashed half-way must not look shorter. Exit status 1
if anything failed.
"""
import re
import sys

CASE = re.compile(r"^\s*KUNIT_CASE(?:_PARAM|_SLOW|_ATTR)?\((\w+)", re.M)
SUITE = re.compile(r"\.name\s*=\s*\"([^\"]+)\"")
RESULT = re.compile(r"^ {4}(not )?ok \d+ (\S+)(.*)$")


def main():
    """Return the exit status."""
    prefix, source = sys.argv[1:]
    with open(source) as handle:
        text = handle.read()
    declared = CASE.findall(text)
    suite = SUITE.search(text)
    name = "%s/%s" % (prefix, suite.group(1) if suite else source)
    seen, notes, failed = {}, [], False
    for line in sys.stdin:
        line = line.rstrip("\n")
        found = RESULT.match(line)
        if found:
            seen[found.group(2)] = (not found.group(1), found.group(3), notes)
            notes = []
        elif "failed at" in line or "FAILED at" in line or "ERROR: " in line or "runtime error:" in line:
            notes.append(line.strip(" #"))
    if not declared:
        print("FAIL %s: cases: the suite declares none" % name)
        return 1
    for case in declared:
        good, rest, why = seen.get(case, (False, "", notes[-1:] + ["not reported"]))
        if good and "SKIP" not in rest:
            print("PASS %s: %s" % (name, case))
        else:
            failed = True
            print("FAIL %s: %s: %s" % (name, case, "skipped" if good else "; ".join(why[:2]) or "not ok"))
    return failed


if __name__ == "__main__":
    sys.exit(main())
