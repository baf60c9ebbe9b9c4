"""A backward graph becomes a call of a GradientTape, an optimizer's kernel a rule in arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port import beneath, rules, updates
from graphlab.port.recorded import Call, module_of
from graphlab.sources.backward import backward_scopes
from tests import port_proof
from tests.port_proof import differences
from tests.test_port import proved, recorded

tf1 = tf.compat.v1
POINTS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def lines(call: Call) -> list[str]:
    """What `__call__` does, without its indentation and its comments."""
    method = module_of(call).methods[0]
    every = [*(line for each in method.lines for line in each.lines), *method.returned]
    return [line.strip().partition("  #")[0] for line in every]


def ops_of(call: Call) -> int:
    return len(call.program.body.ops)


def trained(minimize, of=None) -> Call:
    """A recorded step that `minimize` makes of x @ w + b, or of what `of` gives for x, w and b."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        w = tf1.get_variable("w", initializer=POINTS[:3, :2])
        b = tf1.get_variable("b", initializer=POINTS[0, :2])
        if of is None:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b), name="loss")
        else:
            loss = of(x, w, b)
        step = minimize(loss, x, [w, b])
        start = tf1.global_variables_initializer()
    return recorded(step, {x: POINTS}, [start])


def descend(loss, x, variables):
    """A step of gradient descent, and the loss before it."""
    train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
    with tf.control_dependencies([train]):
        return tf.identity(loss, name="before")


def test_gradients_whose_names_fill_no_line_are_a_list():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        names = [f"{word}_of_the_last_layer" for word in ("kernel", "offset", "scale", "slope")]
        a, b, c, d = (tf1.get_variable(name, initializer=POINTS[0]) for name in names)
        step = descend(tf.reduce_sum(tf.square(x * a + b) * c + tf.exp(d), name="loss"), x, [])
        start = tf1.global_variables_initializer()
    said = lines(recorded(step, {x: POINTS}, [start]))
    assert "gradients = tape.gradient(" in said
    assert "self.kernel_of_the_last_layer.assign_sub(0.1 * gradients[0])" in said


STEP = [
    "with tf.GradientTape() as tape:",
    "loss = tf.reduce_mean(tf.square(tf.matmul(x, self.w) + self.b))",
    "w_grad, b_grad = tape.gradient(loss, [self.w, self.b])",
    "self.w.assign_sub(0.1 * w_grad)",
    "self.b.assign_sub(0.1 * b_grad)",
    'return {"before": loss}',
]


def test_a_backward_graph_is_a_call_of_a_tape():
    assert lines(trained(descend)) == STEP


def test_a_tape_computes_what_its_backward_graph_did(tmp_path):
    assert proved(tmp_path, trained(descend)) == "bit-equal in 1 call, 3 results and variables"


def test_a_backward_op_that_waits_for_another_gradient_is_a_tapes_too(tmp_path):
    """Of a normalization the gradients of one tensor are held together behind another's."""

    def normalized(x, w, b):
        z = tf.matmul(x, w)
        mean, variance = tf.zeros([2]), tf.ones([2])
        return tf.reduce_mean(
            tf.square(tf.nn.batch_normalization(z, mean, variance, b, w[0], 1e-3))
        )

    call = trained(descend, normalized)
    told = lines(call)
    assert "with tf.GradientTape() as tape:" in told
    assert [line for line in told if "Grad" in line and "GradientTape" not in line] == []
    assert proved(tmp_path, call) == "bit-equal in 1 call, 3 results and variables"


def thrice(x, w, b):
    """A loss that takes one tensor three times: its gradients are added."""
    z = tf.matmul(x, w, name="z")
    mean, variance = tf.nn.moments(z, [0])
    normalized = tf.nn.batch_normalization(z, mean, variance, b, None, 1e-3)
    return tf.reduce_sum(normalized * z, name="loss")


def test_gradients_that_a_tape_adds_in_another_order_are_asked_of_tf_gradients(tmp_path):
    call = trained(descend, thrice)
    told = lines(call)
    assert told[-5:] == [
        beneath.WHY,
        "w_grad, b_grad = tf.gradients(loss, [self.w, self.b])",
        "self.w.assign_sub(0.1 * w_grad)",
        "self.b.assign_sub(0.1 * b_grad)",
        'return {"before": loss}',
    ]
    assert not any("Tape(" in line for line in told)
    assert proved(tmp_path, call) == "bit-equal in 1 call, 3 results and variables"


