"""A GPU's lanes on the page: a launch and its kernels are marked together."""

from __future__ import annotations

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


def test_a_click_on_a_launch_goes_to_its_step_and_the_kernel_says_what_it_is(opened):
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
