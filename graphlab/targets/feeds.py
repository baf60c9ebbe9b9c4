"""What `--feed NAME=VALUE` means: a random value, a file's, or one written out as JSON.

asked = parse(["x=random", "rate=0.5", "images=@test.npy"])
value(asked["x"], TensorSpec("x:0", "float32", (None, 784)), generator, batch=1)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.errors import GraphlabError, nearest, shown
from graphlab.model import Shape, TensorSpec
from visualize.words import shape_text

RANDOM = "random"
MOST_ELEMENTS = 1 << 28  # of a random value: a gigabyte of float32
MOST_SEARCHED = 20_000  # names, for what a wrong one may have been meant to be
SMALL = 10  # random whole numbers are below where nothing tells what they choose among
_WORDS = (b"one", b"two", b"three", b"four", b"five")
_UNFED = ("resource", "variant", "")  # what has no value that can be written down


@dataclass(frozen=True)
class Asked:
    """One `--feed`."""

    name: str
    text: str


def parse(texts: Iterable[str]) -> dict[str, Asked]:
    """The feeds by name. GraphlabError where one has no `=`, or a name comes twice."""
    found: dict[str, Asked] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise GraphlabError(
                f"--feed {text} is no feed; write NAME=random, NAME=@file.npy or NAME=1.5"
            )
        if name in found:
            raise GraphlabError(f"--feed {name} is given twice; one value a name")
        found[name] = Asked(name, value)
    return found


def value(
    asked: Asked,
    spec: TensorSpec,
    generator: np.random.Generator,
    batch: int = 1,
    below: int | None = None,
) -> Any:
    """The array to feed, of the spec's dtype and a shape that fits it. See `random`.

    GraphlabError where there is no such file, it holds something else, or dtype or shape differ.
    """
    if spec.dtype in _UNFED:
        kind = spec.dtype or "no known dtype"
        raise GraphlabError(f"feed {asked.name} is of {kind}, which has no value to be fed")
    if asked.text == RANDOM:
        return random(spec, generator, batch, below)
    array = _file(asked) if asked.text.startswith("@") else _literal(asked, spec)
    return _fitting(asked, array, spec)


def random(
    spec: TensorSpec, generator: np.random.Generator, batch: int = 1, below: int | None = None
) -> Any:
    """A valid value: `batch` for each dimension that is not known, a scalar for no rank at all.

    Whole numbers are from 0 on and below `below`, or SMALL; floats are normal or, where they choose
    among `below` things (labels written as floats), whole; strings are short words.
    """
    shape = tuple(batch if each is None else each for each in spec.shape or ())
    elements = 1
    for each in shape:
        elements *= each
    if elements > MOST_ELEMENTS:
        raise GraphlabError(
            f"feed {node_name(spec)} of shape {shape_text(spec.shape)} has {elements:,} elements;"
            f" random draws {MOST_ELEMENTS:,} at most"
        )
    dtype = numpy_dtype(spec.dtype)
    if dtype.kind == "O":
        return np.array(generator.choice(np.array(_WORDS, object), shape), object)
    if dtype.kind == "c":
        numbers = generator.standard_normal(shape) + 1j * generator.standard_normal(shape)
        return np.asarray(numbers, dtype)
    if dtype.kind == "b":
        return np.asarray(generator.integers(0, 2, shape), dtype)
    if dtype.kind in "iu":
        most = min(below or SMALL, np.iinfo(dtype).max)
        return np.asarray(generator.integers(0, most, shape), dtype)
    if below is not None:
        return np.asarray(generator.integers(0, below, shape), dtype)
    return np.asarray(generator.standard_normal(shape), dtype)


def numpy_dtype(name: str) -> np.dtype:
    """NumPy's dtype of TensorFlow's name; `object` for strings."""
    if name == "string":
        return np.dtype(object)
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes  # bfloat16 and the small floats; TensorFlow brings it

        found = getattr(ml_dtypes, name, None)
        if found is None:
            raise GraphlabError(f"a value of dtype {name} cannot be fed from here") from None
        return np.dtype(found)


def _file(asked: Asked) -> np.ndarray:
    path = Path(asked.text[1:])
    try:
        # Never a pickle: it would run what the file says.
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        problem = getattr(error, "strerror", None) or str(error).split(".")[0]
        raise GraphlabError(f"feed {asked.name}: {path} cannot be read: {problem}") from error
    if not isinstance(found, np.ndarray):
        names = ", ".join(found.files[:5])
        raise GraphlabError(f"feed {asked.name}: {path} holds several arrays ({names}); use a .npy")
    return found


def _literal(asked: Asked, spec: TensorSpec) -> np.ndarray:
    try:
        read = json.loads(asked.text)
    except (ValueError, RecursionError) as error:
        if spec.dtype == "string" and asked.text[:1] not in '[{"':
            return np.array(asked.text.encode(), object)  # a bare word
        raise GraphlabError(
            f"feed {asked.name}={shown(asked.text)} is neither random, nor @file.npy, nor JSON"
            " such as 1.5 or [[1, 2]]"
        ) from error
    try:
        array = np.array(read)
    except ValueError as error:
        raise GraphlabError(f"feed {asked.name}: its rows differ in length") from error
    if array.dtype.kind == "U":
        return np.array(np.char.encode(array), object)
    return array


def _fitting(asked: Asked, array: np.ndarray, spec: TensorSpec) -> Any:
    """The array in the dtype of the spec, where that loses no more than digits."""
    problem = misfit(array, spec)
    if problem:
        expected = f"expected {spec.dtype} {shape_text(spec.shape)}"
        raise GraphlabError(f"feed {asked.name} {problem}; {expected}")
    return _with_bytes(array).astype(numpy_dtype(spec.dtype))


def misfit(array: np.ndarray, spec: TensorSpec) -> str:
    """Why a value cannot be fed as that, "has shape [3]" or "is string [2]"; "" where it can."""
    array = _with_bytes(array)
    if not fits(array.shape, spec.shape):
        return f"has shape {shape_text(array.shape)}"
    empty = array.size == 0  # `[]` has a shape and no dtype of its own
    if empty or _castable(array, numpy_dtype(spec.dtype)):
        return ""
    found = "string" if array.dtype.kind == "O" else str(array.dtype)
    return f"is {found} {shape_text(array.shape)}"


def _with_bytes(array: np.ndarray) -> np.ndarray:
    """The array; of texts one of what TensorFlow calls strings."""
    if array.dtype.kind not in "US":
        return array
    return np.array(np.char.encode(array) if array.dtype.kind == "U" else array, object)


def _castable(array: np.ndarray, dtype: np.dtype) -> bool:
    if (array.dtype.kind == "O") != (dtype.kind == "O"):
        return False
    if dtype.kind == "O":
        return all(isinstance(each, bytes) for each in array.flat)
    if dtype.kind == "V":  # one of ml_dtypes': any number
        return array.dtype.kind in "iuf"
    whole = array.dtype.kind in "iu" and dtype.kind in "iu"
    if whole:
        about = np.iinfo(dtype)
        return bool(array.min() >= about.min and array.max() <= about.max)
    return np.can_cast(array.dtype, dtype, "same_kind")


def fits(shape: tuple[int, ...], expected: Shape) -> bool:
    """Whether a value of this shape may be fed where that static shape is expected.

    >>> fits((3, 784), (None, 784)), fits((784,), (None, 784)), fits((2, 2), None)
    (True, False, True)
    """
    if expected is None:
        return True
    return len(shape) == len(expected) and all(
        known is None or size == known for size, known in zip(shape, expected, strict=True)
    )


def missing(needed: Mapping[str, TensorSpec], given: Iterable[str]) -> None:
    """GraphlabError that names what is needed and not given, with its dtype and shape."""
    left = [name for name in needed if name not in set(given)]
    if not left:
        return
    wanted = ", ".join(
        f"{name} ({needed[name].dtype} {shape_text(needed[name].shape)})" for name in left[:6]
    )
    more = f" and {len(left) - 6} more" if len(left) > 6 else ""
    raise GraphlabError(f"nothing is fed for {wanted}{more}; try --feed {left[0]}=random")


def unknown(given: Iterable[str], there: Iterable[str], what: str) -> None:
    """GraphlabError for a name that is not there, with what it may have been meant to be."""
    there = list(there)
    for name in given:
        if name not in there:
            like = nearest(name, there[:MOST_SEARCHED])
            hint = f"did you mean {like}?" if like and len(like) < 300 else "see graphlab info"
            raise GraphlabError(f"{what} {shown(name)} is not there; {hint}")


def node_name(spec: TensorSpec) -> str:
    """A tensor's name without the output's number."""
    return spec.name.rpartition(":")[0] or spec.name