def test_one_loss_may_be_asked_of_a_tape_and_another_of_tf_gradients(tmp_path):
    call = trained(two, thrice)
    told = lines(call)
    assert "(w_grad,) = tf.gradients(loss, self.w)" in told
    assert "b_grad = tape.gradient(other, self.b)" in told
    assert proved(tmp_path, call).startswith("bit-equal")


def test_two_optimizers_whose_losses_share_layers_are_two_tapes(tmp_path):
    """As in a GAN: the gradients of each loss pass through variables that the other one trains."""

    def minimize(loss, x, variables):
        w, b = variables
        shared = tf.nn.sigmoid(tf.matmul(x, w) + b)
        other = tf.reduce_mean(tf1.log(shared) + tf1.log(1.0 - tf.nn.sigmoid(loss * shared)))
        first = tf1.train.AdamOptimizer().minimize(-tf.reduce_mean(shared * loss), var_list=[w])
        second = tf1.train.AdamOptimizer().minimize(other, var_list=[b])
        return tf.group(first, second)

    call = trained(minimize)
    told = "".join(lines(call))
    assert told.count(".gradient(") == 2
    assert "raw_ops" not in told
    assert differences(call, tmp_path) == []


def test_a_tape_is_found_where_an_argument_has_no_shape(tmp_path):
    """A shape that the graph knows nevertheless, of a product, is known beneath the tape, too."""

    def of(x, w, b):
        keep = tf1.placeholder_with_default(tf.constant(0.5), None, name="keep")
        hidden = tf.matmul(x, w) / keep
        return tf.reduce_mean(tf.square(tf.matmul(tf.reshape(hidden / keep, [-1, 2]), w[:2]) + b))

    call = trained(descend, of)
    assert any("tape.gradient(" in line for line in lines(call))
    assert differences(call, tmp_path) == []


def test_gradients_that_wait_for_all_leave_no_functions_of_nothing():
    call = trained(lambda loss, x, variables: tf1.train.AdamOptimizer().minimize(loss), thrice)
    assert [each.name for each in module_of(call).functions] == []


def test_a_backward_graph_that_is_not_tensorflows_own_stays_as_it_is():
    """The names are those of a gradient, what is computed is none."""

    def minimize(loss, x, variables):
        with tf1.name_scope("gradients/loss_grad/"):
            wrong = tf.matmul(x, x, transpose_a=True, name="mul")[:, :2]
        return tf1.assign_sub(variables[0], wrong)

    assert not any("GradientTape" in line for line in lines(trained(minimize)))


def test_a_backward_graph_that_was_changed_stays_as_it_is():
    """One op of it has another attr."""

    @tf.custom_gradient
    def doubled(x):
        return tf.identity(x), lambda up: up * 2.0

    call = trained(descend, lambda x, w, b: tf.reduce_sum(doubled(tf.matmul(x, w)) + b))
    said = lines(call)
    assert not any("tape.gradient" in line and "self.w" in line for line in said)


def test_what_is_given_to_a_tape_may_be_an_argument():
    def minimize(loss, x, variables):
        return tf1.gradients(loss, x)[0]

    said = lines(trained(minimize))
    assert said[:2] == ["with tf.GradientTape() as tape:", "tape.watch(x)"]
    assert said[-2:] == ["x_grad = tape.gradient(loss, x)", 'return {"x_grad": x_grad}']


def test_gradients_are_taken_of_what_is_on_the_way_too():
    def of(x, w, b):
        hidden = tf.tanh(tf.matmul(x, w), name="hidden")
        return tf.reduce_sum(hidden * hidden + hidden, name="loss"), hidden

    def minimize(pair, x, variables):
        return tf1.gradients(pair[0], pair[1])[0] * 2.0

    assert "hidden_grad = tape.gradient(loss, hidden)" in lines(trained(minimize, of))


def penalty(loss, x, variables):
    """A step on a loss that a gradient is part of."""
    (slope,) = tf1.gradients(loss, x)
    return descend(tf.add(loss, tf.reduce_sum(tf.square(slope)), name="both"), x, variables)


def test_a_gradient_of_a_gradient_is_a_tape_around_a_tape(tmp_path):
    call = trained(penalty)
    said = lines(call)
    assert said[:2] == ["with tf.GradientTape() as tape:", "with tf.GradientTape() as tape_2:"]
    assert "x_grad = tape_2.gradient(loss, x)" in said
    assert "w_grad, b_grad = tape.gradient(both, [self.w, self.b])" in said
    assert proved(tmp_path, call).startswith("bit-equal")


