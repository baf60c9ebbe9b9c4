"""What the page shows of a run: which ops it says ran, and what it opens because they did."""

from __future__ import annotations

import pytest

from graphlab.model import Graph, Node, Run, Step, TensorSpec
from visualize.page.columns import runs_columns
from visualize.page.html import page


def node(name: str, op: str, inputs=(), **more) -> Node:
    return Node(name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32", (2,)),), **more)


def body(*names: str) -> Graph:
    return Graph((node("i", "_Arg"), *(node(name, name, ("i:0",)) for name in names)))


def ran(graph: Graph, *steps: str) -> str:
    timed = tuple(Step(name, "Op", "CPU:0", 10.0 * k, 10.0 * k + 5) for k, name in enumerate(steps))
    graphs: list = []
    runs = runs_columns([Run("graph", "Session.run", 2, (), (), graph, None, timed)], graphs)
    return page({"title": "a run", "graphs": graphs, "runs": runs})


def dimmed(view) -> list[str]:
    return sorted(view.locator(".box.unrun > .title, .frame.unrun > .heading").all_text_contents())


@pytest.fixture
def loop(opened):
    """A loop in a function that the runtime took apart, and an op that did not run."""
    graph = Graph(
        (
            node("x", "Placeholder"),
            node("call", "PartitionedCall", ("x:0",), calls=("f",)),
            node("other", "Neg", ("x:0",)),
        ),
        {
            "f": Graph((node("net/while", "While", calls=("b", "c")), node("sum", "Sum"))),
            "b": body("Tanh", "Less"),
            "c": body("Less"),
        },
    )
    return opened(
        ran(
            graph,
            "x",
            "call/net/while/enter/_3",
            "call/net/while/cond/_2/Less",
            "call/net/while/body/_1/Tanh",
            "call/net/while/cond/_2/Less",
            "call/net/while/body/_1/Tanh",
            "call/sum",
        )
    )


def test_a_call_that_ran_as_ops_of_other_names_is_not_said_to_have_had_no_step(loop):
    assert dimmed(loop) == ["other"]


def test_the_steps_of_a_loop_that_was_taken_apart_lead_to_the_ops_of_its_body(loop):
    chosen = loop.evaluate(
        "() => [1, 2, 3, 6].map((s) => graphlab.items().fullName(graphlab.course.item(s)))"
    )
    inside = "call ▸ f ▸ net/while"
    assert chosen == [inside, f"{inside} ▸ c ▸ Less", f"{inside} ▸ b ▸ Tanh", "call ▸ f ▸ sum"]
    counts = loop.evaluate(
        """() => {
          const facts = graphlab.factsOf();
          const { library, home } = graphlab.items();
          const steps = (body, name) => facts.of(body, body.index.get(name)).length;
          return [
            steps(home.body, "call"), steps(library.f, "net/while"), steps(library.b, "Tanh"),
            steps(library.b, "Less"), steps(library.c, "Less"), steps(home.body, "other"),
          ];
        }"""
    )
    assert counts == [6, 5, 2, 0, 2, 0]


def test_a_group_of_which_nothing_ran_stays_closed_until_it_is_clicked(opened):
    # More ops than boxes that may be visible, so that what is opened is a choice.
    names = [f"{scope}/mul_{k}/{op}" for scope in ("net", "save") for k in range(8) for op in "ab"]
    graph = Graph(
        tuple(
            node(name, "Mul", (f"{before}:0",) if before else ())
            for before, name in zip(["", *names], names, strict=False)
        )
    )
    view = opened(ran(graph, *(name for name in names if name.startswith("net"))))
    assert "save" not in view.locator(".frame > .heading").all_text_contents()
    assert "net" in view.locator(".frame > .heading").all_text_contents()
    view.locator(".box:not(.frame)", has=view.locator(".title:text-is('save')")).dispatch_event(
        "click"
    )
    assert "save" in view.locator(".frame > .heading").all_text_contents()
