"""What is drawn: groups, boxes and bundled edges. Frozen, plain data; any layout may take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphlab.model import Shape


@dataclass(frozen=True, slots=True)
class Icon:
    """A constant, a variable read or an identity, drawn on its only consumer."""

    name: str
    op: str
    reads: bool = False  # whether it reads a variable


@dataclass(frozen=True, slots=True)
class Stub:
    """An edge that is not drawn as a line, since one of its ends has too many of them."""

    end: int  # the key of the box at the other end
    out: bool  # whether it leads there; else it comes from there
    count: int
    control: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One op, or a closed scope of several."""

    key: int  # what edges call it
    name: str  # the op's or the scope's full name
    label: str  # the name without the scope it is drawn in
    kind: str  # "op", "variable", "placeholder", "constant", or that of a closed group:
    # "scope", "function", "series" or "piece"; "link" where a line goes on in another band
    op: str  # the op type, of a series that of its members; "" for other groups
    ops: int  # how many ops it stands for, icons included
    icons: tuple[Icon, ...] = ()
    devices: tuple[str, ...] = ()  # short names, in order of appearance
    gradient: bool = False
    calls: tuple[str, ...] = ()
    steps: int | None = None  # how often the run executed its ops; None: drawn without a run
    fed: bool = False  # the run took its value from a feed
    outside: bool = False  # of eager ops: it was there before them
    time_us: float | None = None  # their times together; None: none was timed
    icons_only: bool = False  # they are those of its icons: itself it had no step
    launched: bool = False  # they were launched on a GPU, and none needed a kernel
    stubs: tuple[Stub, ...] = ()
    marks: tuple[str, ...] = ()  # of two stages in one: "kept", "gone", "new", "changed"
    became: str = ""  # what a marked op became

    @property
    def idle(self) -> bool:
        """Whether a run is shown that had nothing to do with it."""
        return self.steps == 0 and not self.fed and not self.outside


@dataclass(frozen=True, slots=True)
class Group:
    """An open scope."""

    name: str
    label: str
    members: tuple[Group | Box, ...]
    gradient: bool = False
    kind: str = "scope"  # or "function", "series"
    calls: tuple[str, ...] = ()  # the functions whose bodies it holds


@dataclass(frozen=True, slots=True)
class Edge:
    """All tensors, or all control inputs, from one box to another."""

    tail: int
    head: int
    count: int
    shape: Shape = None  # of every one of them; None where they differ or the rank is unknown
    dtype: str = ""  # of every one of them; "" where they differ
    same: bool = True  # whether shape and dtype are those of every tensor
    bytes: int | None = None  # together; None where a dimension is unknown
    control: bool = False
    back: bool = False  # NextIteration to Merge: a loop's way back


@dataclass(frozen=True, slots=True)
class Diagram:
    """What is drawn."""

    members: tuple[Group | Box, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()  # what the picture must say of itself


def boxes(members: Sequence[Group | Box]) -> Iterator[Box]:
    """All boxes, those in groups too, in the order in which they are drawn."""
    for member in members:
        if isinstance(member, Group):
            yield from boxes(member.members)
        else:
            yield member
