"""What became of an op between two stages of a graph: the words for it.

>>> Verdict("fused into", "y", "structure: y took its output").text()
'fused into y'
>>> Verdict("rewritten as", "mm", "exact name", "_FusedMatMul").text()
'rewritten as _FusedMatMul'
>>> Verdict("compiled into").text(), Verdict("inside", "call").text()
('compiled into it', 'inside call')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphlab.model import Graph

STAYS = "stays"
NOT_NEEDED = "not needed"
FOLDED = "folded to a constant"
FUSED = "fused into"
MERGED = "merged with its twin"
INLINED = "inlined"
REWRITTEN = "rewritten as"
MOVED = "moved to device"
COMPILED = "compiled into"
INSIDE = "inside"
DROPPED = "dropped"
UNMATCHED = "unmatched"

KINDS = (
    *(STAYS, NOT_NEEDED, FOLDED, FUSED, MERGED, INLINED, REWRITTEN, MOVED, COMPILED, INSIDE),
    *(DROPPED, UNMATCHED),
)

BY_NAME = "exact name"
BY_STRIPPED_NAME = "call-site-stripped name"
BY_STRUCTURE = "structure"
BY_FETCHES = "no path to what was fetched"
BY_FEED = "it was fed"
BY_METADATA = "its op_name"  # in an instruction of a compiled program


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one op, and how we know."""

    kind: str  # one of KINDS
    other: str = ""  # the node that stands for it in the next stage; the device for MOVED; the
    # call for INSIDE; the call or the instruction for COMPILED, "" where it is the whole graph
    how: str = ""  # the evidence: a name, or "structure: " and what was seen
    op: str = ""  # the op type in the next stage, where it is another one

    @property
    def lives(self) -> bool:
        """Whether a node of the next stage computes what this op computed, or more."""
        return self.kind not in (NOT_NEEDED, DROPPED, UNMATCHED)

    def text(self) -> str:
        """As a reader wants it: `"merged with its twin Shape_1"`."""
        if self.kind == REWRITTEN and self.op:
            return f"{self.kind} {self.op}"
        if self.kind == COMPILED:
            return f"{self.kind} {self.other or 'it'}"
        if self.kind in (FUSED, MERGED, REWRITTEN, MOVED, INSIDE):
            return f"{self.kind} {self.other}"
        return self.kind


@dataclass(frozen=True)
class Stage:
    """One life of a graph, and what becomes of each of its ops in the next one."""

    name: str  # "built", "pruned", a Grappler pass, "placed", "partitioned"
    graph: Graph
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # empty in the last stage
    note: str = ""  # what a reader must know of it

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The ops of which nothing could be said."""
        return tuple(n for n, verdict in self.verdicts.items() if verdict.kind == UNMATCHED)
