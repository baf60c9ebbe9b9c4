"""Random graphs of which one op was changed: that op is where they part."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_compare import script

from graphlab.comparison.run import compare

Op = tuple[str, tuple[int, ...]]  # a function of tf.math, and which of the values before it takes
ONE, TWO = ["tanh", "sin", "atan", "softplus"], ["add", "multiply"]


@st.composite
def graphs(draw) -> tuple[list[Op], int]:
    """Ops of which each takes what came before, and the place of the one that is changed."""
    ops: list[Op] = []
    for n in range(draw(st.integers(3, 8))):
        name = draw(st.sampled_from(ONE + TWO))
        taken = [draw(st.integers(0, n)) for _ in range(2 if name in TWO else 1)]
        ops.append((name, tuple(taken)))
    return ops, draw(st.integers(0, len(ops) - 1))


def lines(ops: list[Op]) -> list[str]:
    # Numbers that shrank would be equal within the tolerance before and after a tanh.
    return [
        f"v{n} = tf.math.{name}({', '.join(f'1.7 * v{m} + 0.9' for m in taken)})"
        for n, (name, taken) in enumerate(ops, 1)
    ]


def result(ops: list[Op]) -> np.ndarray:
    values = {"tf": tf, "v0": tf.constant([[0.31, -0.72], [1.13, 0.57]])}
    exec("\n".join(lines(ops)), values)
    return values[f"v{len(ops)}"].numpy()


@given(graphs())
@settings(max_examples=8, deadline=None)
def test_the_op_of_a_random_graph_that_was_changed_is_where_they_part(tmp_path_factory, graph):
    ops, at = graph
    other = "cos" if ops[at][0] in ONE else "atan2"
    changed = [*ops[:at], (other, ops[at][1]), *ops[at + 1 :]]
    whole, broken = result(ops), result(changed)
    assume(np.abs(whole - broken).max() > 1e-3 * np.abs(whole).max())
    folder = tmp_path_factory.mktemp("random")

    def text(ops: list[Op]) -> str:
        head = ["import tensorflow as tf", "x = tf.constant([[0.31, -0.72], [1.13, 0.57]])", ""]
        head += ["@tf.function", "def f(v0):"]
        body = [f"    {line}" for line in lines(ops)]
        return "\n".join([*head, *body, f"    return v{len(ops)}", "", "f(x)", ""])

    found = compare(script(folder, "one", text(ops)), script(folder, "other", text(changed)))
    first = found.frontier[0]
    assert first.b is not None and first.b.source is not None
    assert (first.b.source[1], first.b.op) == (6 + at, "Cos" if other == "cos" else "Atan2")
    # Where A has what was there once more, it does not lack it.
    assert first.a is None or first.a.source is None or first.a.source[1] >= 6 + at
