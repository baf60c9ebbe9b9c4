"""How far the original's own numbers move when what it is given moves in its last bits.

Two right programs add the same numbers in another order, so their results are some bits apart.
Where a program is steep (a unit of a relu that is just about to switch, a batch that hardly varies)
those bits become a difference that any tolerance for ordinary numbers would call a mistake. The
original says itself how steep it is: it is asked the same again, with other last bits.

    moved = further(original, begun, asked)   # ({"loss": 3e-5}, {"kernel": array of 1e-4})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphlab.exercises.differences import Wrong, equal
from graphlab.exercises.exercise import Arrays
from graphlab.exercises.sides import Broken, Process

NUDGE = 2.0**-21  # relative: four units in the last place of a float32
NUDGES = 8  # times that it is asked
FACTOR = 4  # by which a right port may be further away than the original is from itself

Asked = Sequence[tuple[str, Mapping[str, np.ndarray]]]


def further(original: Process, begun: Arrays, asked: Asked) -> tuple[Arrays, Arrays]:
    """How far apart a right port may be, element by element: of the last answers, and of the state.

    `begun` are all variables' values after `build`, `asked` what the program was asked since then:
    ("write", values) or (method, feeds), one at least. The original ends in the state that it is in
    now. Nothing is said ({}, {}) of one that does not repeat itself when it is asked just the same:
    it draws, or has more of a state than its variables. Nor of one that cannot be asked.
    """
    random = np.random.RandomState(0)
    spread: tuple[Arrays, Arrays] = ({}, {})
    try:
        state = original.do("read")
        nudged = [_again(original, begun, asked, random) for _ in range(NUDGES)]
        same = _again(original, begun, asked, None)
        equal(state, same[1], "", ())
    except (Broken, Wrong):
        return spread
    for kept, wanted, *others in zip(spread, same, *nudged, strict=True):
        for name, value in wanted.items():
            if value.dtype.kind == "f" and all(each[name].shape == value.shape for each in others):
                away = [np.abs(each[name].astype(float) - value) for each in others]
                kept[name] = FACTOR * np.nan_to_num(np.max(away, axis=0))
    return spread


def _again(
    original: Process, begun: Arrays, asked: Asked, random: np.random.RandomState | None
) -> tuple[Arrays, Arrays]:
    """The last answers and the state, once more from where it was built."""
    original.do("write", begun)
    answers: Arrays = {}
    for what, values in asked:
        given = {name: _nudged(value, random) for name, value in values.items()}
        if what == "write":
            original.do("write", given)
        else:
            answers = original.do("call", given, method=what)
    return answers, original.do("read")


def _nudged(value: np.ndarray, random: np.random.RandomState | None) -> np.ndarray:
    if random is None or value.dtype.kind != "f":
        return value
    return (value * (1 + random.uniform(-NUDGE, NUDGE, value.shape))).astype(value.dtype)