def two(loss, x, variables):
    """Two losses, each with its own variable and its own optimizer."""
    other = tf.reduce_sum(tf.abs(tf.matmul(x, variables[0]) - variables[1]), name="other")
    first = tf1.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=variables[:1])
    second = tf1.train.MomentumOptimizer(0.1, 0.9).minimize(other, var_list=variables[1:])
    return tf.group(first, second)


def test_a_step_that_waits_for_another_leaves_that_a_tape(tmp_path):
    """Of the second gradient there are ops that nothing takes, and that wait for the first step."""

    def minimize(loss, x, variables):
        w, b = variables
        other = tf.reduce_mean(tf.abs(tf.matmul(x, w) + x[:, :1] * b), name="other")
        first = tf1.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])
        with tf.control_dependencies([first]):
            return tf1.train.GradientDescentOptimizer(0.1).minimize(other, var_list=[b])

    call = trained(minimize)
    said = "".join(lines(call))
    assert said.count(".gradient(") == 2
    assert "raw_ops" not in said
    assert differences(call, tmp_path) == []


def test_a_gradient_that_is_held_to_a_length_is_taken_of_by_a_tape(tmp_path):
    """The ops of the first gradient are on the way to the loss of the second, and take what is
    before it: of them alone no loss could be told."""

    def of(x, w, b):
        v = tf1.get_variable("v", initializer=POINTS[:2, :1])

        def critic(points):
            return tf.matmul(tf.nn.relu(tf.matmul(points, w) + b), v)

        between = 0.5 * x + 0.1
        slope = tf.gradients(critic(between), [between])[0]
        length = tf.sqrt(tf.reduce_sum(tf.square(slope), axis=1))
        return tf.reduce_mean(critic(x)) + tf.reduce_mean(tf.square(length - 1.0))

    call = trained(descend, of)
    said = "".join(lines(call))
    assert ".gradient(" in said
    assert "BroadcastGradientArgs" not in said
    assert differences(call, tmp_path) == []


def test_two_losses_are_asked_of_one_tape(tmp_path):
    call = trained(two)
    said = lines(call)
    assert said[0] == "with tf.GradientTape(persistent=True) as tape:"
    assert "w_grad = tape.gradient(loss, self.w)" in said
    assert "b_grad = tape.gradient(other, self.b)" in said
    assert proved(tmp_path, call).startswith("bit-equal")


def clipped(loss, x, variables):
    optimizer = tf1.train.AdamOptimizer(0.1)
    gradients, _ = tf.clip_by_global_norm(tf1.gradients(loss, variables), 0.5)
    return optimizer.apply_gradients(zip(gradients, variables, strict=True))


def test_gradients_may_be_clipped_before_they_are_applied(tmp_path):
    call = trained(clipped)
    assert "w_grad, b_grad = tape.gradient(loss, [self.w, self.b])" in lines(call)
    assert proved(tmp_path, call).startswith("bit-equal")


def test_rows_of_an_embedding_have_a_gradient_of_their_own(tmp_path):
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        table = tf1.get_variable("table", initializer=POINTS, use_resource=True)
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)), name="loss")
        step = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        start = tf1.global_variables_initializer()
    call = recorded(step, {ids: [0, 2, 0]}, [start])
    said = lines(call)
    assert "table_grad = tape.gradient(loss, self.table)" in said
    assert "table_grad.values" in "".join(said) and "table_grad.indices" in "".join(said)
    assert proved(tmp_path, call).startswith("bit-equal")


def test_what_looks_at_gradients_and_does_not_run_does_not_stand_against_a_tape(tmp_path):
    """A summary of the rows, which the program asks for in other steps: its slice of their shape
    could run, as nothing else of it could."""
    with tf.Graph().as_default():
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        table = tf1.get_variable("table", initializer=POINTS, use_resource=False)
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)), name="loss")
        optimizer = tf1.train.GradientDescentOptimizer(0.1)
        gradients = optimizer.compute_gradients(loss)
        tf.nn.zero_fraction(tf.convert_to_tensor(gradients[0][0]))
        step = optimizer.apply_gradients(gradients)
        start = tf1.global_variables_initializer()
    call = recorded(step, {ids: [0, 2, 0]}, [start])
    assert "table_grad = tape.gradient(loss, self.table)" in lines(call)
    assert proved(tmp_path, call).startswith("bit-equal")


