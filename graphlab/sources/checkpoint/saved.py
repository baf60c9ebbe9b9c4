"""What a checkpoint holds, whatever its format."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Shape
from graphlab.sources import proto
from graphlab.sources.checkpoint.slices import Piece

MOST_ELEMENTS = (1 << 63) - 1  # TensorFlow's own limit


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where bytes are: in which file of the data, from which byte on, how many."""

    shard: int
    offset: int
    size: int


@dataclass(frozen=True)
class Saved:
    """One tensor of a checkpoint."""

    key: str
    dtype: str
    shape: Shape
    bytes: int | None  # None: the format does not say
    checksum: tuple[int, ...] = ()  # of its bytes, by piece where it is in pieces
    pieces: tuple[Piece, ...] = ()  # () where it is stored whole
    stretches: tuple[Stretch | None, ...] = ()  # of it or of its pieces; None: not there

    @property
    def digest(self) -> str:
        """What tells its value from others, without reading it; "" where nobody noted it: in pieces
        it may be cut another way."""
        whole = len(self.checksum) == 1 and not self.pieces and self.checksum[0]
        return f"crc32c {self.checksum[0]:08x}" if whole else ""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint's tensors, sorted by key, and where they are."""

    prefix: str  # what restores it: `tf.train.Saver().restore(session, prefix)`
    format: str  # "V2" or "V1"
    tensors: tuple[Saved, ...]
    files: int  # that the values are in
    objects: Any = None  # the TrackableObjectGraph of a TF2 checkpoint, which is no tensor here
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def own_names(self) -> Mapping[str, str]:
        """What a TF2 checkpoint's variables are called (`"dense/kernel"`), by key."""
        nodes = self.objects.nodes if self.objects is not None else ()
        pairs = ((each.checkpoint_key, each.full_name) for n in nodes for each in n.attributes)
        return MappingProxyType({key: name for key, name in pairs if name})

    @functools.cached_property
    def by_key(self) -> Mapping[str, Saved]:
        """Every tensor under its key."""
        return MappingProxyType({each.key: each for each in self.tensors})


def path_of(key: str) -> str:
    """Where a saved object hangs: its key without the end that all variables' keys have.

    >>> path_of("net/parts/b/0/.ATTRIBUTES/VARIABLE_VALUE"), path_of("dense/kernel")
    ('net/parts/b/0', 'dense/kernel')
    """
    return key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")


def shape_of(message: Any, key: str) -> tuple[int, ...]:
    """A saved tensor's shape. GraphlabError where no tensor can have it."""
    shape = proto.shape_of(message)
    if shape is None:
        raise GraphlabError(f"{shown(key)} has no shape; the checkpoint is damaged")
    elements = 1
    sizes = []
    for size in shape:
        sizes.append(size or 0)
        elements *= size or 0
        if size is None or elements > MOST_ELEMENTS:
            raise GraphlabError(
                f"{shown(key)} has the shape {shown(str(list(shape)))}, which no tensor can have;"
                " the checkpoint is damaged"
            )
    return tuple(sizes)
