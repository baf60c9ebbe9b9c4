"""A TF2 checkpoint of values, read back before it is there.

tf.train.Checkpoint(**{variable.name: variable}).read(prefix)     # restores it
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.agreement import wide
from graphlab.comparison.carrying import Carried, is_of
from graphlab.errors import GraphlabError
from graphlab.output import files

ENDINGS = ("data-00000-of-00001", "index")
_ESCAPED = re.compile(r"\.([S.])")  # how a key holds what its parts are joined with
Paths = Mapping[str, tuple[tuple[str, ...], ...]]  # where a variable hangs, maybe more than once


def check(prefix: Path, inputs: Iterable[Path] = ()) -> None:
    """GraphlabError where a checkpoint cannot or must not be written: asked before the work."""
    if not prefix.name:
        raise GraphlabError(f"cannot write {prefix}: it names no checkpoint; write folder/name")
    read = tuple(inputs)
    for ending in ENDINGS:
        files.check(prefix.with_name(f"{prefix.name}.{ending}"), (ending,), read)


def write(
    prefix: Path,
    carried: Carried,
    a: Mapping[str, np.ndarray],
    dtypes: Mapping[str, Any],
    paths: Paths,
) -> None:
    """Write the values of `carried` as `prefix`.index and its data, once they have been read back
    and are `a`'s, each put back into the order that A has.

    A variable is where `paths` says that it hangs in B's objects, else under its name.
    GraphlabError where B's dtype has no room for a value, or the checkpoint cannot be written; no
    file is left.
    """
    import tensorflow as tf

    if not carried.values:
        raise GraphlabError(f"cannot write {prefix}: no variable of B is known to be one of A")
    root = tf.train.Checkpoint()
    for name, array in carried.values.items():
        variable = tf.Variable(tf.cast(array, tf.as_dtype(dtypes[name])))
        for path in paths.get(name, ((name,),)):
            _hang(root, path, variable)
    with files.whole_folder(prefix.parent, "--checkpoint") as folder:
        place = str(folder / prefix.name)
        try:
            root.write(place)
            _prove(prefix, tf.train.load_checkpoint(place), carried, a, paths)
        except tf.errors.OpError as error:
            raise GraphlabError(f"cannot write {prefix}: {error.message}") from error


def _hang(root: Any, path: tuple[str, ...], variable: Any) -> None:
    """Put a variable below the root. GraphlabError where a checkpoint has no room for the name."""
    import tensorflow as tf

    for n, part in enumerate(path, 1):
        known = root.__dict__.get(part)
        if known is None and (not part or hasattr(root, part) or part == "root"):
            raise GraphlabError(
                f"no checkpoint can have a variable at {'/'.join(path)!r}: tf.train.Checkpoint"
                f" keeps {part!r} for itself; rename it in B"
            )
        if known is None:
            known = variable if n == len(path) else tf.train.Checkpoint()
            setattr(root, part, known)
        root = known


def _prove(
    prefix: Path, reader: Any, carried: Carried, a: Mapping[str, np.ndarray], paths: Paths
) -> None:
    """GraphlabError where a value that was read back is not A's."""
    for name, pair in carried.pairs.items():
        for path in paths.get(name, ((name,),)):
            value = wide(np.asarray(reader.get_tensor(key(path))))
            if not is_of(pair, value, a[pair.a]):
                raise GraphlabError(
                    f"cannot write {prefix}: {name} of B, which is {value.dtype}, has no room for"
                    f" the numbers of A's {pair.a}, which is {a[pair.a].dtype}"
                )


def key(path: tuple[str, ...]) -> str:
    """Under which key a checkpoint keeps a variable.

    >>> key(("dense/kernel",)), key(("layers", "0"))
    ('dense.Skernel/.ATTRIBUTES/VARIABLE_VALUE', 'layers/0/.ATTRIBUTES/VARIABLE_VALUE')
    """
    escaped = (part.replace(".", "..").replace("/", ".S") for part in path)
    return f"{'/'.join(escaped)}/.ATTRIBUTES/VARIABLE_VALUE"


def paths_of(names: Mapping[str, str]) -> Paths:
    """Where variables hang, by name, of the names by keys of a checkpoint (`own_names`)."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for each, name in names.items():
        path = each.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")
        if path != each and "/.ATTRIBUTES" not in path and "/.OPTIMIZER_SLOT" not in path:
            parts = [
                _ESCAPED.sub(lambda m: "/" if m[1] == "S" else ".", p) for p in path.split("/")
            ]
            found.setdefault(name, []).append(tuple(parts))
    return {name: tuple(paths) for name, paths in found.items()}
