"""What outlives a run: the values of variables and the contents of tables.

State is handed over as plain data, `{"W": array, "table": (keys, values)}`. Each execution
makes private variables from it, so the caller's own are never touched.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.values import array_of
from graphlab.errors import GraphlabError

_numbers = itertools.count()

Value = Any  # an array, or for a table its (keys, values)


class Streams:
    """The random streams of an execution: for each op the name of a function around it."""

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.names: dict[tuple[str, str], str] = {}

    def __del__(self) -> None:
        for name in self.names.values():
            _private.forget_function(name)


class State:
    """The variables, tables and random streams of one execution."""

    def __init__(self, initial: Mapping[str, Value], streams: Streams | None = None) -> None:
        self.number = next(_numbers)
        self.initial = initial
        self.variables: dict[str, tuple[Any, int]] = {}  # handle, number of the dtype
        self.tables: dict[str, tuple[Any, int, int]] = {}  # handle, numbers of key and value
        self.streams = streams or Streams()

    def __del__(self) -> None:
        for handle, _ in self.variables.values():
            attrs = ("ignore_lookup_error", True)
            _private.execute("DestroyResourceOp", 0, [handle], attrs, handle.device)

    def again(self) -> State:
        """The state as it was at first; but what was drawn is drawn."""
        return State(self.initial, self.streams)

    def variable(self, name: str, number: int, device: str) -> Any:
        """The handle of a variable, made when first asked for, with the value handed over."""
        if name not in self.variables:
            # By this name the variable is there once it is assigned to, and not before.
            attrs = (
                "shared_name",
                f"graphlab/{self.number}/{name}",
                "dtype",
                number,
                "shape",
                None,
            )
            (handle,) = _private.execute("VarHandleOp", 1, [], attrs, device)
            self.variables[name] = handle, number
            if name in self.initial:
                dtype = tf.as_dtype(number)
                value = self.initial[name]
                try:
                    tensor = _private.eager_tensor(value, dtype)
                except (TypeError, ValueError) as error:
                    raise GraphlabError(
                        f"state of variable {name} is {np.asarray(value).dtype}; expected"
                        f" {dtype.name}"
                    ) from error
                _private.execute("AssignVariableOp", 0, [handle, tensor], ("dtype", number), device)
        return self.variables[name][0]

    def table(
        self,
        name: str,
        kind: str,
        inputs: list,
        attrs: tuple,
        types: tuple[int, int],
        device: str,
    ) -> Any:
        """The handle of a table of the anonymous op type `kind`, made when first asked for."""
        if name not in self.tables:
            (handle,) = _private.execute(kind, 1, inputs, attrs, device)
            self.tables[name] = (handle, *types)
            if name in self.initial and len(self.initial[name][0]):
                keys, values = (
                    _private.eager_tensor(part, tf.as_dtype(number))
                    for part, number in zip(self.initial[name], types, strict=True)
                )
                fixed = kind == "AnonymousHashTable"
                op = "InitializeTableV2" if fixed else "LookupTableImportV2"
                named = ("Tkey", types[0], "Tval", types[1])
                if not fixed:
                    named = ("Tin", types[0], "Tout", types[1])
                _private.execute(op, 0, [handle, keys, values], named, device)
        return self.tables[name][0]

    def values(self) -> dict[str, Value]:
        """All of it now, as it can be handed over again. What has no value yet is left out."""
        result = dict(self.initial)
        for name, (handle, number) in self.variables.items():
            try:
                (value,) = _private.execute(
                    "ReadVariableOp", 1, [handle], ("dtype", number), handle.device
                )
            except tf.errors.FailedPreconditionError:
                result.pop(name, None)
            else:
                result[name] = array_of(value)
        for name, (handle, key, value) in self.tables.items():
            attrs = ("Tkeys", key, "Tvalues", value)
            try:
                exported = _private.execute(
                    "LookupTableExportV2", 2, [handle], attrs, handle.device
                )
            except tf.errors.OpError:
                result.pop(name, None)  # not initialised yet
            else:
                result[name] = tuple(array_of(part) for part in exported)
        return result
