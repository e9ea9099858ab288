# SPDX-License-Identifier: GPL-2.0-or-later
"""mutants.py - do the tests notice? A sample of small faults is put into lib/
and plugins/, one at a time, and the unit and netns tests are run on each.

    mutants.py --tree DIR --state DIR [...]        (make mutants does)

A mutant that does not compile, or compiles to the same code, is none. Of the
others each is killed, by a test that fails or does not end, or survives, or is
listed in tests/mutants/equivalent with the reason why no test can notice, or is
on a line of tests/coverage.exclude that nothing runs. What
was found out stays in the state's folder and is not asked again while neither
the sources nor the tests in question have changed.
"""

import argparse
import collections
import concurrent.futures
import fcntl
import json
import os
import shlex
import sys
import threading

import cover
import source
import trees


def say(*words):
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


class Session:
    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
        self.verdicts = {}
        self.passed = set()  # name, test file and its key: it saw nothing
        self.results = os.path.join(args.state, "results")
        self.control = trees.Tree(os.path.join(args.state, "control"))
        self.controlled = {}  # test file -> whether it passes, unchanged
        self.took = {}  # test file -> seconds, of those that do
        self.objects = {}
        self.cover = None

    def prepare(self):
        os.makedirs(self.args.state, exist_ok=True)
        self.running = open(os.path.join(self.args.state, "lock"), "w")
        try:
            fcntl.flock(self.running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("mutants: already running in " + self.args.state)
        self.workers = [trees.Tree(os.path.join(self.args.state, "w%d" % n))
                        for n in range(self.args.jobs)]
        for tree in [self.control] + self.workers:
            tree.sync(self.args.tree)
        listed = self.control.make("O=build", "mutants-items")
        if listed is None:
            raise SystemExit(self.control.said)
        layers = [line.split() for line in listed.splitlines()]
        self.common, keys = cover.keys(self.args.tree,
                                       [item for _, item in layers])
        items = [item for layer, item in layers
                 if layer in self.args.layers.split()]
        self.keys = {item: keys[item] for item in items}
        say("building %d times" % (self.args.jobs + 1))
        for tree in [self.control] + self.workers:
            if tree.make(*trees.SANITIZED, "O=build", "-j%d" % self.args.jobs,
                         "netns-programs", "unit-programs") is None:
                raise SystemExit(tree.said + "mutants: it does not build")
        measured = trees.Tree(os.path.join(self.args.state, "cover"))
        measured.sync(self.args.tree)
        self.cover = cover.Coverage(measured,
                                    os.path.join(self.args.state, "lines"),
                                    self.args.jobs, say)
        self.cover.measure(items, self.keys)
        for item in self.cover.broken:
            self.controlled[item] = False
        if self.args.slowest:
            self.cover.forget(self.args.slowest)
        self.load()

    # --- what was found out before ----------------------------------------

    def load(self):
        if not os.path.exists(self.results):
            return
        with open(self.results) as f:
            for line in f:
                r = json.loads(line)
                if r["common"] != self.common:
                    continue
                if r["verdict"] == "passed":
                    self.passed.add((r["name"], r["by"], r["key"]))
                    continue
                if r["verdict"] == "killed":
                    known = r["key"] == self.keys.get(r["by"])
                elif r["verdict"] == "survived":
                    known = r["keys"] == self.asked(r["items"])
                else:
                    known = True
                if known:
                    self.verdicts[r["name"]] = r
                else:
                    self.verdicts.pop(r["name"], None)

    def asked(self, items):
        return source.digest(*(self.keys.get(i, "") for i in items))

    def save(self, mutant, verdict, **more):
        r = dict(name=source.name(mutant), common=self.common,
                 verdict=verdict, **more)
        with self.lock:
            if verdict != "passed":
                self.verdicts[r["name"]] = r
            with open(self.results, "a") as f:
                f.write(json.dumps(r) + "\n")
        return r

    # --- one mutant -------------------------------------------------------

    def judge(self, tree, mutant):
        known = self.verdicts.get(source.name(mutant))
        if known and (known["verdict"] != "survived" or
                      set(known["items"]) == set(self.cover.items(mutant))):
            return known
        tree.put(mutant)
        try:
            return self.judge_put(tree, mutant)
        finally:
            tree.put(mutant, back=True)

    def judge_put(self, tree, mutant):
        code = tree.object(mutant.file)
        if code is None:
            return self.save(mutant, "invalid")
        with self.lock:
            if mutant.file not in self.objects:
                self.objects[mutant.file] = self.control.object(mutant.file)
        if code == self.objects[mutant.file]:
            return self.save(mutant, "same")
        items = self.cover.items(mutant)
        asked = [i for i in items if (source.name(mutant), i, self.keys[i])
                 not in self.passed]
        for n, item in enumerate(asked):
            if not self.build(tree, asked, n):
                return self.save(mutant, "invalid")
            result = self.run(tree, item)
            if result.status != "passed" and self.passes(item):
                test = result.test
                if result.status == "deadline":
                    test = "it did not end"
                return self.save(mutant, "killed", by=item, test=test,
                                 status=result.status, key=self.keys[item])
            if result.status == "passed":
                self.save(mutant, "passed", by=item, key=self.keys[item])
        return self.save(mutant, "survived", items=items,
                         keys=self.asked(items))

    def build(self, tree, items, n):
        """Builds the nth test file, and some of the next ones: a make takes
        longer than a link."""
        if n % 4:
            return True
        targets = [i for i in items[n:n + 4] if cover.is_unit(i)]
        if len(targets) < len(items[n:n + 4]):
            targets.append("netns-programs")
        return tree.make(*trees.SANITIZED, "O=build", *targets) is not None

    def deadline(self, item):
        return self.args.slack + max(5 * self.cover.seconds[item],
                                     3 * self.took.get(item, 0))

    def run(self, tree, item):
        """Runs a test file. One that does not end may just be slow here."""
        result = None
        while not result or (result.status == "deadline" and
                             self.passes(item) and
                             self.deadline(item) > deadline):
            deadline = self.deadline(item)
            result = tree.run(item, deadline)
        return result

    def passes(self, item):
        """Whether the file passes where nothing was changed: what does not
        has killed nobody."""
        with self.lock:
            if item not in self.controlled:
                lock = self.controlled[item] = threading.Lock()
                lock.acquire()
            else:
                lock = None
        if lock:
            for _ in range(2):
                result = self.control.run(item, cover.DEADLINE)
                if result.status == "passed":
                    self.took[item] = result.seconds
                    break
            self.controlled[item] = result.status == "passed"
            lock.release()
            if result.status != "passed":
                say("  BROKEN    %s fails without a mutant: %s" %
                    (item, result.test))
        elif not isinstance(self.controlled[item], bool):
            with self.controlled[item]:
                pass
        return self.controlled[item] is True


class Sample:
    """Takes mutants from the drawn lines until there are enough."""

    def __init__(self, session, drawn, listed, excluded):
        self.session = session
        self.args = session.args
        self.drawn = drawn
        self.listed = listed
        self.excluded = excluded
        self.counts = collections.Counter()
        self.survivors = []
        self.equivalent = []

    def run(self):
        free = list(self.session.workers)
        running, lines, done = {}, iter(self.drawn), False
        with concurrent.futures.ThreadPoolExecutor(len(free)) as pool:
            while not done or running:
                while (free and not done and self.counted() + len(running) <
                       self.args.count):
                    line = next(lines, None)
                    if line is None:
                        done = True
                        break
                    tree = free.pop()
                    running[pool.submit(self.line, tree, line)] = tree
                done = done or self.counted() >= self.args.count
                ended, _ = concurrent.futures.wait(
                    running, return_when=concurrent.futures.FIRST_COMPLETED)
                for f in ended:
                    free.append(running.pop(f))
                    f.result()

    def counted(self):
        return self.counts["killed"] + self.counts["survived"]

    def line(self, tree, mutants):
        """The first of a line's mutants that is one."""
        for mutant in mutants:
            reason = self.listed.get(source.key(mutant))
            if reason:
                self.counts["equivalent"] += 1
                self.tell("equivalent", mutant, reason)
                return
            reason = source.cannot_run(mutant, self.excluded)
            if reason and not self.session.cover.items(mutant):
                self.counts["excluded"] += 1
                self.tell("excluded", mutant, reason)
                return
            known = source.name(mutant) in self.session.verdicts
            r = self.session.judge(tree, mutant)
            with self.session.lock:
                self.counts[r["verdict"]] += 1
            if r["verdict"] == "killed":
                layer = "unit" if cover.is_unit(r["by"]) else "netns"
                with self.session.lock:
                    self.counts[layer] += 1
                    self.counts["deadline"] += r["status"] == "deadline"
                self.tell("killed", mutant, "%s: %s" % (r["by"], r["test"]),
                          known)
                return
            if r["verdict"] == "survived":
                with self.session.lock:
                    self.survivors.append((mutant, r))
                self.tell("SURVIVED", mutant,
                          "%d test files run it" % len(r["items"]), known)
                return

    def tell(self, verdict, mutant, what, known=False):
        say("  %-10s %s %s:%d %s%s" % (verdict, source.name(mutant),
                                       mutant.file, mutant.line, what,
                                       " (known)" if known else ""))

    def report(self, made):
        n = self.counts
        if self.survivors:
            say("\nsurvivors:")
        for mutant, r in sorted(self.survivors,
                                key=lambda s: (s[0].file, s[0].line)):
            say("")
            say("%s, %d test files run it" % (source.name(mutant),
                                              len(r["items"])))
            say("\n".join("  " + t for t in source.diff(mutant)))
        say("\nseed %s, %d mutants of %d lines can be made" %
            (self.args.seed, made, len(self.drawn)))
        say("%d did not compile, %d compiled to the same code, "
            "%d are listed as equivalent, %d are where nothing can be run" %
            (n["invalid"], n["same"], n["equivalent"], n["excluded"]))
        say("%d mutants: %d killed by unit, %d by netns (%d of all by their "
            "deadline), %d survived" % (self.counted(), n["unit"], n["netns"],
                                        n["deadline"], n["survived"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tree", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--generate", required=True,
                        help="prints the mutants of the files it is given")
    parser.add_argument("--equivalent", required=True)
    parser.add_argument("--exclude", required=True,
                        help="the lines that nothing can run")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--layers", default="unit netns")
    parser.add_argument("--least", type=float, default=90)
    parser.add_argument("--slack", type=float, default=60,
                        help="seconds that a test file may take besides five "
                        "times its own")
    parser.add_argument("--slowest", type=float, default=0,
                        help="seconds; files that take longer are not run")
    parser.add_argument("--only", default="",
                        help="names of mutants, or files: no others")
    args = parser.parse_args()
    args.tree = os.path.realpath(args.tree)
    args.state = os.path.realpath(args.state)

    found = source.mutants(args.tree, shlex.split(args.generate))
    listed = source.equivalent(args.equivalent)
    keys = {source.key(m) for m in found}
    stale = [k for k in listed if k not in keys]
    made = len(found)
    if args.only:
        only = args.only.split()
        named = [m for m in found if source.name(m) in only]
        found = named + [m for m in found if m.file in only]
        if not found:
            raise SystemExit("mutants: there are none of " + args.only)
    drawn = source.draw(found, args.seed)

    session = Session(args)
    session.prepare()
    sample = Sample(session, drawn, listed, source.excluded(args.exclude))
    sample.run()
    sample.report(made)
    sys.exit(conclude(args, session, sample, stale))


def conclude(args, session, sample, stale):
    """The last lines: what is asked of the tests, and of the list."""
    counted, failed = sample.counted(), 0
    share = 100 * sample.counts["killed"] / counted if counted else 0
    say("%.1f %% killed, at least %g are wanted" % (share, args.least))
    failed += not counted or share < args.least
    for k in stale:
        say("%s: no mutant of today: %s" % (args.equivalent, " ".join(k)))
    failed += bool(stale)
    broken = [i for i, fine in session.controlled.items() if not fine]
    for i in broken:
        say("%s fails without a mutant" % i)
    failed += bool(broken)
    say("%d passed, %d failed" % (3 - failed, failed))
    return 1 if failed else 0


main()
