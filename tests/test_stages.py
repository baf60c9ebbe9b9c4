"""What became of every op: on every lesson nothing is unmatched, and nothing contradicts a step."""

import re
from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from graphlab import stages
from graphlab.course import outline, ways
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, TensorSpec, check
from graphlab.output import drawings
from graphlab.stages.alike import twins
from graphlab.stages.match import match
from graphlab.stages.verdict import Stage, Verdict
from graphlab.watch.observer import observe
from visualize.diagram.drawn import boxes

tf1 = tf.compat.v1
PARTS = [part for number in ("0", "1", "2") for part in outline.find(number)]


@pytest.fixture(scope="module", params=PARTS, ids=lambda part: part.name)
def lesson(request):
    """Every distinct graph and function run of a part, with its stages."""
    module = outline.load(request.param)
    found = {}
    for way in ("graph", "function"):
        _, seen = ways.watch_way(module, way, "CPU:0")
        for run in seen.runs:
            if run.way == way:
                feeds = [feed.name for feed in run.feeds]
                key = (way, run.name, run.fetches)
                found[key] = run, stages.stages(seen.live(run), run.fetches, feeds, run)
    return found.values()


def kernel(op):
    return re.sub("^_?(Mkl)?(Native)?", "", op)


def test_nothing_is_unmatched_from_what_was_built_to_what_was_executed(lesson):
    for run, _ in lesson:
        verdicts = stages.verdicts(run)
        assert list(verdicts) == [node.name for node in run.built.nodes]
        assert [n for n, v in verdicts.items() if v.kind == "unmatched"] == []


def test_nothing_is_unmatched_between_any_two_stages(lesson):
    for _, found in lesson:
        assert [(stage.name, stage.unmatched) for stage in found if stage.unmatched] == []
        for stage in found[:-1]:
            assert list(stage.verdicts) == [node.name for node in stage.graph.nodes]


def test_every_verdict_agrees_with_the_steps_that_ran(lesson):
    for run, _ in lesson:
        assert stages.contradictions(run) == ()


def test_a_verdict_names_a_node_that_is_there(lesson):
    for run, found in lesson:
        nowhere = ("moved to device", "inlined", *["folded to a constant"] * bool(run.compiled_by))
        for stage, following in pairwise(found):
            bodies = following.graph.functions.values()  # a program that XLA made is one
            there = {name for graph in (following.graph, *bodies) for name in graph.by_name}
            for verdict in stage.verdicts.values():
                if verdict.lives and verdict.kind not in nowhere:
                    assert verdict.other in there


def test_the_replayed_passes_leave_what_the_runtime_executed(lesson):
    """All but the ends, the library's kernels, which of equal constants gave its name, and what
    a device folded by itself."""
    ends = ("_Arg", "_Retval", "Placeholder")
    for run, found in lesson:
        if run.compiled_by:
            continue  # no pass of Grappler's ran
        replayed, executed = (
            sorted((n.name if n.op != "Const" else "", kernel(n.op)) for n in nodes)
            for nodes in (
                [n for n in stage.graph.nodes if n.op not in ends] for stage in found[-2:]
            )
        )
        folded_late = any("__cf__" in node.name for node in found[-1].graph.nodes)
        assert folded_late or replayed == executed


def test_each_stage_is_a_whole_graph(lesson):
    for _, found in lesson:
        for stage in found[:-1]:
            check(stage.graph)
        check(stages.diff(found[0], found[-2]))


def test_what_lives_through_all_stages_lives_where_a_direct_look_finds_it(lesson):
    for run, found in lesson:
        direct = stages.verdicts(run)
        followed = stages.between(found, "built", "partitioned")
        assert {n: v.other for n, v in followed.items() if v.kind == "stays"} == {
            n: v.other for n, v in direct.items() if v.kind == "stays"
        }
        assert [n for n, v in followed.items() if v.lives and not direct[n].lives] == []


