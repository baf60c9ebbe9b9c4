"""Where an execution is to stop."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlab.devices import short
from graphlab.engine.kernels.control_flow import ENTERS
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Step

if TYPE_CHECKING:
    from graphlab.engine.plan import Plan

_FLOATS = ("float", "half", "bfloat", "complex", "double")


@dataclass(frozen=True)
class Breakpoint:
    """Everything that is said here must hold of a step."""

    node: str | None = None
    op: str | None = None
    bad: bool = False
    device: bool = False
    iteration: tuple[str, int] | None = None

    def hit_by(self, step: Step, before: Step | None) -> bool:
        """Whether to stop after this step; `before` is the one before it."""
        return (
            (self.node is None or fnmatch.fnmatchcase(step.node, self.node))
            and (self.op is None or fnmatch.fnmatchcase(step.op, self.op))
            and (not self.bad or is_bad(step))
            and (not self.device or (before is not None and before.device != step.device))
            and (self.iteration is None or self._begins(step, before))
        )

    def _begins(self, step: Step, before: Step | None) -> bool:
        """Whether the step is in the turn, and the one before it was not."""
        assert self.iteration is not None
        loop, turn = self.iteration
        return _in_turn(step, loop, turn) and not (before and _in_turn(before, loop, turn))


def is_bad(step: Step) -> bool:
    """Whether an output has a NaN or an Inf."""
    return any(
        spec.dtype.startswith(_FLOATS)
        and not np.isfinite(np.asarray(step.values[spec.name]).astype(np.complex128)).all()
        for spec in step.outputs
        if step.values
    )


def breakpoint_on(
    plans: Sequence[Plan],
    node: str | None,
    op: str | None,
    bad: bool,
    device: bool,
    iteration: tuple[str, int] | None,
) -> Breakpoint:
    """GraphlabError where nothing in these plans can ever hit it."""
    ops = [o for plan in plans for o in plan.ops.values()]
    if node is None and op is None and not bad and not device and iteration is None:
        raise GraphlabError("a breakpoint needs a node, an op, bad, device or iteration")
    if node is not None and not fnmatch.filter([o.name for o in ops], node):
        like = nearest(node, dict.fromkeys(o.name for o in ops))
        raise GraphlabError(f"no op that will run is named {node!r}; there is {_few(like)}")
    if op is not None and not fnmatch.filter([o.type for o in ops], op):
        like = nearest(op, dict.fromkeys(o.type for o in ops))
        raise GraphlabError(f"no op that will run is of type {op!r}; there is {_few(like)}")
    if node is not None and op is not None:
        both = [o for o in ops if fnmatch.fnmatchcase(o.name, node)]
        if not fnmatch.filter([o.type for o in both], op):
            raise GraphlabError(f"{both[0].title} and its like are never of type {op!r}")
    if bad and not any(dtype.startswith(_FLOATS) for o in ops for dtype in o.dtypes):
        raise GraphlabError("nothing that will run gives floating-point numbers, so no NaN or Inf")
    if device:
        there = sorted(places(plans))
        if len(there) < 2:
            raise GraphlabError(f"all that will run is on {there[0]}; the device never changes")
    if iteration is not None:
        loops = [name for plan in plans for name in loops_of(plan)]
        if iteration[0] not in loops:
            found = f"there is {nearest(iteration[0], loops)}" if loops else "there is no loop"
            raise GraphlabError(f"no loop that will run is named {iteration[0]!r}; {found}")
        if iteration[1] < 0:
            raise GraphlabError(f"turn {iteration[1]} of {iteration[0]}: turns count from 0")
    return Breakpoint(node, op, bad, device, iteration)


def loops_of(plan: Plan) -> list[str]:
    """The loops of a plan by the names that frames give them."""
    old = [
        op.text("frame_name").removesuffix("/while_context")
        for op in plan.ops.values()
        if op.type in ENTERS
    ]
    new = [op.name for op in plan.ops.values() if op.type in ("While", "StatelessWhile")]
    return list(dict.fromkeys([*old, *new]))


def places(plans: Sequence[Plan]) -> set[str]:
    """The devices on which the ops of these plans run."""
    found = {
        getattr(kernel.run, "device", "") for plan in plans for kernel in plan.kernels.values()
    }
    return {short(place) for place in found if place} or {"CPU:0"}


def _in_turn(step: Step, loop: str, turn: int) -> bool:
    return any(
        part == f"{loop}:{turn}" or part == f"{loop}:{turn} cond"
        for part in step.frame.split(" > ")
    )


def _few(text: str) -> str:
    return text if len(text) < 200 else text[:200].rpartition(", ")[0] + ", ..."
