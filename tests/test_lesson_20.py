"""What lesson 20 promises beyond the contract of a part."""

import tensorflow as tf

from graphlab.course import outline
from graphlab.course.ways import run_way

PARTS = {part.number: part for part in outline.find("20")}


def built(number):
    """The names of the nodes that the graph way of a part has built, in their order."""
    (run, *_) = run_way(outline.load(PARTS[number]), "graph", "CPU:0").runs
    return [node.name for node in run.built.nodes]


def test_only_variables_are_found_again_by_name():
    names = [name for name in built(2) if name.endswith(("/w", "/MatMul", "/Tanh"))]
    assert [name for name in names if "grad" not in name] == [
        "twin/w",
        "twin/MatMul",
        "twin/Tanh",
        "twin_1/MatMul",
        "twin_1/Tanh",
    ]


def test_a_module_lists_an_object_that_it_has_twice_once():
    twins = outline.load(PARTS[2]).Twins
    one, other = tf.Variable(1.0), tf.Variable(1.0)
    assert twins(one, one).trainable_variables == (one,)
    assert twins(one, other).trainable_variables == (one, other)
