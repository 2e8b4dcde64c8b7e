# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's control channel: a small client, and scripts of timed commands."""
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time

from . import cache


class Client:
    """One QMP connection over a connected socket. Commands may come from any thread."""

    def __init__(self, sock, on_event=None):
        self.sock = sock
        self.on_event = on_event or (lambda event: None)
        self.answers = queue.Queue()
        self.mutex = threading.Lock()
        self.number = 0
        self.alive = True
        self.file = sock.makefile("rb")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Take answers and events apart until QEMU hangs up."""
        try:
            for line in self.file:
                message = json.loads(line)
                if "event" in message:
                    self.on_event(message)
                elif "QMP" not in message:
                    self.answers.put(message)
        except (OSError, ValueError):
            pass
        self.alive = False
        self.answers.put(None)

    def call(self, message, timeout=60):
        """Send one command (a dict); return QEMU's whole answer, or None when it is gone or too slow."""
        with self.mutex:
            if not self.alive:
                return None
            self.number += 1
            end = time.monotonic() + timeout
            try:
                self.sock.sendall(json.dumps(dict(message, id=self.number)).encode() + b"\n")
                while True:
                    answer = self.answers.get(timeout=max(0, end - time.monotonic()))
                    # An answer with another number belongs to a command that was given up.
                    if answer is None or answer.get("id") == self.number:
                        return answer
            except (OSError, queue.Empty):
                return None

    def command(self, name, **arguments):
        """Run a command by name; return its result, or None when it failed."""
        answer = self.call({"execute": name, "arguments": arguments})
        return answer.get("return") if answer else None


def connect(path):
    """Return a Client for a socket path, ready for commands."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    client = Client(sock)
    client.command("qmp_capabilities")
    return client


def script(client, name, watch, stop):
    """Play a QMP script: one JSON command, `sleep S`, `wait TEXT` or `# comment` per line.

    @name is a file, or - for standard input. Answers go to stderr, or to stdout
    for -. @watch(text, seconds) waits for a text from the guest.
    """
    source = sys.stdin if name == "-" else open(name)
    out = sys.stdout if name == "-" else sys.stderr
    for line in source:
        line = line.strip()
        if stop.is_set():
            break
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "sleep":
            stop.wait(float(rest))
        elif word == "wait":
            if not watch(rest, stop):
                out.write("qmp: the guest ended before it said: %s\n" % rest)
        else:
            answer = client.call(json.loads(line))
            if answer is None:
                break
            if name != "-":
                out.write("qmp: %s\n" % line)
            out.write("%s%s\n" % ("" if name == "-" else "qmp: ", json.dumps(answer)))
            out.flush()


def start_script(client, path, name, watch, stop):
    """Run a QMP script next to the guest: a file of commands, -, or a program that finds the socket in HV_QMP."""
    if name == "-" or not os.access(name, os.X_OK):
        if name != "-" and not os.path.exists(name):
            raise cache.Failure("--qmp %s: no such file" % name)
        thread = threading.Thread(target=script, args=(client, name, watch, stop), daemon=True)
        thread.start()
        return None
    return subprocess.Popen([os.path.abspath(name)], env=dict(os.environ, HV_QMP=path), stdin=subprocess.DEVNULL,
                            stdout=sys.stderr)


def wait_for(condition, seconds):
    """Wait until condition() is true; return what it said last."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.01)
