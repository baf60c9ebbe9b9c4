"""An optimizer's steps for some rows of an embedding are public calls, where those are exact."""

import inspect

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port import rules, updates
from graphlab.port.names import Names
from graphlab.port.recorded import module_of
from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
IDS = [3, 0, 3, 1]  # one of them twice: the optimizer adds what both have
OPTIMIZERS = {
    "descent": lambda: tf1.train.GradientDescentOptimizer(0.1),
    "sparse_adam": lambda: tf1.train.AdamOptimizer(0.1),
    "sparse_momentum": lambda: tf1.train.MomentumOptimizer(0.1, 0.9),
    "sparse_nesterov": lambda: tf1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "sparse_adagrad": lambda: tf1.train.AdagradOptimizer(0.1),
    "sparse_adadelta": lambda: tf1.train.AdadeltaOptimizer(0.1),
    "sparse_rms_prop": lambda: tf1.train.RMSPropOptimizer(0.1, momentum=0.5),
    "sparse_ftrl": lambda: tf1.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
}
RULES = [(kind, rule) for kind, rule in updates.RULES.items() if "Sparse" in kind]
RULES.remove(("SparseApplyAdam", "sparse_adam"))  # for which TensorFlow has no kernel
RULES.append(("SparseApplyMomentum", "sparse_nesterov"))


def trained(optimizer, width=16, resource=True):
    """The call of a step for a table of rows, each so wide."""
    start = np.random.default_rng(0).normal(size=(5, width)).astype(np.float32)
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        table = tf1.get_variable("table", initializer=start, use_resource=resource)
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)), name="loss")
        step = optimizer().minimize(loss)
    return recorded([loss, step], {ids: IDS})


def said(call):
    return "".join(methods_of(call)["__call__"])


@pytest.mark.parametrize("resource", [True, False], ids=["resource", "reference"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_of_a_table_are_trained_by_public_calls(name, resource, tmp_path):
    call = trained(OPTIMIZERS[name], resource=resource)
    module = module_of(call)
    assert module.raw == ()
    assert module.rules == (("each_row_once", name) if name.startswith("sparse") else ())
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_changes_rows_as_the_kernel_does_to_the_last_bit(kind, rule, dtype):
    assert updates.is_exact(kind, rule, dtype, (64,))


def test_a_product_with_more_bits_than_the_kernels_is_seen(monkeypatch):
    """It is the kernel's for three of four pairs of a rate and a momentum."""

    def other(variable, accum, lr, grad, momentum):
        grad, rows = rules.each_row_once(grad)
        new = tf.gather(accum, rows) * momentum + grad
        accum.scatter_update(tf.IndexedSlices(new, rows))
        variable.scatter_sub(tf.IndexedSlices(grad * lr + lr * momentum * new, rows))

    monkeypatch.setattr(rules, "sparse_nesterov", other)
    draws = np.random.default_rng
    for seed in range(5):
        monkeypatch.setattr(np.random, "default_rng", lambda _, seed=seed: draws(seed))
        rule = ("SparseApplyMomentum", "sparse_nesterov", tf.float32, (8,))
        assert not updates.is_exact.__wrapped__(*rule)


def test_rows_that_may_be_named_twice_are_the_kernels(tmp_path):
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        start = np.ones((5, 8), np.float32)
        table, slot = (tf1.get_variable(n, initializer=start, use_resource=True) for n in "ts")
        step = tf.raw_ops.ResourceSparseApplyMomentum(
            var=table.handle,
            accum=slot.handle,
            lr=0.1,
            grad=tf.ones([4, 8]),
            indices=ids,
            momentum=0.9,
        )
    call = recorded(step, {ids: IDS})
    assert "tf.raw_ops.ResourceSparseApplyMomentum(" in said(call)
    assert module_of(call).rules == ()
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("name", sorted(updates.KERNELS))
def test_a_rule_by_a_kernel_changes_rows_of_any_width_as_that_does(name):
    (kind,) = (
        kind for kind, rule in RULES if rule == name and updates.KERNELS[rule] in updates.NAMES
    )
    assert updates.is_exact(kind, updates.KERNELS[name], tf.float32, (1,))
    assert updates.is_exact(kind, updates.KERNELS[name], tf.float64, (3,))


def test_a_row_of_one_number_is_computed_in_another_way_and_is_the_kernels(tmp_path):
    assert not updates.is_exact("SparseApplyAdagrad", "sparse_adagrad", tf.float32, (1,))
    call = trained(OPTIMIZERS["sparse_adagrad"], width=1)
    assert "kernel_adagrad(self.table, self.table_adagrad, grad=table_grad, lr=0.1)" in said(call)
    module = module_of(call)
    assert module.rules == ("each_row_once", "by_kernel", "kernel_adagrad")
    assert len(module.raw) == 1
    assert differences(call, tmp_path) == []


def test_a_step_waits_for_the_tape_where_a_file_has_its_nodes_in_another_order(tmp_path):
    """As TensorFlow 1.15 wrote that of an Estimator: the loss behind the step."""
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        start = np.random.default_rng(0).normal(size=(5, 1)).astype(np.float32)
        table = tf1.get_variable("table", initializer=start)
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)), name="the_loss")
        tf1.train.FtrlOptimizer(0.1).minimize(loss, name="step")
        meta = tf1.train.export_meta_graph()
    nodes = sorted(meta.graph_def.node, key=lambda node: node.name)
    del meta.graph_def.node[:]
    meta.graph_def.node.extend(nodes)
    with tf.Graph().as_default() as graph:
        tf1.train.import_meta_graph(meta)
        fetches = [graph.get_tensor_by_name("the_loss:0"), graph.get_operation_by_name("step")]
        call = recorded(fetches, {"ids:0": IDS})
    assert "kernel_ftrl(" in said(call)
    assert differences(call, tmp_path) == []


