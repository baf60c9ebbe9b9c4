"""What comes after what, in columns of numbers: the small graph algorithms of drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


class Links:
    """The edges of a graph of `count` nodes, from either end; each joined pair once."""

    def __init__(self, count: int, tail: Sequence[int], head: Sequence[int]) -> None:
        self.count = count
        # One number for each pair: as rows they would be sorted many times as slowly.
        pairs = np.unique(np.asarray(tail, np.int64) * count + np.asarray(head, np.int64))
        both = np.stack(np.divmod(pairs, max(count, 1)))
        self.tail, self.head = both[:, both[0] != both[1]]
        self._after = _rows(count, self.tail, self.head)
        self._before = _rows(count, self.head, self.tail)

    def after(self, node: int) -> list[int]:
        """The nodes that take something from this one."""
        starts, ends = self._after
        return ends[starts[node] : starts[node + 1]]

    def before(self, node: int) -> list[int]:
        """The nodes from which this one takes something."""
        starts, ends = self._before
        return ends[starts[node] : starts[node + 1]]

    def ranks(self) -> list[int]:
        """For each node the length of the longest path to it; `count` for one after a cycle."""
        waits = np.bincount(self.head, minlength=self.count).tolist()
        ranks = [0 if not n else self.count for n in waits]
        reached = [0] * self.count
        ready = [i for i, n in enumerate(waits) if not n]
        for node in ready:  # grows while it is gone through
            ranks[node] = reached[node]
            for next in self.after(node):
                reached[next] = max(reached[next], reached[node] + 1)
                waits[next] -= 1
                if not waits[next]:
                    ready.append(next)
        return ranks

    def within(self, start: Iterable[int], radius: int) -> dict[int, int]:
        """How far every node is that can be reached over `radius` edges, in both directions."""
        far = dict.fromkeys(start, 0)
        edge = list(far)
        for distance in range(1, radius + 1):
            around = [n for node in edge for n in (*self.before(node), *self.after(node))]
            edge = [n for n in dict.fromkeys(around) if n not in far]
            far |= dict.fromkeys(edge, distance)
        return far


def _rows(count: int, key: np.ndarray, value: np.ndarray) -> tuple[list[int], list[int]]:
    order = np.lexsort((value, key))
    starts = np.searchsorted(key[order], np.arange(count + 1))
    return starts.tolist(), value[order].tolist()
