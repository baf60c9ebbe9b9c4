"""A GPU's lanes on the page: a launch and its kernels are marked together."""

from __future__ import annotations

from dataclasses import replace

from recorded_gpu import session_run

from graphlab.model import Graph, Kernel, Node, Run, Step
from visualize.page.columns import runs_columns
from visualize.page.html import page

KERNEL = Kernel("gemm", "GPU:0", "13", 60.0, 90.0, (20.0, 30.0), grid=(8, 1, 18), block=(128, 1, 1))
RUN = Run(
    "graph",
    "Session.run",
    2,
    built=Graph((Node("x", "Const"), Node("mm", "MatMul", controls=("x",)))),
    steps=(
        Step("x", "Const", "GPU:0", launch=(0.0, 5.0)),
        Step("mm", "MatMul", "GPU:0", 60.0, 90.0, launch=(10.0, 40.0), kernels=(KERNEL,)),
    ),
    wall_us=100.0,
)


def recorded():
    """A training step on an H100, recorded, as a page."""
    run = session_run("session_train_5")
    graphs: list = []
    runs = runs_columns([replace(run, built=run.executed)], graphs)
    return page({"title": "a run", "graphs": graphs, "runs": runs})


def test_a_click_on_a_launch_joins_its_kernels_to_it_at_any_width(opened):
    view = opened(recorded())
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        view.set_viewport_size({"width": width, "height": height})
        canvas = view.locator(".timeline canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        wide = box["width"] - 124 - 12
        view.mouse.click(box["x"] + 124 + wide * 0.44, box["y"] + 20 + 20 * 1 + 10)
        details = view.locator(".details").inner_text()
        assert "the launch, on the host: 216 µs" in details, width
        assert "splitKreduce" in details, width


def test_on_a_narrow_screen_no_lane_of_a_gpu_is_hidden(opened):
    view = opened(recorded())
    view.set_viewport_size({"width": 390, "height": 844})
    heights = "(e) => [e.clientHeight, e.scrollHeight]"
    shown, needed = view.locator(".timeline").evaluate(heights)
    assert shown >= needed
    assert view.locator(".details").bounding_box()["height"] > 844 / 3
    assert view.locator(".transport").bounding_box()["height"] > 44


def test_a_click_on_a_launch_goes_goes_to_its_step_and_the_kernel_says_what_it_is(opened):
    graphs: list = []
    runs = runs_columns([RUN], graphs)
    view = opened(page({"title": "a run", "graphs": graphs, "runs": runs}))
    title = view.locator(".timeline-title").inner_text()
    assert "GPU:0 computed for 30.0 µs of 100 µs (30%)" in title
    assert "1 timed step in 90.0 µs, 1 launched that needed no kernel" in title
    canvas = view.locator(".timeline canvas").bounding_box()

    def at(us, lane):
        wide = canvas["width"] - 124 - 12
        return canvas["x"] + 124 + wide * us / 90.0, canvas["y"] + 20 + 20 * lane + 10

    view.mouse.click(*at(30.0, 0))
    assert "30.0 µs" in view.locator(".replay").inner_text()
    details = view.locator(".details").inner_text()
    assert "the launch, on the host: 30.0 µs" in details
    assert "gemm: 30.0 µs, grid 8 x 1 x 18" in details
    view.mouse.move(*at(75.0, 1))
    assert "grid 8 x 1 x 18 of 128 x 1 x 1 threads" in view.locator(".lanes .tip").inner_text()
