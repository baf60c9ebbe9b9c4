"""Runs on a time axis."""

import dataclasses
import itertools
import json
import xml.etree.ElementTree as ElementTree

from graphlab.model import Run, Step, TensorSpec
from visualize.lanes import lanes
from visualize.pictures.perfetto import chrome
from visualize.pictures.timeline import gantt, ticks

RUN = Run(
    "graph",
    "Session.run",
    2,
    feeds=(TensorSpec("x:0", "float32", (64, 784)),),
    fetches=("loss:0",),
    steps=(
        Step("c", "Const", "CPU:0"),
        Step("layer/mm", "MatMul", "CPU:0", 10.0, 60.0, thread="a"),
        Step("b", "Relu", "CPU:0", 20.0, 30.0, thread="a"),
        Step("d", "Relu", "CPU:0", 60.0, 61.0, thread="a"),
        Step('<evil> & "co"', "Relu", "CPU:1", 5.0, 70.0, bytes=40),
    ),
    wall_us=100.0,
)


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter() if element.text]


def test_overlapping_steps_of_a_thread_get_lanes_of_their_own():
    found = [(lane.name, [step.node for step in lane.steps]) for lane in lanes(RUN)]
    assert found == [
        ("CPU:0 a", ["layer/mm", "d"]),
        ("CPU:0 a", ["b"]),
        ("CPU:1", ['<evil> & "co"']),
    ]


def test_the_picture_says_which_call_it_is_and_whose_clock():
    steady = "Session.run, call 2 (a steady call); times by TensorFlow's runtime"
    assert steady in texts(gantt(RUN))
    first = Run("eager", "eager ops", 1, clock="python")
    assert any("the first call" in text and "by Python" in text for text in texts(gantt(first)))


def test_what_was_not_timed_is_hollow_and_said():
    svg = gantt(RUN)
    hollow = [e for e in ElementTree.fromstring(svg) if e.get("stroke-dasharray")]
    assert [element.get("fill") for element in hollow] == ["none"]
    assert "not timed" in texts(svg)
    assert any("4 timed steps in 65.0 µs, 1 not timed" in text for text in texts(svg))


def test_the_time_of_the_engine_s_steps_is_reconciled_with_that_of_the_call():
    step = Step("y", "Relu", "CPU:0", 0.0, 900.0)
    said = "1 timed steps in 900 µs, one op at a time; the call itself, seen from Python: 275 µs"
    run = Run("graph", "Session.run", 2, steps=(step,), clock="engine", wall_us=275.0)
    assert any(said in text for text in texts(gantt(run)))
    by_runtime = dataclasses.replace(run, clock="runtime", wall_us=1000.0)
    assert any("; the whole call, seen from Python: 1.00 ms" in t for t in texts(gantt(by_runtime)))


def test_a_bar_begins_and_ends_where_its_step_does():
    bars = [e for e in ElementTree.fromstring(gantt(RUN)) if e.get("stroke-width") == "0.4"]
    scale = float(bars[-1].get("width")) / 65.0  # the last bar is the one of 65 µs
    assert [round(float(b.get("width")) / scale, 1) for b in bars] == [50.0, 1.0, 10.0, 65.0]


def test_long_runs_are_measured_in_milliseconds():
    run = Run("graph", "Session.run", 2, steps=(Step("y", "Relu", "CPU:0", 0.0, 80_000.0),))
    assert {"ms", "20", "80"} <= set(texts(gantt(run)))


def test_names_are_escaped_and_bytes_are_stable():
    assert any('<evil> & "co"' in text for text in texts(gantt(RUN)))
    assert gantt(RUN) == gantt(RUN)


def test_an_empty_run_and_one_of_no_length_are_drawn():
    instant = Run("graph", "Session.run", 2, steps=(Step("y", "Relu", "", 3.0, 3.0),))
    assert "no device" in texts(gantt(instant))
    assert any("0 timed steps" in text for text in texts(gantt(Run("graph", "Session.run", 2))))


def test_threads_are_numbered_and_keep_their_own_name_for_who_points_at_them():
    steps = [Step(n, "Relu", "CPU:0", 0.0, 5.0, thread=f"tf_Compute_{n}") for n in ("93", "17")]
    picture = gantt(Run("graph", "Session.run", 2, steps=tuple(steps)))
    assert "<title>CPU:0 tf_Compute_17</title>CPU:0 thread 1</text>" in picture
    assert "<title>CPU:0 tf_Compute_93</title>CPU:0 thread 2</text>" in picture


def test_ticks_are_round_and_within():
    assert ticks(0, 0.3) == [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]
    assert ticks(7, 79, most=4) == [20.0, 40.0, 60.0]


def test_a_trace_has_a_slice_for_each_timed_step_and_call():
    events = json.loads(chrome([RUN, RUN]))["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    assert len(slices) == 2 * (4 + 1)
    names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    assert list(names.values()) == ["Python", "CPU:0", "CPU:1"]
    (first, second) = [event for event in slices if event["pid"] == 1]
    assert first["ts"] + first["dur"] < second["ts"]
    assert first["args"]["feeds"] == ["x:0 64x784 float32"]
    assert first["args"]["not timed"] == ["c"]


def test_slices_of_one_thread_of_a_trace_never_overlap():
    threads = {}
    for event in json.loads(chrome([RUN, RUN]))["traceEvents"]:
        if event["ph"] == "X":
            threads.setdefault((event["pid"], event["tid"]), []).append(event)
    for events in threads.values():
        for before, after in itertools.pairwise(events):
            assert before["ts"] + before["dur"] <= after["ts"]