def test_a_table_by_its_kernel_and_a_matrix_are_trained_in_one_loop(tmp_path):
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        start = np.random.default_rng(0).normal(size=(5, 1)).astype(np.float32)
        table = tf1.get_variable("table", initializer=start)
        w = tf1.get_variable("w", initializer=start[:1])
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids) @ w), name="loss")
        step = OPTIMIZERS["sparse_ftrl"]().minimize(loss)
    call = recorded([loss, step], {ids: IDS})
    rule = "rule = kernel_ftrl if isinstance(grad, tf.IndexedSlices) else ftrl"
    assert rule in methods_of(call)["__call__"]
    assert differences(call, tmp_path) == []


def test_centered_rows_come_out_otherwise_and_are_the_kernels(tmp_path):
    """Its kernel takes the root of a difference, in which another last bit of either is much."""
    call = trained(lambda: tf1.train.RMSPropOptimizer(0.1, centered=True))
    assert "tf.raw_ops.ResourceSparseApplyCenteredRMSProp(" in said(call)
    assert differences(call, tmp_path) == []


def step_of_two_tables(optimizer, resource=True, dense=False):
    """The call of a step for two tables, of which each gets other rows, and a matrix."""
    with tf.Graph().as_default():
        ids = {name: tf1.placeholder(tf.int32, [None], name=f"of_{name}") for name in ("a", "b")}
        draw = np.random.default_rng(0)
        tables = [
            tf1.get_variable(name, initializer=start, use_resource=resource)
            for name in (*ids, *(["w"] * dense))
            for start in [draw.normal(size=(8, 8)).astype(np.float32)]
        ]
        rows = [tf.nn.embedding_lookup(*each) for each in zip(tables, ids.values(), strict=False)]
        product = tf.matmul(rows[0], tables[2]) if dense else rows[0]
        loss = tf.reduce_sum(product * rows[1], name="loss")
        step = optimizer().minimize(loss)
    return recorded([loss, step], {ids["a"]: IDS, ids["b"]: [2, 2, 2, 7]})


@pytest.mark.parametrize("resource", [True, False], ids=["resource", "reference"])
def test_two_tables_have_one_rule(resource, tmp_path):
    call = step_of_two_tables(OPTIMIZERS["sparse_momentum"], resource)
    assert methods_of(call)["__call__"][-6:-1] == [
        "for variable, accum, grad in [",
        "(self.a, self.a_momentum, a_grad),",
        "(self.b, self.b_momentum, b_grad),",
        "]:",
        "sparse_momentum(variable, accum, grad=grad, lr=0.1, momentum=0.9)",
    ]
    assert module_of(call).rules == ("each_row_once", "sparse_momentum")
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("resource", [True, False], ids=["resource", "reference"])
@pytest.mark.parametrize("name", ["sparse_adam", "sparse_momentum", "sparse_rms_prop"])
def test_tables_and_a_matrix_are_trained_in_one_loop(name, resource, tmp_path):
    call = step_of_two_tables(OPTIMIZERS[name], resource, dense=True)
    dense = name.removeprefix("sparse_")
    rule = f"rule = {name} if isinstance(grad, tf.IndexedSlices) else {dense}"
    assert methods_of(call)["__call__"].count(rule) == 1
    assert module_of(call).rules == ("each_row_once", name, dense)
    assert differences(call, tmp_path) == []


def adam_of_a_table(kept=0.999, root=0.5, memory=False):
    """The call of Adam's step for rows by its own arithmetic; by these numbers it is another."""
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        start = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
        table, m, v = (
            tf1.get_variable(name, initializer=start**2, use_resource=False) for name in "tmv"
        )
        beta1, beta2 = tf.constant(0.9), tf.constant(0.999)
        power = tf1.get_variable("power", initializer=0.9)
        rows, place = tf.unique(ids)
        given = tf.gather(tf.constant(start), ids)
        grad = tf.math.unsorted_segment_sum(given, place, tf.shape(rows)[0])
        rate = 0.1 * tf.sqrt(1 - power) / (1 - power)
        gets = grad * (1 - beta1), grad * grad * (1 - beta2)
        with tf.control_dependencies([m.assign(m * beta1)]):
            first = tf1.scatter_add(m, rows, gets[0])
        with tf.control_dependencies([v.assign(v * (beta2 if kept == 0.999 else kept))]):
            second = tf1.scatter_add(v, rows, gets[1])
        deviation = tf.sqrt(second) if root == 0.5 else tf.pow(second, root)
        step = table.assign_sub(rate * first / (deviation + 1e-8))
        return recorded([step.op, *([first * 1.0] * memory)], {ids: IDS})


