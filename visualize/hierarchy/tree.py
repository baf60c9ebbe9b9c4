"""Names with slashes become a tree of scopes.

>>> root = scopes(["x", "layer/mm", "layer/add"])
>>> [member if isinstance(member, int) else member.name for member in root.members]
[0, 'layer']
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LEVELS = 40  # deeper scopes are one: only a hostile name has more


@dataclass(slots=True)
class Scope:
    """A scope and what is in it, in creation order: indexes of nodes, and scopes."""

    name: str  # of a series or a piece: of the scope it was made in
    members: list[Scope | int] = field(default_factory=list)
    kind: str = "scope"  # "graph", "function", "scope", "series" or "piece"
    label: str = ""  # of a series or a piece
    verified: bool = False  # of a series: that its members are alike was checked op by op

    def nodes(self) -> Iterator[int]:
        """All nodes in it, at any depth."""
        for member in self.members:
            if isinstance(member, Scope):
                yield from member.nodes()
            else:
                yield member

    def first(self) -> int:
        """The first of its nodes in creation order."""
        member = self.members[0]
        return member.first() if isinstance(member, Scope) else member

    def scopes(self, but: str = "") -> Iterator[Scope]:
        """This scope and all in it, each after those that it holds; none in one of kind `but`."""
        for member in self.members:
            if isinstance(member, Scope) and member.kind != but:
                yield from member.scopes(but)
        yield self


def scopes(
    names: Sequence[str],
    hidden: Collection[int] | Mapping[int, int] = (),
    functions: Collection[str] = (),
) -> Scope:
    """The tree of all names but the hidden ones.

    A node that is also a scope (`"W"` beside `"W/read"`) is a member of that scope. A scope with
    one member is replaced by it. `functions` are the scopes that hold the bodies of functions.
    """
    root = Scope("", kind="graph")
    found = {"": root}
    shown = [i for i in range(len(names)) if i not in hidden]
    inner = {_around(names[i]) for i in shown}  # the innermost scopes
    for name in list(inner):  # and those around them
        while (name := name.rpartition("/")[0]) not in inner and name:
            inner.add(name)
    for i in shown:
        name = names[i]
        _holder(name if name in inner else _around(name), found).members.append(i)
    for scope in found.values():
        if scope.name in functions and scope is not root:
            scope.kind = "function"
    root.members = [_spliced(member) for member in root.members]
    return root


def _around(name: str) -> str:
    """The scope that a name is in; of a deep one that of the last level that is told apart."""
    scope = name.rpartition("/")[0]
    return "/".join(scope.split("/", LEVELS)[:LEVELS]) if scope.count("/") >= LEVELS else scope


def _holder(name: str, found: dict[str, Scope]) -> Scope:
    """The scope of that name, made with those around it where it is not yet there."""
    missing = []
    while name not in found:
        missing.append(name)
        name = name.rpartition("/")[0]
    scope = found[name]
    for name in reversed(missing):
        found[name] = Scope(name)
        scope.members.append(found[name])
        scope = found[name]
    return scope


def _spliced(member: Scope | int) -> Scope | int:
    if not isinstance(member, Scope):
        return member
    member.members = [_spliced(inner) for inner in member.members]
    alone = len(member.members) == 1 and member.kind != "function"
    return member.members[0] if alone else member
