# SPDX-License-Identifier: GPL-2.0-or-later
"""trees.py - copies of a source tree that can be changed, built and tested
while the others are"""

import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))

# Sanitizers, as in CI, notice what an error path forgets to free or reads
# beyond.
SANITIZED = ["SAN=address,undefined", "CFLAGS=-O1"]
# Two sources with the same code do the same: no debug information, then.
PLAIN = ["O=plain", "CFLAGS=-O2"]

# Knobs of a make that runs this one: they are not for the copies.
KNOBS = ("MFLAGS", "O", "CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "SAN", "HARDEN",
         "WERROR", "V")


def copied(tree):
    """The files of a tree that its copies have."""
    for folder, folders, files in os.walk(tree):
        if folder == tree:
            folders[:] = [f for f in folders if f != "build"]
        folders[:] = [f for f in folders if f not in (".git", "__pycache__")]
        for f in files:
            if f != ".git":
                yield os.path.relpath(os.path.join(folder, f), tree)


def content(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


class Result:
    """How a test file ended."""

    def __init__(self, status, test, seconds):
        self.status = status  # passed, failed, deadline
        self.test = test  # the first that failed
        self.seconds = seconds


class Tree:
    def __init__(self, folder):
        self.folder = folder

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def sync(self, tree):
        """Makes it a copy, without touching what is the same already."""
        wanted = set(copied(tree))
        os.makedirs(self.folder, exist_ok=True)
        for f in copied(self.folder):
            if f not in wanted and not f.startswith("plain/"):
                os.unlink(self.path(f))
        for f in wanted:
            to = self.path(f)
            if content(os.path.join(tree, f)) != content(to):
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copyfile(os.path.join(tree, f), to)
            shutil.copymode(os.path.join(tree, f), to)

    def make(self, *args):
        """What a make said, or None where it did not do."""
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("MAKE") and k not in KNOBS}
        r = subprocess.run(["make", "-s", "--no-print-directory", *args],
                           cwd=self.folder, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = r.stdout.decode(errors="replace")
        return self.said if r.returncode == 0 else None

    def put(self, mutant, back=False):
        """Puts the mutant in, or takes it out again."""
        path = self.path(mutant.file)
        with open(path) as f:
            lines = f.read().split("\n")
        at, more = mutant.line - 1, mutant.new.count("\n") + 1
        if back:
            lines[at:at + more] = [mutant.old]
        else:
            lines[at:at + 1] = [mutant.new]
        with open(path, "w") as f:
            f.write("\n".join(lines))

    def object(self, file):
        """The code of a source file; None where it does not compile."""
        if file == "plugins/main.c":
            o = "plain/obj/main/cnic.o"
        else:
            o = "plain/obj/" + file[:-2] + ".o"
        if self.make(*PLAIN, o) is None:
            return None
        return content(self.path(o))

    def run(self, item, deadline, profile=None):
        """Runs a test file until its first failure."""
        args = [os.path.join(HERE, "item.sh"), self.folder, item]
        env = dict(os.environ, TEST_TIMEOUT=str(int(deadline) + 60))
        begin = time.monotonic()
        with tempfile.TemporaryFile() as out:
            try:
                status = subprocess.run(
                    args + ([profile] if profile else []), env=env, stdout=out,
                    stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                    timeout=deadline).returncode
                result = "failed" if status else "passed"
            except subprocess.TimeoutExpired:
                result = "deadline"
            out.seek(0)
            said = out.read().decode(errors="replace")
        self.said = said
        return Result(result, first_failed(said),
                      time.monotonic() - begin)


def first_failed(said):
    found = re.search(r"^\s*not ok \d+ (?:- )?(.*)", said, re.M)
    if not found:
        found = re.search(r"^.*(?:ERROR: \w+Sanitizer|runtime error).*", said,
                          re.M)
        return found.group(0).strip() if found else \
            "it did not come to its end"
    return found.group(1).strip()
