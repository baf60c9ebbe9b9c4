"""What TensorFlow makes of a loss: the ops before it are built anew, and their gradients asked of a
GradientTape or of tf.gradients.

Nothing is computed. What these make is numbered beside the recorded graph, so that a recorded
tensor of the same number is that gradient, to the last bit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.control_flow import NEXTS
from graphlab.engine.kernels.nodes import Op, read
from graphlab.model import Shape
from graphlab.port import again
from graphlab.port.anew import Built
from graphlab.port.arrays import with_arrays
from graphlab.port.functions import Functions
from graphlab.port.lowered import lowered
from graphlab.port.numbering import Numbering
from graphlab.port.order import in_order
from graphlab.port.scene import GRADIENTS, TAPE, Gradient, Scene, Tape


def gradients(
    scene: Scene,
    ops: Sequence[Op],
    losses: Sequence[str],
    tapes: Mapping[str, Tape],
    at: Numbering,
    asked: set[int],
    by: str = TAPE,
    taken: Iterable[str] = (),
) -> dict[int, Gradient]:
    """The gradients of the losses that have one of the numbers `asked`, by number: of variables and
    of tensors on the way.

    `ops` are all that the losses need, `tapes` the tapes among them by op, `by` is what is asked.
    What is `taken` elsewhere a loop gives as well: on the way back TensorFlow adds a zero for it.
    Empty where TensorFlow cannot build it.

    No tape goes over a loop of TF1; its gradient is tf.gradients' own. In the file the loop is a
    While, and a tape is given for what tf.gradients, too, would make there.
    """
    taken = [*taken]
    is_of_tf1 = any(map(scene.is_of_tf1, ops))
    first = GRADIENTS if is_of_tf1 else by
    found = _all(scene, ops, losses, tapes, at, first, taken, is_of_tf1)
    found = {number: gradient for number, gradient in found.items() if number in asked}
    if not is_of_tf1 or by == GRADIENTS or not found:
        return found
    one, other = (_all(scene, ops, losses, tapes, at, each, taken) for each in (TAPE, GRADIENTS))
    same = {gradient for number, gradient in one.items() if other.get(number) == gradient}
    return {number: gradient for number, gradient in found.items() if gradient in same}


def _all(
    scene: Scene,
    ops: Sequence[Op],
    losses: Sequence[str],
    tapes: Mapping[str, Tape],
    at: Numbering,
    by: str,
    taken: Iterable[str],
    of_tf1: bool = False,
) -> dict[int, Gradient]:
    """The gradients where loops are built as Whiles, or all as in TensorFlow 1."""
    with (
        tf.Graph().as_default() as graph,
        again.as_in_tf1(of_tf1),
        contextlib.suppress(Exception),
    ):
        needed = {*losses, *taken, *(tensor for op in ops for tensor in op.inputs)}
        built = Built(scene, tapes, at, graph, needed)
        with tf.GradientTape() as tape:
            built.tape = tape
            for op in ops:
                built.add(op)
        wanted = list(built.sources())
        sources = [source for _, source in wanted]
        ask = tape.gradient if by == TAPE else tf.gradients
        found = ask([built.tensor(loss) for loss in losses], sources)
        body, library = read(graph.as_graph_def())
        functions = Functions(library, body.ops, {}, (), _shapes(graph))
        # A Switch is made after what takes from it.
        ordered = in_order(with_arrays([*body.ops.values()], functions, True), NEXTS)
        made_ops, parts = lowered(ordered, library)
        at.numbers.graphs += 1
        own = f"made {at.numbers.graphs}"
        made = Numbering(at.numbers, own, _shapes(graph), built.numbered(parts))
        made.add(made_ops)
        return _by_number([name for name, _ in wanted], found, made)
    return {}


def _by_number(names: Sequence[str], found: Sequence[Any], made: Numbering) -> dict[int, Gradient]:
    numbers: dict[int, Gradient] = {}
    for name, gradient in zip(names, found, strict=True):
        if isinstance(gradient, tf.IndexedSlices):
            numbers.setdefault(made.number(gradient.values.name), Gradient(name, "values"))
            numbers.setdefault(made.number(gradient.indices.name), Gradient(name, "indices"))
        elif gradient is not None:
            numbers.setdefault(made.number(gradient.name), Gradient(name))
    return numbers


def _shapes(graph: tf.Graph) -> Callable[[str], Shape]:
    def shape(tensor: str) -> Shape:
        try:
            found = graph.get_tensor_by_name(tensor).shape
        except (KeyError, ValueError):  # inside of a loop
            return None
        return None if found.rank is None else tuple(found.as_list())

    return shape
