"""The sum behind one element of an op's output, in numbers.

>>> a, b = np.float32([[1, 2], [3, 4]]), np.float32([[5, 6], [7, 8]])
>>> print(*terms("MatMul", {}, [a, b], (1, 0)), sep="\\n")
row 1 of the first times column 0 of the second
3 * 5 + 4 * 7 = 43
>>> print(*terms("Softmax", {}, [np.float32([[0, 1]])], (0, 1)), sep="\\n")
its exponential by the sum of all in its row, each less the largest, 1
exp(0) / (exp(-1) + exp(0)) = 1 / 1.36788 = 0.731059

An op is a name, its attributes, the arrays that it took, and a place in what it gave. What is not
known here is None: nothing is guessed. All is computed in float64, so last bits may be others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

MOST = 8  # terms that are written; the others are summed up
Place = tuple[int, ...]
Arrays = Sequence[np.ndarray]

# Of two arrays, as Python has the sign.
BOTH: dict[str, tuple[str, Callable]] = {
    **dict.fromkeys(("Add", "AddV2", "BiasAdd"), ("+", np.add)),
    "Sub": ("-", np.subtract),
    "Mul": ("*", np.multiply),
    **dict.fromkeys(("RealDiv", "Div"), ("/", np.divide)),
    "Pow": ("**", np.power),
}
OF_BOTH: dict[str, tuple[str, Callable]] = {
    "Maximum": ("max", np.maximum),
    "Minimum": ("min", np.minimum),
    "SquaredDifference": ("squared difference", lambda a, b: (a - b) ** 2),
}
ALONE: dict[str, tuple[str, Callable]] = {
    "Neg": ("-({})", np.negative),
    "Square": ("{} * {}", np.square),
    "Sqrt": ("sqrt({})", np.sqrt),
    "Exp": ("exp({})", np.exp),
    "Log": ("log({})", np.log),
    "Tanh": ("tanh({})", np.tanh),
    "Sigmoid": ("1 / (1 + exp(-({})))", lambda x: 1 / (1 + np.exp(-x))),
    "Relu": ("max({}, 0)", lambda x: np.maximum(x, 0)),
    "Abs": ("abs({})", np.abs),
    "Reciprocal": ("1 / {}", np.reciprocal),
}
# Gradients of the ops that bend: of what, by which rule.
BACKWARD: dict[str, tuple[str, str, Callable]] = {
    "TanhGrad": ("dx = dy * (1 - y * y)", "{d} * (1 - {y} * {y})", lambda y, d: d * (1 - y * y)),
    "SigmoidGrad": ("dx = dy * y * (1 - y)", "{d} * {y} * (1 - {y})", lambda y, d: d * y * (1 - y)),
    "ReluGrad": ("dx = dy where x > 0, else 0", "{d} as {y} > 0 is {so}", lambda y, d: d * (y > 0)),
}
REDUCED: dict[str, Callable] = {
    "Sum": np.sum,
    "Mean": np.mean,
    "Max": np.max,
    "Min": np.min,
    "Prod": np.prod,
}
CROSS_ENTROPIES = ("SparseSoftmaxCrossEntropyWithLogits", "SoftmaxCrossEntropyWithLogits")
FACTORS = {(True, False): "dW = hT dz", (False, True): "dh = dz WT"}


def terms(
    op: str,
    attrs: Mapping[str, Any],
    inputs: Arrays,
    place: Place,
    backward: bool = False,
    output: int = 0,
) -> list[str] | None:
    """Lines that compute one element; None where this op is not written here.

    `inputs` are what the op took, in its order; `output` is which of those that it gave is meant.
    `backward` says that it belongs to a gradient, whose formula then comes first. IndexError where
    the output has no such place.
    """
    arrays = [np.asarray(each) for each in inputs]
    if any(array.dtype.kind not in "biuf" for array in arrays):
        return None
    wide = [array.astype(np.float64) for array in arrays]
    if op in CROSS_ENTROPIES:
        return _cross_entropy(op, wide, place, output)
    if output:
        return None
    if op == "MatMul":
        return _product(attrs, wide, place, backward)
    if op in ("BatchMatMul", "BatchMatMulV2"):
        return _batch(attrs, wide, place)
    if op == "Conv2D":
        return _window(attrs, wide, place)
    if op in ("Softmax", "LogSoftmax"):
        return _softmax(wide[0], place, op == "LogSoftmax")
    if op in BACKWARD:
        return _bent(op, wide, place)
    if op in REDUCED:
        return _reduced(op, attrs, arrays, place)
    if op == "BiasAddGrad" and _text(attrs.get("data_format") or "NHWC") == "NHWC":
        axes = np.arange(arrays[0].ndim - 1)
        return ["db = the sum of dz", *(_reduced("Sum", {}, [arrays[0], axes], place) or [])]
    return _each(op, wide, place)


def number(value: Any) -> str:
    """A number as it stands in a sum.

    >>> number(0.5), number(-2.0), number(1e-9)
    ('0.5', '-2', '1e-09')
    """
    return f"{float(value):.6g}"


def _at(array: np.ndarray, place: Place) -> Any:
    """An element of an array that was spread to the shape of the output."""
    own = place[len(place) - array.ndim :] if array.ndim else ()
    return array[tuple(0 if size == 1 else i for i, size in zip(own, array.shape, strict=True))]


def _checked(place: Place, shape: Sequence[int]) -> None:
    if len(place) != len(shape) or not all(0 <= i < n for i, n in zip(place, shape, strict=True)):
        raise IndexError(f"it gives {list(shape)}; there is no {list(place)} in it")


def _sum(pairs: Sequence[tuple[float, float]], text: str = "{} * {}") -> str:
    """`"1 * 2 + 3 * 4 = 14"`; of many terms the largest come first, and the others as one."""
    total = sum(a * b for a, b in pairs)
    if len(pairs) <= MOST:
        return f"{' + '.join(_factors(*pair) for pair in pairs) or '0'} = {number(total)}"
    ordered = sorted(pairs, key=lambda pair: -abs(pair[0] * pair[1]))
    first, others = ordered[:MOST], ordered[MOST:]
    left = number(sum(a * b for a, b in others))
    written = " + ".join(_factors(*pair) for pair in first)
    return f"{written} + {left} of {len(others)} smaller terms = {number(total)}"


def _factors(a: float, b: float) -> str:
    return " * ".join(f"({number(x)})" if x < 0 else number(x) for x in (a, b))


def _turned(attrs: Mapping[str, Any], *names: str) -> bool:
    return any(bool(attrs.get(name)) for name in names)


def _product(attrs: Mapping[str, Any], inputs: Arrays, place: Place, backward: bool) -> list[str]:
    """A cell of a product of matrices: a row and a column."""
    a, b = inputs
    turned = _turned(attrs, "transpose_a"), _turned(attrs, "transpose_b")
    left, right = (x.T if t else x for x, t in zip((a, b), turned, strict=True))
    _checked(place, (left.shape[0], right.shape[1]))
    row, column = place
    one = f"{'column' if turned[0] else 'row'} {row} of the first"
    two = f"{'row' if turned[1] else 'column'} {column} of the second"
    pairs = list(zip(left[row].tolist(), right[:, column].tolist(), strict=True))
    formula = [FACTORS[turned]] if backward and turned in FACTORS else []
    return [*formula, f"{one} times {two}", _sum(pairs)]


def _batch(attrs: Mapping[str, Any], inputs: Arrays, place: Place) -> list[str]:
    turned = (_turned(attrs, "adj_x"), _turned(attrs, "adj_y"))
    a, b = (np.swapaxes(x, -1, -2) if t else x for x, t in zip(inputs, turned, strict=True))
    outer = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    _checked(place, (*outer, a.shape[-2], b.shape[-1]))
    a, b = (np.broadcast_to(x, (*outer, *x.shape[-2:]))[place[:-2]] for x in (a, b))
    pairs = list(zip(a[place[-2]].tolist(), b[:, place[-1]].tolist(), strict=True))
    inside = f", both at {list(place[:-2])}" if outer else ""
    said = f"row {place[-2]} of the first times column {place[-1]} of the second{inside}"
    return [said, _sum(pairs)]


def _window(attrs: Mapping[str, Any], inputs: Arrays, place: Place) -> list[str] | None:
    """A cell of a convolution: its window, times its filter."""
    picture, filters = inputs
    strides = list(attrs.get("strides") or [1, 1, 1, 1])
    dilated = any(size != 1 for size in attrs.get("dilations") or [1])
    padding = _text(attrs.get("padding"))
    grouped = picture.shape[-1] != filters.shape[2]
    if _text(attrs.get("data_format") or "NHWC") != "NHWC" or dilated or grouped:
        return None
    if padding not in ("SAME", "VALID"):
        return None
    size, begins = [], []
    for axis in (0, 1):
        n, k, s = picture.shape[axis + 1], filters.shape[axis], strides[axis + 1]
        out = -(-n // s) if padding == "SAME" else -(-(n - k + 1) // s)
        rim = max((out - 1) * s + k - n, 0) // 2 if padding == "SAME" else 0
        size.append(out)
        begins.append(place[axis + 1] * s - rim if len(place) == 4 else 0)
    _checked(place, (picture.shape[0], *size, filters.shape[3]))
    pairs = []
    for i in range(filters.shape[0]):
        for j in range(filters.shape[1]):
            y, x = begins[0] + i, begins[1] + j
            if 0 <= y < picture.shape[1] and 0 <= x < picture.shape[2]:
                seen, weights = picture[place[0], y, x], filters[i, j, :, place[3]]
                pairs += list(zip(seen.tolist(), weights.tolist(), strict=True))
    ends = [b + filters.shape[axis] - 1 for axis, b in enumerate(begins)]
    where = f"rows {begins[0]} to {ends[0]}, columns {begins[1]} to {ends[1]} of picture {place[0]}"
    outside = filters.shape[0] * filters.shape[1] * filters.shape[2] - len(pairs)
    rim_said = f"; {outside} of its cells lie outside and count 0" if outside else ""
    return [f"the window of {where}, times filter {place[3]}{rim_said}", _sum(pairs)]


def _softmax(x: np.ndarray, place: Place, log: bool) -> list[str]:
    """A share: an exponential by the sum of all exponentials of the row."""
    _checked(place, x.shape)
    row = x[place[:-1]]
    less = row - row.max()
    powers = np.exp(less)
    shown = " + ".join(f"exp({number(each)})" for each in less[:MOST])
    more = f" + {len(row) - MOST} more" if len(row) > MOST else ""
    own, total = powers[place[-1]], powers.sum()
    share = f"exp({number(less[place[-1]])}) / ({shown}{more}) = {number(own)} / {number(total)}"
    most = number(row.max())
    said = f"its exponential by the sum of all in its row, each less the largest, {most}"
    if log:
        return [f"the logarithm of {said}", f"log({share}) = {number(np.log(own / total))}"]
    return [said, f"{share} = {number(own / total)}"]


def _cross_entropy(op: str, inputs: Arrays, place: Place, output: int) -> list[str]:
    """What a row of logits loses by its label, or as the second output its gradient."""
    logits, labels = inputs
    shape = logits.shape if output else logits.shape[:-1]
    _checked(place, shape)
    kinds = np.eye(logits.shape[-1])
    wanted = kinds[int(labels[place[0]])] if op.startswith("Sparse") else labels[place[0]]
    less = logits[place[0]] - logits[place[0]].max()
    shares = np.exp(less) / np.exp(less).sum()
    if output:
        share, want = shares[place[1]], wanted[place[1]]
        last = f"{number(share)} - {number(want)} = {number(share - want)}"
        return ["dz = softmax(z) - label", _softmax(logits, place, False)[1], last]
    pairs = [(float(w), float(-np.log(s))) for w, s in zip(wanted, shares, strict=True) if w]
    said = "of each kind what is wanted of it, times -log of its softmax"
    first = [f"softmax of kind {k}: {number(shares[k])}" for k in np.flatnonzero(wanted)[:MOST]]
    return [said, *first, _sum(pairs)]


def _bent(op: str, inputs: Arrays, place: Place) -> list[str]:
    """The gradient of what bends. ReluGrad takes the gradient first, the others second."""
    rule, text, compute = BACKWARD[op]
    y, dy = inputs[::-1] if op == "ReluGrad" else inputs
    _checked(place, y.shape)
    here, slope = y[place], dy[place]
    written = text.format(y=number(here), d=number(slope), so="true" if here > 0 else "false")
    return [rule, f"{written} = {number(compute(here, slope))}"]


def _reduced(op: str, attrs: Mapping[str, Any], inputs: Arrays, place: Place) -> list[str] | None:
    """All numbers along some axes, as one."""
    x = inputs[0].astype(np.float64)
    axes = tuple(int(axis) % max(x.ndim, 1) for axis in np.ravel(inputs[1])) if x.ndim else ()
    keeps = _turned(attrs, "keep_dims", "keepdims")
    shape = [1 if i in axes else n for i, n in enumerate(x.shape) if keeps or i not in axes]
    _checked(place, shape)
    kept = iter(i for k, i in enumerate(place) if not keeps or k not in axes)
    some = x[tuple(slice(None) if k in axes else next(kept) for k in range(x.ndim))].ravel()
    said = f"{op} of {len(some):,} numbers" + (f" along {_axes(axes)}" if axes else "")
    first = ", ".join(number(each) for each in some[:MOST])
    more = f", and {len(some) - MOST:,} more" if len(some) > MOST else ""
    total = f"sum {number(some.sum())} / {len(some):,} = " if op == "Mean" else ""
    return [said, f"{first}{more}: {total}{number(REDUCED[op](some))}"]


def _axes(axes: Sequence[int]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"


def _each(op: str, inputs: Arrays, place: Place) -> list[str] | None:
    """An element of what works number by number."""
    shape = np.broadcast_shapes(*(x.shape for x in inputs)) if inputs else ()
    if op in ALONE and len(inputs) == 1:
        _checked(place, shape)
        text, compute = ALONE[op]
        x = inputs[0][place]
        with np.errstate(all="ignore"):
            return [f"{text.format(*[number(x)] * text.count('{}'))} = {number(compute(x))}"]
    if op == "AddN" and inputs:
        _checked(place, shape)
        some = [float(x[place]) for x in inputs]
        return [f"{' + '.join(map(number, some))} = {number(sum(some))}"]
    if len(inputs) != 2 or op not in {**BOTH, **OF_BOTH}:
        return None
    _checked(place, shape)
    a, b = (_at(x, place) for x in inputs)
    with np.errstate(all="ignore"):
        if op in BOTH:
            sign, compute = BOTH[op]
            right = f"({number(b)})" if b < 0 else number(b)
            return [f"{number(a)} {sign} {right} = {number(compute(a, b))}"]
        word, compute = OF_BOTH[op]
        return [f"{word}({number(a)}, {number(b)}) = {number(compute(a, b))}"]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
