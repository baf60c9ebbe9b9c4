"""Loops and conditions of TensorFlow 1 become loops and conditions of TensorFlow 2."""

import numpy as np
import pytest
import tensorflow as tf

from graphlab.errors import GraphlabError
from graphlab.port.recorded import module_of
from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded
from tests.programs_drawn import Drawn

tf1 = tf.compat.v1
OLD = {"Enter", "Exit", "NextIteration", "Switch", "Merge", "LoopCond", "TensorArrayV3"}


def vector(name="x"):
    return tf1.placeholder(tf.float32, [2], name=name)


def flag(name="p"):
    return tf1.placeholder(tf.bool, [], name=name)


def counted_loop():
    x, n = vector(), tf1.placeholder(tf.int32, [], name="n")
    _, y = tf1.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * 2.0 + x), [0, x])
    return y, [{x: [1, 2], n: count} for count in (0, 1, 5)]


def loop_in_a_loop():
    x = vector()

    def body(i, s):
        _, s = tf1.while_loop(
            lambda j, s: j < i, lambda j, s: (j + 1, s + tf.cast(j, tf.float32) * x), [0, s]
        )
        return i + 1, tf1.cond(tf.reduce_sum(s) > 3.0, lambda: s - 1.0, lambda: s)

    return tf1.while_loop(lambda i, s: i < 4, body, [0, tf.zeros([2])])[1], [{x: [1, 0.5]}]


def two_loops_that_do_not_meet():
    x = vector()
    _, a = tf1.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v * x), [0, x])
    _, b = tf1.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v + x), [0, x])
    return tf.stack([a, b]), [{x: [1.5, 0.5]}]


def variable_that_does_not_change():
    x = vector()
    ends = tf1.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, a, a + b), [0, x, x])
    return list(ends), [{x: [1, 2]}]


def shape_that_grows():
    x = tf1.placeholder(tf.float32, [1], name="x")
    shapes = [tf.TensorShape([]), tf.TensorShape([None])]
    ends = tf1.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, y * 2.0], 0)),
        [0, x],
        shape_invariants=shapes,
    )
    return ends[1], [{x: [2.0]}]


def loop_that_changes_a_variable():
    x = tf1.placeholder(tf.float32, [], name="x")
    total = tf1.get_variable("total", initializer=0.0, use_resource=True)

    def body(i):
        with tf.control_dependencies([total.assign_add(tf.cast(i, tf.float32) * x)]):
            return i + 1

    end = tf1.while_loop(lambda i: i < 3, body, [0])
    with tf.control_dependencies([end]):
        return [total.read_value(), end], [{x: 2.0}]


def loop_that_takes_a_value_which_it_changes():
    v = tf1.get_variable("v", initializer=np.float32([1, 2]), use_resource=True)
    before = v.read_value()

    def body(i, s):
        with tf.control_dependencies([v.assign_add([1.0, 1.0])]):
            return i + 1, s + before

    return tf1.while_loop(lambda i, s: i < 3, body, [0, tf.zeros([2])])[1], [{}]


def arrays_in_a_loop():
    x = tf1.placeholder(tf.float32, [None, 2], name="x")
    n = tf.shape(x)[0]
    given, kept = tf.TensorArray(tf.float32, n).unstack(x), tf.TensorArray(tf.float32, n)

    def body(i, h, kept):
        h = tf.tanh(h + given.read(i))
        return i + 1, h, kept.write(i, h)

    ends = tf1.while_loop(lambda i, *_: i < n, body, [0, tf.zeros([2]), kept])
    (slope,) = tf1.gradients(ends[1], x)
    return [ends[1], ends[2].stack(), slope], [{x: np.arange(8).reshape(4, 2) * 0.1}]


def array_written_without_a_loop():
    x = vector()
    array = tf.TensorArray(tf.float32, 2, dynamic_size=True, clear_after_read=False)
    array = array.write(0, x).write(1, x * 2.0)
    return [array.concat(), array.gather([1]), array.size(), array.read(0)], [{x: [1, 2]}]


def array_of_parts():
    x = vector()
    array = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 1])
    return array.read(1), [{x: [1, 2]}]


