"""Is the written file true? It is run in a process of its own and held against the engine's run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

import graphlab
from graphlab import _private
from graphlab.port.classes import Module
from graphlab.port.recorded import WHERE, Call

SECONDS = 600.0


@dataclass(frozen=True)
class Apart:
    """A result, or a variable after the call, that is not bit-equal."""

    call: int  # 1 is the first
    name: str  # in the file
    after: bool  # it is a variable
    largest: float  # difference; inf where there is no telling: other shapes, types or texts
    size: float  # of the original's largest number

    def text(self) -> str:
        """For a reader: `loss of call 2 is apart by 1.2e-07 (largest number 2.3)`."""
        what = f"variable {self.name} after" if self.after else f"{self.name} of"
        if not np.isfinite(self.largest):
            return f"{what} call {self.call} is another"
        return f"{what} call {self.call} is apart by {self.largest:.2g} of {self.size:.2g}"


@dataclass(frozen=True)
class Proof:
    """What came of holding a file against the original."""

    calls: int
    compared: int  # results and variables
    apart: tuple[Apart, ...]
    draws: tuple[str, ...]  # ops that drew random numbers: what hangs on them cannot be equal
    failure: str = ""  # one line: why the file did not run
    onednn: bool = False  # whether oneDNN computed
    sums: tuple[str, ...] = ()  # ops that add up three or more

    @property
    def equal(self) -> bool:
        """Whether all is bit-equal."""
        return not self.apart and not self.failure

    @property
    def ok(self) -> bool:
        """Bit-equal, or apart by no more than rounding: 1e-6 of the largest number."""
        near = all(each.largest <= NEAR * max(1.0, each.size) for each in self.apart)
        return not self.failure and near

    def text(self) -> str:
        """One line."""
        inputs = f"{self.calls} call{'s' if self.calls != 1 else ''}"
        if self.failure:
            return f"the file does not run: {self.failure}"
        if self.equal:
            what = "results and variables" if self.compared != 1 else "result"
            return f"bit-equal in {inputs}, {self.compared} {what}"
        worst = max(self.apart, key=lambda each: each.largest / max(1.0, each.size))
        drew = f"; {', '.join(self.draws[:3])} drew anew" if self.draws else ""
        sums = f"{', '.join(self.sums[:2])}: {SUMS}" if self.sums else ""
        rounded = [each for each in (sums, ONEDNN if self.onednn else "") if each and self.ok]
        why = drew or "".join(f"; {each}" for each in rounded)
        return (
            f"{len(self.apart)} of {self.compared} not bit-equal in {inputs}: {worst.text()}{why}"
        )


NEAR = 1e-6
# The engine runs the original op by op; in a graph a pass of oneDNN's, which is none of Grappler's
# and cannot be turned off by itself, joins a convolution's gradient with its bias's.
# Of as many AddN begins with the one whose memory it may take over: in a graph often with another.
SUMS = "AddN begins with the input whose memory it takes over, and so adds up otherwise"
_SUMMED = 3
ONEDNN = "oneDNN joins ops of a graph, and so adds up otherwise; TF_ENABLE_ONEDNN_OPTS=0 is without"


def prove(file: Path, module: Module, calls: Sequence[Call]) -> Proof:
    """Run the file's calls in a process of its own, and the original's in the engine."""
    attributes = {name: own for own, name in module.variables.items()}
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        stored: dict[str, Any] = {}
        plan = [_ask(stored, n, module, attributes, call) for n, call in enumerate(calls)]
        stored["plan"] = np.array(json.dumps(plan))
        np.savez(folder / "calls.npz", **stored)
        failure = _run(file, folder)
        if failure:
            return Proof(len(calls), 0, (), (), failure)
        with np.load(folder / "answers.npz") as answers:
            return _compared(module, attributes, calls, answers)


def _ask(
    stored: dict[str, np.ndarray],
    number: int,
    module: Module,
    attributes: Mapping[str, str],
    call: Call,
) -> dict[str, object]:
    """Put a call's inputs and variables into `stored`; what the child is told of them."""
    dtypes: dict[str, str] = {}
    for name, own in attributes.items():
        _put(stored, number, f"variable {name}", call.weights[own], dtypes)
    for argument in module.arguments:
        _put(stored, number, f"input {argument.name}", call.inputs[argument.tensor], dtypes)
    inputs = [argument.name for argument in module.arguments]
    return {"variables": list(attributes), "inputs": inputs, "dtypes": dtypes}


def _put(
    stored: dict[str, np.ndarray], number: int, name: str, value: np.ndarray, dtypes: dict[str, str]
) -> None:
    tensor = tf.constant(value)
    dtypes[name] = tensor.dtype.name
    stored[f"{number} {name}"] = np.frombuffer(tf.io.serialize_tensor(tensor).numpy(), np.uint8)


def _run(file: Path, folder: Path) -> str:
    """Why the child failed, in one line; "" where it did not."""
    root = str(Path(graphlab.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["CUDA_VISIBLE_DEVICES"] = "-1"
    command = [sys.executable, "-m", "graphlab.port.child", str(file.absolute()), str(folder)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {SECONDS:.0f} seconds"
    if done.returncode == 0:
        return ""
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    errors = [line for line in said if "Error" in line and not line.startswith("File")]
    return (errors or said or [f"exit code {done.returncode}"])[-1][:300]


def _compared(
    module: Module, attributes: Mapping[str, str], calls: Sequence[Call], answers: Mapping
) -> Proof:
    apart: list[Apart] = []
    draws: dict[str, None] = {}
    compared = 0
    for number, call in enumerate(calls):
        execution = call.replay.steps(device=WHERE, engine=call.engine)
        results = execution.results()
        draws |= dict.fromkeys(execution.random_ops)
        state = execution.state()
        pairs = [(name, results[t], f"answer {name}", False) for t, name in module.results.items()]
        pairs += [(n, state[own], f"after {n}", True) for n, own in attributes.items()]
        for name, value, key, after in pairs:
            compared += 1
            mine = tf.constant(value)
            found = tf.io.parse_tensor(
                answers[f"{number} {key}"].tobytes(), tf.as_dtype(mine.dtype)
            )
            difference = distance(mine.numpy(), found.numpy())
            if difference is not None:
                apart.append(Apart(number + 1, name, after, *difference))
    sums = tuple(dict.fromkeys(name for call in calls for name in _sums(call)))
    return Proof(len(calls), compared, tuple(apart), tuple(draws), "", _private.onednn(), sums)


def _sums(call: Call) -> tuple[str, ...]:
    """The ops that add up so many that their order matters."""
    ops = call.program.body.ops.values()
    return tuple(op.name for op in ops if op.type == "AddN" and len(op.inputs) >= _SUMMED)


def distance(one: np.ndarray, other: np.ndarray) -> tuple[float, float] | None:
    """The largest difference and the largest number of the first; None where they are bit-equal."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes():
        return None
    if one.dtype == object and one.shape == other.shape and (one == other).all():
        return None
    if one.shape != other.shape or one.dtype.kind not in "fiuc":
        return (float("inf"), 0.0)
    wide = np.complex128 if one.dtype.kind == "c" else np.float64
    a, b = one.astype(wide), other.astype(wide)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(a - b))
    size = float(np.max(np.abs(a[np.isfinite(a)]), initial=0.0))
    return (float("inf") if np.isnan(difference).any() else float(difference.max()), size)
