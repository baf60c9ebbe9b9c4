"""What the engine says of an op: its Step when it ran, one clear line when it failed."""

from __future__ import annotations

import functools
from typing import Any

from graphlab import _private
from graphlab.devices import short
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.table import Kernel
from graphlab.engine.kernels.values import DEAD, Ref, Values, bytes_of, is_tensor, spec_of
from graphlab.engine.state import State
from graphlab.errors import GraphlabError
from graphlab.model import Step

_short = functools.cache(short)


def step_of(
    op: Op, outputs: list, kernel: Kernel, frame: str, start_s: float, end_s: float
) -> Step:
    """One op that ran, and when: seconds from the start. A dead side of a Switch is no output."""
    times = (None, None) if kernel.passed else (start_s * 1e6, end_s * 1e6)
    device = kernel.place or _place_of(outputs, kernel)
    values = Values(op.outputs, outputs)
    if len(outputs) == 1 and is_tensor(outputs[0]):  # almost always, so there is no time to lose
        specs, size = op.came
        if not specs or specs[0].shape != _private.shape_of(outputs[0]):
            specs = (spec_of(op.outputs[0], op.dtypes[0], outputs[0]),)
            size = bytes_of(specs[0])
            op.came = specs, size
    else:
        came = [
            (spec_of(name, dtype, value), value)
            for name, dtype, value in zip(op.outputs, op.dtypes, outputs, strict=True)
            if value is not DEAD
        ]
        specs = tuple([spec for spec, _ in came])
        sizes = [bytes_of(spec) for spec in specs]
        size = None if None in sizes else sum(sizes)  # type: ignore[arg-type]
        if len(came) < len(outputs):
            values = Values(tuple([spec.name for spec in specs]), [value for _, value in came])
    return _step(op.name, op.type, device, *times, specs, size, "", frame, values)


class _Draft:
    """A Step while it is written: to fill in a frozen one takes four times as long."""

    __slots__ = Step.__slots__  # type: ignore[attr-defined]


def _step(*fields: Any) -> Step:
    draft: Any = _Draft()
    (
        draft.node,
        draft.op,
        draft.device,
        draft.start_us,
        draft.end_us,
        draft.outputs,
        draft.bytes,
        draft.thread,
        draft.frame,
        draft.values,
    ) = fields
    # The engine's clock is the host's, and knows nothing of what a GPU did.
    draft.launch, draft.kernels, draft.on_host = None, (), False
    draft.__class__ = Step
    return draft


def _place_of(outputs: list, kernel: Kernel) -> str:
    """Where an op says that it ran, which for a stateless one is asked once; what Python does
    is the first CPU's."""
    alive = [value for value in outputs if is_tensor(value)]
    place = _short(alive[0].device if alive else getattr(kernel.run, "device", "")) or "CPU:0"
    if kernel.pure:
        kernel.place = place
    return place


def failure(op: Op, frame: str, error: Any, state: State, inputs: list | None = None) -> Exception:
    """The error that stands for what a kernel refused."""
    where = f"{op.title} in {frame}" if frame else op.title
    for value in inputs or ():
        handle = value.handle if type(value) is Ref else value
        name = next((n for n, (h, _) in state.variables.items() if h is handle), None)
        if name is not None and not _initialised(handle):
            return GraphlabError(
                f"variable {name} has no value when {where} reads it; run its initialiser"
                " first, or give its value in the state"
            )
    text = (error.message or str(error)).strip().splitlines()[0]
    text = text.removeprefix("{{function_node ").split("}} ")[-1].split(" [Op:")[0]
    if "Table not initialized" in text:
        text = "its table is empty; run the table's initialiser first, or give it in the state"
    given = ", ".join(_describe(value) for value in inputs or ())
    return GraphlabError(f"{where} failed: {text}" + (f"; it was given {given}" if given else ""))


def _describe(value: Any) -> str:
    if is_tensor(value):
        return f"{value.dtype.name} {list(_private.shape_of(value))}"
    return repr(value) if type(value) is not Ref else f"variable {value.name}"


def _initialised(handle: Any) -> bool:
    (found,) = _private.execute("VarIsInitializedOp", 1, [handle], (), handle.device)
    return bool(found.numpy())
