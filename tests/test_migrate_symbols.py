"""What became of the names of TensorFlow 1."""

from __future__ import annotations

import pytest

from graphlab.errors import GraphlabError
from graphlab.migration import make_symbols, symbols


@pytest.fixture(scope="module")
def installed():
    return make_symbols.installed(symbols.table()["tf1"]["names"])


def test_the_table_is_what_the_installed_tensorflow_says(installed):
    assert {**installed, "tf1": symbols.table()["tf1"]} == symbols.table()


def test_a_call_that_fails_though_its_name_is_there_is_known_with_its_error():
    there = symbols.lookup("tf.nn.dynamic_rnn")
    assert (there.gone, there.was) == (False, "function")
    assert there.fails.startswith("TypeError: ")


@pytest.mark.parametrize(
    ("name", "gone", "now", "package"),
    [
        ("tf.layers.dense", True, "", "tf_keras"),
        ("tf.log", False, "math.log", ""),
        ("tf.contrib.rnn.GRUCell", True, "nn.rnn_cell.GRUCell", "tf_keras"),
        ("tf.contrib.data.unbatch", True, "data.experimental.unbatch", ""),
        ("tf.contrib.layers.fully_connected", True, "", "tf_slim"),
        ("tf.contrib.crf.crf_log_likelihood", True, "", ""),
        ("tf.estimator.Estimator", True, "", ""),
        ("tf.placeholder", False, "", ""),
    ],
)
def test_a_name_is_looked_up(name, gone, now, package):
    found = symbols.lookup(name)
    assert (found.gone, found.now, found.package) == (gone, now, package)


def test_a_python_without_tensorflow_is_told_in_one_line():
    with pytest.raises(GraphlabError, match="cannot run /nowhere/python: No such file"):
        make_symbols.names("/nowhere/python")
    with pytest.raises(GraphlabError, match="cannot tell the names of TensorFlow 1: "):
        make_symbols.names("false")
