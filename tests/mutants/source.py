# SPDX-License-Identifier: GPL-2.0-or-later
"""source.py - the mutants of a source tree: their names, the order in which
they are drawn, and which of them are listed as equivalent"""

import collections
import glob
import hashlib
import json
import os
import re
import subprocess

# A mutant is a changed line: its file, the function it is in ("-" outside of
# one), its number, which of the lines with this text in this function it is,
# its text and what stands there instead.
Mutant = collections.namedtuple("Mutant", "file function line nth old new")


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def name(mutant):
    """A short name that stays when lines above it come and go."""
    return digest(mutant.file, mutant.function, mutant.nth, mutant.old,
                  mutant.new)[:8]


def key(mutant):
    """How the list of equivalent mutants calls it."""
    return (mutant.file, mutant.function, stripped(mutant.old),
            stripped(mutant.new))


def stripped(text):
    return "\n".join(line.strip() for line in text.split("\n"))


def diff(mutant):
    lines = ["%s:%d %s" % (mutant.file, mutant.line, mutant.function)]
    lines += ["- " + t for t in stripped(mutant.old).split("\n")]
    lines += ["+ " + t for t in stripped(mutant.new).split("\n")]
    return lines


def functions(lines):
    """For each line of a file in the style of the kernel, the function it is
    in."""
    inside, begun, found = "-", "-", []
    for line in lines:
        start = re.match(r"[A-Za-z_].*?([A-Za-z_]\w*)\(", line)
        if start:
            begun = start.group(1)
        if line.startswith("{"):
            inside = begun
        found.append(inside)
        if line.startswith("}"):
            inside = "-"
    return found


def without_strings(text):
    return re.sub(r'"(\\.|[^"\\])*"', '""', text)


def sources(tree):
    found = []
    for pattern in "lib/*/*.c", "plugins/*.c", "plugins/*/*.c":
        found += glob.glob(pattern, root_dir=tree)
    return sorted(found)


def mutants(tree, generate):
    """All mutants of lib/ and plugins/, but for those that change nothing but
    the text of a message or a name: what is said is not what is done."""
    names = sources(tree)
    made = subprocess.run(generate + names, cwd=tree, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    by_file = {}
    for file in names:
        with open(os.path.join(tree, file)) as f:
            lines = f.read().split("\n")
        seen, nth = collections.Counter(), []
        inside = functions(lines)
        for where in zip(inside, lines):
            nth.append(seen[where])
            seen[where] += 1
        by_file[file] = (lines, inside, nth)
    found = []
    for line in made.stdout.decode().splitlines():
        m = json.loads(line)
        lines, inside, nth = by_file[m["file"]]
        at = m["line"] - 1
        if without_strings(lines[at]) != without_strings(m["mutant"]):
            found.append(Mutant(m["file"], inside[at], m["line"], nth[at],
                                lines[at], m["mutant"]))
    return found


def draw(found, seed):
    """Lists of mutants, one list a line of the source, in an order that the
    seed decides. A line is drawn and not a mutant, since there are many of a
    line that is full of operators. Where a line has its place depends on its
    text alone, so that a changed source has most of the same sample."""
    by_line = collections.defaultdict(list)
    for m in found:
        by_line[(m.file, m.function, m.nth, m.old)].append(m)
    order = sorted(by_line, key=lambda line: digest(seed, *line))
    return [sorted(by_line[line], key=lambda m: digest(seed, name(m)))
            for line in order]


def equivalent(path):
    """The mutants that are listed as equivalent, with their reasons: blocks of
    a reason, after "#"; the file and the function; the line, after "-"; and
    what stands there instead, after "+"."""
    listed = {}
    with open(path) as f:
        blocks = re.split(r"\n(?:[ \t]*\n)+", f.read().strip())
    for block in filter(None, blocks):
        lines = block.split("\n")
        reason = [t[1:].strip() for t in lines if t.startswith("#")]
        rest = [t for t in lines if not t.startswith("#")]
        if reason and not rest:
            continue  # a comment by itself
        where = rest[0].split()
        old = [t[1:].strip() for t in rest[1:] if t.startswith("-")]
        new = [t[1:].strip() for t in rest[1:] if t.startswith("+")]
        if (not reason or len(where) != 2 or not old or not new or
                len(old) + len(new) != len(rest) - 1):
            raise SystemExit("%s: not a mutant under a reason:\n%s" %
                             (path, block))
        listed[(where[0], where[1], "\n".join(old), "\n".join(new))] = \
            " ".join(reason)
    return listed


def excluded(path):
    """What tests/coverage.exclude says that nothing can run, with the reason:
    file, function and text of a line, or "*" for all of the function."""
    found, reason = {}, []
    with open(path) as f:
        for line in f.read().split("\n"):
            if line.startswith("#"):
                reason.append(line[1:].strip())
            elif line:
                found[tuple(line.split("\t"))] = " ".join(reason)
            else:
                reason = []
    return found


def cannot_run(mutant, found):
    for text in stripped(mutant.old), "*":
        if (mutant.file, mutant.function, text) in found:
            return found[(mutant.file, mutant.function, text)]
    return None
