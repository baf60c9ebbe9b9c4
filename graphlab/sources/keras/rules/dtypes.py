"""The dtype that a layer gives, and that of several together, by the rules of keras.ops."""

from __future__ import annotations

from typing import Any

from graphlab.sources.keras.rules.known import Asked, Known

FLOATS = ("float16", "bfloat16", "float32", "float64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_SIGNED = ("int8", "int16", "int32", "int64")
# These give whole numbers where they take them; a floating dtype becomes the layer's own.
_AS_TAKEN = frozenset("Flatten Reshape Permute Identity RandomGrayscale".split())
# So do these in Keras 2. Keras 3 says that they give its own, whatever they take.
_AS_TAKEN_ONCE = frozenset(
    "RepeatVector Concatenate Add Subtract Multiply Maximum Minimum Cropping1D Cropping2D"
    " Cropping3D ZeroPadding1D ZeroPadding2D ZeroPadding3D UpSampling1D UpSampling2D UpSampling3D"
    " ActivityRegularization".split()
)
_INDICES = frozenset("StringLookup IntegerLookup TextVectorization".split())


def of(asked: Asked) -> str:
    """The dtype of what a layer gives; "" where its settings do not say."""
    if asked.inner and asked.kind in ("TimeDistributed", "Pipeline", "SpectralNormalization"):
        return asked.inner[-1].gives[0].dtype
    taken = asked.takes[0].dtype if asked.takes else ""
    as_taken = asked.kind in _AS_TAKEN or (asked.old and asked.kind in _AS_TAKEN_ONCE)
    if as_taken and taken and taken not in FLOATS:
        return taken
    if asked.kind == "Discretization" and asked.config.get("output_mode", "int") == "int":
        return "int64" if asked.dtype == "int64" else "int32"  # of Keras 2; of Keras 3
    if asked.kind in _INDICES:
        return "int64" if asked.config.get("output_mode", "int") == "int" else "float32"
    return asked.dtype


def promoted(values: list[Any]) -> str:
    """The dtype of several values together, numbers of Python giving way; "" if not known."""
    dtypes = [each.dtype for each in values if isinstance(each, Known)]
    for each in values:
        if isinstance(each, dict):  # an array as Keras 3 writes it
            dtype = each.get("config", {}).get("dtype")
            dtypes.append(dtype if isinstance(dtype, str) else "")
    weak = [type(each) for each in values if type(each) in (bool, int, float)]
    if not dtypes or "" in dtypes:
        return ""
    found = dtypes[0]
    for dtype in dtypes[1:]:
        found = _both(found, dtype)
    if float in weak:
        return floating(found)
    return "int32" if int in weak and found == "bool" else found


def floating(dtype: str) -> str:
    """The floating dtype that a function such as sin gives."""
    if dtype in FLOATS or not dtype:
        return dtype
    return "float32" if dtype == "bool" or dtype in _UNSIGNED + _SIGNED else ""


def _both(a: str, b: str) -> str:
    if a == b or b == "bool":
        return a
    if a == "bool":
        return b
    if a in FLOATS and b in FLOATS:
        small = {a, b} == {"float16", "bfloat16"}
        return "float32" if small else max(a, b, key=FLOATS.index)
    for kind in (FLOATS, _SIGNED, _UNSIGNED):
        if (a in kind) != (b in kind) and kind is FLOATS:
            return a if a in kind else b
        if a in kind and b in kind:
            return max(a, b, key=kind.index)
    if {a, b} <= {*_SIGNED, *_UNSIGNED}:
        signed, unsigned = (a, b) if a in _SIGNED else (b, a)
        next_up = _UNSIGNED.index(unsigned) + 1
        if next_up == len(_SIGNED):
            return "float32"
        return max(signed, _SIGNED[next_up], key=_SIGNED.index)
    return ""


def summed(dtype: str) -> str:
    """The dtype of a sum: small whole numbers become larger ones."""
    if dtype in ("bool", "int8", "int16"):
        return "int32"
    return "uint32" if dtype in ("uint8", "uint16") else dtype
