"""A random `tf.train.Example` for a model that parses them: what `--feed x=random` draws there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.model import Graph, Node, node_of

PARSERS = ("ParseExample", "ParseExampleV2")
MOST_ELEMENTS = 1 << 20  # of one feature


def parser_of(graph: Graph) -> tuple[Graph, Node] | None:
    """The op of a graph, or of a function of it, that parses Examples, and the body it is in."""
    for body in (graph, *graph.functions.values()):
        for node in body.nodes:
            if node.op in PARSERS:
                return body, node
    return None


def random_examples(
    found: tuple[Graph, Node], shape: tuple[int, ...], generator: np.random.Generator
) -> np.ndarray:
    """Serialized Examples that the parser takes: every dense feature, drawn; no sparse ones."""
    features = list(_dense(*found))
    result = np.empty(shape, object)
    for place in np.ndindex(shape):
        result[place] = _serialized(features, generator)
    return result


def _dense(body: Graph, node: Node) -> Iterable[tuple[str, str, int]]:
    """Name, dtype and number of values of each feature that must be there."""
    names = _names(body, node)
    kinds, shapes = node.attrs.get("Tdense") or (), node.attrs.get("dense_shapes") or ()
    for name, dtype, shape in zip(names, kinds, shapes, strict=False):
        count = 1
        for size in shape or ():
            count *= size or 1
        yield name, dtype, min(count, MOST_ELEMENTS)


def _names(body: Graph, node: Node) -> list[str]:
    if node.op == "ParseExampleV2":
        return _values(body, node.inputs[3]) if len(node.inputs) > 3 else []
    first = 2 + int(node.attrs.get("Nsparse") or 0)
    keys = node.inputs[first : first + int(node.attrs.get("Ndense") or 0)]
    return [name for tensor in keys for name in _values(body, tensor)[:1]]


def _values(body: Graph, tensor: str) -> list[str]:
    value = body[node_of(tensor)].attrs.get("value")
    values = value.get("values", ()) if isinstance(value, dict) else ()
    return [each for each in values if isinstance(each, str)]


def _serialized(features: Iterable[tuple[str, str, int]], generator: np.random.Generator) -> bytes:
    example = tf.train.Example()
    for name, dtype, count in features:
        feature: Any = example.features.feature[name]
        if dtype == "float32":
            feature.float_list.value.extend(generator.standard_normal(count))
        elif dtype == "int64":
            feature.int64_list.value.extend(generator.integers(0, 10, count))
        else:
            feature.bytes_list.value.extend([b"one"] * count)
    return example.SerializeToString(deterministic=True)