def array_written_to_twice_from_one_flow():
    x = vector()
    array = tf.TensorArray(tf.float32, 2)
    first, second = array.write(0, x), array.write(1, x * 2.0)
    with tf.control_dependencies([first.flow]):
        flow = tf.identity(second.flow)
    both = tf.raw_ops.TensorArrayGatherV3(
        handle=array.handle, indices=[0, 1], flow_in=flow, dtype=tf.float32
    )
    return both, [{x: [1, 2]}]


def slope_of_a_loop():
    x = vector()
    w = tf1.get_variable("w", initializer=np.float32([0.5, 2]), use_resource=False)
    _, y = tf1.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y * w)), [0, x])
    return [y, *tf1.gradients(y, [x, w])], [{x: [2, 1]}]


def slope_of_a_loop_in_a_loop():
    x = vector()

    def body(i, s):
        _, s = tf1.while_loop(lambda j, s: j <= i, lambda j, s: (j + 1, tf.sin(s * x)), [0, s])
        return i + 1, s * x

    _, y = tf1.while_loop(lambda i, s: i < 3, body, [0, x])
    return [y, *tf1.gradients(y, x)], [{x: [2, 1]}]


def slope_of_a_condition_in_a_loop():
    x = vector()

    def body(i, y):
        y = tf1.cond(tf.equal(i % 2, 0), lambda: tf.sin(y * x), lambda: tf.exp(-y) + x)
        return i + 1, y

    _, y = tf1.while_loop(lambda i, y: i < 4, body, [0, x])
    return [y, *tf1.gradients(y, x)], [{x: [2, 1]}]


def slope_of_a_loop_in_a_condition():
    p, x = flag(), vector()
    y = tf1.cond(
        p,
        lambda: tf1.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), [0, x])[1],
        lambda: x,
    )
    return [y, *tf1.gradients(y, x)], [{p: on, x: [2, 3]} for on in (True, False)]


def condition_and_its_slope():
    p, x = flag(), vector()
    y = tf1.cond(p, lambda: tf.nn.relu(x) * x, lambda: tf.sin(x))
    loss = tf.reduce_sum(y * y)
    return [loss, *tf1.gradients(loss, x)], [{p: on, x: [2, -3]} for on in (True, False)]


def condition_in_a_condition():
    p, q, x = flag("p"), flag("q"), vector()

    def inner():
        return tf1.cond(q, lambda: x + 1.0, lambda: tf.nn.relu(x) * 3.0)

    y = tf1.cond(p, inner, lambda: x)
    feeds = [{p: a, q: b, x: [1, -2]} for a in (True, False) for b in (True, False)]
    return [y, *tf1.gradients(y, x)], feeds


def condition_on_what_a_condition_gives():
    p, x = flag(), vector()
    a = tf1.cond(p, lambda: x + 1.0, lambda: x - 1.0)
    b = tf1.cond(tf.reduce_sum(a) > 0.0, lambda: a * 2.0, lambda: x)
    return tf1.cond(p, lambda: b * a, lambda: b), [{p: on, x: [1, 0]} for on in (True, False)]


def condition_that_is_asked_for_twice_in_a_row():
    p, x = flag(), vector()
    y = tf1.cond(p, lambda: tf1.cond(p, lambda: x + 1.0, lambda: x + 2.0), lambda: x + 3.0)
    return y, [{p: on, x: [1, 0]} for on in (True, False)]


def condition_of_constants():
    p = flag()
    return tf1.cond(p, lambda: 1.0, lambda: 2.0), [{p: True}, {p: False}]


def condition_with_several_results():
    p, x = flag(), vector()
    y = tf1.cond(p, lambda: (x, x + 1.0, 3), lambda: (x * 2.0, x, 4))
    return list(y), [{p: on, x: [1, 2]} for on in (True, False)]


def condition_that_assigns():
    p = flag()
    v = tf1.get_variable("v", initializer=np.float32([1, 2]), use_resource=False)
    w = tf1.get_variable("w", initializer=np.float32([1, 2]), use_resource=True)
    y = tf1.cond(p, lambda: tf1.assign_add(v, [1.0, 1.0]), lambda: tf.identity(v) * 2.0)
    z = tf1.cond(p, lambda: w.assign_add([1.0, 1.0]), lambda: w * 2.0)
    return [y, z], [{p: True}, {p: False}]


