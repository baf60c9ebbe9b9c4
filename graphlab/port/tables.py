"""Tables, of which the file beside has what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.port import constants, effects
from graphlab.port.classes import Member
from graphlab.port.expression import Call, Expression, Literal, Method, Name, Tensor
from graphlab.port.inline import Shapes, inlined
from graphlab.port.layout import statement

FIXED, OPEN = "tf.lookup.StaticHashTable", "tf.lookup.experimental.MutableHashTable"
MAKES = ("HashTable", "HashTableV2")
_FINDS = ("LookupTableFind", "LookupTableFindV2")
_SIZES = ("LookupTableSize", "LookupTableSizeV2")


@dataclass(frozen=True)
class Table:
    """What is in it, `[n]` each, the keys in order; and what it gives for any other key."""

    keys: np.ndarray
    values: np.ndarray
    default: Literal
    is_open: bool = False  # it takes new keys

    @property
    def kind(self) -> str:
        """What it is in the file."""
        return OPEN if self.is_open else FIXED

    @property
    def given(self) -> tuple[Expression, ...]:
        """What its class is given besides what is in it."""
        types = [Name(f"tf.{tf.as_dtype(each.dtype).name}") for each in (self.keys, self.values)]
        return (*types, self.default) if self.is_open else (self.default,)

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """What stands beside the file, by what follows the table's name."""
        return {".keys": self.keys, ".values": self.values}


def tables(
    ops: Sequence[Op],
    library: Library,
    shapes: Shapes,
    handles: Mapping[str, Any],
    values: Mapping[str, np.ndarray],
) -> dict[str, Table]:
    """Of tables, by the tensors of their handles, those that the ops only look up, each with one
    known default. `handles` are what each one is outside of the ops, a handle, or what is in it;
    `values` are what tensors are that come from there, too.

    Left out is what is handed to a function that is called more than once, or on a condition.
    GraphlabError as `inlined`.
    """
    flat = inlined(ops, library, shapes).ops
    consts = {op.outputs[0]: constants.value_of(op) for op in flat if op.type == "Const"}
    known = {**values, **consts}
    takers: dict[str, list[Op]] = {}
    for op in flat:
        for tensor in op.distinct:
            takers.setdefault(tensor, []).append(op)
    found = {}
    for handle, held in handles.items():
        asked = takers.get(handle, [])
        finds = [op for op in asked if op.type in _FINDS]
        defaults = {op.inputs[2] for op in finds}
        given = [known[each] for each in defaults if each in known]
        if any(op.type not in effects.OF_TABLES for op in asked) or not given:
            continue
        default = constants.literal_of(given[0])
        same = len(given) == len(defaults) and all(each == given[0] for each in given)
        if default is not None and same:
            is_open = not isinstance(held, tuple) and not _is_fixed(held, finds[0])
            keys, there = held if isinstance(held, tuple) else _inside(held, finds[0])
            order = np.argsort(keys)
            found[handle] = Table(keys[order], there[order], default, is_open)
    return found


def _inside(handle: tf.Tensor, find: Op) -> tuple[np.ndarray, np.ndarray]:
    types = (tf.as_dtype(find.attr(name).type) for name in ("Tin", "Tout"))
    keys, values = tf.raw_ops.LookupTableExportV2(
        table_handle=handle, **dict(zip(("Tkeys", "Tvalues"), types, strict=True))
    )
    return keys.numpy(), values.numpy()


def _is_fixed(handle: tf.Tensor, find: Op) -> bool:
    """Whether it never changes: then it does not take new keys, here none."""
    keys, values = (tf.zeros([0], tf.as_dtype(find.attr(name).type)) for name in ("Tin", "Tout"))
    try:
        tf.raw_ops.LookupTableInsertV2(table_handle=handle, keys=keys, values=values)
    except tf.errors.UnimplementedError:
        return True
    return False


def taken(op: Op) -> Sequence[str]:
    """What the file gives an op: no look-up what stands for other keys, which its table has."""
    return op.inputs[:2] if op.type in _FINDS else op.inputs


def expression_of(op: Op) -> Expression:
    """A look-up, or how much is in a table, of an op of OF_TABLES."""
    if op.type in _SIZES:
        return Method(Tensor(op.inputs[0]), "size")
    return Method(Tensor(op.inputs[0]), "lookup", (Tensor(op.inputs[1]),))


def made(name: str, member: Member, keys: Expression, values: Expression) -> list[str]:
    """The lines of a method that make the table of these arrays."""
    if member.kind == FIXED:
        filled = Call("tf.lookup.KeyValueTensorInitializer", (keys, values))
        return statement(8, f"{name} = ", Call(FIXED, (filled, *member.given)))
    return [
        *statement(8, f"{name} = ", Call(OPEN, member.given)),
        *statement(8, "", Call(f"{name}.insert", (keys, values))),
    ]
