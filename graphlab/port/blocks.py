"""Ops that repeat and of which no scope tells: each time is a block, as if it had a scope.

repeated("abcabcabc", cuts=[0] * 10)      # Run(size=3, starts=(0, 3, 6))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.port import effects
from graphlab.port.groups import Group
from graphlab.port.likeness import Likeness, has_weights, is_weight
from graphlab.port.sequential import is_sequential
from graphlab.port.wiring import Wiring

LEAST_TIMES = 3  # that a block is there: two are read as quickly where they stand
MOST_SIZE = 40  # ops and calls of a block
MOST_KINDS = 8  # of blocks in one body
LOOP = 2  # lines
LEAST_SAVED = 3  # of these, or a reader looks up what is as short where it stands


@dataclass(frozen=True)
class Run:
    """What repeats: `size` items from each of `starts` on."""

    size: int
    starts: tuple[int, ...]

    @property
    def saved(self) -> int:
        """The items that need not be written, less what calls them."""
        in_a_row = all(then - one == self.size for one, then in pairwise(self.starts))
        calls = LOOP if in_a_row else len(self.starts)
        return (len(self.starts) - 1) * self.size - calls


def repeated(items: Sequence[Hashable], cuts: Sequence[int]) -> Run | None:
    """The run of items that saves most where it is written once; None where none saves enough.
    None is an item that is like no other.

    Of runs that save as much, as those of a chain that begin at different places of it, it is the
    one with the smallest `cuts` at its ends: one before each item, and one behind the last.
    """
    kinds: dict[Hashable, int] = {}
    alike = [-1 if item is None else kinds.setdefault(item, len(kinds)) for item in items]
    before = alike  # by start: equal numbers begin equal windows, of the size before
    best: tuple[tuple[int, int], Run] | None = None
    for size in range(2, MOST_SIZE + 1):
        now, starts = _windows(before, alike, size)
        runs = [Run(size, (*found,)) for found in starts if len(found) >= LEAST_TIMES]
        if not runs:
            break  # longer ones do not repeat as often either
        for run in runs:
            cut = sum(cuts[at] + cuts[at + size] for at in run.starts)
            if run.saved >= LEAST_SAVED and (best is None or (run.saved, -cut) > best[0]):
                best = (run.saved, -cut), run
        before = now
    return None if best is None else best[1]


def _windows(
    before: Sequence[int], alike: Sequence[int], size: int
) -> tuple[list[int], list[list[int]]]:
    """The number of the window of this size at each start, -1 for one that is like no other, and
    where each stands without overlapping itself."""
    known: dict[tuple[int, int], int] = {}
    numbers: list[int] = []
    starts: list[list[int]] = []
    for at in range(len(alike) - size + 1):
        pair = before[at], alike[at + size - 1]
        number = -1 if -1 in pair else known.setdefault(pair, len(known))
        numbers.append(number)
        if number == len(starts):
            starts.append([at])
        elif number >= 0 and starts[number][-1] + size <= at:
            starts[number].append(at)
    return numbers, starts


@dataclass(frozen=True)
class Item:
    """A scope that is called, or an op that is in none."""

    members: tuple[str, ...]
    key: Hashable  # None: it stands in no block
    owns: bool  # whether it has weights


def blocks(
    wired: Wiring,
    groups: Sequence[Group],
    alike: Mapping[str, Hashable],
    within: str,
    likeness: Likeness,
    library: Library,
) -> Iterator[list[tuple[str, ...]]]:
    """Of each kind the blocks, as the ops of each; the kinds that save most come first."""
    items = _items(wired, groups, alike, within, library)
    shared = [_cut(one, then) for one, then in pairwise(items)]
    least = min(shared, default=0)  # all may be in one scope
    cuts = [0, *(each - least for each in shared), 0]
    keys = [item.key for item in items]
    if repeated(keys, cuts) is None:  # nor is there when it is asked more closely
        return
    keys = [item.key and (item.key, *map(likeness.of_op, _alone(item, wired))) for item in items]
    for _ in range(MOST_KINDS):
        run = repeated(keys, cuts)
        if run is None:
            return
        found = [
            tuple(name for item in items[at : at + run.size] for name in item.members)
            for at in run.starts
        ]
        if _gives_one(found[0], wired):
            yield found
        for at in run.starts:
            keys[at : at + run.size] = [None] * run.size


def _items(
    wired: Wiring,
    groups: Sequence[Group],
    alike: Mapping[str, Hashable],
    within: str,
    library: Library,
) -> list[Item]:
    homes = {name: group for group in groups for name in group.members}
    types = Counter(op.type for name, op in wired.ops.items() if name not in homes)
    found: dict[str, Item] = {}
    for name, op in wired.ops.items():
        group = homes.get(name)
        if group is not None and group.scope not in found:
            owns = has_weights(group, wired)
            found[group.scope] = Item(group.members, alike[group.scope], owns)
        elif group is None and wired.works(name):
            often = types[op.type] >= LEAST_TIMES and name.startswith(within)
            stays = not often or name in wired.fixed or is_sequential(op)
            kinds = tuple(_kind(tensor, wired) for tensor in op.inputs)
            key = None if stays or effects.changes(op, library) else (op.type, kinds)
            found[name] = Item((name,), key, "variable" in kinds or "weight" in kinds)
    return list(found.values())


def _alone(item: Item, wired: Wiring) -> list[Op]:
    """The op where it is in no scope."""
    return [wired.ops[name] for name in item.members] if len(item.members) == 1 else []


def _gives_one(members: Collection[str], wired: Wiring) -> bool:
    """Whether others take one tensor of these ops."""
    inside = {*members}
    taken = {t for name, op in wired.ops.items() if name not in inside for t in op.inputs}
    taken |= wired.fetched
    return sum(tensor in taken for name in inside for tensor in wired.ops[name].outputs) == 1


def _kind(tensor: str, wired: Wiring) -> Hashable:
    if wired.handle(tensor) is not None:
        return "variable"
    if is_weight(tensor, wired):
        return "weight"
    value = wired.literals.get(tensor)
    return "taken" if value is None else (value.dtype.str, value.shape, value.tobytes())


def _cut(one: Item, then: Item) -> int:
    """How little a block ends between these: most where a scope goes on there, and somewhat where
    that is not between what has no weights, as an activation, and what has."""
    pairs = zip(one.members[-1].split("/")[:-1], then.members[0].split("/")[:-1], strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return 2 * shared + (one.owns or not then.owns)
