"""Stepping through an execution: the machine that takes a line and says what came of it."""

from __future__ import annotations

import linecache
import re

import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.sources import live
from graphlab.targets.run import of_way, watch
from graphlab.targets.stepping import stepper_of
from graphlab.targets.target import parse
from graphlab.walk.commands import command_of
from graphlab.walk.quiet import Quiet
from graphlab.walk.script import play
from graphlab.walk.stepper import Stepper

tf1 = tf.compat.v1


def session_call():
    """A placeholder, a variable, two ops on each side, and a division by what is fed."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        W = tf1.get_variable("W", initializer=tf.constant([3.0, 4.0]))
        product = tf.multiply(x, W, name="product")
        ratio = tf.divide(product, x, name="ratio")
        total = tf.reduce_sum(ratio, name="total")
        with tf1.Session() as session:
            session.run(W.initializer)
            with observe(values=True) as seen:
                session.run([total, W.assign_add([1.0, 1.0], name="grow")], {x: [1.0, 2.0]})
    return seen.replays


@tf.function
def third(value):
    return value / 3.0


@tf.function
def loop(value):
    for i in tf.range(4):
        value = third(value * 6.0) + tf.cast(i, tf.float32)
    return value


def tf1_loop_call():
    tf1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default(), tf1.Session() as session, observe(values=True) as seen:
            x = tf1.placeholder(tf.float32, [2], name="x")
            grown = tf.while_loop(
                lambda i, x: i < 4, lambda i, x: (i + 1, x * 2.0), [0, x], name="grow"
            )
            session.run(tf.negative(grown[1], name="last"), {x: [1.0, 2.0]})
    finally:
        tf1.enable_control_flow_v2()
    return seen.replays


def loop_call():
    with observe(values=True) as seen:
        loop(tf.constant(1.0))
    return tuple(replay for replay in seen.replays if replay.run.way == "function")


def text(*shown, width: int = 80) -> str:
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        for each in shown:
            console.print(each)
    return captured.get()


def done(stepper: Stepper, *lines: str) -> str:
    """What the last of these lines said."""
    return [text(*stepper.do(line).said) for line in lines][-1]


def where(stepper: Stepper) -> tuple[int, str, str]:
    step = stepper.view.step
    return stepper.view.number, step.node if step else "", step.frame if step else ""


@pytest.fixture(scope="module")
def replays():
    return session_call()


@pytest.fixture
def stepper(replays):
    return Stepper(replays)


def test_at_the_start_nothing_has_run_and_what_was_fed_is_there(stepper):
    assert where(stepper) == (0, "", "")
    assert [live.spec.name for live in stepper.view.live] == ["x:0"]


def test_forward_shows_an_op_with_its_line_inputs_and_outputs(stepper):
    done(stepper, "break product", "continue")
    view = stepper.view
    assert view.step is not None and view.step.node == "product"
    shown = {name: value.tolist() for name, value in view.inputs.items()}
    assert list(shown.values()) == [[1.0, 2.0], [3.0, 4.0]]
    assert view.step.values["product:0"].tolist() == [3.0, 8.0]
    assert view.source is not None
    assert 'name="product"' in linecache.getline(*view.source)
    assert 'name="product"' in done(stepper, "source")


def test_back_is_as_if_the_steps_had_not_been_made(stepper):
    done(stepper, "forward 4")
    four = where(stepper), stepper.view.ready, [live.spec for live in stepper.view.live]
    done(stepper, "forward 3", "back 3")
    assert (where(stepper), stepper.view.ready, [e.spec for e in stepper.view.live]) == four
    done(stepper, "goto 0")
    assert where(stepper) == (0, "", "")


def test_a_time_is_told_only_of_what_ran_for_the_first_time(stepper):
    shown = [text(*play(Stepper(stepper.calls), lines, "")) for lines in (["s"], ["s 2", "B"])]
    heads = [re.findall(r"step 1 .*", each)[-1] for each in shown]
    assert [" µs" in head or " ms" in head for head in heads] == [True, False]


def test_the_end_of_the_run_is_said_and_going_on_is_refused(stepper):
    assert "the run is over after" in done(stepper, "continue")
    assert "total:0  float32 scalar  7" in done(stepper, "results")
    with pytest.raises(GraphlabError, match=r"the run is over after .* steps; `back` goes"):
        stepper.do("forward")


def test_a_changed_tensor_goes_on_changed_and_back_undoes_it(stepper):
    done(stepper, "break product", "continue")
    said = done(stepper, "set product=[30, 80]")
    assert "product:0 was [3 8] and is [30 80] from here on" in said
    assert "set   product:0" in text(*play_view(stepper))
    number = stepper.view.number
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")
    done(stepper, f"goto {number}")
    assert [v.tolist() for v in stepper.view.changed.values()] == [[30.0, 80.0]]
    done(stepper, f"goto {number - 1}", "continue")
    assert "total:0  float32 scalar  7\n" in done(stepper, "results")


def test_elements_of_a_tensor_are_changed_by_their_place(stepper):
    done(stepper, "break product", "continue")
    assert "is [3 80] from here on" in done(stepper, "set product[1]=80")
    assert "is [0 0] from here on" in done(stepper, "set product[:]=0")
    with pytest.raises(GraphlabError, match=r"product:0 is float32 \[2\]; index 2 is out of"):
        stepper.do("set product[2]=1")
    with pytest.raises(GraphlabError, match=r"\[0::2\] names no elements; write \[0\]"):
        stepper.do("set product[0::2]=1")


def test_a_variable_is_set_and_later_steps_are_computed_from_it(stepper):
    said = done(stepper, "set W=[30, 40]")
    assert said == "W was [3 4] and is [30 40] from here on\n"
    assert done(stepper, "show W") == "W  float32 [2]  [30 40]\n"
    done(stepper, "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")
    assert done(stepper, "state") == "W  float32 [2]  [31 41]\n"
    done(stepper, "goto 0")
    assert done(stepper, "state") == "W  float32 [2]  [30 40]\n"


def test_a_variable_that_is_set_on_the_way_is_set_again_when_the_way_is_made_again(stepper):
    done(stepper, "break product", "continue")
    number = stepper.view.number
    done(stepper, "set W[1]=7", "forward", f"goto {number}")
    assert done(stepper, "state") == "W  float32 [2]  [3 7]\n"
    assert [v.tolist() for v in stepper.view.changed.values()] == [[3.0, 7.0]]
    done(stepper, f"goto {number - 1}")
    assert done(stepper, "state") == "W  float32 [2]  [3 4]\n"
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  7\n" in done(stepper, "results")


def test_the_variable_of_a_function_is_set_and_the_programs_own_is_as_it_was():
    weight = tf.Variable([1.0, 2.0], name="weight")
    double = tf.function(lambda x: x * weight)
    with observe(values=True) as seen:
        double(tf.constant([1.0, 1.0]))
    stepper = Stepper([replay for replay in seen.replays if replay.run.way == "function"])
    done(stepper, "set weight=[5, 6]", "continue")
    assert "[5 6]" in done(stepper, "results")
    assert weight.numpy().tolist() == [1.0, 2.0]


def test_a_motion_is_stopped_where_somebody_asks_for_it(stepper):
    told = []

    def third(number):
        told.append(number)
        return number == 3

    stepper.heed = third
    said = done(stepper, "continue")
    assert told == [1, 2, 3]
    assert said == f"stopped by Ctrl-C after step 3: {stepper.view.step.node}\n"
    stepper.heed = lambda number: False
    assert "the run is over" in done(stepper, "continue")


def play_view(stepper):
    from graphlab.walk import panels as screen

    return [screen.moment(stepper.view)]


def test_a_changed_tensor_stays_changed_when_an_older_one_is_looked_at(stepper):
    done(stepper, "break product", "continue", "set product=[30, 80]", "break ratio", "continue")
    assert done(stepper, "show product") == "product:0  float32 [2]  [30 80]\n"
    number = stepper.view.number
    done(stepper, "forward")
    shown = done(stepper, "show product").splitlines()
    assert shown == [
        f"as given in step {number - 1}, before it was set",
        "product:0  float32 [2]  [3 8]",
    ]
    done(stepper, "breaks clear", "continue")
    assert "total:0  float32 scalar  70" in done(stepper, "results")


def test_the_first_nan_is_a_place_to_stop(stepper):
    done(stepper, "break nan", "break product", "continue", "set x=[0, 2]", "set product=[0, 1]")
    assert "stopped by breakpoint 1: nan" in done(stepper, "continue")
    assert where(stepper)[1] == "ratio"
    assert "gives ratio:0  float32 [2]  [nan 0.5]" in text(*play_view(stepper))


def test_breakpoints_are_listed_and_taken_away(stepper):
    assert done(stepper, "break op Mul", "break rat*", "breaks") == "1  op Mul\n2  rat*\n"
    assert done(stepper, "breaks clear 1") == "1  rat*\n"
    assert "stopped by breakpoint 1: rat*" in done(stepper, "continue")
    assert done(stepper, "breaks clear") == "there is no breakpoint\n"


def test_what_came_last_is_why_an_op_ran(stepper):
    done(stepper, "break ratio", "continue")
    number = stepper.view.number
    assert done(stepper, "why") == (
        f"the last of its inputs, product:0, came, in step {number - 1}\n"
    )


def test_variables_are_shown_by_their_value_as_it_is_now(stepper):
    assert done(stepper, "state") == "W  float32 [2]  [3 4]\n"
    assert done(stepper, "continue", "state") == "W  float32 [2]  [4 5]\n"
    assert done(stepper, "show W") == "W  float32 [2]  [4 5]\n"


def test_live_tensors_are_told_with_their_memory(stepper):
    assert "1 tensor, 8 B live after step 0" in done(stepper, "live")


def test_live_tensors_say_where_they_are_if_not_all_are_in_one_place():
    with tf.Graph().as_default(), tf1.Session() as session:
        with tf.device("CPU:0"):
            x = tf1.placeholder(tf.float32, [2], name="x")
            y = tf.square(x, name="y")
        with tf.device("CPU:1"):
            z = tf.add(y, y, name="z")
        with observe(values=True) as seen:
            session.run(tf.add(y, z), {x: [1.0, 2.0]})
    stepper = Stepper(seen.replays)
    assert " on CPU" not in done(stepper, "live")
    shown = done(stepper, "break z", "continue", "live")
    assert "y:0  float32 [2] on CPU:0" in shown
    assert "z:0  float32 [2] on CPU:1" in shown


def test_the_next_op_is_the_first_of_the_ready_ones(stepper):
    first = stepper.view.ready[0].node
    assert done(stepper, "ready").startswith(f"> {first} ")
    done(stepper, "forward")
    assert where(stepper)[1] == first


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("foward", "there is no command 'foward'; did you mean forward?"),
        ("xyzzy", "there is no command 'xyzzy'; `help` lists all"),
        ("forward x", "forward takes a number (1, 2, 3, ...); found 'x'"),
        ("forward 0", "forward takes a number (1, 2, 3, ...); found '0'"),
        ("goto", "goto takes a number (0, 1, 2, ...); found nothing"),
        ("goto 999", "the run ends after"),
        ("back", "no step has been made yet; there is nothing to go back to"),
        ("live now", "live takes nothing; found 'now'"),
        ("out", "the last op ran in no call and no loop; there is no way out of it"),
        ("into", "no call and no turn of a loop begins from here to the end"),
        ("break", "break at what? write: break PATTERN"),
        ("break a b", "cannot break at 'a b'; write: break PATTERN"),
        ("break nosuch", "no op that will run is named 'nosuch'"),
        ("break op Matmul", "no op that will run is of type 'Matmul'"),
        ("break device", "all that will run is on CPU:0; the device never changes"),
        ("break while iteration 2", "no loop that will run is named 'while'"),
        ("break while iteration two", "iteration 'two' is no number; turns count from 0"),
        ("breaks clear 3", "there is no breakpoint 3; there are 0"),
        ("set x", "set what to what? write: set TENSOR=VALUE"),
        ("set x=__import__('os')", "\"__import__('os')\" is no value; write a number"),
        ("set x=[1, 2", "'[1, 2' is no value"),
        ("set nosuch[0]=1", "nosuch:0 is not live now; live tensors are x:0"),
        ("set nosuch=1", "nosuch:0 is not live now; live tensors are x:0"),
        ("set W=1", "feed W has shape []; expected [2] (float32)"),
        ("set W=['a', 'b']", "feed W is str"),
        ("set W[2]=1", "W is float32 [2]; index 2 is out of bounds"),
        ("show", "show what? write: show TENSOR"),
        ("show totl", "there is no tensor 'totl:0'; did you mean total"),
        ("show total", "total:0 has no value now; it was not given up to here"),
        ("call 5", "there is no call 5; `calls` lists 1"),
        ("predict maybe", "predict takes nothing, on or off; found 'maybe'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(stepper, line, said):
    before = where(stepper), [live.spec for live in stepper.view.live]
    with pytest.raises(GraphlabError) as refused:
        stepper.do(line)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
    assert (where(stepper), [live.spec for live in stepper.view.live]) == before
    done(stepper, "continue")
    assert "total:0  float32 scalar  7" in done(stepper, "results")


def test_an_op_that_fails_leaves_the_walk_before_it_with_its_changes(stepper):
    done(stepper, "break product", "continue")
    number = stepper.view.number
    done(stepper, "set x=[1, 2, 3]")
    with pytest.raises(GraphlabError, match="ratio"):
        stepper.do("continue")
    assert stepper.walk.number == number
    done(stepper, "set x=[1, 4]", "continue")
    assert "total:0  float32 scalar  5" in done(stepper, "results")


def test_a_guess_at_the_next_op_and_its_value_is_judged(stepper):
    done(stepper, "break product", "continue", "predict on")
    assert stepper.do("forward").question == "which op runs next?  (skip: show it)"
    assert "No: total waits for ratio:0, " in done(stepper, "total")
    assert where(stepper)[1] == "product"  # the value is still to be guessed
    assert "Right: ratio:0 is [3 4].  1 of 2 right" in done(stepper, "[3, 4.0]")
    assert where(stepper)[1] == "ratio"


def test_an_answer_that_is_none_is_asked_again(stepper):
    stepper.do("predict")
    with pytest.raises(GraphlabError, match="'nonsense' is no op of this graph; did you mean"):
        stepper.do("nonsense")
    assert (stepper.guesses.waiting, stepper.walk.number) == (True, 0)
    reply = stepper.do("skip")
    assert (reply.moved, stepper.view.number, stepper.guesses.asked) == (True, 1, 0)


def test_another_op_that_is_ready_is_right_too(stepper):
    other = stepper.view.ready[1].node
    said = done(stepper, "predict", other)
    assert "Right too: it is ready, and TensorFlow's threads may take it first." in said


def test_a_loop_of_tf1_is_stepped_into_on_its_third_turn():
    stepper = Stepper(tf1_loop_call())
    done(stepper, "break grow iteration 2", "continue")
    assert where(stepper)[1:] == ("grow/Merge", "grow:2")
    assert stepper.view.step.values["grow/Merge:0"] == 2
    done(stepper, "into")
    assert where(stepper)[1:] == ("grow/Merge", "grow:3")
    done(stepper, "out loop")
    assert where(stepper)[1:] == ("last", "")
    (result,) = stepper.walk.execution.fetched.values()
    assert result.tolist() == [-16.0, -32.0]


def test_a_loop_of_a_function_and_a_call_in_its_third_turn_are_stepped_into():
    stepper = Stepper(loop_call())
    done(stepper, "break while iteration 2", "continue")
    assert where(stepper)[1:] == ("while/Less", "while:2 cond")
    done(stepper, "into")
    assert where(stepper)[2] == "while:2"
    done(stepper, "into")
    assert where(stepper)[2] == "while:2 > while/PartitionedCall"
    assert "return value / 3.0" in done(stepper, "source")
    done(stepper, "out")
    number, node, frame = where(stepper)
    assert (node, frame) == ("while/PartitionedCall", "while:2")
    assert done(stepper, "why") == "the function it called has returned\n"
    assert [v.tolist() for v in stepper.view.inputs.values()] == [30.0]
    done(stepper, "set while/PartitionedCall=0", "out")
    assert where(stepper)[2] == "while:3 cond"
    done(stepper, "out loop")
    assert where(stepper)[1:] == ("while", "")
    done(stepper, "breaks clear", "continue")
    (result,) = stepper.walk.execution.fetched.values()
    assert result == 2 * (0 + 2) + 3
    done(stepper, f"goto {number}")
    assert where(stepper) == (number, node, frame)


def test_over_passes_a_call_and_a_whole_loop_by():
    stepper = Stepper(loop_call())
    nodes = []
    while not stepper.walk.over:
        stepper.do("over")
        nodes.append(where(stepper)[1:])
    assert ("while", "") in nodes
    assert {frame for _, frame in nodes} == {""}


def test_a_changed_value_goes_on_alike_in_the_three_ways():
    """Logits that are all zero: the loss is log(10), whatever the way and the step."""
    losses = []
    for way, fetch in (("graph", "loss:0"), ("function", "Identity:0"), ("eager", "Mean:0")):
        asked = parse(f"2.4:{way}")
        watched = of_way(watch(asked, "CPU:0", None, values=True), way)
        stepper, notes = stepper_of(watched, None, False, 10**8)
        assert (stepper.run.way, stepper.run.step) == (way, 8)  # the steady training step
        assert "equal the real ones to the last bit" in notes[0]
        done(stepper, "break op AddV2", "continue")
        done(stepper, f"set {stepper.view.step.node}[:]=0")
        done(stepper, "forward 2", "back", "breaks clear", "continue")
        losses.append(float(stepper.walk.execution.fetched[fetch]))
    assert losses == pytest.approx([np.log(10)] * 3, rel=1e-6)


def test_another_call_is_stepped_through_from_its_start():
    with observe(values=True) as seen:
        for value in (1.0, 2.0):
            third(tf.constant(value))
    stepper = Stepper(seen.replays)
    listed = done(stepper, "calls").splitlines()
    assert len(listed) == len(seen.replays)
    assert [line[0] for line in listed] == ["→"] + [" "] * (len(listed) - 1)
    done(stepper, "forward", f"call {len(seen.replays)}")
    assert (stepper.chosen, stepper.view.number) == (len(seen.replays) - 1, 0)


def test_a_script_shows_its_lines_and_names_the_wrong_one(stepper):
    shown = play(stepper, ["# look", "", "forward", "quit", "nonsense"], "look.txt")
    assert "> forward" in text(*shown)
    with pytest.raises(GraphlabError, match=r"look.txt, line 2: there is no command 'nonsense'"):
        list(play(stepper, ["forward", "nonsense"], "look.txt"))


def test_every_line_fits_into_80_columns(stepper):
    shown = text(
        *play(stepper, ["continue", "live", "ready", "state", "calls", "help"], ""), width=80
    )
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_values_are_summarised_by_their_size():
    from graphlab.walk.values import summary

    large = np.arange(1000, dtype=np.float32)
    large[:3], large[3] = np.nan, np.inf
    assert [line.plain for line in summary(large, 80)] == [
        "3 NaN, 1 Inf  4 to 999, mean 501.5, std 288  ▇▇▇▇▇▇▇▇▇▇▇▇"
    ]
    assert summary(np.array([b"a", b"\xff"]), 80)[0].plain == "['a' '\\\\xff']"
    assert summary(np.zeros((0, 3)), 80)[0].plain == "[]"
    assert summary(np.full(100, 2.5), 80)[0].plain == "all 2.5"
    assert summary(np.arange(100) % 2 == 0, 80)[0].plain == "50 of 100 are True"
    assert summary(tf.ones(3, tf.bfloat16).numpy(), 80)[0].plain == "[1 1 1]"


def test_constants_handles_and_shapes_are_passed_by(replays):
    stepper = Stepper(replays, every=False)
    done(stepper, "forward")
    assert stepper.view.step.op == "ReadVariableOp"
    number = stepper.view.number
    assert number > 1
    done(stepper, "forward", "back")
    assert stepper.view.number == number
    assert done(stepper, "all") == "`forward` stops at constants and shapes\n"
    done(stepper, "goto 0", "forward")
    assert (stepper.view.number, stepper.view.step.op) == (1, "VarHandleOp")


def test_what_is_made_of_shapes_alone_is_quiet_and_numbers_are_not():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        rows = tf.shape(x, name="rows")[0]
        tf.zeros([rows, 2], name="zeros")
        tf.random.uniform([2], name="drawn")
        tf.add(tf1.placeholder(tf.int32, [], name="fed"), 1, name="more")
        built = live.from_graph(graph)
    quiet = Quiet(built)
    loud = [node.name for node in built.nodes if not quiet.of(node.name, "")]
    assert set(loud) >= {"x", "zeros", "drawn/RandomUniform", "fed", "more"}
    assert {"rows", "strided_slice", "zeros/packed"}.isdisjoint(loud)


def test_forward_by_line_runs_the_ops_of_the_next_line_and_shows_its_names(stepper):
    done(stepper, "break product", "continue")
    shown = text(*play(stepper, ["line"], ""))
    (lit,) = [line for line in shown.splitlines() if line.startswith("→")]
    assert 'ratio = tf.divide(product, x, name="ratio")' in lit
    below = shown[shown.index(lit) :].splitlines()[1:4]
    assert [line.split() for line in below] == [
        ["ratio", "float32", "[2]", "[3", "4]"],
        ["product", "float32", "[2]", "[3", "8]"],
        ["x", "float32", "[2]", "[1", "2]"],
    ]
    assert 'total = tf.reduce_sum(ratio, name="total")' in done(stepper, "line", "source")


@pytest.mark.parametrize("calls", [session_call, tf1_loop_call, loop_call])
def test_back_by_line_stops_where_forward_by_line_did(calls):
    stepper = Stepper(calls())
    went = [0]
    while not stepper.walk.over:
        stepper.do("line")
        went += [stepper.view.number] * (stepper.view.number != went[-1])  # else it is over
    back = went[-1:]
    while back[-1]:
        stepper.do("previous")
        back.append(stepper.view.number)
    assert len(went) > 3 and back == went[::-1]
    with pytest.raises(GraphlabError, match="nothing to go back to"):
        stepper.do("N")


def test_back_by_line_from_within_a_line_is_to_the_line_before_and_shows_it(stepper):
    done(stepper, "break total", "continue")
    shown = text(*play(stepper, ["previous"], ""))
    (lit,) = [line for line in shown.splitlines() if line.startswith("→")]
    assert 'ratio = tf.divide(product, x, name="ratio")' in lit
    assert where(stepper)[1] == "ratio"


def test_back_by_line_to_the_start_speaks_of_no_line(stepper):
    shown = text(*play(stepper, ["line", "previous"], ""))
    assert shown.count("→") == 1 and "no line of the program" not in shown


def test_back_by_line_keeps_what_was_set_before_it(stepper):
    done(stepper, "set x=[2.0, 2.0]", "line", "line", "line", "previous")
    assert stepper.walk.edits and "[2 2]" in done(stepper, "show x")


def test_a_name_that_stands_for_several_tensors_is_given_no_value():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [2], name="x")
        both = [x * 2.0, x + 1.0]
        last = tf.add_n(both, name="last")
        with observe(values=True) as seen:
            session.run(last, {x: [1.0, 2.0]})
    stepper = Stepper(seen.replays)
    shown = done(stepper, "break last", "continue", "source")
    assert "     both  several tensors" in shown.splitlines()
    assert "        last  float32 [2]  [4 7]" in shown.splitlines()


def test_a_name_that_is_unpacked_alone_has_its_tensor():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [], name="x")
        (twice,) = tf.split(tf.stack([x + x]), 1)
        with observe(values=True) as seen:
            session.run(twice, {x: 1.5})
    stepper = Stepper(seen.replays)
    assert "        twice  float32 [1]  [3]" in done(stepper, "continue", "source").splitlines()


def test_a_step_says_how_many_there_are_once_that_is_known(replays):
    stepper = Stepper(replays, totals={0: 9})
    done(stepper, "forward")
    assert "step 1 of 9" in text(*play_view(stepper))
    stepper = Stepper(replays)
    done(stepper, "forward")
    assert "step 1   " in text(*play_view(stepper))
    done(stepper, "continue")
    last = stepper.view.number
    done(stepper, "goto 1")
    assert f"step 1 of {last} " in text(*play_view(stepper))


def test_what_was_set_is_shown_beside_what_it_was_also_further_on(stepper):
    done(stepper, "break product", "continue", "set product=[30, 80]")
    assert text(*play_view(stepper)).splitlines()[-4:-2] == [
        "set   product:0  float32 [2]  [30 80]",
        "was   product:0  float32 [2]  [3 8]",
    ]
    done(stepper, "breaks clear", "break ratio", "continue")
    assert "was   ratio:0  float32 [2]  [3 4]\n" in text(*play_view(stepper))
    done(stepper, "goto 0")
    assert "was " not in text(*play_view(stepper))


def test_why_shows_the_sum_behind_an_element(stepper):
    done(stepper, "continue")
    assert done(stepper, "why product[1]").splitlines()[-1] == "2 * 4 = 8"
    assert done(stepper, "why total").splitlines()[-1] == "3, 4: 7"
    for line, refused in [
        ("why product[2]", "product:0 is [2]; index 2 is out of bounds"),
        ("why product[:]", "why of one element"),
        ("why product[0, 0]", "product:0 is [2]; an element of it has 1 numbers"),
        ("why nosuch[0]", "there is no tensor 'nosuch:0'"),
        ("why total[0]", "total:0 is scalar; an element of it has 0 numbers"),
    ]:
        with pytest.raises(GraphlabError) as error:
            stepper.do(line)
        assert str(error.value).startswith(refused)


def test_while_somebody_guesses_nothing_tells_what_comes_next(stepper):
    first = stepper.view.ready[0].node
    done(stepper, "predict on")
    shown = text(*play(stepper, [], ""))
    assert "next  yours to guess" in shown and f"next  {first}" not in shown
    with pytest.raises(GraphlabError, match="`predict off` ends the asking"):
        stepper.do("ready")


def test_a_question_that_is_left_is_asked_no_more(stepper):
    stepper.do("predict")
    stepper.leave_question()
    done(stepper, "forward")
    assert (stepper.view.number, stepper.guesses.asked) == (1, 0)


def test_a_suggestion_is_never_cut_within_a_name(stepper):
    stepper.do("predict")
    with pytest.raises(GraphlabError) as error:
        stepper.do("nonsense")
    names = str(error.value).partition("did you mean ")[2].removesuffix("?").split(", ")
    known = {node.name for node in stepper.walk.graph.nodes}
    assert set(names) <= known


def test_lines_that_somebody_types_may_be_wrong(stepper):
    shown = text(*play(stepper, ["foward", "forward"], "", typed=True))
    assert "there is no command 'foward'; did you mean forward?" in shown
    assert "step 1 " in shown


def test_letters_of_pdb_mean_what_they_mean_there():
    meant = {"s": "forward", "n": "line", "c": "continue", "b": "break", "p": "show"}
    meant |= {"l": "source", "r": "out", "h": "help", "q": "quit"}
    meant |= {"next": "line", "step": "forward"}
    assert {word: command_of(word)[0].name for word in meant} == meant


def test_an_argument_of_a_function_is_known_by_its_name():
    with observe(values=True) as seen:
        third(tf.constant(6.0))
    stepper = Stepper([r for r in seen.replays if r.run.way == "function"])
    done(stepper, "break op RealDiv", "continue")
    assert "        value  float32 scalar  6" in done(stepper, "source").splitlines()
