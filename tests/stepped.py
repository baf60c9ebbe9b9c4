"""Calls that are stepped through, and what a stepper says of them."""

from __future__ import annotations

import tensorflow as tf
from rich.console import Console

from graphlab import observe
from graphlab.walk.stepper import Stepper

tf1 = tf.compat.v1


def session_call():
    """A placeholder, a variable, two ops on each side, and a division by what is fed."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        W = tf1.get_variable("W", initializer=tf.constant([3.0, 4.0]))
        product = tf.multiply(x, W, name="product")
        ratio = tf.divide(product, x, name="ratio")
        total = tf.reduce_sum(ratio, name="total")
        with tf1.Session() as session:
            session.run(W.initializer)
            with observe(values=True) as seen:
                session.run([total, W.assign_add([1.0, 1.0], name="grow")], {x: [1.0, 2.0]})
    return seen.replays


@tf.function
def third(value):
    return value / 3.0


@tf.function
def loop(value):
    for i in tf.range(4):
        value = third(value * 6.0) + tf.cast(i, tf.float32)
    return value


def tf1_loop_call():
    tf1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default(), tf1.Session() as session, observe(values=True) as seen:
            x = tf1.placeholder(tf.float32, [2], name="x")
            grown = tf.while_loop(
                lambda i, x: i < 4, lambda i, x: (i + 1, x * 2.0), [0, x], name="grow"
            )
            session.run(tf.negative(grown[1], name="last"), {x: [1.0, 2.0]})
    finally:
        tf1.enable_control_flow_v2()
    return seen.replays


def loop_call():
    with observe(values=True) as seen:
        loop(tf.constant(1.0))
    return tuple(replay for replay in seen.replays if replay.run.way == "function")


def text(*shown, width: int = 80) -> str:
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        for each in shown:
            console.print(each)
    return captured.get()


def done(stepper: Stepper, *lines: str) -> str:
    """What the last of these lines said."""
    return [text(*stepper.do(line).said) for line in lines][-1]


def where(stepper: Stepper) -> tuple[int, str, str]:
    step = stepper.view.step
    return stepper.view.number, step.node if step else "", step.frame if step else ""


def play_view(stepper):
    from graphlab.walk import panels as screen

    return [screen.moment(stepper.view)]
