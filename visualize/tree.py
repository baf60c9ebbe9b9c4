"""Names with slashes become a tree of scopes; scopes are opened while there is room.

>>> root = scopes(["x", "layer/mm", "layer/add"], {}, 60)
>>> [member if isinstance(member, int) else member.name for member in root.members]
[0, 'layer']
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LEVELS = 40  # deeper scopes are one: only a hostile name has more
PIECES = 15  # a scope too wide to be opened is cut into about so many


@dataclass(slots=True)
class Scope:
    """A scope and what is in it, in creation order: indexes of nodes, and scopes."""

    name: str
    members: list[Scope | int] = field(default_factory=list)
    is_piece: bool = False  # cut by us out of a scope too wide to be drawn
    label: str = ""  # of a piece
    first: int = 0  # of a piece: its place in the scope it was cut from

    @property
    def key(self) -> str:
        """What tells it from every other scope; no name has this separator in it."""
        return f"{self.name}\0{self.label}" if self.is_piece else self.name

    def nodes(self) -> Iterator[int]:
        """All nodes in it, at any depth."""
        for member in self.members:
            if isinstance(member, Scope):
                yield from member.nodes()
            else:
                yield member

    def size(self) -> int:
        """How many nodes are in it, at any depth."""
        return sum(member.size() if isinstance(member, Scope) else 1 for member in self.members)


def scopes(names: Sequence[str], hidden: Collection[int] | Mapping[int, int], most: int) -> Scope:
    """The tree of all names but the hidden ones.

    A node that is also a scope (`"W"` beside `"W/read"`) is a member of that scope. A scope with
    one member is replaced by it. A scope with more than `most` members is cut into pieces.
    """
    chains = {i: _chain(name) for i, name in enumerate(names) if i not in hidden}
    used = {scope for chain in chains.values() for scope in chain}
    root = Scope("")
    found = {"": root}
    for i, chain in chains.items():
        scope = root
        for name in [*chain, names[i]] if names[i] in used else chain:
            if name not in found:
                found[name] = Scope(name)
                scope.members.append(found[name])
            scope = found[name]
        scope.members.append(i)
    root.members = [_spliced(member, most) for member in root.members]
    return _cut(root, most)


def _chain(name: str) -> list[str]:
    parts = name.split("/", LEVELS)[:-1]
    chain: list[str] = []
    path = ""
    for part in parts:
        path = f"{path}/{part}" if chain else part
        chain.append(path)
    return chain


def _spliced(member: Scope | int, most: int) -> Scope | int:
    if not isinstance(member, Scope):
        return member
    member.members = [_spliced(inner, most) for inner in member.members]
    return member.members[0] if len(member.members) == 1 else _cut(member, most)


def _cut(scope: Scope, most: int) -> Scope:
    """The scope, with its members in pieces of creation order where they are too many."""
    total = len(scope.members)
    if total <= most:
        return scope
    # Pieces of creation order: an edge between two of them never makes a cycle of its own.
    size = max(5, -(-total // PIECES))
    pieces: list[Scope | int] = []
    for start in range(0, total, size):
        part = scope.members[start : start + size]
        first = scope.first + start
        label = f"members {first + 1}\N{EN DASH}{first + len(part)}"
        pieces.append(_cut(Scope(scope.name, part, True, label, first), most))
    scope.members = pieces
    return scope


def opened(
    root: Scope,
    depth: int | None,
    most: int,
    folded: Collection[str],
    last: Callable[[str], bool],
    most_last: int,
) -> set[str]:
    """The keys of the scopes to be drawn open, so that at most `most` boxes are visible.

    Without a depth the largest go first. Those for which `last` is true come after all others,
    and only where everything in them fits into `most_last` boxes. With a depth the outermost go
    first, no deeper than it. `folded` scopes stay closed. Ties are broken by creation order, so
    the picture is stable.
    """
    count = len(root.members)
    shown: set[str] = set()
    queue: list[tuple[tuple, int, int, Scope]] = []
    pushed = 0

    def push(scope: Scope, level: int) -> None:
        nonlocal pushed
        for member in scope.members:
            if isinstance(member, Scope) and member.name not in folded:
                inner = level + (not member.is_piece)
                order = (last(member.name), -member.size()) if depth is None else (inner,)
                heapq.heappush(queue, (order, pushed, inner, member))
                pushed += 1

    push(root, 0)
    while queue:
        _, _, level, scope = heapq.heappop(queue)
        more = len(scope.members) - 1
        if count + more > most or (depth is not None and level > depth):
            continue
        if depth is None and last(scope.name) and count + scope.size() - 1 > most_last:
            continue
        count += more
        shown.add(scope.key)
        push(scope, level)
    return shown
