"""The values that a file holds of a model's variables, one at a time and without TensorFlow.

for array in arrays(model, model.variables): ...       # None where the value cannot be had
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from graphlab.sources.checkpoint import numbers
from graphlab.sources.keras import archive, stream
from graphlab.sources.modelfile import KERAS, WEIGHTS, ModelFile, Variable


def arrays(model: ModelFile, variables: Sequence[Variable]) -> Iterator[np.ndarray | None]:
    """The value of each variable, in its shape; None where the file holds none that can be read:
    texts, checkpoints of version 1, weights in several files."""
    if model.kind in (KERAS, WEIGHTS):
        yield from _of_keras(model.path, variables)
    else:
        for each in variables:
            saved = None if model.checkpoint is None or each.piece_of else model.checkpoint
            yield None if saved is None else numbers.array(saved, each.key or each.name)


def _of_keras(path: Path, variables: Sequence[Variable]) -> Iterator[np.ndarray | None]:
    where = archive.weights_of(path)
    if where is None:
        yield from (None for _ in variables)
    else:
        yield from stream.arrays(*where, variables)
