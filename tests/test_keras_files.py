"""Keras files that are damaged, strange or very large, and a machine that lacks h5py."""

from __future__ import annotations

import json
import sys

import h5py
import numpy as np
import pytest
from keras2_made import chain, layer, model, takes, written
from models_made import functional, keras_archive, said
from models_made import layer as layer_of_keras_3

from graphlab.model import check
from graphlab.sources import files
from graphlab.sources.keras import hdf5, layers

ENDINGS = ("keras", "h5", "json")
NAMES = {
    "half a pair": ("a\ud83db", "a\\ud83db"),
    "a NUL": ("x\x00y", "x\x00y"),
    "a control code": ("\x1b[31mred", "\x1b[31mred"),
    "two lines": ("a\nb", "a\nb"),
    "slashes": ("ü/../ß", "ü/../ß"),
    "a blank": (" ", " "),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name, read", NAMES.values(), ids=NAMES)
def test_a_layer_may_have_any_name(tmp_path, ending, name, read):
    dense = layer("Dense", name, [["x", 0, 0]], units=2)
    path = written(tmp_path / f"m.{ending}", model("m", [takes("x", 3), dense], [[name, 0, 0]]))
    found = files.read_model(path)
    check(found.graph)
    assert [(node.name, node.inputs) for node in found.graph.nodes] == [("x", ()), (read, ("x:0",))]
    assert json.loads(json.dumps(found.signatures[0].outputs[0].tensor.name)).encode() is not None


def test_a_group_whose_name_is_no_text_is_told(tmp_path):
    path = written(tmp_path / "m.h5", chain("s", [takes("x", 3), layer("Dense", "d", units=2)]))
    with h5py.File(path, "a") as file:
        file[b"model_weights/d/\xff/kernel:0"] = np.zeros((3, 2), np.float32)
    found = files.read_model(path).variables
    assert [(each.name, each.shape) for each in found] == [("d/\\udcff/kernel", (3, 2))]


@pytest.fixture
def without_h5py(tmp_path, monkeypatch):
    """A Python whose h5py cannot be imported."""
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / "h5py.py").write_text("raise ImportError(\"No module named 'h5py'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lacking"))


MISSING = "is HDF5, and h5py, which reads it, cannot be imported (No module named 'h5py'); pip"


def test_a_missing_h5py_is_told_as_such(tmp_path, without_h5py):
    path = written(tmp_path / "m.h5", chain("s", [takes("x", 3)]))
    assert said(path) == f"FILE {MISSING} install h5py"


def test_without_h5py_the_layers_of_an_archive_are_still_told(tmp_path, without_h5py):
    config = functional(layer_of_keras_3("InputLayer", "a"), outputs="a")
    found = files.read_model(keras_archive(tmp_path / "m.keras", config))
    assert (len(found.graph), MISSING in found.notes[0]) == (1, True)


@pytest.mark.skipif(sys.platform == "win32", reason="only POSIX limits what a process computes")
def test_hdf5_that_keeps_the_library_computing_is_stopped(tmp_path, monkeypatch):
    path = written(tmp_path / "m.h5", chain("s", [takes("x", 3)]))
    monkeypatch.setattr(hdf5, "SECONDS", 1)
    monkeypatch.setattr(hdf5, "PATIENCE", 100)
    start = hdf5._CHILD.partition("hdf5.child")[0]
    monkeypatch.setattr(hdf5, "_CHILD", f"{start}hdf5.limited(1)\nwhile True: 1")
    assert said(path) == "FILE is damaged HDF5: reading it came to no end in 1 seconds of computing"


def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path):
    path = written(tmp_path / "m.h5", chain("s", [takes("x", 3), layer("Dense", "d", units=2)]))
    whole = path.read_bytes()
    for part in (9, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:part])
        assert said(path).startswith("FILE is damaged HDF5: ")


# Much from little


def test_models_that_call_models_twice_each_end_at_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "MOST_PARTS", 1000)
    inner = model("m0", [takes("i", 3), layer("Dense", "d", [["i", 0, 0]], units=3)], [["d", 0, 0]])
    for depth in range(12):
        inner["inbound_nodes"] = [[["i", 0, 0, {}]], [[f"m{depth}", 1, 0, {}]]]
        inner = model(f"m{depth + 1}", [takes("i", 3), inner], [[f"m{depth}", 2, 0]])
    assert said(written(tmp_path / "m.json", inner)) == (
        "FILE: its calls of models in models come to more than 1,000 layers, settings and"
        " connections, which is the limit"
    )


@pytest.mark.parametrize("kind", ["Add", "Concatenate"])
def test_a_layer_that_takes_very_many_tensors_is_read_in_linear_time(tmp_path, kind):
    few, many = (_lines(tmp_path, kind, count) for count in (500, 2000))
    assert many / few < 6


def _lines(tmp_path, kind, count):
    """How many lines of Python are executed while a file is read."""
    ins = [layer("Dense", f"d{i}", [["x", 0, 0]], units=3) for i in range(count)]
    last = layer(kind, "last", [[f"d{i}", 0, 0] for i in range(count)])
    net = model("m", [takes("x", 3), *ins, last], [["last", 0, 0]])
    path = written(tmp_path / "m.json", net)
    executed = 0

    def line(frame, event, arg):
        nonlocal executed
        executed += 1
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        files.read_model(path)
    finally:
        sys.settrace(before)
    return executed
