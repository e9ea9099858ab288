# SPDX-License-Identifier: GPL-2.0-or-later
"""cover.py - which lines of lib/ and plugins/ each test file runs, and how long
it takes: a mutant is shown to those alone that run its line"""

import concurrent.futures
import glob
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

import trees

# A line is counted while it is run, since a process may be killed at any.
FLAGS = ["CC=clang", "HARDEN=0", "LDFLAGS=",
         "CPPFLAGS=-mllvm -runtime-counter-relocation"]
CFLAGS = "CFLAGS=-O0 -g -fcoverage-mapping -fprofile-instr-generate=%s/%%m%%c"

DEADLINE = 1200
SLOW = 10  # seconds of a unit test that others go before


def own_source(item):
    """The file that is a test file's own, and no other one's."""
    item = item.split("@")[0]
    if item.startswith("build/unit/"):
        return "tests/unit/" + item[len("build/unit/"):] + ".c"
    return item if item.endswith(".bats") else None


def keys(tree, items):
    """For each test file, a hash of all that decides what it runs."""
    common, own = hashlib.sha256(), {}
    mine = {own_source(item) for item in items}
    for f in sorted(trees.copied(tree)):
        text = trees.content(os.path.join(tree, f)) or b""
        if f in mine:
            own[f] = hashlib.sha256(text).hexdigest()
        elif f.startswith(("lib/", "plugins/", "mk/", "Makefile", "tests/")) \
                and not f.startswith(("tests/mutants/", "mk/mutants.mk")) \
                and not f.endswith(".bats"):
            common.update(f.encode() + b"\0" + text + b"\0")
    shared = common.hexdigest()
    return shared, {item: shared + own.get(own_source(item), "")
                    for item in items}


class Coverage:
    def __init__(self, tree, folder, jobs, say):
        self.tree = tree
        self.folder = folder
        self.jobs = jobs
        self.say = say
        self.lines = {}  # file -> line -> the test files that run it, if any
        self.files = {}  # file -> test file -> how many of its lines it runs
        self.seconds = {}
        self.broken = {}  # test files that fail as it is -> the test

    def measure(self, items, keys):
        """Measures all test files that were not, as they are, before."""
        os.makedirs(self.folder, exist_ok=True)
        missing = [i for i in items if not self.load(i, keys[i])]
        if not missing:
            return
        self.say("measuring what %d test files run" % len(missing))
        profile = self.tree.path("build/profile")
        os.makedirs(profile, exist_ok=True)
        flags = FLAGS + [CFLAGS % profile]
        if self.tree.make(*flags, "-j%d" % self.jobs, "netns-programs",
                          "unit-programs") is None:
            raise SystemExit(self.tree.said + "mutants: no build to measure")
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for item in pool.map(lambda i: self.one(i, keys[i]), missing):
                self.say("  %6.1f s  %s%s" % (
                    self.seconds[item], item,
                    " FAILS: " + self.broken[item] if item in self.broken
                    else ""))

    def forget(self, slowest):
        """Leaves out what takes longer: a survivor may then be none."""
        for item in [i for i, s in self.seconds.items() if s > slowest]:
            self.say("  left out: %s, %.1f s" % (item, self.seconds[item]))
            for lines in self.lines.values():
                for run in lines.values():
                    run.discard(item)
            for run in self.files.values():
                run.pop(item, None)

    def saved(self, item):
        return os.path.join(self.folder, item.replace("/", ",") + ".json")

    def load(self, item, key):
        saved = trees.content(self.saved(item))
        saved = json.loads(saved) if saved else {}
        if saved.get("key") != key:
            return False
        self.seconds[item] = saved["seconds"]
        for file, (run, not_run) in saved["lines"].items():
            at = self.lines.setdefault(file, {})
            for line in not_run:
                at.setdefault(line, set())
            for line in run:
                at.setdefault(line, set()).add(item)
            if run:
                self.files.setdefault(file, {})[item] = len(run)
        return True

    def one(self, item, key):
        for _ in range(2):
            profile = tempfile.mkdtemp(prefix="profile.", dir=self.folder)
            try:
                result = trees.Tree(self.tree.folder).run(item, DEADLINE,
                                                          profile)
                lines = self.export(item, profile)
            finally:
                shutil.rmtree(profile)
            if result.status == "passed":
                break
        else:
            self.broken[item] = result.test
        saved = {"key": key, "seconds": result.seconds, "lines": lines}
        with open(self.saved(item) + ".new", "w") as f:
            json.dump(saved, f)
        os.rename(self.saved(item) + ".new", self.saved(item))
        self.load(item, key)
        if item in self.broken:
            os.unlink(self.saved(item))
        return item

    def export(self, item, folder):
        raw = glob.glob(folder + "/*")
        if not raw:
            return {}
        programs = [self.tree.path(item)]
        if item.endswith(".bats") or "@" in item:
            programs = glob.glob(self.tree.path("build/bin/*"))
        subprocess.run(["llvm-profdata", "merge", "-o", folder + "/all", *raw],
                       check=True, stderr=subprocess.DEVNULL)
        args = ["llvm-cov", "export", "-format=lcov",
                "-instr-profile=" + folder + "/all", programs[0]]
        for p in programs[1:]:
            args += ["-object", p]
        lcov = subprocess.run(args, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.decode()
        lines, file = {}, None
        for text in lcov.splitlines():
            if text.startswith("SF:"):
                file = os.path.relpath(os.path.join(self.tree.folder,
                                                    text[3:]),
                                       self.tree.folder)
                run, not_run = lines.setdefault(file, ([], []))
            elif text.startswith("DA:"):
                number, count = text[3:].split(",")[:2]
                (run if int(count) else not_run).append(int(number))
        return {f: both for f, both in lines.items()
                if f.startswith(("lib/", "plugins/"))}

    def items(self, mutant):
        """The test files that run the mutant's line, those first that are
        likely to notice: which run much of this file in little time, unit
        tests before netns unless they are slow. Where nothing is counted, as
        in a table, those that run any of the file."""
        files = self.files.get(mutant.file, {})
        run = self.lines.get(mutant.file, {}).get(mutant.line)
        if run is None:
            run = set(files)
        return sorted(run, key=lambda i: (
            not is_unit(i) or self.seconds[i] > SLOW, -files[i] / (self.seconds[i] + 0.5), i))


def is_unit(item):
    return item.startswith("build/")
