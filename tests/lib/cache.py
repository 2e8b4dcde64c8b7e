# SPDX-License-Identifier: GPL-2.0-only
"""The cache outside the tree: where it is, how an entry is made once.

Everything that is expensive to make (QEMU, kernels, the guest's user space)
lives below ${XDG_CACHE_HOME:-~/.cache}/hyperv-ic/. An entry is a directory or
a file that is complete or absent: it is built under another name and renamed
at the end, so an interrupted build leaves nothing that looks finished.
"""
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Failure(Exception):
    """A sentence for the user; the program ends with it, without a traceback."""


def root():
    """Return the cache directory, made if need be."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(base, "hyperv-ic")
    os.makedirs(path, exist_ok=True)
    return path


def path(*parts):
    """Return a path below the cache; its parent directory exists."""
    name = os.path.join(root(), *parts)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    return name


def say(text):
    """Progress goes to stderr, so that stdout stays the script's own."""
    sys.stderr.write("vm: %s\n" % text)
    sys.stderr.flush()


@contextlib.contextmanager
def locked(name):
    """Hold the lock of one cache entry: a second program waits, then finds it made."""
    with open(path("locks", name.replace("/", "_")), "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting for another program that is making %s" % name)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def entry(name, make, what=None):
    """Return the path of cache entry @name; make(temporary path) builds it the first time."""
    final = path(name)
    if os.path.lexists(final):
        os.utime(final)
        return final
    with locked(name):
        if os.path.lexists(final):
            return final
        part = final + ".part"
        remove(part)
        start = time.monotonic()
        if what:
            say("%s ..." % what)
        make(part)
        os.rename(part, final)
        if what:
            say("%s: done in %.0f s" % (what, time.monotonic() - start))
    return final


def remove(name):
    """Delete a file or a directory tree, whether or not it is there."""
    if os.path.isdir(name) and not os.path.islink(name):
        shutil.rmtree(name)
    elif os.path.lexists(name):
        os.unlink(name)


def hash_of(*items):
    """Return twelve hex digits over strings, and over the contents of files and folders named as ("file", path)."""
    digest = hashlib.sha256()
    for item in items:
        if isinstance(item, tuple):
            for name in files_below(item[1]):
                digest.update(os.path.relpath(name, item[1]).encode() + b"\0")
                with open(name, "rb") as handle:
                    digest.update(handle.read())
        else:
            digest.update(str(item).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def files_below(name):
    """Return every file below @name in a fixed order, or @name itself if it is a file."""
    if not os.path.isdir(name):
        return [name]
    found = []
    for folder, folders, files in os.walk(name):
        folders.sort()
        found += [os.path.join(folder, f) for f in sorted(files)]
    return found


def run(argv, what=None, log=None, **options):
    """Run a tool quietly; when it fails, show the end of what it said."""
    if log:
        with open(log, "ab") as out:
            done = subprocess.run(argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        with open(log, "rb") as back:
            said = back.read()[-4000:]
    else:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        said = done.stdout
    if done.returncode:
        raise Failure("%s failed (status %d):\n%s" % (
            what or " ".join(argv), done.returncode, said.decode(errors="replace")[-2000:].rstrip()))
    return said.decode(errors="replace")
