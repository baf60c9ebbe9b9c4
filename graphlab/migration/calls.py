"""Which functions of TensorFlow 1 a script calls, from which lines: what leaves no op behind.

    with recorded() as calls:
        ...                      # the script
    calls[0].name, calls[0].line

The names are replaced by wrappers while the script runs, and a class keeps itself and has its
`__init__` wrapped. What TensorFlow calls of its own is not noted.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any

import tensorflow as tf

from graphlab.migration import symbols
from graphlab.migration.found import Line
from graphlab.sources import live

OPTIMIZERS = (
    "GradientDescentOptimizer MomentumOptimizer AdamOptimizer AdagradOptimizer RMSPropOptimizer"
    " AdadeltaOptimizer FtrlOptimizer AdagradDAOptimizer ProximalAdagradOptimizer"
    " ProximalGradientDescentOptimizer"
).split()
LAYERS = (
    "dense conv1d conv2d conv3d conv2d_transpose separable_conv2d flatten dropout"
    " batch_normalization max_pooling1d max_pooling2d max_pooling3d average_pooling1d"
    " average_pooling2d average_pooling3d Dense Conv1D Conv2D BatchNormalization Dropout Flatten"
).split()
CELLS = (
    "BasicRNNCell BasicLSTMCell LSTMCell GRUCell MultiRNNCell DropoutWrapper ResidualWrapper"
    " DeviceWrapper"
).split()
# What is noted, by what it is a construct of.
NOTED = {
    "collections": ["add_to_collection", "get_collection", "get_collection_ref"],
    "scopes": ["variable_scope", "VariableScope.reuse_variables"],
    "seeds": ["set_random_seed", "random.set_random_seed"],
    "gradients": ["gradients"],
    "control": ["control_dependencies", "Graph.control_dependencies"],
    "savers": ["train.Saver", "train.Supervisor", "train.import_meta_graph"],
    "saved_models": [
        "saved_model.simple_save",
        "saved_model.Builder",
        "saved_model.builder.SavedModelBuilder",
        "saved_model.loader.load",
        "saved_model.load",
    ],
    "writers": ["summary.FileWriter"],
    "queues": ["train.start_queue_runners", "train.Coordinator"],
    "devices": ["device", "Graph.device"],
    "servers": [
        "train.Server",
        "train.Server.create_local_server",
        "train.ClusterSpec",
        "train.replica_device_setter",
    ],
    "optimizers": [f"train.{name}" for name in OPTIMIZERS],
    "layers": [f"layers.{n}" for n in LAYERS] + [f"nn.rnn_cell.{n}" for n in CELLS],
}


@dataclass(frozen=True)
class Call:
    """One call, by the user's own code."""

    kind: str
    name: str
    line: Line
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


MOST_CALLS = 1000  # of one line that are counted; a loop may make millions


@contextlib.contextmanager
def recorded() -> Iterator[list[Call]]:
    """The calls that are made in the block, as they come."""
    found: list[Call] = []
    counts: dict[tuple[str, Line], int] = {}

    def note(kind: str, name: str, frame: FrameType, args: tuple, kwargs: dict) -> None:
        file = frame.f_code.co_filename
        if live.is_library(file):
            return
        key = (name, (file, frame.f_lineno))
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MOST_CALLS:
            found.append(Call(kind, name, key[1], args, kwargs))

    with contextlib.ExitStack() as stack:
        for kind, names in NOTED.items():
            for name in names:
                _wrap(stack, name, functools.partial(note, kind, name))
        yield found


def _wrap(stack: contextlib.ExitStack, name: str, note: Callable[..., None]) -> None:
    """Have a name noted when it is called, wherever `compat.v1` is reached from."""
    inner, _, last = name.rpartition(".")
    wrapped: dict[int, Any] = {}
    for top in (tf.compat.v1, importlib.import_module("tensorflow.compat.v1")):
        if inner and symbols.is_of_keras(name) and not symbols.is_legacy():
            continue  # asking would load the whole of Keras, only to hear that it has it not
        module = symbols.found(top, inner) if inner else top
        value: Any = symbols.found(module, last) if module is not symbols.NOTHING else module
        if value is symbols.NOTHING:
            continue
        if isinstance(value, type):
            if id(value) not in wrapped:
                wrapped[id(value)] = value
                _replace(stack, value, "__init__", _noting(_init(value), note))
        elif isinstance(module, ModuleType | type):
            wrapper = wrapped.setdefault(id(value), _noting(value, note))
            if value is not wrapper:
                _replace(stack, module, last, wrapper)


def _init(kind: Any) -> Callable:
    return kind.__init__


def _noting(original: Callable, note: Callable[..., None]) -> Callable:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        note(sys._getframe(1), args, kwargs)
        return original(*args, **kwargs)

    return call


def _replace(stack: contextlib.ExitStack, owner: Any, name: str, value: Any) -> None:
    """Put a value in the place of an attribute until the stack ends."""
    if isinstance(owner, type) and name not in vars(owner):  # a parent has it
        stack.callback(delattr, owner, name)
        setattr(owner, name, value)
        return
    original = vars(owner)[name] if isinstance(owner, type) else getattr(owner, name)
    stack.callback(setattr, owner, name, original)
    setattr(owner, name, staticmethod(value) if isinstance(original, staticmethod) else value)
