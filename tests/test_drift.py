"""Long trainings on a GPU: what is held where the ways drift apart. No GPU is needed for that: of a
device only its name is asked."""

import io
import itertools
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from rich.console import Console

from graphlab import devices, run_ways
from graphlab.course import drift, outline, run, source
from graphlab.course.document import document
from graphlab.lesson import Drift
from graphlab.output import lesson_notebook
from graphlab.screen import tables

LOSSES = np.float32([4, 3, 2, 1])
(PART,) = outline.find("4.6")


def ways(*ends, band=0.1, steps=2):
    """Whether two ways agree of which the second ends so: (losses, accuracy)."""
    both = {"graph": (LOSSES, 0.8), "eager": ends}
    results = {way: {"loss": a, "accuracy": b, "logits": a} for way, (a, b) in both.items()}
    return drift.held(results, 1e-4, 0.0, Drift(steps, accuracy=band))


def test_what_is_held_are_the_first_losses_and_the_end_within_its_band():
    late, early = LOSSES + np.float32([0, 0, 0, 1]), LOSSES + np.float32([0, 1, 0, 0])
    assert ways(late, 0.75).ok
    assert (ways(late, 0.65).ok, ways(late, 0.65).worst.result) == (False, "accuracy")
    assert (ways(early, 0.8).ok, ways(early, 0.8).worst.index) == (False, (1,))
    assert not ways(late, 0.8, steps=4).ok


def test_only_a_gpu_is_given_less_to_hold():
    module = ModuleType("part")
    assert drift.drift_of(module, "GPU:0") is None
    module.ON_GPU, module.KERAS_ON_GPU = Drift(2), Drift(3)
    found = [drift.drift_of(module, place) for place in ("CPU:0", "GPU:0", "worker:1/GPU:3")]
    assert found == [None, module.ON_GPU, module.ON_GPU]
    assert drift.drift_of(module, "GPU:0", "keras") is module.KERAS_ON_GPU
    del module.KERAS_ON_GPU
    assert drift.drift_of(module, "GPU:0", "keras") is module.ON_GPU


def drifting(noise):
    """A part whose ways end apart, and begin apart by `noise()` each time."""

    def way(end):
        def train(cases, device):
            losses = [float(case) + noise() for case in cases]
            return {"loss": np.float32([*losses[:2], *(x + end for x in losses[2:])])}

        return train

    module = ModuleType("part")
    vars(module).update(CASES=[4, 3, 2, 1], RTOL=1e-4, ATOL=0.0, ON_GPU=Drift(2))
    vars(module).update(graph=way(0.0), eager=way(0.5))
    return module


def reported(module, monkeypatch, gpu=True):
    monkeypatch.setattr(devices, "is_gpu", lambda device: gpu)
    return run._run(
        PART, module, ("graph", "eager"), "CPU:0", None, lambda *_: None, None, 0, False
    )


def test_a_part_that_drifts_is_told_so_and_run_again_on_a_gpu_only(monkeypatch):
    report = reported(drifting(lambda: 0.0), monkeypatch)
    assert (report.complaints(), list(report.repeats)) == ([], ["graph", "eager"])
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(tables.agreement(report))
    assert console.export_text().splitlines() == [
        "✓ The ways agree: bit-equal (rtol 0.0001, atol 0)",
        "✓ graph is itself again: bit-equal (rtol 0.0001, atol 0)",
        "✓ eager is itself again: bit-equal (rtol 0.0001, atol 0)",
        "On a GPU cuDNN picks other algorithms in each way, which drift apart: held are the first 2"
        " losses. ",
        "Each way took those steps twice.",
    ]
    (told,) = document(outline.lessons()[4], "GPU:0", [report])["parts"]
    assert (told["drift"], list(told["repeats"])) == (report.drift, ["graph", "eager"])
    elsewhere = reported(drifting(lambda: 0.0), monkeypatch, gpu=False)
    assert (elsewhere.ok, elsewhere.repeats, elsewhere.drift) == (False, {}, "")


def test_a_way_that_is_not_itself_again_is_named(monkeypatch):
    runs = itertools.count()
    report = reported(drifting(lambda: 0.5 * (next(runs) >= 8)), monkeypatch)  # two ways of four
    assert not report.ok
    assert report.complaints() == [
        f"4.6: {way} is not itself again: loss[1] is 3.5 in its repetition and 3.0 in {way},"
        " 0.5 apart (rtol 0.0001, atol 0)"
        for way in ("graph", "eager")
    ]


@pytest.mark.parametrize(
    "name", [p.name for lesson in outline.lessons() for p in lesson.parts if "Drift(" in p.shared]
)
def test_a_part_promises_of_results_that_it_has(name, monkeypatch):
    (part,) = outline.find(name)
    monkeypatch.setattr(devices, "is_gpu", lambda device: True)
    chosen = [way for way in part.ways if way in ("function", "keras")]
    report = run.run_part(part, chosen, "CPU:0", None, lambda *_: None, 2)
    assert report.complaints() == []
    module = outline.load(part)
    promise = drift.drift_of(module, "GPU:0", "keras")
    for result in report.ways.values():
        assert {"loss", *promise.bands} <= set(result.results)
    assert report.drift


def test_a_notebook_and_a_program_of_a_part_that_drifts():
    asked = lesson_notebook.Asked(None, "GPU:0", None, None, False)
    cells = lesson_notebook.written(outline.lessons()[4], [PART], asked)
    assert "on_gpu=ON_GPU" in lesson_notebook.text(cells)
    here = lesson_notebook.written(outline.lessons()[4], [PART], replace(asked, device="CPU:0"))
    assert "on_gpu" not in lesson_notebook.text(here)
    assert "Drift" not in source.program(PART, "eager", "CPU:0", None, None)


def test_ways_of_a_notebook_may_drift_on_a_gpu(monkeypatch):
    monkeypatch.setattr(devices, "is_gpu", lambda device: True)
    part = drifting(lambda: 0.0)
    part.graph.__name__, part.eager.__name__ = "graph", "eager"
    tried = run_ways(part.graph, part.eager, cases=part.CASES, on_gpu=Drift(2))
    assert tried.ok
    assert "held are the first 2 losses." in str(tried)
    assert not run_ways(part.graph, part.eager, cases=part.CASES).ok
