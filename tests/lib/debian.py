# SPDX-License-Identifier: GPL-2.0-only
"""Debian's archive, used from any machine that has apt-get: packages are
downloaded and unpacked into the cache, never installed.

The mirror is the one this machine's own apt already uses (HV_DEBIAN_MIRROR
names another one, and is needed where the machine is not Debian). Signatures
are checked against the keyring of the package debian-archive-keyring.
"""
import os
import re
import subprocess

from . import cache

KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg",
            "/usr/share/keyrings/debian-archive-keyring.pgp")


def keyring():
    """Return Debian's keyring on this machine."""
    for name in KEYRINGS:
        if os.path.exists(name):
            return name
    raise cache.Failure("Debian's archive keys are missing: run ./setup first")


def mirrors():
    """Return (archive URI, security archive URI) as this machine's apt is configured."""
    own = os.environ.get("HV_DEBIAN_MIRROR")
    if own:
        return own, os.environ.get("HV_DEBIAN_SECURITY_MIRROR", re.sub(r"/debian/?$", "/debian-security", own))
    try:
        lines = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(RELEASE) $(CREATED_BY)"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        lines = []
    main = security = None
    for line in lines:
        words = line.split()
        if len(words) < 3 or words[1] != "Debian" or words[-1] != "Packages":
            continue
        if words[-2].endswith("-security"):
            security = security or words[0]
        elif not words[-2].endswith("-backports"):
            main = main or words[0]
    if not main:
        raise cache.Failure("no Debian mirror in this machine's apt configuration: "
                            "run ./setup, or name one in HV_DEBIAN_MIRROR")
    return main, security or re.sub(r"/debian/?$", "/debian-security", main)


# Settings of this machine's apt that also hold for everything fetched here: how to reach the mirror and trust its age.
INHERITED = ("Acquire::Check-Valid-Until", "Acquire::http::Proxy", "Acquire::https::Proxy", "Acquire::ForceIPv4")


def inherited():
    """Return {option: value} of INHERITED, as far as this machine sets them."""
    found = {}
    for option in INHERITED:
        done = subprocess.run(["apt-config", "shell", "value", option], stdout=subprocess.PIPE, text=True)
        match = re.match(r"value='(.*)'", done.stdout)
        if match and match.group(1):
            found[option] = match.group(1)
    return found


class Archive:
    """Some suites of the archive with an apt state of their own inside the cache."""

    def __init__(self, name, suites, sources=False):
        self.name = name
        self.suites = suites
        self.kind = "deb-src" if sources else "deb"
        self.fresh = False

    def options(self):
        """Return the apt options that point it at this archive and at nothing of the machine's."""
        base = cache.path("apt", self.name, "x")[:-2]
        for sub in ("lists/partial", "cache/archives/partial", "etc"):
            os.makedirs(os.path.join(base, sub), exist_ok=True)
        main, security = mirrors()
        text = "".join("%s [arch=amd64 signed-by=%s] %s %s main\n" % (
            self.kind, keyring(), security if s.endswith("-security") else main, s) for s in self.suites)
        sources = os.path.join(base, "etc", "sources.list")
        with open(sources, "w") as handle:
            handle.write(text)
        open(os.path.join(base, "status"), "a").close()
        pairs = {
            "Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null", "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": base, "Dir::State::Lists": os.path.join(base, "lists"),
            "Dir::State::Status": os.path.join(base, "status"), "Dir::Cache": os.path.join(base, "cache"),
            "APT::Architecture": "amd64", "APT::Architectures": "amd64", "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "Acquire::Retries": "3", "APT::Get::List-Cleanup": "true",
            "APT::Install-Recommends": "false",
        }
        words = []
        for key, value in pairs.items():
            words += ["-o", "%s=%s" % (key, value)]
        return words

    def update(self):
        """Bring the package lists up to date, once per program run."""
        if not self.fresh:
            cache.run(["apt-get", "-q"] + self.options() + ["update", "-o", "APT::Update::Error-Mode=any"],
                      "updating Debian's package lists (%s)" % ", ".join(self.suites))
            self.fresh = True

    def show(self, package):
        """Return the control fields of the newest version of @package, or None."""
        self.update()
        done = subprocess.run(["apt-cache"] + self.options() + ["show", "--no-all-versions", package],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if done.returncode or not done.stdout.strip():
            return None
        fields, last = {}, None
        for line in done.stdout.split("\n\n")[0].split("\n"):
            if line.startswith(" ") and last:
                fields[last] += "\n" + line
            elif ":" in line:
                last, value = line.split(":", 1)
                fields[last] = value.strip()
        return fields

    def depends(self, package):
        """Return the first alternative of each dependency of @package."""
        fields = self.show(package)
        if not fields:
            raise cache.Failure("Debian's %s has no package %s" % (", ".join(self.suites), package))
        return [word.split("|")[0].split("(")[0].strip().split(":")[0]
                for word in fields.get("Depends", "").split(",") if word.strip()]

    def fetch(self, packages, into):
        """Download @packages into directory @into; return the files."""
        self.update()
        os.makedirs(into, exist_ok=True)
        cache.run(["apt-get", "-q"] + self.options() + ["download"] + packages,
                  "downloading " + " ".join(packages), cwd=into)
        return [os.path.join(into, f) for f in sorted(os.listdir(into)) if f.endswith(".deb")]

    def unpack(self, packages, into):
        """Download @packages and unpack them into directory @into, without installing them."""
        debs = into + ".debs"
        cache.remove(debs)
        os.makedirs(into, exist_ok=True)
        for deb in self.fetch(packages, debs):
            cache.run(["dpkg", "-x", deb, into])
        cache.remove(debs)

    def source(self, package, into):
        """Download and unpack a source package with Debian's patches applied; return the tree."""
        self.update()
        os.makedirs(into, exist_ok=True)
        cache.run(["apt-get", "-q"] + self.options() + ["source", "--download-only", package],
                  "downloading the source of " + package, cwd=into)
        dsc = [f for f in os.listdir(into) if f.endswith(".dsc")]
        cache.run(["dpkg-source", "--no-check", "-x", dsc[0], "tree"], "unpacking " + dsc[0], cwd=into)
        return os.path.join(into, "tree")


def bookworm():
    """Return the archive that has the 6.1 and 6.12 kernels and the guest's user space."""
    return Archive("bookworm", ["bookworm", "bookworm-updates", "bookworm-security"])


def sid():
    """Return the archive that has the newest kernel."""
    return Archive("sid", ["sid"])
