"""What is shown of a GPU: its lanes, its gaps, its table; from recordings of a real one."""

import io
import json
from dataclasses import replace

import pytest
from recorded_gpu import SESSIONS, function_run, session_run
from rich.console import Console

from graphlab import stages
from graphlab.model import Kernel, Run, Step
from graphlab.screen import gpu, page, tables, trace
from graphlab.screen import stages as screen
from visualize.busy import GPU, HOST, busy, every_kernel
from visualize.diagram.build import diagram
from visualize.lanes import lanes
from visualize.page.columns import run_columns
from visualize.pictures.dot import dot
from visualize.pictures.perfetto import chrome
from visualize.pictures.timeline import gantt, op_colours
from visualize.words import took


def shown(*renderables, width=150):
    console = Console(width=width, record=True, file=io.StringIO(), color_system=None)
    for each in renderables:
        console.print(each)
    return console.export_text()


def every_run():
    return [session_run(name) for name in SESSIONS] + [function_run(n) for n in ("function", "xla")]


def test_a_gpu_has_lanes_for_launches_streams_copies_and_gaps():
    names = list(dict.fromkeys(lane.name for lane in lanes(session_run("session_train_5"))))
    assert names == [
        "CPU:0",
        "GPU:0 launches",
        "GPU:0 on the host",
        "GPU:0 stream 13",
        "GPU:0 copies in",
        "GPU:0 copies out",
        "GPU:0 waited",
    ]


@pytest.mark.parametrize("run", every_run(), ids=lambda run: run.name + str(len(run.steps)))
def test_every_kernel_has_a_bar_of_its_own_time_and_no_two_bars_of_a_lane_overlap(run):
    bars = [bar for lane in lanes(run) for bar in lane.bars if bar.kernel is not None]
    assert {id(bar.kernel) for bar in bars} == {id(kernel) for kernel, _ in every_kernel(run)}
    assert all(
        (bar.start_us, bar.end_us) == (bar.kernel.start_us, bar.kernel.end_us) for bar in bars
    )
    for lane in lanes(run):
        for one, after in zip(lane.bars, lane.bars[1:], strict=False):
            assert one.end_us <= after.start_us, lane.name


@pytest.mark.parametrize("run", every_run(), ids=lambda run: run.name + str(len(run.steps)))
def test_computing_moving_and_the_gaps_are_together_the_time_from_first_to_last(run):
    (told,) = busy(run)
    every = [kernel for kernel, _ in every_kernel(run)]
    span = max(k.end_us for k in every) - min(k.start_us for k in every)
    gaps = sum(gap.duration_us for gap in told.gaps)
    assert told.computed_us + told.copied_us + gaps == pytest.approx(span, abs=0.01)
    assert told.computed_us + told.copied_us + told.still_us == pytest.approx(run.wall_us, abs=0.01)


def test_the_share_of_the_wall_time_and_what_it_waited_for_are_one_line_each():
    (told,) = busy(session_run("session_train_5"))
    assert told.lines() == (
        "GPU:0 computed for 39.0 µs of 1.51 ms (2.6%), moved memory for 18.0 µs and stood still"
        " for 1.46 ms; its times are in whole µs",
        "GPU:0 waited 920 µs for the host to launch what came next, longest for MatMul (190 µs)",
    )
    assert busy(Run("graph", "Session.run", 2, steps=(Step("y", "Add", "CPU:0", 0.0, 1.0),))) == ()


def step(name, launch, *kernels):
    ran = tuple(Kernel("k", "GPU:0", "1", start, end) for start, end in kernels)
    return Step(name, "Mul", "GPU:0", kernels[0][0], kernels[-1][1], launch=launch, kernels=ran)


