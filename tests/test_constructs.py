"""No part uses an idea before the lesson that teaches it."""

import ast

import pytest

from graphlab.course import outline
from graphlab.course.constructs import TAUGHT, too_early, used

PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}


def told(number, text):
    return list(too_early(number, ast.parse(text)))


def test_what_a_later_part_teaches_is_named_with_its_line():
    assert told("2.1", "x = 1\ntape = tf.GradientTape()") == [
        "line 2 uses tf.GradientTape, which part 2.3 teaches; do without, or teach it here and "
        "say so in graphlab/constructs.py"
    ]


@pytest.mark.parametrize("number", ["2.3", "2.10", "3.1"])
def test_the_part_that_teaches_it_and_all_after_it_may_use_it(number):
    assert told(number, "tf.GradientTape()") == []


@pytest.mark.parametrize(
    "text",
    ["tf1.while_loop(a, b)", "tf.compat.v1.while_loop(a, b)", "loop = tf.while_loop"],
)
def test_an_idea_is_one_by_all_its_names(text):
    assert used(ast.parse(text)) == {"tf.while_loop": 1}


def test_a_row_stands_for_all_beneath_it_and_the_longer_one_counts():
    assert used(ast.parse("tf.keras.layers.Dense\ntf.keras.layers.LSTM(3)")) == {
        "tf.keras": 1,
        "tf.keras.layers.LSTM": 2,
    }
    assert used(ast.parse('tf.keras.__version__.startswith("3")')) == {"tf.keras.__version__": 1}


def test_a_shorter_name_is_followed():
    text = "layers = tf.keras.layers\nlayers.LSTM(3)"
    expected = {"tf.keras": 1, "tf.keras.layers.LSTM": 2}
    assert used(ast.parse(text)) == expected
    assert used(ast.parse(text.replace("layers = ", "one, layers = 1, "))) == expected


def test_an_argument_may_be_an_idea():
    assert used(ast.parse("train.minimize(loss, var_list=[w])")) == {"var_list=": 1}


def test_to_ask_whether_a_name_is_there_is_no_use_of_it():
    assert used(ast.parse("assert callable(tf1.placeholder)")) == {}


@pytest.mark.parametrize("number", sorted(set(TAUGHT.values()) & set(PARTS)))
def test_a_part_uses_something_of_what_it_is_said_to_teach(number):
    taught = {name for name, part in TAUGHT.items() if part == number}
    assert taught & set(used(ast.parse(PARTS[number].path.read_text(encoding="utf-8"))))
