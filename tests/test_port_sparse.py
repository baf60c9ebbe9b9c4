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
    "adam": lambda: tf1.train.AdamOptimizer(0.1),
    "sparse_momentum": lambda: tf1.train.MomentumOptimizer(0.1, 0.9),
    "sparse_nesterov": lambda: tf1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "sparse_adagrad": lambda: tf1.train.AdagradOptimizer(0.1),
    "sparse_adadelta": lambda: tf1.train.AdadeltaOptimizer(0.1),
    "sparse_rms_prop": lambda: tf1.train.RMSPropOptimizer(0.1, momentum=0.5),
    "sparse_ftrl": lambda: tf1.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
}
RULES = [(kind, rule) for kind, rule in updates.RULES.items() if "Sparse" in kind]
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
    assert module.rules == ((name,) if name.startswith("sparse") else ())
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_changes_rows_as_the_kernel_does_to_the_last_bit(kind, rule, dtype):
    assert updates.is_exact(kind, rule, dtype, (64,))


def test_a_product_with_more_bits_than_the_kernels_is_seen(monkeypatch):
    """It is the kernel's for three of four pairs of a rate and a momentum."""

    def other(variable, accum, lr, grad, indices, momentum):
        new = tf.gather(accum, indices) * momentum + grad
        accum.scatter_update(tf.IndexedSlices(new, indices))
        variable.scatter_sub(tf.IndexedSlices(grad * lr + lr * momentum * new, indices))

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


def test_a_row_of_one_number_is_computed_in_another_way_and_is_the_kernels(tmp_path):
    assert not updates.is_exact("SparseApplyAdagrad", "sparse_adagrad", tf.float32, (1,))
    call = trained(OPTIMIZERS["sparse_adagrad"], width=1)
    assert "tf.raw_ops.ResourceSparseApplyAdagrad(" in said(call)
    assert differences(call, tmp_path) == []


def test_centered_rows_come_out_otherwise_and_are_the_kernels(tmp_path):
    """Its kernel takes the root of a difference, in which another last bit of either is much."""
    call = trained(lambda: tf1.train.RMSPropOptimizer(0.1, centered=True))
    assert "tf.raw_ops.ResourceSparseApplyCenteredRMSProp(" in said(call)
    assert differences(call, tmp_path) == []


def test_two_tables_have_one_rule(tmp_path):
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        draw = np.random.default_rng(0)
        starts = [draw.normal(size=(5, 8)).astype(np.float32) for _ in range(2)]
        tables = [
            tf1.get_variable(name, initializer=start, use_resource=True)
            for name, start in zip(("left", "right"), starts, strict=True)
        ]
        rows = [tf.nn.embedding_lookup(table, ids) for table in tables]
        loss = tf.reduce_sum(rows[0] * rows[1], name="loss")
        step = OPTIMIZERS["sparse_momentum"]().minimize(loss)
    call = recorded([loss, step], {ids: IDS})
    assert module_of(call).rules == ("sparse_momentum",)
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def test_every_rule_has_a_name_that_nothing_else_is_given():
    names = [name for name, each in vars(rules).items() if inspect.isfunction(each)]
    assert {*names} == updates.NAMES
    assert all(Names().new(name) != name for name in names)
