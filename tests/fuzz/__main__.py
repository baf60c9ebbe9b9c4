"""`python -m tests.fuzz --minutes N --seed S`: exit code 1 where anything was found."""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own small files

from .watch import Told, findings


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--minutes", type=float, default=1.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--first", type=int, default=0, help="the first case")
    asked.add_argument("--case", type=int, help="only this one; its file is kept and named")
    options = asked.parse_args()
    if options.case is not None:
        return _again(options.seed, options.case)
    told, began, seen = Told(), time.monotonic(), set()
    until = began + options.minutes * 60
    for finding in findings(options.seed, _numbers(options.first, until), told):
        kind = re.sub(r"\d+|0x\w+", "0", finding.what)[:60]
        if kind not in seen:  # one of a kind is enough to begin with
            seen.add(kind)
            print(finding, flush=True)
    verdicts = ", ".join(f"{count:,} {what}" for what, count in told.verdicts.most_common())
    print(f"{told.cases:,} cases in {time.monotonic() - began:,.0f} s: {verdicts}")
    return 1 if seen else 0


def _numbers(first: int, until: float) -> Iterator[int]:
    return itertools.takewhile(lambda _: time.monotonic() < until, itertools.count(first))


def _again(seed: int, case: int) -> int:
    from .making import make, random_of

    folder = Path(f"fuzz-{seed}-{case}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    print(make(folder, random_of(seed, case)))
    found = list(findings(seed, [case]))
    print(*found, sep="\n")
    return 1 if found else 0


sys.exit(main())