def condition_with_an_effect_alone():
    p = flag()
    v = tf1.get_variable("v", initializer=1.0, use_resource=True)
    change = tf1.cond(p, lambda: tf.group(v.assign_add(2.0)), lambda: tf.no_op())
    with tf.control_dependencies([change]):
        return v.read_value(), [{p: True}, {p: False}]


def training_behind_a_condition():
    p, x = flag(), tf1.placeholder(tf.float32, [3, 2], name="x")
    w = tf1.get_variable("w", initializer=np.ones((2, 2), np.float32), use_resource=True)
    y = tf1.cond(p, lambda: tf.nn.relu(tf.matmul(x, w)), lambda: tf.tanh(tf.matmul(x, w)))
    loss = tf.reduce_sum(y * y)
    step = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
    feeds = [{p: on, x: np.full((3, 2), 0.3)} for on in (True, False)]
    with tf.control_dependencies([step]):
        return tf.identity(loss), feeds


def case_of_conditions():
    k, x = tf1.placeholder(tf.int32, [], name="k"), vector()
    cases = [(tf.equal(k, 0), lambda: x + 1.0), (tf.equal(k, 1), lambda: x * 2.0)]
    y = tf1.case(cases, default=lambda: x - 1.0)
    return y, [{k: number, x: [1, 2]} for number in range(3)]


def mapped():
    x = tf1.placeholder(tf.float32, [None, 2], name="x")
    y = tf1.map_fn(lambda row: row * tf.reduce_sum(row), x)
    return y, [{x: np.arange(6).reshape(3, 2)}]


def scanned():
    x = tf1.placeholder(tf.float32, [None, 2], name="x")
    y = tf1.scan(lambda before, row: before * 0.5 + row, x)
    return [y, *tf1.gradients(y, x)], [{x: np.arange(6).reshape(3, 2)}]


def chosen_by_hand():
    p, x = flag(), vector()
    no, yes = tf.raw_ops.Switch(data=x, pred=p)
    y, index = tf.raw_ops.Merge(inputs=[yes * 2.0, no + 1.0])
    return [y, index], [{p: on, x: [1, 2]} for on in (True, False)]


PROGRAMS = [
    counted_loop,
    loop_in_a_loop,
    two_loops_that_do_not_meet,
    variable_that_does_not_change,
    shape_that_grows,
    loop_that_changes_a_variable,
    loop_that_takes_a_value_which_it_changes,
    arrays_in_a_loop,
    array_written_without_a_loop,
    array_of_parts,
    array_written_to_twice_from_one_flow,
    slope_of_a_loop,
    slope_of_a_loop_in_a_loop,
    slope_of_a_condition_in_a_loop,
    slope_of_a_loop_in_a_condition,
    condition_and_its_slope,
    condition_in_a_condition,
    condition_on_what_a_condition_gives,
    condition_that_is_asked_for_twice_in_a_row,
    condition_of_constants,
    condition_with_several_results,
    condition_that_assigns,
    condition_with_an_effect_alone,
    training_behind_a_condition,
    case_of_conditions,
    mapped,
    scanned,
    chosen_by_hand,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_of_tf1_is_ported_to_the_last_bit(program, tmp_path):
    fetches, feeds = in_graph_of_tf1(program)
    calls = [recorded(fetches, each) for each in feeds]
    assert {op.type for op in calls[0].program.body.ops.values()} & OLD
    assert [differences(call, tmp_path) for call in calls] == [[] for _ in calls]


def ported(program):
    """The lines of the methods of a program's port."""
    fetches, feeds = in_graph_of_tf1(program)
    return methods_of(recorded(fetches, feeds[0]))


def grown(to):
    """A loop whose variable gets longer, as its shape says."""
    x, n = vector(), tf1.placeholder(tf.int32, [], name="n")
    _, y = tf1.while_loop(
        lambda i, y: i < n,
        lambda i, y: (i + 1, tf.concat([y, x * 2.0], 0)),
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape(to)],
    )
    return y, [{x: [1, 2], n: 3}]


