"""Whether an optimizer of TensorFlow 1 gives other numbers in Keras: both are run, and compared.

apart("AdamOptimizer", (0.1,), {}).default      # how far a weight is off after STEPS steps
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.migration.calls import Call
from graphlab.migration.constructs import KINDS
from graphlab.migration.found import Construct
from graphlab.model import Node

tf1 = tf.compat.v1
STEPS = 5
EQUAL = 1e-5  # of the way that a weight goes: the last bits of float32, five times
_START = np.array([1.0, -2.0, 0.5, 3.0], np.float32)
_SCALES = np.array([1.0, 0.1, 1e-3, 1e-6], np.float32)  # of gradients: epsilon shows in small ones
_NOT_NUMBERS = ("name", "use_locking")
_OF_ROWS = re.compile(r"(Resource)?SparseApply\w+|UnsortedSegmentSum")


@dataclass(frozen=True)
class Twin:
    """What Keras has for an optimizer."""

    name: str
    arguments: Mapping[str, str]  # TensorFlow 1's name of an argument, and Keras'
    matched: Mapping[str, Any]  # what must be said besides, to get the numbers of TensorFlow 1


TWINS = {
    "GradientDescentOptimizer": Twin("SGD", {"learning_rate": "learning_rate"}, {}),
    "MomentumOptimizer": Twin(
        "SGD",
        {"learning_rate": "learning_rate", "momentum": "momentum", "use_nesterov": "nesterov"},
        {},
    ),
    "AdamOptimizer": Twin(
        "Adam",
        {
            "learning_rate": "learning_rate",
            "beta1": "beta_1",
            "beta2": "beta_2",
            "epsilon": "epsilon",
        },
        {"epsilon": 1e-8},
    ),
    "AdagradOptimizer": Twin(
        "Adagrad",
        {
            "learning_rate": "learning_rate",
            "initial_accumulator_value": "initial_accumulator_value",
        },
        {"epsilon": 0.0},
    ),
    "RMSPropOptimizer": Twin(
        "RMSprop",
        {
            "learning_rate": "learning_rate",
            "decay": "rho",
            "momentum": "momentum",
            "epsilon": "epsilon",
            "centered": "centered",
        },
        {"epsilon": 1e-10},
    ),
    "AdadeltaOptimizer": Twin(
        "Adadelta",
        {"learning_rate": "learning_rate", "rho": "rho", "epsilon": "epsilon"},
        {"epsilon": 1e-8},
    ),
    "FtrlOptimizer": Twin(
        "Ftrl",
        {
            "learning_rate": "learning_rate",
            "learning_rate_power": "learning_rate_power",
            "initial_accumulator_value": "initial_accumulator_value",
            "l1_regularization_strength": "l1_regularization_strength",
            "l2_regularization_strength": "l2_regularization_strength",
        },
        {},
    ),
}
_ORDER = {  # of positional arguments
    "GradientDescentOptimizer": "learning_rate",
    "MomentumOptimizer": "learning_rate momentum use_locking name use_nesterov",
    "AdamOptimizer": "learning_rate beta1 beta2 epsilon",
    "AdagradOptimizer": "learning_rate initial_accumulator_value",
    "RMSPropOptimizer": "learning_rate decay momentum epsilon use_locking name centered",
    "AdadeltaOptimizer": "learning_rate rho epsilon",
    "FtrlOptimizer": (
        "learning_rate learning_rate_power initial_accumulator_value"
        " l1_regularization_strength l2_regularization_strength"
    ),
}


@dataclass(frozen=True)
class Apart:
    """How far a weight of Keras is from TensorFlow 1's after STEPS steps, relative to the way that
    the weight that went furthest went.

    Gradients of four sizes, from 1 to 1e-6, as a small one shows what an epsilon does.
    """

    keras: str
    default: float  # with the script's own arguments, and else Keras' defaults
    matched: float  # with `said` besides
    said: Mapping[str, Any]
    assumed: bool  # a rate of 0.01 stands for one that the script computes
    rows: float  # as matched, of a table of which each step takes two rows, one of them twice


def apart(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Apart | None:
    """Both are run with the script's numbers; None where Keras has no such optimizer."""
    twin = TWINS.get(name)
    if twin is None:
        return None
    given = dict(zip(_ORDER[name].split(), args, strict=False)) | dict(kwargs)
    given = {k: v for k, v in given.items() if k not in _NOT_NUMBERS}
    assumed = any(not isinstance(v, int | float) for v in given.values())
    given = {k: v if isinstance(v, int | float) else 0.01 for k, v in given.items()}
    given.setdefault("learning_rate", 0.001)
    expected = _of_tf1(name, given)
    theirs = {twin.arguments[k]: v for k, v in given.items() if k in twin.arguments}
    said = {k: v for k, v in twin.matched.items() if k not in theirs}
    default = _of_keras(twin.name, theirs)
    matched = _of_keras(twin.name, theirs | said) if said else default
    rows = _off(_of_keras(twin.name, theirs | said, True), _of_tf1(name, given, True))
    return Apart(twin.name, _off(default, expected), _off(matched, expected), said, assumed, rows)


