"""`python -m tests.broken_parted [PART ...]`: each break of a claim, as compare tells it.

A part is compared with itself, broken as tests/course/lesson_NN.py breaks it, in the first way
that the break changes. Counted are breaks of lines of which an op runs in the way, and its results
tell: whether the frontier begins at a line that was broken. Breaks of a claim's own lines, of
NumPy's, of data, of the number of steps and of what is fetched have no op. Exit code 1 where less
than 9 of 10 are found.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from unittest import mock

from graphlab import devices
from graphlab.comparison.answer import answer
from graphlab.comparison.found import Comparison, Part
from graphlab.comparison.index import Index
from graphlab.comparison.recorded import of_watched
from graphlab.comparison.run import ATOL, CALLS, RTOL
from graphlab.course import outline
from graphlab.startup import start_tensorflow
from tests.breaking import Subject
from tests.treatment import treatment
from tests.ways_compared import CALLS as FEW
from tests.ways_compared import watched

WAYS = ("graph", "eager", "function")
ENOUGH = 0.9
FOUND, UNTOLD = "found", "results do not tell"


def breaks(part: outline.Part) -> Iterator[tuple[str, str, str, int]]:
    """Each break of the part's claims: the claim, what is broken, what becomes of it, how often."""
    for claim, entry in treatment(part.name).broken.items():
        for old, new, *count in [entry] if isinstance(entry, tuple) else entry:
            yield claim, old, new, *(count or (1,))


def lines_of(text: str, piece: str) -> set[int]:
    """The lines on which a piece of a text stands, wherever it does."""
    found, at = set(), text.find(piece) if piece else -1
    while at >= 0:
        first = text[:at].count("\n") + 1
        found |= set(range(first, first + piece.count("\n") + 1))
        at = text.find(piece, at + 1)
    return found


def way_lines(text: str) -> set[int]:
    """The lines that may make ops when a way is run: within functions that are no claims, and not
    of NumPy alone. Whether one does is seen when it runs."""
    found: set[int] = set()
    for node in ast.parse(text).body:
        name = getattr(node, "name", "claim_")
        if not name.startswith(("claim_", "quiz_", "cases", "figures", "expected")):
            found |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    numpy = [n for n, line in enumerate(text.splitlines(), 1) if "np." in line and "tf" not in line]
    return found.difference(numpy)


def compared(
    part: outline.Part, whole: ModuleType, broken: ModuleType, way: str, calls: int
) -> tuple[Comparison, tuple[set[int], set[int]]]:
    """A way of a part against the same of its broken copy, and on which lines the ops are that ran
    in either."""
    seen = []
    for module in (whole, broken):
        with mock.patch.object(outline, "load", lambda part, module=module: module):
            seen.append(watched(part, way, calls))
    index = Index(max(RTOL, getattr(whole, "RTOL", 0.0)), max(ATOL, getattr(whole, "ATOL", 0.0)))
    sides = [of_watched(each, index) for each in seen]
    ran = [{event.source[1] for event in side.events if event.source} for side in sides]
    return answer(*sides, index, {}, ()), (ran[0], ran[1])


def at_the_break(first: Part, lines: tuple[set[int], set[int]]) -> bool:
    """Whether a place of the frontier is on a line that was broken."""
    return any(
        place is not None and place.source is not None and place.source[1] in of
        for place, of in zip((first.a, first.b), lines, strict=True)
    )


def main() -> int:
    """Print a row for each break, and how many are found."""
    start_tensorflow()
    devices.prepare("CPU:1")  # which lesson 26 needs
    found = counted = 0
    for part in (part for lesson in outline.lessons() for part in lesson.parts):
        if sys.argv[1:] and part.name not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            subject = Subject(part, Path(folder))
            for claim, old, new, count in breaks(part):
                lines = lines_of(subject.text, old), lines_of(subject.text.replace(old, new), new)
                if not lines[0] & way_lines(subject.text):
                    continue
                way, said = _told(subject, old, new, count, lines)
                counted += said in (FOUND, "no frontier", "behind others", "elsewhere")
                found += said == FOUND
                print(f"{part.name:6}{way:10}{said:24}{claim}: {old[:40]!r}", flush=True)
    print(f"{found} of {counted} breaks are where the frontier begins")
    return int(found < ENOUGH * counted)


def _told(
    subject: Subject, old: str, new: str, count: int, lines: tuple[set[int], set[int]]
) -> tuple[str, str]:
    """The way that is compared, and what is said of the break."""
    ways = [way for way in WAYS if way in subject.part.ways and subject.may_change(way, old)]
    if not ways:
        return "", UNTOLD
    try:
        broken = subject.broken(old, new, count)
        for calls in (FEW, CALLS):
            modules = subject.whole.module, broken.module
            said, ran = compared(subject.part, *modules, ways[0], calls)
            if said.same or said.frontier:
                break  # else what differs is perhaps in a later call
    except Exception:  # a broken way may raise whatever it likes
        return ways[0], "does not run"
    if said.same:
        return ways[0], UNTOLD
    if not any(map(set.intersection, lines, ran)):
        return ways[0], "no op is broken"
    if not said.frontier:
        return ways[0], "no frontier"
    if at_the_break(said.frontier[0], lines):
        return ways[0], FOUND
    elsewhere = any(at_the_break(each, lines) for each in said.frontier)
    return ways[0], "behind others" if elsewhere else "elsewhere"


if __name__ == "__main__":
    sys.exit(main())
