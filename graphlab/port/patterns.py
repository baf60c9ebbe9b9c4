"""What TensorFlow's functions of several ops look like in a graph: guesses, which nobody trusts.

Each guess is a call and the tensors that it may give; `graphlab.port.composed` asks TensorFlow
whether the call makes exactly these ops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphlab.engine.kernels.nodes import Op
from graphlab.port import recurrent, sparse_rows
from graphlab.port.seen import Argument, Guess, Seen, Taken

STANDS_FOR = "_ops"  # the attr that has the names of the ops that one stands for
SEQUENTIAL = "keras.Sequential"  # the type of an op that stands for layers of Keras
DEFAULT_SEED = 87654321  # of a graph that was given none, where an op was

CLIP = "tf.clip_by_global_norm"  # which gives a list, and the norm
PART, WHOLE = "[]", ":"  # `x[:, t]`, and the index of an axis that is taken whole

REDUCTIONS = {
    "Sum": "tf.reduce_sum",
    "Mean": "tf.reduce_mean",
    "Prod": "tf.reduce_prod",
    "Max": "tf.reduce_max",
    "Min": "tf.reduce_min",
    "All": "tf.reduce_all",
    "Any": "tf.reduce_any",
}
# A function: what to call the tensors that it gives; nothing where an op of them has a name for it.
WORDS = {
    **dict.fromkeys(REDUCTIONS.values(), ()),
    PART: ("part",),
    "tf.nn.moments": ("mean", "variance"),
    "tf.nn.batch_normalization": ("normalized",),
    "tf.nn.dropout": ("dropped",),
    "tf.nn.l2_normalize": ("normalized",),
    "tf.nn.sigmoid_cross_entropy_with_logits": ("cross_entropy",),
    "tf.nn.softmax_cross_entropy_with_logits": ("cross_entropy",),
    "tf.nn.sparse_softmax_cross_entropy_with_logits": ("cross_entropy",),
    "tf.random.normal": ("normal",),
    "tf.tensordot": (),
    "tf.random.truncated_normal": ("normal",),
    CLIP: ("clipped", "global_norm"),
    sparse_rows.LOOKUP: ("embedded",),
    **recurrent.WORDS,
}


def _moments(seen: Seen, op: Op) -> Iterator[Guess]:
    x, held = map(seen.source, op.inputs)
    stopped = seen.inputs(held, "StopGradient")
    mean = None if stopped is None else seen.maker(stopped[0], "Mean")
    variance = seen.taker(op.outputs[0], "Mean")
    axes = None if mean is None else seen.axes(mean.inputs[1])
    if mean is None or variance is None or axes is None:
        return
    arguments: tuple[Argument, ...] = (("", Taken(x)), ("axes", axes))
    ends = mean.outputs[0], variance.outputs[0]
    squeezed = [seen.taker(end, "Squeeze") for end in ends]
    if None not in squeezed:
        yield Guess("tf.nn.moments", arguments, tuple(o.outputs[0] for o in squeezed if o))
    yield Guess("tf.nn.moments", (*arguments, ("keepdims", True)), ends)


def _batch_normalization(seen: Seen, op: Op) -> Iterator[Guess]:
    left, right = op.inputs
    scaled, shifted = seen.inputs(left, "Mul"), seen.inputs(right, "Sub", "Mul")
    if scaled is None or shifted is None:
        return
    x, factor = scaled
    has_offset = seen.maker(right, "Sub") is not None
    product = seen.inputs(shifted[1], "Mul") if has_offset else shifted
    if product is None or product[1] != factor:
        return
    mean = product[0]
    if not has_offset:
        negative = seen.inputs(mean, "Neg")
        if negative is None:
            return
        (mean,) = negative
    times = seen.inputs(factor, "Mul")
    root = seen.inputs(times[0] if times else factor, "Rsqrt")
    added = None if root is None else seen.inputs(root[0], "AddV2", "Add")
    epsilon = None if added is None else seen.scalar(added[1])
    if added is None or epsilon is None:
        return
    arguments: tuple[Argument, ...] = (
        ("", Taken(x)),
        ("", Taken(mean)),
        ("", Taken(added[0])),
        ("offset", Taken(shifted[0]) if has_offset else None),
        ("scale", Taken(times[1]) if times else None),
        ("variance_epsilon", epsilon),
    )
    yield Guess("tf.nn.batch_normalization", arguments, op.outputs)


def _sigmoid_cross_entropy(seen: Seen, op: Op) -> Iterator[Guess]:
    product = seen.inputs(op.inputs[0], "Sub")
    labelled = None if product is None else seen.inputs(product[1], "Mul")
    if labelled is None or seen.maker(op.inputs[1], "Log1p") is None:
        return
    logits, labels = labelled
    arguments = ("labels", Taken(labels)), ("logits", Taken(logits))
    yield Guess("tf.nn.sigmoid_cross_entropy_with_logits", arguments, op.outputs)


def _softmax_cross_entropy(seen: Seen, op: Op) -> Iterator[Guess]:
    """Of what has more axes than the op takes."""
    flat = [seen.inputs(tensor, "Reshape") for tensor in op.inputs]
    end = seen.taker(op.outputs[0], "Reshape")
    if None in flat or end is None:
        return
    logits, labels = (each[0] for each in flat if each)
    arguments = ("labels", Taken(labels)), ("logits", Taken(logits))
    sparse = "sparse_" if op.type.startswith("Sparse") else ""
    function = f"tf.nn.{sparse}softmax_cross_entropy_with_logits"
    yield Guess(function, arguments, end.outputs)


def _l2_normalize(seen: Seen, op: Op) -> Iterator[Guess]:
    x, factor = map(seen.source, op.inputs)
    root = seen.inputs(factor, "Rsqrt")
    most = None if root is None else seen.inputs(root[0], "Maximum")
    total = None if most is None else seen.inputs(most[0], "Sum")
    axes = None if total is None else seen.axes(total[1])
    epsilon = None if most is None else seen.scalar(most[1])
    if axes is None or epsilon is None:
        return
    told = () if epsilon == 1e-12 else (("epsilon", epsilon),)
    for axis in (axes[0], axes) if len(axes) == 1 else (axes,):
        arguments = ("", Taken(x)), ("axis", axis), *told
        yield Guess("tf.nn.l2_normalize", arguments, op.outputs)


def _dropout(seen: Seen, op: Op) -> Iterator[Guess]:
    kept = seen.inputs(op.inputs[0], "GreaterEqual")
    drawn = None if kept is None else seen.maker(kept[0], "RandomUniform")
    scaled = seen.inputs(op.inputs[1], "Mul", "RealDiv")
    if kept is None or drawn is None or scaled is None:
        return
    written = seen.scalar(kept[1])
    rate = Taken(kept[1]) if written is None else written
    seeds = drawn.attr("seed").i, drawn.attr("seed2").i
    told = (("seed", seeds[1]),) if seeds[0] == DEFAULT_SEED else ()
    yield Guess("tf.nn.dropout", (("", Taken(scaled[0])), ("rate", rate), *told), op.outputs)


def _clip(seen: Seen, op: Op) -> Iterator[Guess]:
    """By the smaller of two ratios: of one to the norm, and to the most that it may be."""
    ratios = [seen.inputs(tensor, "RealDiv") for tensor in op.inputs]
    scale = seen.taker(op.outputs[0], "Mul")
    if None in ratios or scale is None:
        return
    norm, most = (each[1] for each in ratios if each)
    summed = seen.inputs(norm, "Sqrt")
    total = None if summed is None else seen.inputs(summed[0], "Mul")
    packed = None if total is None else seen.inputs(total[0], "Sum")
    halves = None if packed is None else seen.inputs(packed[0], "Pack")
    given = [seen.inputs(each, "L2Loss") for each in halves or ()]
    end = seen.taker(scale.outputs[0], "Select", "SelectV2", "AddV2")
    if not given or None in given or end is None:
        return
    tensors = [each[0] for each in given if each]
    clipped = {
        seen.source(taker.inputs[0]): taker.outputs[0]
        for taker in seen.takers.get(end.outputs[0], ())
        if taker.type == "Mul"
    }
    if clipped.keys() != {*tensors} or len(clipped) < len(tensors):
        return
    written = seen.scalar(most)
    limit = Taken(most) if written is None else written
    gives = (*(clipped[tensor] for tensor in tensors), norm)
    yield Guess(CLIP, (("", tuple(map(Taken, tensors))), ("", limit)), gives)


def _part(seen: Seen, op: Op) -> Iterator[Guess]:
    """`x[:, t]`, of a place that is a tensor."""
    value, begin, _, _ = op.inputs
    places = seen.inputs(begin, "Pack") or ()
    masks = {name: op.attr(f"{name}_mask").i for name in ("begin", "end", "shrink_axis")}
    indices: list[Any] = []
    for n, place in enumerate(places):
        number = seen.value(place)
        if masks["shrink_axis"] & 1 << n:
            indices.append(Taken(place) if number is None else int(number))
        elif masks["begin"] & masks["end"] & 1 << n:
            indices.append(WHOLE)
        else:
            return
    if any(isinstance(each, Taken) for each in indices):
        yield Guess(
            PART, (("", Taken(seen.source(value))), *(("", i) for i in indices)), op.outputs
        )


def _of_all_axes(seen: Seen, op: Op) -> Iterator[Guess]:
    """Of a tensor of any rank, whose axes are told by a Range."""
    function = REDUCTIONS[op.type]
    if seen.maker(op.inputs[1], "Range") is not None:
        arguments = (("", Taken(seen.source(op.inputs[0]))),)
        yield Guess(function, arguments, op.outputs, shaped=False)


def _normal(seen: Seen, op: Op) -> Iterator[Guess]:
    times = seen.taker(op.outputs[0], "Mul")
    plus = None if times is None else seen.taker(times.outputs[0], "AddV2", "Add")
    if times is None or plus is None or op.dtypes != ("float32",):
        return
    told = ("mean", seen.scalar(plus.inputs[1]), 0.0), ("stddev", seen.scalar(times.inputs[1]), 1.0)
    if None in (value for _, value, _ in told):
        return
    shape = seen.axes(op.inputs[0]) or Taken(seen.source(op.inputs[0]))
    said = [(key, value) for key, value, usual in told if value != usual]
    seeds = op.attr("seed").i, op.attr("seed2").i
    said += [("seed", seeds[1])] if seeds[0] == DEFAULT_SEED else []
    function = "normal" if op.type == "RandomStandardNormal" else "truncated_normal"
    yield Guess(f"tf.random.{function}", (("", shape), *said), plus.outputs)


def _tensordot(seen: Seen, op: Op) -> Iterator[Guess]:
    """Of the last axis with the first of a matrix, as a layer does to what has three axes."""
    product = seen.inputs(op.inputs[0], "MatMul")
    sizes = seen.inputs(op.inputs[1], "ConcatV2")
    if product is None or sizes is None or seen.maker(sizes[0], "GatherV2") is None:
        return
    flat = seen.inputs(product[0], "Reshape")
    moved = None if flat is None else seen.inputs(flat[0], "Transpose")
    if flat is None or moved is None:
        return
    whole = seen.inputs(product[1], "Reshape") or product[1:]
    matrix = seen.inputs(whole[0], "Transpose") or whole  # TensorFlow 1 moved nothing there
    for each in dict.fromkeys((matrix[0], product[1])):
        yield Guess("tf.tensordot", (("", Taken(moved[0])), ("", Taken(each)), ("", 1)), op.outputs)


# By the type of an op that stands in each of them.
GUESSES: Mapping[str, tuple[Callable[[Seen, Op], Iterator[Guess]], ...]] = {
    **dict.fromkeys(REDUCTIONS, (_of_all_axes,)),
    "SquaredDifference": (_moments,),
    "AddV2": (_batch_normalization, _sigmoid_cross_entropy),
    "Add": (_batch_normalization, _sigmoid_cross_entropy),
    "Mul": (_l2_normalize,),
    "Minimum": (_clip,),
    "SelectV2": (_dropout,),
    "RandomStandardNormal": (_normal,),
    "TruncatedNormal": (_normal,),
    "Reshape": (_tensordot,),
    "StridedSlice": (_part,),
    "Split": (recurrent.lstm_cell, recurrent.gru_cell),
    "SoftmaxCrossEntropyWithLogits": (_softmax_cross_entropy,),
    "SparseSoftmaxCrossEntropyWithLogits": (_softmax_cross_entropy,),
    "SparseFillEmptyRows": (sparse_rows.lookup,),
}