def test_a_gap_is_the_hosts_where_the_next_launch_ended_in_it_and_else_the_gpus():
    late = step("late", (12.0, 15.0), (20.0, 22.0))
    early = step("early", (1.0, 2.0), (30.0, 32.0))
    unknown = step("unknown", None, (40.0, 41.0))
    run = Run("graph", "f", 2, steps=(step("a", (0.0, 1.0), (5.0, 10.0)), late, early, unknown))
    (told,) = busy(run)
    assert [(gap.before, gap.waited_for) for gap in told.gaps] == [
        ("late", HOST),
        ("early", GPU),
        ("unknown", ""),
    ]


def test_the_picture_says_what_needed_no_kernel_apart_from_what_was_not_timed():
    svg = gantt(session_run("session_train_5"))
    assert "32 timed steps in 1.52 ms, 8 launched that needed no kernel, 5 not timed" in svg
    assert "80 registers" in svg
    assert "waited for the host 190 µs, before MatMul" in svg


def test_the_colours_are_given_by_the_time_of_the_kernels():
    steps = (step("long", (0.0, 5.0), (9.0, 19.0)), step("short", (5.0, 500.0), (501.0, 502.0)))
    steps = (steps[0], replace(steps[1], op="Add"))
    assert list(op_colours(Run("graph", "f", 2, steps=steps))) == ["Mul", "Add"]
    launched = Step("slow to launch", "Add", "GPU:0", None, None, launch=(0.0, 900.0))
    assert "Add" not in op_colours(Run("graph", "f", 2, steps=(launched,)))