def fused(fetch):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        weights = tf.constant(np.ones((3, 2), np.float32), name="weights")
        bias = tf.constant(np.ones(2, np.float32), name="bias")
        product = tf.matmul(x, weights, name="product")
        biased = tf.nn.bias_add(product, bias, name="biased")
        tf.nn.relu(biased, name="y")
        tf.shape(x, name="unused")
        with observe() as seen, tf1.Session() as session:
            session.run(fetch, {x: np.ones((4, 3), np.float32)})
    (run,) = seen.runs
    return run, stages.stages(graph, run.fetches, ["x:0"], run)


def test_a_fused_kernel_stands_for_all_that_went_into_it():
    run, found = fused("y:0")
    verdicts = stages.verdicts(run)
    assert verdicts["product"].text() == verdicts["biased"].text() == "fused into y"
    assert verdicts["y"].kind == "rewritten as"
    assert verdicts["unused"] == Verdict("not needed", "", "no path to what was fetched")
    assert [step.node for step in run.steps if step.node in ("product", "biased", "y")] == ["y"]
    assert stages.between(found, "built", "partitioned")["product"].text() == "fused into y"
    assert stages.between(found, "built", "remap")["product"].how == (
        "structure: with biased, in remap"
    )
    by_name = {stage.name: stage for stage in found}
    assert by_name["layout"].verdicts["y"].op == "_FusedMatMul"


def test_a_picture_says_of_a_fused_op_where_its_time_stands_and_who_fused_it():
    run, _ = fused("y:0")
    assert stages.fusions(run) == {
        "product": "fused into y by remapper",
        "biased": "fused into y by remapper",
        "y": f"{run.executed['y'].op} of 3 ops by remapper",
    }
    assert run.built is not None
    drawn = {box.name: box for box in boxes(drawings.seen(run.built, drawings.View(), run).members)}
    (step,) = [step for step in run.steps if step.node == "y"]
    assert [drawn[name].became for name in ("product", "biased")] == [
        "fused into y by remapper"
    ] * 2
    assert [drawn[name].time_us for name in ("product", "biased", "y")] == [
        None,
        None,
        step.duration_us,
    ]
    assert [name for name, box in drawn.items() if box.idle] == ["unused"]
    assert "by remapper" in drawings.graph_file(run.built, run, "svg").decode()


def test_the_time_of_what_is_drawn_on_a_fused_op_is_not_its_own():
    with tf.Graph().as_default(), observe() as seen, tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        w = tf1.get_variable("w", [3, 2], use_resource=True)
        product = tf.matmul(x, w, name="product")
        y = tf.nn.relu(tf.nn.bias_add(product, tf.ones([2])), name="y")
        session.run(w.initializer)
        session.run(y, {x: np.ones((4, 3), np.float32)})
    run = seen.runs[-1]
    assert run.built is not None
    drawn = {box.name: box for box in boxes(drawings.seen(run.built, drawings.View(), run).members)}
    assert [(drawn[n].became != "", drawn[n].icons_only) for n in ("product", "y", "x")] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    svg = drawings.graph_file(run.built, run, "svg").decode()
    assert len(re.findall(r">what it takes: [\d.]+ µs<", svg)) == 2  # w, and the ones
    assert f">{run.executed['y'].op} of 3 ops by remapper<" in svg  # whole


def test_what_runs_as_written_is_said_to_be_fused_with_nothing():
    run, _ = fused(["product:0", "biased:0", "y:0"])
    assert run.built is not None
    assert stages.with_fusions(run.built, run) is run.built


def test_asking_for_more_means_that_more_is_run_as_written():
    run, _ = fused(["product:0", "biased:0", "y:0"])
    verdicts = stages.verdicts(run)
    assert [verdicts[name].other for name in ("product", "biased", "y")] == [
        "product",
        "biased",
        "y",
    ]


def test_the_stages_have_the_names_of_their_passes_in_the_order_of_the_runtime():
    _, found = fused("y:0")
    names = [stage.name for stage in found]
    assert names[:2] == ["built", "pruned"]
    assert (
        names[2:14]
        == (
            "pruning implementation_selector function common_subgraph_elimination constfold shape"
            " arithmetic layout remap loop dependency memory"
        ).split()
    )
    assert names[-2:] == ["placed", "partitioned"]


