"""What is to be ported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Body
from graphlab.port.classes import Argument
from graphlab.port.tables import Table


@dataclass(frozen=True)
class Asked:
    """A body, and what is asked of it."""

    body: Body
    arguments: Sequence[Argument]
    fetches: Sequence[str]
    targets: Sequence[str]
    variables: Mapping[str, str]  # their names in the graph, by the tensor of the handle
    captured: Mapping[str, np.ndarray | Table]  # what the graph has from outside, by tensor
    kinds: Mapping[str, tuple[tf.DType, tuple[int, ...]]]  # of variables, by name
    named: Mapping[str, str] = field(default_factory=dict)  # what a signature calls tensors
    keras: bool = False  # whole patterns are to be layers of Keras