@pytest.mark.parametrize("run", every_run(), ids=lambda run: run.name + str(len(run.steps)))
def test_in_a_trace_an_arrow_leads_from_each_launch_to_each_of_its_kernels(run):
    events = json.loads(chrome([run, run]))["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    wanted = 2 * sum(len(s.kernels) for s in run.steps if s.launch is not None)
    assert (len(begins), begins.keys()) == (wanted, ends.keys())
    for key, begin in begins.items():
        launch = _at(slices, begin)
        kernel = _at(slices, ends[key])
        assert launch["name"] == f"launch {kernel['name']}"
        assert launch["args"]["node"] == kernel["args"]["node"]
        assert "kernel" in kernel["args"]


def _at(slices, event):
    """The slice of a thread in which a time is; the one that begins there, where two meet."""
    found = [
        each
        for each in slices
        if (each["pid"], each["tid"]) == (event["pid"], event["tid"])
        and each["ts"] - 1e-3 <= event["ts"] <= each["ts"] + each["dur"] + 1e-3
    ]
    return max(found, key=lambda each: each["ts"])


def test_the_terminal_says_the_kernels_of_each_op_and_their_launch():
    text = shown(*gpu.kernels(session_run("session_train_5")), width=250)
    row = next(line for line in text.splitlines() if line.startswith("MatMul "))
    assert row.split()[:6] == ["MatMul", "2", "8.00", "µs", "216", "µs"]
    assert row.split()[6:] == ["Kernel2", "8x1x18", "of", "128", "80"]


@pytest.mark.parametrize(("width", "columns"), [(120, 7), (100, 6), (90, 5), (80, 5), (60, 5)])
def test_in_a_narrow_terminal_each_op_has_one_line_still(width, columns):
    head, _, *rows = shown(*gpu.kernels(session_run("session_train_5")), width=width).splitlines()
    assert sum(name in head for name in gpu.COLUMNS[5:]) == columns - 5
    assert len(rows) == gpu.MOST_ROWS + 1
    assert all("µs" in row for row in rows[:-1])


def test_what_no_op_claims_is_listed_as_such():
    copy = Kernel("MemcpyD2H", "GPU:0", "15", 0.0, 2.0, bytes=4000, memory=("device", "pageable"))
    text = shown(*gpu.kernels(Run("eager", "eager ops", 1, unclaimed=(copy,))))
    assert text.strip() == (
        "GPU:0 for no op that is known: MemcpyD2H, 4,000 bytes, device to pageable, 2.00 µs, 2 GB/s"
    )


def test_the_devices_table_keeps_apart_what_ran_on_the_host_and_what_needed_no_kernel():
    text = shown(tables.by_device(session_run("session_train_5")))
    assert text.splitlines() == [
        "GPU:0: 28 ops, 57.0 µs, 42%; 8 launched that needed no kernel; 3 not timed",
        "CPU:0: 10 ops, 53.7 µs, 39%; 2 not timed",
        "GPU:0, on the host: 7 ops, 26.0 µs, 19%",
    ]


def test_copies_stand_in_the_table_of_transfers_with_their_feed_bytes_time_and_rate():
    run = session_run("session_train_5")
    sent = stages.transfers(run.executed, run.steps, stages.feeds_and_fetches(run))
    told = {
        one.tensor: (one.stands_for, one.bytes, [kernel.name for kernel in one.copies])
        for one in sent
    }
    assert told == {
        "_arg_images_0_0:0": ("feed images:0", 256 * 784 * 4, ["MemcpyH2D"]),
        "_arg_labels_0_1:0": ("feed labels:0", 256 * 8, ["MemcpyH2D"]),
        "gradients/loss_grad/Shape:0": ("", 4, ["MemcpyH2D"]),
        "gradients/loss_grad/mod:0": ("", 4, ["MemcpyH2D"]),
        "loss:0": ("fetch loss:0", 4, ["MemcpyD2H"]),
    }
    text = shown(screen.transfers(sent))
    assert "17.0 µs   47.2 GB/s" in text
    assert "_arg_images_0_0:0 (feed images:0)" in text


def test_what_is_shorter_than_the_clocks_tick_is_not_said_to_take_no_time():
    labels = next(s for s in session_run("session_train_5").steps if s.node == "_arg_labels_0_1/_2")
    assert took(labels) == "under 1 µs"


def test_a_page_has_the_lanes_of_a_gpu_and_none_of_a_run_without_one():
    run = session_run("session_train_5")
    packed = run_columns(run, None, None)["gpu"]
    assert packed["said"] == list(busy(run)[0].lines())
    kinds = {lane["name"]: {bar[1] for bar in lane["bars"]} for lane in packed["lanes"]}
    assert kinds["GPU:0 launches"] == {"launch"}
    assert kinds["GPU:0 stream 13"] == {"kernel"}
    assert kinds["GPU:0 waited"] == {"gap"}
    plain = Run("graph", "f", 2, steps=(Step("y", "Add", "CPU:0", 0.0, 1.0),))
    assert run_columns(plain, None, None)["gpu"] is None


def test_a_compiled_call_on_a_gpu_says_how_many_kernels_it_was_there():
    run = replace(function_run("xla"), name="__inference_body_414", compiled_by="XLA")
    assert "one kernel to TensorFlow, 10 kernels and copies to the GPU, 39.2 µs" in shown(
        *screen.compiled(run)
    )


def test_whether_a_run_was_on_a_gpu_is_said_by_its_steps():
    assert trace.on_gpu([session_run("session_train_5")])
    assert not trace.on_gpu([Run("graph", "f", 2, steps=(Step("y", "Add", "CPU:0"),))])


def test_the_doctor_says_what_is_known_of_each_card():
    facts = {"device": "GPU:0", "name": "a card", "driver": "580", "TF32": "on"}
    found = {"versions": {}, "machine": "m", "cpus": 2, "gpus": 1, "devices": ["CPU:0", "GPU:0"]}
    text = shown(page.doctor({**found, "gpu_facts": [facts], "checks": []}))
    assert "GPU:0    a card, driver 580, TF32 on" in text


def test_a_drawn_op_that_needed_no_kernel_is_not_said_to_be_untimed():
    run = session_run("session_train_5")
    text = dot(diagram(run.executed, run=run))
    assert "launched, no kernel" in text
    assert "8.00 µs" in text  # MatMul: its two kernels, not the 216 µs of its launch
    assert "216 µs" not in text
