"""Hash tables. Each is private to its execution; the ops on it are TensorFlow's own."""

from __future__ import annotations

from typing import Any

from graphlab import _private
from graphlab.engine.kernels.dispatch import plain_attrs
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.state import State

_ANONYMOUS = {
    "HashTable": "AnonymousHashTable",
    "MutableHashTable": "AnonymousMutableHashTable",
    "MutableHashTableOfTensors": "AnonymousMutableHashTableOfTensors",
    "MutableDenseHashTable": "AnonymousMutableDenseHashTable",
}
MAKES = frozenset([*_ANONYMOUS, *(f"{kind}V2" for kind in _ANONYMOUS)])
CHANGES = frozenset(kind for kind in MAKES if kind.startswith("Mutable"))
WRITES = frozenset(
    f"LookupTable{op}{version}" for op in ("Insert", "Import", "Remove") for version in ("", "V2")
)
EXPORTS = ("LookupTableExport", "LookupTableExportV2")
INITIALIZES = frozenset(
    f"{op}{version}"
    for op in ("InitializeTable", "InitializeTableFromTextFile", "LookupTableImport")
    for version in ("", "V2")
)
# Ops on a table that is a TF1 reference, done by their second version on the resource.
OLD = frozenset(
    "LookupTableFind LookupTableInsert LookupTableSize LookupTableExport LookupTableImport"
    " InitializeTable InitializeTableFromTextFile".split()
)


def name_of(op: Op) -> str:
    """Under which name the state knows the table."""
    return op.text("shared_name") or op.name


class Table:
    """HashTableV2 and its kin: gives the execution's own table."""

    __slots__ = ("attrs", "device", "kind", "types")

    def __init__(self, op: Op, device: str) -> None:
        self.device = device
        self.kind = _ANONYMOUS[op.type.removesuffix("V2")]
        self.attrs = tuple(plain_attrs(op.node, _private.op_def(self.kind)))
        self.types = op.attr("key_dtype").type, op.attr("value_dtype").type

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        # A dense table has its empty key as an input.
        name = name_of(op)
        return [state.table(name, self.kind, inputs, self.attrs, self.types, self.device)]


class Second:
    """LookupTableFind by LookupTableFindV2, and so on."""

    __slots__ = ("attrs", "device", "type")

    def __init__(self, op: Op, device: str) -> None:
        self.device = device
        self.type = f"{op.type}V2"
        self.attrs: tuple[Any, ...] = tuple(plain_attrs(op.node, _private.op_def(self.type)))

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        return _private.execute(self.type, len(op.outputs), inputs, self.attrs, self.device)
