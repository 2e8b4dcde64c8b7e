#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every function other files can call says where it may be called and what it returns.

usage: kdoc.py FILE.c...

kernel-doc checks the comments that are there; this checks that they are there:
a non-static function has a kernel-doc comment with a Context: section, and a
Return: section unless it returns nothing. Prints one line for each that has not.
"""
import re
import sys

FUNCTION = re.compile(r"^((?:const |unsigned |struct |enum |union |noinline |__\w+ )*[A-Za-z_]\w*(?: \*+| |\n))"
                      r"\*?(\w+)\(((?:[^()]|\([^()]*\)|\([^()]*\([^()]*\)[^()]*\))*)\)(?:\s*__\w+(?:\([^)]*\))?)*\n\{", re.M)
NOT_TYPES = ("static", "return", "else", "if", "while", "switch", "for", "do", "case", "goto", "typedef", "inline",
             "extern")


def check(name):
    """Return the complaints about one file."""
    with open(name) as handle:
        text = handle.read()
    out = []
    for found in FUNCTION.finditer(text):
        kind, function = found.group(1).strip(), found.group(2)
        before = text[:found.start()]
        if kind.split()[0] in NOT_TYPES or function in ("DEFINE_SHOW_ATTRIBUTE",) or "static" in kind:
            continue
        if re.search(r"(?:^|\n)static[^\n;]*\n$", before):
            continue
        comment = re.search(r"/\*\*((?:(?!\*/).)*)\*/\n(?:(?:__\w+[^\n]*)\n)?$", before, re.S)
        line = before.count("\n") + 1
        if not comment or not re.search(r"^\s*\* %s\(\) - " % function, comment.group(1), re.M):
            out.append("%s:%d: %s() has no kernel-doc" % (name, line, function))
            continue
        body = comment.group(1)
        if not re.search(r"^ \* Context: \S", body, re.M):
            out.append("%s:%d: %s(): no Context:" % (name, line, function))
        if not (kind == "void" and found.group(0)[len(found.group(1)):len(found.group(1)) + 1] != "*"):
            if not re.search(r"^ \* Returns?: ?\S", body, re.M):
                out.append("%s:%d: %s(): no Return:" % (name, line, function))
    return out


def main():
    """Return the exit status."""
    complaints = [line for name in sys.argv[1:] for line in check(name)]
    for line in complaints:
        print(line)
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