def _off(found: np.ndarray, expected: np.ndarray) -> float:
    moved = np.abs(expected - _START).max()
    return float(np.abs(found - expected).max() / max(moved, 1e-30))


def _gradients(weights: Any, step: int, rows: bool) -> Any:
    """The gradients of a step; with `rows` as a look-up of a table has them, where a batch takes
    some rows, and one of them twice."""
    slopes = weights * _SCALES
    if not rows:
        return slopes
    taken = [step % len(_START), step % len(_START), (step + 1) % len(_START)]
    return tf.IndexedSlices(tf.gather(slopes, taken), tf.constant(taken), tf.constant([4]))


def _of_tf1(name: str, given: Mapping[str, Any], rows: bool = False) -> np.ndarray:
    with tf.Graph().as_default(), tf.device("CPU:0"):
        weights = tf1.get_variable("weights", initializer=_START, use_resource=True)
        optimizer = getattr(tf1.train, name)(**given)
        steps = [
            optimizer.apply_gradients([(_gradients(weights, step, rows), weights)])
            for step in range(STEPS)
        ]
        with tf1.Session(config=tf1.ConfigProto(device_count={"GPU": 0})) as session:
            session.run(tf1.global_variables_initializer())
            for step in steps:
                session.run(step)
            return session.run(weights)


def _of_keras(name: str, given: Mapping[str, Any], rows: bool = False) -> np.ndarray:
    import keras  # Keras 3, also where tf.keras is the old one

    with tf.init_scope(), tf.device("CPU:0"):
        weights = keras.Variable(_START)
        optimizer = getattr(keras.optimizers, name)(**given)
        for step in range(STEPS):
            optimizer.apply([_gradients(weights.value, step, rows)], [weights])
        return keras.ops.convert_to_numpy(weights)


def constructs(calls: Sequence[Call], nodes: Iterable[Node]) -> Iterator[Construct]:
    """A construct for each optimizer that the script makes, with its measured difference. `nodes`
    are the ops that the script ran, which tell whether it trains rows of tables."""
    about = KINDS["optimizers"]
    rows = any(_OF_ROWS.fullmatch(node.op) and "/update_" in node.name for node in nodes)
    by_name: dict[str, list[Call]] = {}
    for call in calls:
        by_name.setdefault(call.name.removeprefix("train."), []).append(call)
    for name, own in by_name.items():
        numbers, becomes = told(name, own[-1], rows)
        lines = tuple(sorted({call.line for call in own}))
        yield Construct(
            "optimizers",
            name,
            len(own),
            about.of,
            lines,
            becomes,
            about.lesson,
            numbers,
            (f"tf.train.{name}",),
        )


def told(name: str, call: Call, rows: bool = False) -> tuple[str, str]:
    """Which other numbers Keras' optimizer gives, and what becomes of this one; where it also
    trains `rows` of tables, of these too."""
    found: Apart | None = None
    args = call.args[1:]  # the first is the optimizer itself
    with contextlib.suppress(Exception):  # the script's arguments may be anything
        found = apart(name, args, call.kwargs)
    if found is None:
        if name in TWINS:
            return "not measured: its arguments are no numbers", KINDS["optimizers"].becomes
        return "Keras has no such optimizer", "its formula, written in a tf.function"
    parts = [_of_dense(found)] if found.default > EQUAL else []
    if rows and found.rows > EQUAL:
        parts.append(
            f"after {STEPS} steps of which each takes some rows of a table, one of them twice, a"
            f" weight is off by {found.rows:.2g}{_with(found.said)}"
        )
    if parts:
        return "; ".join(parts), f"tf.keras.optimizers.{found.keras}"
    changing = ", while the rate stays as it is" if name == "MomentumOptimizer" else ""
    return "", f"tf.keras.optimizers.{found.keras}, with the same numbers{changing}"


def _of_dense(found: Apart) -> str:
    rate = " (with a rate of 0.01: the script computes its own)" if found.assumed else ""
    numbers = (
        f"after {STEPS} steps with gradients of 1 to 1e-6 a weight is off by"
        f" {found.default:.2g} of the way that it went{rate}"
    )
    if found.said and found.matched <= EQUAL:
        numbers += f";{_with(found.said)} by {found.matched:.1g}"
    elif found.said:
        numbers += f";{_with(found.said)} still by {found.matched:.2g}"
    return numbers


def _with(said: Mapping[str, Any]) -> str:
    return f" with {', '.join(f'{key}={value:g}' for key, value in said.items())}" if said else ""
