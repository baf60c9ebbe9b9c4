"""Ops on variables as methods of `tf.Variable`.

What they do to it is TensorFlow's own op on its handle: `w.assign_sub(d)` is AssignSubVariableOp.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.variables import twin_of
from graphlab.port import attrs
from graphlab.port.expression import Binary, Call, Expression, Name

_ASSIGNS = {
    "AssignVariableOp": "assign",
    "Assign": "assign",
    "AssignAddVariableOp": "assign_add",
    "AssignAdd": "assign_add",
    "AssignSubVariableOp": "assign_sub",
    "AssignSub": "assign_sub",
}
_SCATTERS = {
    "ScatterAdd": "scatter_add",
    "ScatterSub": "scatter_sub",
    "ScatterUpdate": "scatter_update",
}


def expression_of(op: Op, taken: Sequence[Expression], variables: Sequence[str]) -> Expression:
    """An op that is given variables. `variables` says which of its inputs are, by their names in
    the file, "" for the others; `taken` are all inputs as expressions."""
    variable = variables[0]
    plain = op.type.removeprefix("Resource")
    if op.type in _ASSIGNS:
        return Call(f"{variable}.{_ASSIGNS[op.type]}", (taken[1],))
    if plain == "Gather" and not op.attr("batch_dims").i:
        return Call("tf.gather", (taken[0], taken[1]))
    if plain in _SCATTERS:
        return Call(
            f"{variable}.{_SCATTERS[plain]}", (Call("tf.IndexedSlices", (taken[2], taken[1])),)
        )
    if op.type == "VariableShape":
        dtype = op.attr("out_type").type
        keywords = (("out_type", attrs.dtype_of(dtype)),) if dtype != _INT32 else ()
        return Call("tf.shape", (taken[0],), keywords)
    if plain == "ApplyGradientDescent":
        return Call(f"{variable}.assign_sub", (Binary("*", taken[1], taken[2]),))
    return _by_handle(op, taken, variables)


_INT32 = 3


def _by_handle(op: Op, taken: Sequence[Expression], variables: Sequence[str]) -> Expression:
    """The op itself, on the handles; of an op on references its twin."""
    name = twin_of(op) or op.type
    keywords: list[tuple[str, Expression]] = []
    for arg, value, variable in zip(op.definition.input_arg, taken, variables, strict=True):
        takes_handle = arg.is_ref or arg.type == _RESOURCE
        handle = Name(f"{variable}.handle")
        keywords.append((arg.name, handle if variable and takes_handle else value))
    keywords += [(name, attrs.expression_of(op, name)) for name in attrs.said(op)]
    return Call(f"tf.raw_ops.{name}", (), tuple(keywords))


_RESOURCE = 20