def test_a_fed_inner_tensor_cuts_off_what_it_came_from():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        inner = tf.sin(x, name="inner")
        tf.cos(inner, name="y")
        with observe() as seen, tf1.Session() as session:
            session.run("y:0", {inner: np.zeros(2, np.float32)})
    (run,) = seen.runs
    found = stages.stages(graph, run.fetches, ["inner:0"], run)
    assert [node.name for node in found[1].graph.nodes] == ["inner", "y"]
    verdicts = stages.verdicts(run)
    assert verdicts["x"].kind == "not needed"
    assert verdicts["inner"].how == "it was fed"


def test_two_devices_send_each_other_what_they_need():
    with tf.Graph().as_default() as graph:
        with tf.device("CPU:0"):
            x = tf1.placeholder(tf.float32, [None], name="x")
            a = tf.sin(x, name="a")
        with tf.device("CPU:1"):
            tf.cos(a, name="y")
        with observe() as seen, tf1.Session() as session:
            session.run("y:0", {x: np.zeros(5, np.float32)})
    (run,) = seen.runs
    (sent,) = [one for one in stages.transfers(run.executed, run.steps) if one.tensor == "a:0"]
    assert (sent.from_device, sent.to_device, sent.bytes) == ("CPU:0", "CPU:1", 5 * 4)
    found = stages.stages(graph, run.fetches, ["x:0"], run)
    assert found[-2].graph["y"].device == "CPU:1"
    assert stages.contradictions(run) == ()


def test_a_diff_marks_what_is_kept_gone_new_and_changed():
    _, found = fused("y:0")
    by_name = {stage.name: stage for stage in found}
    drawn = stages.diff(by_name["layout"], by_name["remap"])
    assert {node.name: node.marks.verdict for node in drawn.nodes} == {
        "x": "kept",
        "weights": "kept",
        "bias": "kept",
        "product": "gone",
        "biased": "gone",
        "y": "changed",
    }
    assert drawn["product"].marks.became == "fused into y"


def test_a_fetch_or_stage_that_does_not_exist_is_named_with_its_like():
    graph = tf.Graph()
    with graph.as_default():
        tf.constant(1.0, name="total")
    with pytest.raises(GraphlabError, match=r"totl:0 is not in the graph; did you mean total\?"):
        stages.stages(graph, ["totl:0"])
    found = stages.stages(graph, ["total:0"])
    with pytest.raises(
        GraphlabError, match="'remapp' does not exist; there are built, pruned, pruning"
    ):
        stages.between(found, "built", "remapp")
    with pytest.raises(GraphlabError, match="other way round"):
        stages.between(found, "remap", "built")


def test_without_a_run_the_graph_is_neither_placed_nor_partitioned():
    with tf.Graph().as_default() as graph:
        tf.add(tf.constant(1.0), tf.constant(2.0), name="y")
    names = [stage.name for stage in stages.stages(graph, ["y:0"])]
    assert names[-1] == "memory"


def test_ops_that_draw_numbers_are_no_twins():
    from graphlab.sources import live

    with tf.Graph().as_default() as graph:
        for name in ("a", "b"):
            tf.random.uniform((2,), seed=1, name=name)
            tf.sin(tf.constant(2.0, name=f"c{name}"), name=f"s{name}")
    found = twins(live.from_graph(graph))
    assert found["sa"] == ("sb",)
    assert "a/RandomUniform" not in found


def test_a_stage_without_verdicts_has_nothing_unmatched():
    assert Stage("built", stages.stages(tf.Graph(), [])[0].graph).unmatched == ()


def test_what_nothing_tells_of_is_unmatched_and_not_guessed():
    def node(name, op, *inputs):
        return Node(name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32"),))

    before = Graph((node("x", "Placeholder"), node("a", "Sin", "x:0"), node("b", "Cos", "a:0")))
    after = Graph((node("x", "Placeholder"), node("other", "Tan", "x:0")))
    found = match(before, after, ["b:0"])
    assert {name: verdict.kind for name, verdict in found.items()} == {
        "x": "stays",
        "a": "unmatched",
        "b": "unmatched",
    }
    told = match(before, after, ["b:0"], results={"b:0": "other:0"})
    assert told["b"].text() == "rewritten as Tan"
    assert told["b"].how == "structure: the fetch takes other instead"
    assert told["a"].kind == "rewritten as"
