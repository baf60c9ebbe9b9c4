"""What the engine says of an op: its Step when it ran, one clear line when it failed."""

from __future__ import annotations

from typing import Any

from graphlab import _private
from graphlab.devices import short
from graphlab.errors import GraphlabError
from graphlab.kernels.nodes import Op
from graphlab.kernels.table import Kernel
from graphlab.kernels.values import DEAD, Ref, Values, bytes_of, is_tensor, spec_of
from graphlab.model import Step, TensorSpec
from graphlab.state import State

_short: dict[str, str] = {}


def step_of(
    op: Op, outputs: list, kernel: Kernel, frame: str, start_s: float, duration_s: float
) -> Step:
    """One op that ran. A side of a Switch that was not taken is no output."""
    names = op.outputs
    if len(names) == 1 and outputs[0] is not DEAD:
        spec = _spec(op, outputs[0])
        return Step(
            op.name,
            op.type,
            _device(outputs, kernel),
            start_s * 1e6,
            (start_s + duration_s) * 1e6,
            (spec,),
            bytes_of(spec),
            "",
            frame,
            Values(names, outputs),
        )
    specs = tuple(
        [
            spec_of(name, dtype, value)
            for name, dtype, value in zip(names, op.dtypes, outputs, strict=True)
            if value is not DEAD
        ]
    )
    if len(specs) < len(names):
        names = tuple(spec.name for spec in specs)
        outputs = [value for value in outputs if value is not DEAD]
    sizes = [bytes_of(spec) for spec in specs]
    return Step(
        op.name,
        op.type,
        _device(outputs, kernel),
        start_s * 1e6,
        (start_s + duration_s) * 1e6,
        specs,
        None if None in sizes else sum(sizes),  # type: ignore[arg-type]
        "",
        frame,
        Values(names, outputs),
    )


def _spec(op: Op, value: Any) -> TensorSpec:
    """The spec of an op's only output: mostly it has the shape that it had the last time."""
    before = op.spec
    if before is None or not is_tensor(value) or before.shape != _private.shape_of(value):
        op.spec = before = spec_of(op.outputs[0], op.dtypes[0], value)
    return before


def _device(outputs: list, kernel: Kernel) -> str:
    """Where the op says that it ran; Python's own part of the work is the first CPU's."""
    if outputs and is_tensor(outputs[0]):
        device = outputs[0].device
    else:
        device = getattr(kernel.run, "device", "")
    if device not in _short:
        _short[device] = short(device) or "CPU:0"
    return _short[device]


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