def test_a_function_with_a_tape_becomes_one_with_a_tape():
    from graphlab import observe
    from graphlab.port.recorded import call_of

    w = tf.Variable(POINTS[:3, :2], name="w")

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ w))
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    with observe(values=True) as seen:
        step(tf.constant(POINTS))
    said = lines(call_of(seen.replays[-1]))
    assert said[0] == "with tf.GradientTape() as tape:"
    assert any("tape.gradient(" in line for line in said)


def test_the_names_of_backward_ops_say_whose_gradient_they_are():
    def names(*given):
        with tf.Graph().as_default() as graph:
            for name in given:
                tf1.placeholder(tf.float32, name=name)
        from graphlab.engine.kernels.nodes import read

        body, _ = read(graph.as_graph_def())
        return {scope: list(of) for scope, of in backward_scopes(body.ops).items()}

    assert names("a/MatMul", "train/gradients/a/MatMul_grad/x") == {
        "train/gradients/": ["a/MatMul"]
    }
    assert names("in/loss", "in/gradients/loss_grad/x") == {"in/gradients/": ["in/loss"]}
    assert names("my_grad/x", "loss") == {}
    assert names("gradient_tape/MatMul") == {"gradient_tape/": []}


DENSE = [(kind, rule) for kind, rule in updates.RULES.items() if "Sparse" not in kind]
RULES = [*DENSE, ("ApplyMomentum", "nesterov")]


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("kind", "rule"), RULES)
def test_a_rule_changes_a_variable_as_the_kernel_does_to_the_last_bit(kind, rule, dtype):
    assert updates.is_exact(kind, rule, dtype)


def test_a_rule_in_another_order_is_seen(monkeypatch):
    def other(variable, accum, lr, grad):
        accum.assign_add(tf.square(grad))
        variable.assign_sub(grad * lr / tf.sqrt(accum))  # the kernel takes rsqrt

    monkeypatch.setattr(rules, "adagrad", other)
    assert not updates.is_exact.__wrapped__("ApplyAdagrad", "adagrad", tf.float32)


OPTIMIZERS = {
    "momentum": lambda: tf1.train.MomentumOptimizer(0.1, 0.9),
    "nesterov": lambda: tf1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "adam": lambda: tf1.train.AdamOptimizer(0.1),
    "adagrad": lambda: tf1.train.AdagradOptimizer(0.1),
    "adadelta": lambda: tf1.train.AdadeltaOptimizer(0.1),
    "rms_prop": lambda: tf1.train.RMSPropOptimizer(0.1, momentum=0.5),
    "centered_rms_prop": lambda: tf1.train.RMSPropOptimizer(0.1, centered=True),
    "ftrl": lambda: tf1.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
}


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_the_updates_of_an_optimizer_are_one_loop_over_its_variables(rule):
    call = trained(lambda loss, x, variables: OPTIMIZERS[rule]().minimize(loss))
    assert module_of(call).rules == (rule,)
    said = "".join(lines(call))
    assert said.count(f"{rule}(") == 1
    assert "[(self.w, self." in said and "(self.b, self." in said
    assert "raw_ops" not in said


ZIPPED = {
    "adam": "for variable, (m, v), grad in zip(variables, slots, gradients, strict=True):",
    "momentum": "for variable, accum, grad in zip(variables, slots, gradients, strict=True):",
}


