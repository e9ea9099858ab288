# SPDX-License-Identifier: GPL-2.0-or-later
"""generate.py - all mutants that universalmutator makes of some C files

    generate.py FILE...

Prints a JSON object a line: file, line (its number), and mutant (what stands
there instead, which may be two lines). It is run by the Python that tool.sh
prints.
"""

import contextlib
import json
import sys

from universalmutator import mutator

RULES = ["universal.rules", "c.rules", "c_like.rules"]


def main():
    for path in sys.argv[1:]:
        with open(path) as f:
            source = f.readlines()
        with contextlib.redirect_stdout(sys.stderr):
            mutants = mutator.mutants_regexp(
                source, ruleFiles=RULES, ignorePatterns=[],
                ignoreStringOnly=True)
        for mutant in mutants:
            print(json.dumps({"file": path, "line": mutant[0],
                              "mutant": mutant[1].rstrip("\n")}))


main()