def test_a_loop_that_python_cannot_say_is_a_while_loop_of_two_methods():
    """They take what they need."""
    found = ported(lambda: grown([None]))
    assert found["__call__"][:4] == [
        "_, state = tf.while_loop(",
        "lambda *turn: self.while_cond(*turn, n),",
        "lambda *turn: self.while_body(*turn, x),",
        "(tf.constant(0), x),",
    ]
    assert found["while_cond"] == ["return i < n"]


def test_what_is_computed_in_one_case_and_taken_in_it_later_is_computed_once():
    found = ported(training_behind_a_condition)
    told = "\n".join(line for lines in found.values() for line in lines)
    assert told.count("tf.nn.relu(tf.matmul(x, self.w))") == 1


def test_a_result_that_is_there_in_one_case_only_is_refused():
    def build():
        p, x = flag(), vector()
        _, yes = tf.raw_ops.Switch(data=x, pred=p)
        return yes * 2.0, {p: True, x: [1, 2]}

    with pytest.raises(GraphlabError, match="has a value in one case only"):
        module_of(recorded(*in_graph_of_tf1(build)))


def lost(build):
    """Why the ops of a graph are not ported, by op."""
    fetches, feeds = in_graph_of_tf1(build)
    return {each.op: each.reason for each in module_of(recorded(fetches, feeds)).unported}


def test_a_merge_of_what_are_no_two_cases_is_a_method_that_raises():
    def build():
        p, q, x = flag("p"), flag("q"), vector()
        no, _ = tf.raw_ops.Switch(data=x, pred=p)
        _, yes = tf.raw_ops.Switch(data=x, pred=q)
        return tf.raw_ops.Merge(inputs=[no + 1.0, yes + 2.0])[0], {p: True, q: True, x: [1, 2]}

    assert lost(build) == {
        "Merge": "Merge (Merge) joins what are not the two cases of one condition of TF1"
    }


def test_a_variable_of_a_loop_that_gets_out_in_another_way_is_a_method_that_raises():
    fetch, (feeds, *_) = in_graph_of_tf1(counted_loop)
    definition = fetch.graph.as_graph_def()
    for node in definition.node:
        if node.name == "while/Exit_1":
            node.input[0] = "late"
    late = definition.node.add(name="late", op="Neg", input=["while/Switch_1"])
    late.attr["T"].type = tf.float32.as_datatype_enum
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(definition, name="")
    given = {tensor.name: value for tensor, value in feeds.items()}
    (lost,) = module_of(recorded(graph.get_tensor_by_name("while/Exit_1:0"), given)).unported
    assert (lost.op, lost.reason) == (
        "while",
        "while/Exit_1 (Exit) lets out what is no variable of its loop",
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_program_drawn_at_random_is_ported_to_the_last_bit(seed, tmp_path):
    fetches, feeds = in_graph_of_tf1(lambda: Drawn(seed).build())
    calls = [recorded(fetches, each) for each in feeds]
    assert [differences(call, tmp_path) for call in calls] == [[] for _ in calls]


def test_arrays_of_a_loop_are_tensor_arrays_that_are_unstacked_and_stacked():
    found = ported(mapped)
    first, last = found["__call__"][1], found["__call__"][-1]
    assert first == "array = tf.TensorArray(tf.float32, size=part).unstack(x)"
    assert last == 'return {"tensor_array_gatherv3": state.stack()}'


@pytest.mark.parametrize("name", ["class", "lambda", "self", "tf", "A" * 300, "x.__class__"])
def test_a_loop_and_a_condition_of_a_hostile_name_are_safe_python(name, tmp_path):
    def build():
        x = vector()
        _, y = tf1.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, x], name=name)
        y = tf1.cond(tf.reduce_sum(y) > 0.0, lambda: y + 1.0, lambda: y - 1.0, name=name)
        return y, {x: [1, 2]}

    assert differences(recorded(*in_graph_of_tf1(build)), tmp_path) == []
