"""`python -m tests.ways_compared [PART ...]`: each way of each part against each other way of it.

Exit code 1 where two ways part beyond the part's tolerance: which, and where.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence

from graphlab import _private, devices
from graphlab.comparison.answer import answer
from graphlab.comparison.found import EQUAL, Comparison, Result
from graphlab.comparison.index import Index
from graphlab.comparison.recorded import of_watched
from graphlab.comparison.run import ATOL, RTOL
from graphlab.course import outline
from graphlab.startup import start_tensorflow
from graphlab.targets.part_run import watch_part
from graphlab.targets.target import Target, Watched

CALLS = 2  # of each kind
LARGE = {"4.7"}  # one call, two ways at a time: each tensor of AlexNet's step is kept
# Keras' Adam adds up the squares of a word's gradients, TensorFlow 1's squares their sum; that
# is what the part tells. Of that pair what both return is held, and not what its slots hold.
OTHER_STEPS = {("6.2", "keras")}


def compared(part: outline.Part, ways: Sequence[str] = ()) -> list[Comparison]:
    """Each pair of ways of a part, each way run once. `ways` are the part's own if not given.

    GraphlabError where a way gives nothing that could be compared.
    """
    module, ways = outline.load(part), ways or part.ways
    pairs = list(itertools.combinations(ways, 2))
    if part.name in LARGE and len(pairs) > 1:
        return [each for pair in pairs for each in compared(part, pair)]
    found, seen = [], {way: watched(part, way) for way in ways}
    for keras in (False, True):  # which has a tolerance of its own
        prefix = "KERAS_" if keras else ""
        rtol = max(RTOL, float(getattr(module, f"{prefix}RTOL", 0.0)))
        atol = max(ATOL, float(getattr(module, f"{prefix}ATOL", 0.0)))
        index = Index(rtol, atol)
        sides = {way: of_watched(each, index) for way, each in seen.items()}
        found += [
            answer(sides[a], sides[b], index, {}, [*sides[a].notes, *sides[b].notes])
            for a, b in pairs
            if ("keras" in (a, b)) == keras
        ]
        if "keras" not in sides:
            break
    return found


def differing(part: outline.Part, found: Comparison) -> list[Result]:
    """What is not equal in both ways, of all that has to be."""
    returned = any((part.name, way) in OTHER_STEPS for way in ways_of(found))
    changed = {pair.a for pair in found.variables} if returned else set()
    return [each for each in found.results if each.how not in EQUAL and each.a not in changed]


def ways_of(found: Comparison) -> tuple[str, str]:
    """The two that were compared."""
    return found.a.partition(":")[2], found.b.partition(":")[2]


def watched(part: outline.Part, way: str, calls: int = CALLS) -> Watched:
    """The first calls of a way, recorded as they are for a comparison."""
    target = Target(f"{part.name}:{way}", part=part, way=way)
    with _private.own_keras_names(), _private.own_conversions():
        first = 1 if part.name in LARGE else calls
        return watch_part(target, None, None, values=True, first=first)


def main() -> int:
    start_tensorflow()
    devices.prepare("CPU:1")  # which lesson 26 needs
    names = sys.argv[1:]
    parts = [part for lesson in outline.lessons() for part in lesson.parts]
    chosen = [part for part in parts if not names or part.name in names]
    pairs = parted = 0
    for part in chosen:
        for found in compared(part):
            pairs += 1
            left = differing(part, found)
            parted += bool(left)
            if left:
                print(f"{found.a} and {found.b}: {left[0]}; {found.frontier[:1]}", flush=True)
    print(f"{len(chosen)} parts, {pairs} pairs of ways: {parted} part")
    return int(parted > 0)


if __name__ == "__main__":
    sys.exit(main())
