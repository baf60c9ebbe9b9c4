"""Layers that prepare data: words and numbers to indices, indices to places in a vector."""

from __future__ import annotations

from graphlab.sources.keras.rules.known import Asked, Sizes


def encoded(asked: Asked) -> Sizes:
    """CategoryEncoding."""
    return _places(asked.x, asked.number("num_tokens"), asked.config.get("output_mode"))


def hashed(asked: Asked) -> Sizes:
    """Hashing: an index for each, or a place in a vector."""
    if asked.config.get("output_mode", "int") == "int":
        return asked.x
    return (*asked.x[:-1], asked.number("num_bins"))


def crossed(asked: Asked) -> Sizes:
    """HashedCrossing of two features."""
    if asked.config.get("output_mode", "int") == "int":
        return asked.x
    return _places(asked.x, asked.number("num_bins"), asked.config.get("output_mode"))


def binned(asked: Asked) -> Sizes:
    """Discretization."""
    mode = asked.config.get("output_mode", "int")
    if mode == "int":
        return asked.x
    bounds = asked.config.get("bin_boundaries")
    depth = len(bounds) + 1 if isinstance(bounds, list) else asked.number("num_bins")
    return _places(asked.x, depth, mode)


def looked_up(asked: Asked) -> Sizes:
    """StringLookup, IntegerLookup: an index for each; a vector is as long as the vocabulary."""
    mode = asked.config.get("output_mode", "int")
    if mode == "int":
        return asked.x
    return _places(asked.x, _vocabulary(asked), mode)


def _vocabulary(asked: Asked) -> int | None:
    """How long a vector over the vocabulary is; None where the vocabulary is not in the file."""
    key = "max_tokens" if asked.config.get("pad_to_max_tokens") else "vocabulary_size"
    size = asked.config.get(key)
    return size if type(size) is int else None


def words(asked: Asked) -> Sizes:
    """TextVectorization: a text becomes indices of its words, or one vector."""
    if asked.config.get("output_mode", "int") == "int":
        length = asked.config.get("output_sequence_length")
        return (asked.x[0], length if type(length) is int else None)
    return (asked.x[0], _vocabulary(asked))


def _places(shape: Sizes, depth: int | None, mode: object) -> Sizes:
    """One-hot has a vector an element, the other modes one for all of the last axis."""
    if mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
        return (*shape, depth)
    return (*shape[:-1], depth)
