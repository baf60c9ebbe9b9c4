"""What an optimizer's kernel does to variables, as a call of its rule (`graphlab.port.rules`)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port import layout, rules
from graphlab.port.constants import number
from graphlab.port.expression import Call, Expression, Listing, Literal, Name, mentions, text
from graphlab.port.lines import Line, Lines

RULES = {
    "ApplyMomentum": "momentum",
    "ApplyAdam": "adam",
    "ApplyAdaMax": "adamax",
    "ApplyAdagrad": "adagrad",
    "ApplyAdagradV2": "adagrad_v2",
    "ApplyAdadelta": "adadelta",
    "ApplyRMSProp": "rms_prop",
    "ApplyCenteredRMSProp": "centered_rms_prop",
    "ApplyFtrl": "ftrl",
    "SparseApplyAdam": "sparse_adam",  # which TensorFlow writes as many ops, see `rows`
    "SparseApplyMomentum": "sparse_momentum",
    "SparseApplyAdagrad": "sparse_adagrad",
    "SparseApplyAdagradV2": "sparse_adagrad_v2",
    "SparseApplyAdadelta": "sparse_adadelta",
    "SparseApplyRMSProp": "sparse_rms_prop",
    "SparseApplyFtrl": "sparse_ftrl",
}
NESTEROV = {"momentum": "nesterov", "sparse_momentum": "sparse_nesterov"}
OWN = "grad"  # what an update is given that is its variable's own
# What the name of a rule for rows begins with: by arithmetic, and by TensorFlow's kernel where that
# computes a row in another way than all at once.
OF_ROWS, BY_KERNEL = "sparse_", "kernel_"
RULE = "rule"  # what a loop calls the rule that is its turn's
ONCE = "each_row_once"  # what rules for rows call
STEP = "by_kernel"  # what those by a kernel call
_ALL = (*RULES.values(), *NESTEROV.values())
_FOR_ROWS = [rule for rule in _ALL if rule.startswith(OF_ROWS) and rule != "sparse_adam"]
KERNELS = {rule: f"{BY_KERNEL}{rule.removeprefix(OF_ROWS)}" for rule in _FOR_ROWS}
NAMES = frozenset((*_ALL, *KERNELS.values(), ONCE, STEP))
RESOURCE = 20
SIZES = (1, 7, 1003)  # of the variables of a trial: less, as much and more than a vector's lanes
ROWS = 60  # of a variable of a trial of which some rows change
DRAWS = 8  # of each size: a rate that is rounded once more differs for one in four of them


def rule_of(
    op: Op, known: Mapping[str, np.ndarray], shape: Callable[[str], Shape], of_rows: bool = False
) -> str | None:
    """The name of the rule that does what the op does, to the last bit; None where there is none.
    `known` are the inputs that are constants; `shape` gives that of the gradient; `of_rows` says
    that, of an update for some rows, those that are named twice are added before: of such a kernel
    makes one step after another."""
    kind = op.type.removeprefix("Resource")
    rule = RULES.get(kind)
    if rule is None:
        return None
    if rule in ("ftrl", "sparse_ftrl") and not _is_minus_half(known.get(op.inputs[-1])):
        return None
    attrs = {attr.name for attr in op.definition.attr}
    if "use_nesterov" in attrs and op.attr("use_nesterov").b:
        if rule not in NESTEROV:
            return None
        rule = NESTEROV[rule]
    if any(name in attrs and not op.attr(name).b for name in ("update_slots",)):
        return None
    if "multiply_linear_by_lr" in attrs and op.attr("multiply_linear_by_lr").b:
        return None
    dtype = tf.as_dtype(op.attr("T").type)
    if "Sparse" not in kind:
        return rule if is_exact(kind, rule, dtype) else None
    if _private.op_def(f"Resource{kind}") is None:  # the rule makes the ops that were there
        return rule if of_rows else None
    if not of_rows:
        return None
    names = [arg.name for arg in op.definition.input_arg]
    grad = shape(op.inputs[names.index("grad")])
    row = tuple(size for size in (grad or ())[1:] if size is not None)
    is_known = grad is not None and len(row) == len(grad) - 1
    return rule if is_known and is_exact(kind, rule, dtype, row) else KERNELS[rule]


def _is_minus_half(value: np.ndarray | None) -> bool:
    return value is not None and value == -0.5


@functools.cache
def is_exact(kind: str, rule: str, dtype: tf.DType, row: tuple[int, ...] | None = None) -> bool:
    """Whether the rule changes variables of this type as the kernel does, to the last bit: both
    are run, on numbers of all sizes from 1e-6 to 10, again and again with other rates. A kernel
    that changes some rows computes each by itself, and the rule all at once: of rows of one shape
    that may be the same bits, and of another not."""
    if not dtype.is_floating:
        return False
    draw = np.random.default_rng(0)
    if row is None:
        return all(_is_exact(kind, rule, dtype, (size,), None, draw) for size in SIZES * DRAWS)
    counts = (1, 2, 7, ROWS) * DRAWS
    places = [draw.permutation(ROWS)[:count].astype(np.int32) for count in counts]
    return all(_is_exact(kind, rule, dtype, (ROWS, *row), each, draw) for each in places)


def _is_exact(
    kind: str,
    rule: str,
    dtype: tf.DType,
    shape: tuple[int, ...],
    indices: np.ndarray | None,
    draw: Any,
) -> bool:
    definition = _private.op_def(f"Resource{kind}")
    mine: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    with tf.init_scope(), tf.device("CPU:0"):
        for arg in definition.input_arg:
            if arg.type == RESOURCE:
                value = _numbers(draw, shape, dtype, arg.name not in ("var", "m", "mom", "linear"))
                mine[arg.name] = tf.Variable(value)
                theirs[arg.name] = tf.Variable(value)
            elif arg.name == "grad":
                some = shape if indices is None else (len(indices), *shape[1:])
                mine["grad"] = theirs["grad"] = tf.constant(_numbers(draw, some, dtype, False))
            elif arg.name == "indices":
                mine["indices"] = theirs["indices"] = tf.constant(indices)
            else:
                given = -0.5 if arg.name == "lr_power" else _rate(draw, dtype)
                mine[arg.name] = given
                theirs[arg.name] = tf.constant(given, dtype)
        if "mg" in mine:  # a mean of squares is more than the square of a mean
            for each in (mine, theirs):
                each["ms"].assign_add(tf.square(each["mg"]))
        handles = {
            key: value.handle if isinstance(value, tf.Variable) else value
            for key, value in theirs.items()
        }
        attrs = {"use_nesterov": True} if _plain(rule) == "nesterov" else {}
        getattr(tf.raw_ops, f"Resource{kind}")(**handles, **attrs)
        if indices is not None:
            mine["grad"] = tf.IndexedSlices(mine["grad"], mine.pop("indices"))
        getattr(rules, rule)(*mine.values())
        return all(
            mine[key].numpy().tobytes() == value.numpy().tobytes()
            for key, value in theirs.items()
            if isinstance(value, tf.Variable)
        )


def _numbers(draw: Any, shape: tuple[int, ...], dtype: tf.DType, positive: bool) -> np.ndarray:
    found = draw.normal(size=shape) * 10.0 ** draw.integers(-6, 2, shape)
    return (np.abs(found) if positive else found).astype(dtype.as_numpy_dtype)


def _rate(draw: Any, dtype: tf.DType) -> float:
    """A number near zero or near one, with all bits that the type has, as a file would say it."""
    small = 10.0 ** draw.uniform(-3, -0.01)
    rate = 1 - small if draw.integers(2) else small
    return number(rate) if dtype == tf.float32 else float(np.asarray(rate, dtype.as_numpy_dtype))


def _plain(rule: str) -> str:
    """The rule for whole variables."""
    return rule.removeprefix(OF_ROWS).removeprefix(BY_KERNEL)


def _whole(grad: Expression) -> Expression:
    """Slices of which a tape gives both parts, by their name."""
    if isinstance(grad, Call) and grad.function == "tf.IndexedSlices":
        values, indices = map(text, grad.arguments)
        name = values.removesuffix(".values")
        if indices == f"{name}.indices" != values:
            return Name(name)
    return grad


@dataclass
class Updates:
    """Writes updates; those that follow one another by one rule and are alike become one loop. So
    do those of whole variables and of rows, by two rules that take the same."""

    lines: Lines
    rules: tuple[str, ...] = ()  # of each
    shared: Mapping[str, Expression] = field(default_factory=dict)  # what all take
    rows: tuple[Mapping[str, Expression], ...] = ()  # what each takes of its own
    place: int = -1  # of the line
    turn: dict[str, str] = field(default_factory=dict)  # what the loop calls an argument
    named: list[str] = field(default_factory=list)  # the lists that it goes over

    def write(self, rule: str, taken: Sequence[Expression], slots: int, ops: Sequence[str]) -> None:
        """The statement of an update. `taken` are its inputs, of which the first `slots` are
        variables; these, the gradient and the rows that it is of are its own."""
        names = list(inspect.signature(getattr(rules, rule)).parameters)
        given = dict(zip(names, taken, strict=True))
        own = [*names[:slots], OWN]
        row = {name: given[name] for name in own}
        row[OWN] = _whole(row[OWN])
        shared = {name: given[name] for name in names if name not in own}
        done = self.lines.done
        rules_ = {*self.rules, rule}
        alike = len({*map(_plain, rules_)}) == 1 and len(rules_ - {_plain(rule)}) < 2
        if not alike or self.shared != shared or self.place != len(done) - 1:
            self.rows = ()
        elif self.rows and any(mentions(each, self._changed()) for each in row.values()):
            self.rows = ()  # it takes what the updates before it have changed
        if not self.rows:
            self.named, self.rules = [], ()
        before = done.pop().ops if self.rows else ()
        self.rules, self.rows, self.shared = (*self.rules, rule), (*self.rows, row), shared
        self.place = len(done)
        done.append(Line(tuple(self._written()), (), (*before, *ops)))

    def _changed(self) -> set[str]:
        return {text(each) for row in self.rows for key, each in row.items() if key != OWN}

    def _written(self) -> list[str]:
        indent = self.lines.indent
        if len(self.rows) == 1:
            return layout.statement(indent, "", self._call(self.rules[0], self.rows[0]))
        for name in self.rows[0]:
            if name not in self.turn:
                self.turn[name] = self.lines.names.new(name)
        turn = {name: self.turn[name] for name in self.rows[0]}
        head = self._together(turn) or self._table(turn)
        rule, chosen = self.rules[0], []
        if len({*self.rules}) > 1:
            if RULE not in self.turn:
                self.turn[RULE] = self.lines.names.new(RULE)
            dense = _plain(rule)
            (of_rows,) = {*self.rules} - {dense}
            rule = self.turn[RULE]
            which = f"{of_rows} if isinstance({turn[OWN]}, tf.IndexedSlices) else {dense}"
            chosen = [f"{' ' * (indent + 4)}{rule} = {which}"]
        call = self._call(rule, {name: Name(own) for name, own in turn.items()})
        written = layout.statement(indent + 4, "", call)
        return [*head[:-1], f"{head[-1]}:", *chosen, *written]

    def _table(self, turn: Mapping[str, str]) -> list[str]:
        """The head of a loop over rows that have all that is a variable's own."""
        listed = Listing(tuple(Listing(tuple(row.values()), True) for row in self.rows))
        return layout.statement(self.lines.indent, f"for {', '.join(turn.values())} in ", listed)

    def _together(self, turn: Mapping[str, str]) -> list[str]:
        """That of one beside the gradients of a tape, where the rows are all that it is asked of,
        in that order: what they are of has a name, and so have the slots. [] where they are not."""
        variable, *slots, last = self.rows[0]
        name = text(self.rows[0][last]).removesuffix("[0]")
        gradients = self.lines.gradients.get(name)
        if gradients is None or last != OWN:
            return []
        lines, indent = self.lines, self.lines.indent
        own = [text(row[last]) == f"{name}[{n}]" for n, row in enumerate(self.rows)]
        asked = [*map(text, gradients.sources.items)] == [text(row[variable]) for row in self.rows]
        if asked and not self.named:
            self.named = [lines.names.new("variables"), *([lines.names.new("slots")] * bool(slots))]
        done = lines.done[gradients.place]
        of = self.named[0] if asked and all(own) else ""
        lines.done[gradients.place] = replace(done, lines=gradients.written(of))
        if not of:
            return []
        written, beside = [], turn[slots[0]] if slots else ""
        if slots:
            each = [Listing(tuple(row[slot] for slot in slots), True) for row in self.rows]
            items = each if len(slots) > 1 else [one.items[0] for one in each]
            written = layout.statement(indent, f"{self.named[1]} = ", Listing(tuple(items)))
            if len(slots) > 1:
                beside = f"({', '.join(turn[slot] for slot in slots)})"
        turns = ", ".join(filter(None, (turn[variable], beside, turn[last])))
        over = Call("zip", (*map(Name, self.named), Name(name)), (("strict", Literal(True)),))
        return [*written, *layout.statement(indent, f"for {turns} in ", over)]

    def _call(self, rule: str, row: Mapping[str, Expression]) -> Call:
        slots = tuple(each for name, each in row.items() if name != OWN)
        own = ((name, each) for name, each in row.items() if name == OWN)
        return Call(rule, slots, (*own, *self.shared.items()))