@pytest.mark.parametrize("rule", ZIPPED)
@pytest.mark.parametrize("left_out", [False, True])
def test_many_updates_go_over_the_gradients_of_their_tape(rule, left_out, tmp_path):
    """But not where one of the variables that a tape is asked of is updated by another rule."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        own = [tf1.get_variable(f"weight_{n}", initializer=POINTS[n % 3]) for n in range(8)]
        loss = tf.reduce_sum(
            tf.sin(tf.add_n([(x + n) * w for n, w in enumerate(own)])), name="loss"
        )
        optimizer = OPTIMIZERS[rule]()
        pairs = optimizer.compute_gradients(loss, own)
        steps = [optimizer.apply_gradients(pairs[: 7 if left_out else 8])]
        if left_out:
            steps.append(tf1.assign_sub(own[7], 0.5 * pairs[7][0]))
        with tf.control_dependencies(steps):
            before = tf.identity(loss, name="before")
        start = tf1.global_variables_initializer()
    call = recorded(before, {x: POINTS}, [start])
    said = lines(call)
    assert (ZIPPED[rule] in said) is not left_out
    assert ("gradients = tape.gradient(loss, variables)" in said) is not left_out
    assert proved(tmp_path, call).startswith("bit-equal")


def test_updates_may_go_over_gradients_that_another_tape_goes_on_from(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        own = [tf1.get_variable(f"weight_{n}", initializer=POINTS[n % 3]) for n in range(8)]
        both = [(x + n) * weight for n, weight in enumerate(own)]
        loss = tf.reduce_sum(tf.sin(tf.add_n(both)), name="loss")
        slopes = tf.gradients(loss, own)
        penalty = tf.add_n([tf.reduce_sum(tf.square(slope)) for slope in slopes])
        of_penalty = tf.identity(tf.gradients(penalty, x)[0], name="of_penalty")
        pairs = list(zip(slopes, own, strict=True))
        with tf.control_dependencies([of_penalty]):
            step = tf1.train.MomentumOptimizer(0.1, 0.9).apply_gradients(pairs)
        with tf.control_dependencies([step]):
            result = tf.identity(of_penalty, name="result")
        start = tf1.global_variables_initializer()
    call = recorded(result, {x: POINTS}, [start])
    said = lines(call)
    assert ZIPPED["momentum"] in said and any("tape_2" in line for line in said)
    assert proved(tmp_path, call).startswith("bit-equal")


@pytest.mark.parametrize("rule", ["adam", "centered_rms_prop"])
def test_a_file_with_a_rule_computes_what_the_optimizer_did(rule, tmp_path):
    call = trained(lambda loss, x, variables: OPTIMIZERS[rule]().minimize(loss))
    assert proved(tmp_path, call).startswith("bit-equal")


def test_a_reference_variable_is_updated_by_the_same_rule(tmp_path):
    with tf.Graph().as_default():
        w = tf1.get_variable("w", initializer=POINTS[0], use_resource=False)
        loss = tf.reduce_sum(tf.square(w), name="loss")
        step = tf1.train.AdamOptimizer(0.1).minimize(loss)
        start = tf1.global_variables_initializer()
    call = recorded(step, {}, [start])
    assert module_of(call).rules == ("adam",)
    assert proved(tmp_path, call).startswith("bit-equal")


def test_what_a_public_call_makes_and_nobody_needs_does_not_stand_against_it():
    """It makes shapes that it looks at, and throws away."""

    def of(x, w, b):
        logits = tf.matmul(x, w) + b
        loss = tf1.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1, 1, 0], logits=logits)
        return tf.reduce_sum(loss, name="loss")

    said = "".join(lines(trained(descend, of)))
    assert "tf.nn.sparse_softmax_cross_entropy_with_logits(" in said
    assert "raw_ops" not in said


def test_many_gradients_are_of_one_tape_which_is_told_of_each_tensor_once(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        y = tf1.placeholder(tf.float32, [None, 2], name="y")
        losses = [tf.reduce_sum(each(x * y)) for each in (tf.tanh, tf.exp, tf.sin, tf.square)]
        asked = [x, y, x, y]
        slopes = [tf.gradients(*each)[0] for each in zip(losses, asked, strict=True)]
        call = port_proof.recorded([*losses, *slopes], {x: POINTS[:, :2], y: POINTS[:, :2] * 0.5})
    said = lines(call)
    assert said[:2] == ["with tf.GradientTape(persistent=True) as tape:", "tape.watch([x, y])"]
    assert sum("tape.gradient(" in line for line in said) == 4
    assert differences(call, tmp_path) == []


def test_of_what_hangs_on_a_shape_alone_a_tape_is_not_asked(tmp_path):
    """It said None, and the file did not run: no real number leads there."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        w = tf1.get_variable("w", initializer=np.ones(3, np.float32))
        product = tf.multiply(x, w, name="product")
        count = tf.reduce_sum(tf.ones(tf.shape(product)), name="count")
        loss = tf.divide(tf.reduce_sum(tf.square(product)), count, name="loss")
        of_w, of_count = tf1.gradients(loss, [w, count])
    call = port_proof.recorded([loss, of_w, of_count], {x: np.ones((2, 3), np.float32)})
    assert differences(call, tmp_path) == []
