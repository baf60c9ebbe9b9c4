"""The graph way of every part gives here what it gave on the real TensorFlow 1.15.5.

The goldens are made by tests/goldens/make_goldens.py, which also runs the ways here. They are
held to each part's own tolerance, which has room for the other kernels: the largest differences
measured were 3e-7 in a loss and 1.4e-7 in a weight of 2.4 after 480 steps, 1e-6 in a loss of
2.3 (of 15), 1e-7 in 2.2, 6e-6 in 1.4 (of 10), and none elsewhere.
"""

import copy
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from graphlab.lesson import Cases

GOLDENS = Path(__file__).parent / "goldens"
_spec = importlib.util.spec_from_file_location("make_goldens", GOLDENS / "make_goldens.py")
make_goldens = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_goldens)
PARTS = make_goldens.part_files()


def differences(golden, found, rtol, atol, where=""):
    """Where two records differ, one line each; numbers are equal within the tolerance."""
    if isinstance(golden, dict) and isinstance(found, dict):
        if sorted(golden) != sorted(found):
            return [f"{where}: {sorted(golden)} != {sorted(found)}"]
        pairs = [(f"{where}/{key}", golden[key], found[key]) for key in golden]
    elif isinstance(golden, list) and isinstance(found, list):
        if len(golden) != len(found):
            return [f"{where}: {len(golden)} values != {len(found)}"]
        pairs = [(f"{where}[{i}]", *pair) for i, pair in enumerate(zip(golden, found, strict=True))]
    else:
        near = isinstance(golden, float) and np.isclose(found, golden, rtol=rtol, atol=atol)
        return [] if near or golden == found else [f"{where}: {golden!r} != {found!r}"]
    return [line for pair in pairs for line in differences(*pair[1:], rtol, atol, pair[0])]


def comparable(record):
    """What must be the same in both versions: they count their ops differently, and say so."""
    graphs = [{k: v for k, v in graph.items() if k != "ops"} for graph in record["graphs"]]
    return {**record, "graphs": graphs, "tensorflow": None}


def golden_of(number):
    path = make_goldens.golden_path(number)
    assert path.exists(), f"part {number} has no golden; run tests/goldens/make_goldens.py"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", PARTS)
def test_the_graph_way_gives_what_it_gave_on_tensorflow_1_15(number):
    module = make_goldens.load(PARTS[number])
    golden = golden_of(number)
    found = json.loads(make_goldens.as_text(make_goldens.record(number, module)))
    assert golden["tensorflow"] == "1.15.5"
    assert differences(comparable(golden), comparable(found), module.RTOL, module.ATOL) == []


def test_a_long_training_is_cut_to_its_first_steps(monkeypatch):
    few = make_goldens.treatment("2.4").__class__(steps=3, broken={}, spoiled={})
    monkeypatch.setattr(make_goldens, "treatment", lambda number: few)
    found = make_goldens.record("2.4", make_goldens.load(PARTS["2.4"]))
    golden = golden_of("2.4")["results"]["loss"]["values"][:3]
    assert found["steps"] == 3
    np.testing.assert_allclose(found["results"]["loss"]["values"], golden, 1e-5)


def test_a_cut_keeps_what_training_starts_from():
    some = make_goldens.cut(Cases([1, 2, 3], W=[0.5]), 2)
    assert (some, some.start) == ([1, 2], {"W": [0.5]})
    assert make_goldens.cut([1, 2, 3], 2) == [1, 2]
    assert make_goldens.cut([1, 2, 3], None) == [1, 2, 3]


def test_every_golden_has_its_part():
    made = {path.name for path in GOLDENS.glob("*.json")}
    assert made == {make_goldens.golden_path(number).name for number in PARTS}


def test_only_the_devices_of_a_machine_are_not_compared():
    assert {n for n in PARTS if "not compared" in golden_of(n)} == set(make_goldens.MACHINE_FACTS)


def test_a_changed_number_is_found():
    golden = golden_of("2.4")
    found = copy.deepcopy(golden)
    found["results"]["loss"]["values"][7] += 0.001
    was, now = (record["results"]["loss"]["values"][7] for record in (golden, found))
    expected = [f"/results/loss/values[7]: {was!r} != {now!r}"]
    assert differences(golden, found, rtol=1e-5, atol=1e-6) == expected


def test_a_renamed_variable_is_found():
    golden = golden_of("2.1")
    found = copy.deepcopy(golden)
    found["graphs"][0]["variables"]["bias"] = found["graphs"][0]["variables"].pop("b")
    expected = ["/graphs[0]/variables: ['W', 'b'] != ['W', 'bias']"]
    assert differences(comparable(golden), comparable(found), rtol=0, atol=0) == expected