def test_what_computes_as_adam_does_is_adam(tmp_path):
    call = adam_of_a_table()
    assert module_of(call).rules == ("each_row_once", "sparse_adam")
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("other", [{"kept": 0.99}, {"root": 0.25}, {"memory": True}])
def test_what_is_almost_adam_stays_what_it_is(other, tmp_path):
    """Another factor, another root, or somebody takes what Adam alone would know."""
    call = adam_of_a_table(**other)
    assert module_of(call).rules == ()
    assert "self.m.scatter_add(" in said(call)
    assert differences(call, tmp_path) == []


def test_a_rule_says_of_which_ops_it_stands(tmp_path):
    """Each of what adds up rows and of what is Adam's, once."""
    call = trained(OPTIMIZERS["sparse_adam"], resource=False)
    lines = [line for method in module_of(call).methods for line in method.lines]
    (update,) = (line for line in lines if "sparse_adam(" in line.lines[0])
    named = [name.rpartition("/")[2] for name in update.ops]
    assert sorted(set(named)) == sorted(named)
    assert {"Unique", "UnsortedSegmentSum", "ScatterAdd", "ScatterAdd_1", "AssignSub"} <= {*named}


def test_every_rule_has_a_name_that_nothing_else_is_given():
    names = [name for name, each in vars(rules).items() if inspect.isfunction(each)]
    assert {*names} == updates.NAMES
    assert all(Names().new(name) != name for name in names)


def test_a_scope_with_nothing_but_a_scope_inside_is_no_method_that_calls_itself(tmp_path):
    """As those in which sparse rows are summed before an update, three deep."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [4], name="x")
        rows = []
        for number in range(4):
            name = f"linear/model/column_{number}/weights/part_0"
            table = tf1.get_variable(
                name, initializer=np.eye(6, 1, -number, np.float32), use_resource=True
            )
            rows.append(tf.gather(table, x + number % 2) * (number + 1.0))
        loss = tf.reduce_mean(tf.square(tf.add_n(rows) - 1.0), name="loss")
        step = tf1.train.FtrlOptimizer(0.2).minimize(loss)
        call = recorded([loss, step], {x: [1, 2, 1, 4]})
    assert differences(call, tmp_path) == []


@tf.RegisterGradient("SparseSegmentSumOf1.15")
def _of_tf1(op, grad):
    rows, sums = op.inputs[1], op.inputs[2]
    count = tf.shape(op.inputs[0])[0]
    return tf.math.unsorted_segment_sum(tf.gather(grad, sums), rows, count), None, None


def test_the_gradient_of_sums_of_rows_is_a_tapes_as_tensorflow_1_made_it(tmp_path):
    """1.15.5 gathers and adds where 2.21 has SparseSegmentSumGrad, of the same bits."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [3, 2], name="x")
        w = tf1.get_variable("w", initializer=np.eye(2, 4, dtype=np.float32), use_resource=True)
        with graph.gradient_override_map({"SparseSegmentSum": "SparseSegmentSumOf1.15"}):
            sums = tf.sparse.segment_sum(tf.tanh(tf.matmul(x, w)), [2, 0, 2, 1], [0, 0, 1, 1])
        loss = tf.reduce_mean(tf.square(sums - 0.5), name="loss")
        step = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        call = recorded([loss, step], {x: [[1.0, -2.0], [0.5, 0.25], [-1.5, 3.0]]})
    lines = methods_of(call)["__call__"]
    assert "w_grad = tape.gradient(loss, self.w)" in lines
    assert not any("unsorted_segment_sum" in line for line in lines)
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("seed", range(5))
def test_rows_get_the_same_bits_from_either_way_back(seed):
    draw = np.random.default_rng(seed)
    count, sums, width, rows = draw.integers([1, 1, 1, 1], [60, 10, 80, 12])
    gradient = draw.normal(size=(sums, width)).astype(np.float32)
    gradient[draw.random(gradient.shape) < 0.3] = -0.0
    places = draw.integers(0, rows, count).astype(np.int32)
    of = np.sort(draw.integers(0, sums, count)).astype(np.int32)
    today = tf.raw_ops.SparseSegmentSumGrad(
        grad=gradient, indices=places, segment_ids=of, output_dim0=rows
    )
    before = tf.math.unsorted_segment_sum(tf.gather(gradient, of), places, rows)
    assert today.numpy().tobytes() == before.numpy().tobytes()
