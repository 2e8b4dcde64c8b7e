# SPDX-License-Identifier: GPL-2.0-only
"""The guest's console: kept in a file, read for what must never happen."""
import re

# Each of these on the console fails the run, whatever the script says.
TROUBLE = [re.compile(p) for p in (
    r"\bBUG: ", r"\bBUG at ", r"\bOops: ", r"\bOops\b.*SMP", r"WARNING: .* at ", r"WARNING: CPU: ",
    r"general protection fault", r"unable to handle (kernel|page)", r"Kernel panic", r"double fault",
    r"INFO: task .* blocked for more than", r"INFO: rcu.*(stall|detected)", r"rcu: INFO: .*stall",
    r"soft lockup", r"hard LOCKUP", r"WARNING: possible (circular|recursive|irq)", r"possible deadlock",
    r"WARNING: suspicious RCU usage", r"inconsistent lock state", r"INFO: trying to register non-static key",
    r"INFO: lockdep", r"\[ BUG: ", r"WARNING: bad unlock", r"KASAN:", r"UBSAN:", r"KCSAN:", r"KFENCE:", r"kmemleak: \d+ new",
    r"unreferenced object", r"scheduling while atomic", r"sleeping function called from invalid context",
    r"Bad page state", r"list_(add|del) corruption", r"refcount_t: ", r"stack segment:", r"invalid opcode:",
    r"\bLEAK\b", r"unchecked MSR access", r"hv-init: FAILED", r"irq \d+: nobody cared", r"EXT4-fs error",
    r"Disabling IRQ", r"unhandled interrupt", r"stack-protector:",
)]
PAIR = re.compile(r"\b([a-z][\w-]*) (\d+)/(\d+)")
VERSION = re.compile(r"hv_vmbus: .*(?:[Vv]mbus version|connected, protocol)[: ]+(\d+\.\d+)")


def unequal_pairs(line):
    """Return the created/destroyed pairs of a leak-check line that differ."""
    if "leak check:" not in line:
        return []
    return ["%s %s/%s" % m.groups() for m in PAIR.finditer(line.split("leak check:")[1]) if m.group(2) != m.group(3)]


class Console:
    """Takes bytes, keeps a log, remembers trouble."""

    def __init__(self, path, expect=()):
        self.log = open(path, "wb")
        self.path = path
        self.rest = b""
        self.trouble = []
        self.version = None
        self.tail = []
        self.text = ""
        self.expect = [re.compile(p) for p in expect]

    def feed(self, data):
        """Add what arrived."""
        self.log.write(data)
        self.log.flush()
        self.rest += data
        *lines, self.rest = self.rest.split(b"\n")
        for raw in lines:
            self.line(raw.decode(errors="replace").rstrip("\r"))

    def line(self, line):
        """Look at one complete line."""
        self.tail = self.tail[-40:] + [line]
        self.text = self.text[-65536:] + line + "\n"
        if any(p.search(line) for p in self.expect):
            return
        bad = next((p for p in TROUBLE if p.search(line)), None)
        if bad:
            self.trouble.append(line)
        for pair in unequal_pairs(line):
            self.trouble.append("leak: %s in: %s" % (pair, line))
        found = VERSION.search(line)
        if found:
            self.version = found.group(1)

    def close(self):
        """Finish the log."""
        if self.rest:
            self.line(self.rest.decode(errors="replace"))
            self.rest = b""
        self.log.close()
