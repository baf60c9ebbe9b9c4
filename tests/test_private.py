"""Each use of TensorFlow that is not public: what we rely on, so that a release that breaks it
is seen here first."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import _private

tf1 = tf.compat.v1


def profile_of(call):
    profile = _private.Profile()
    try:
        call()
    finally:
        data = profile.stop()
    return _private.profile_events(data)


def test_the_profiler_sees_the_kernels_of_a_function_by_node_name():
    x = tf.random.stateless_uniform((64, 64), (1, 2))
    f = tf.function(lambda x: tf.sin(tf.matmul(x, x, name="mm"), name="sine"))
    f(x)
    names = [event.args.get("long_name", "") for event in profile_of(lambda: f(x)).trace_events]
    assert "sine:Sin" in names


def test_the_profiler_sees_eager_ops_and_function_calls():
    f = tf.function(lambda x: x * x)
    x = tf.constant(2.0)
    f(x)
    events = profile_of(lambda: (tf.sin(x), f(x))).trace_events
    executed = [(e.args["eager_op"], e.args["is_func"]) for e in events if e.name == "EagerExecute"]
    assert ("Sin", "0") in executed
    assert [is_func for name, is_func in executed if "lambda" in name] == ["1"]


def test_the_registered_kernels_say_what_they_keep_in_the_hosts_memory():
    assert _private.host_memory("MatMul", "CPU", {"T": "float32"}) == frozenset()
    assert _private.host_memory("MatMul", "CPU", {"T": "string"}) is None
    # A variable's handle is the host's on every device; the kernel is registered for all of them.
    assert _private.host_memory("VarHandleOp", "TPU", {"dtype": "float32"}) == {"resource"}


def test_there_is_one_profiler_and_we_know_whether_it_is_free():
    assert _private.profiler_is_free()
    profile = _private.Profile()
    try:
        assert not _private.profiler_is_free()
        with pytest.raises(RuntimeError, match="another profiler"):
            _private.Profile()
    finally:
        profile.stop()
    assert _private.profiler_is_free()


def test_every_runtime_call_of_a_function_passes_the_wrapper():
    seen = []

    def wrapper(original, function, args):
        seen.append((function.name.decode(), len(args), function.graph.as_graph_def() is not None))
        return original(function, *args)

    f = tf.function(lambda x: x * x)
    with _private.every_function_call(wrapper):
        with tf.GradientTape() as tape:
            v = tf.Variable(3.0)
            y = f(v)
        gradient = tape.gradient(y, v)
    assert gradient.numpy() == 6.0
    assert ["forward" in name for name, *_ in seen] == [True, False]
    assert "backward" in seen[1][0]
    f(tf.constant(1.0))
    assert len(seen) == 2


def test_each_trace_is_ticked_as_often_as_tensorflow_counts():
    ticks = []

    def body(x):
        return x

    f = tf.function(body)
    with _private.every_trace(lambda *told: ticks.append(told)):
        for n in range(5):
            f(n)
        for n in range(5):
            f(tf.constant(n))
    assert len(ticks) == f.experimental_get_tracing_count() == 6
    assert len({id(key) for key, *_ in ticks}) == 1
    assert {(name, function) for _, name, function, _ in ticks} == {("body", body)}
    kinds = [arguments["x"] for *_, arguments in ticks]
    assert [_private.python_value(kind) for kind in kinds] == [[0], [1], [2], [3], [4], None]
    assert (kinds[-1].dtype, kinds[-1].shape) == (tf.int32, ())


def test_what_a_session_is_asked_for_comes_down_to_names():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None], name="x")
        y, sparse = tf.exp(x, name="y"), tf1.sparse_placeholder(tf.float32, [3], name="s")
        train = tf.group(y, name="train")
    asked = {object(): [y, train], "again": (y, "x:0"), 3: sparse}
    names = ("y:0", "x:0", "s/indices:0", "s/values:0", "s/shape:0", "train")
    assert sorted(_private.asked_of_session(asked, graph)) == sorted(names)
    with pytest.raises(TypeError):
        _private.asked_of_session(3.0, graph)


def test_every_method_of_a_session_goes_through_its_wrapper_and_the_last_has_arrays():
    noted = []

    def around(name):
        def method(original):
            def call(session, *args, **kwargs):
                noted.append((name, args))
                return original(session, *args, **kwargs)

            return call

        return method

    names = ("run", "make_callable", "partial_run", "_do_run")
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = tf.exp(x, name="y")
        with _private.session_methods(**{name: around(name) for name in names}):
            session.run({"a": y}, {x: [0, 0]})
            session.make_callable(y, [x])([0.0, 0.0])
            handle = session.partial_run_setup([y], [x])
            session.partial_run(handle, y, {x: [0.0, 0.0]})
        session.run(y, {x: [0.0, 0.0]})
    assert [name for name, _ in noted] == [
        "run", "_do_run", "make_callable", "run", "_do_run", "partial_run", "_do_run",
    ]  # fmt: skip
    _, targets, fetches, feeds, *_ = noted[1][1]
    ((key, value),) = feeds.items()
    assert (targets, [t.name for t in fetches], key.deref().name) == ([], ["y:0"], "x:0")
    assert (value.dtype, value.tolist()) == (np.float32, [0.0, 0.0])


def test_the_profiler_is_lent_to_whoever_else_starts_it(tmp_path):
    lent = []
    with _private.profiler_lent(lambda: lent.append(1)):
        _private.Profile().stop()
        assert lent == []
        tf.profiler.experimental.start(str(tmp_path))
        tf.profiler.experimental.stop(save=False)
    assert lent == [1]


def test_the_dispatch_calls_back_for_eager_ops_and_for_ops_of_a_graph():
    seen = []

    def callback(op, inputs, attrs, outputs, op_name=None, graph=None):
        seen.append((op, op_name, graph is None, len(inputs), len(outputs)))

    x = tf.constant(1.0)
    _private.add_op_callback(callback)
    try:
        y = tf.sin(x, name="sine")
        with tf.Graph().as_default():
            tf.zeros((2,), name="z")
    finally:
        _private.remove_op_callback(callback)
    tf.cos(y)
    assert seen[0] == ("Sin", "sine", True, 1, 1)
    assert {graph_is_none for op, _, graph_is_none, _, _ in seen[1:]} == {False}
    assert "Cos" not in [op for op, *_ in seen]


def test_an_eager_tensors_id_is_its_own():
    a, b = tf.constant(1.0), tf.constant(1.0)
    assert _private.tensor_id(a) == _private.tensor_id(a) != _private.tensor_id(b)


def test_an_eager_tensors_type_is_known_without_making_one():
    assert type(tf.constant(0)) is _private.EagerTensor


def test_the_runtime_hands_out_a_functions_partition_graphs_when_it_is_instantiated():
    f = tf.function(lambda x: tf.sin(x, name="sine"))
    _private.start_collecting_graphs()
    try:
        f(tf.constant(1.0))
        first = list(_private.collected_graphs())
        f(tf.constant(2.0))
        second = list(_private.collected_graphs())
    finally:
        _private.stop_collecting_graphs()
    nodes = {node.name: node for graph in first[0].partition_graphs for node in graph.node}
    assert nodes["sine"].device.endswith("CPU:0")
    assert "sine" in [node.name for node in first[0].pre_optimization_graph.node]
    assert second == []


def test_the_body_of_a_loop_is_still_alive_and_knows_its_lines():
    @tf.function
    def f(x):
        for _ in tf.range(3):
            x = x * 2.0
        return x

    graph = f.get_concrete_function(tf.TensorSpec((), tf.float32)).graph
    loop = next(op for op in graph.get_operations() if "While" in op.type)
    body = _private.function_graph(graph, loop.get_attr("body").name)
    product = next(op for op in body.get_operations() if op.type == "Mul")
    assert __file__ in [file for file, _ in _private.frames(product)]
    assert _private.function_graph(graph, "no_such") is None


def test_the_body_of_a_function_is_made_of_its_definition():
    @tf.function
    def f(x):
        return tf.transpose(x, [1, 0])

    graph = f.get_concrete_function(tf.TensorSpec((None, 3), tf.float32)).graph
    with tf.Graph().as_default() as outside:
        f(tf1.placeholder(tf.float32, (2, 3)))
    (definition,) = outside.as_graph_def().library.function
    body = _private.defined_graph(outside, definition)
    assert [op.type for op in body.get_operations()] == [op.type for op in graph.get_operations()]
    assert body.outputs[0].shape.as_list() == [3, 2]


def test_a_gradient_op_knows_its_forward_op():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, (2,), name="x")
        tf1.gradients(tf.sin(x, name="sine"), x)
    found = {op.type: _private.forward_op(op) for op in graph.get_operations()}
    assert found["Cos"] == "sine"
    assert found["Placeholder"] is None


def test_devices_are_fixed_once_something_ran():
    np.testing.assert_equal(tf.constant(1.0).numpy(), 1.0)
    assert _private.devices_are_fixed()


CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


def test_an_op_is_run_by_its_name_with_flat_inputs_and_plain_attrs():
    a = tf.constant([[1.0, 2.0]])
    attrs = ("transpose_a", False, "transpose_b", True, "T", tf.float32.as_datatype_enum)
    (product,) = _private.execute("MatMul", 1, [a, a], attrs, CPU)
    assert product.numpy().tolist() == [[5.0]]
    parts = _private.execute(
        "ConcatV2", 1, [a, a, tf.constant(0)], ("N", 2, "T", 1, "Tidx", 3), CPU
    )
    assert _private.shape_of(parts[0]) == (2, 2)


def test_an_ops_definition_and_its_kernels_are_known():
    assert [arg.name for arg in _private.op_def("MatMul").input_arg] == ["a", "b"]
    assert _private.op_def("NoSuchOp") is None
    assert "CPU" in _private.kernel_devices("MatMul")
    assert _private.kernel_devices("NoSuchOp") == ()


def test_a_function_is_run_by_its_name_until_it_is_forgotten():
    with tf.Graph().as_default():
        f = tf.function(lambda x: x + x).get_concrete_function(tf.TensorSpec((), tf.float32))
        definition = f.graph.outputs and f.function_def
    definition.signature.name = "graphlab_pinned"
    _private.register_function(definition)
    (twice,) = _private.execute("graphlab_pinned", 1, [tf.constant(2.0)], (), CPU)
    assert twice.numpy() == 4.0
    _private.forget_function("graphlab_pinned")
    with pytest.raises(tf.errors.NotFoundError):
        _private.execute("graphlab_pinned", 1, [tf.constant(2.0)], (), CPU)


def test_grappler_runs_one_pass_and_no_other():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, (2, 2), name="x")
        with tf.control_dependencies([tf.no_op(name="idle")]):
            six = tf.constant(2.0) * tf.constant(3.0)
        product = tf.matmul(x, tf.ones((2, 2)), name="product")
        tf.nn.relu(tf.nn.bias_add(product, tf.ones(2)) * six, name="y")
    definition = graph.as_graph_def(add_shapes=True)
    cpu = "/job:localhost/replica:0/task:0/device:CPU:0"
    for node in definition.node:
        node.device = cpu

    def ops(optimizer):
        found = _private.grappler(definition, ["y"], optimizer, [cpu])
        return {node.op for node in found.node}

    everything = {node.op for node in definition.node}
    assert ops("no_such_pass") == everything
    assert "Mul" in ops("pruning")
    assert "_FusedMatMul" in ops("remap")
    assert "NoOp" not in ops("dependency")


def test_grappler_goes_as_far_as_the_settings_say():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [1, 3, 8, 8], name="x")
        convolved = tf1.nn.conv2d(x, tf.ones((2, 2, 3, 4)), padding="SAME", data_format="NCHW")
        tf.nn.relu(convolved, name="y")
    definition = graph.as_graph_def(add_shapes=True)
    cpu = "/job:localhost/replica:0/task:0/device:CPU:0"
    for node in definition.node:
        node.device = cpu
    options = tf1.ConfigProto().graph_options.rewrite_options
    options.disable_meta_optimizer = True  # says nothing of a pass that is asked for by name
    formats = []
    for conversion in (options.NO_CONVERSION_ON_CPU, options.NCHW_TO_NHWC):
        options.cpu_layout_conversion = conversion
        found = _private.grappler(definition, ["y"], "layout", [cpu], rewriter=options)
        formats += [n.attr["data_format"].s for n in found.node if n.op == "Conv2D"]
    assert formats == [b"NCHW", b"NHWC"]


def test_the_settings_of_functions_are_those_of_the_process():
    tf.config.optimizer.set_experimental_options({"remapping": False})
    try:
        options = _private.eager_config().graph_options.rewrite_options
    finally:
        tf.config.optimizer.set_experimental_options({"remapping": True})
    assert options.remapping == options.OFF


def test_grappler_knows_the_shape_of_a_functions_argument():
    f = tf.function(lambda x: tf.reshape(x, tf.shape(x)) + 1.0)
    graph = f.get_concrete_function(tf.TensorSpec((None, 3), tf.float32)).graph
    definition = graph.as_graph_def(add_shapes=True)
    cpu = "/job:localhost/replica:0/task:0/device:CPU:0"
    for node in definition.node:
        node.device = cpu
        if node.op == "Placeholder":
            node.op = "_Arg"
            del node.attr["dtype"], node.attr["shape"]
            node.attr["T"].type = tf.float32.as_datatype_enum
            node.attr["index"].i = 0
    definition.node.add(name="r", op="_Retval", input=["Identity"], device=cpu)
    definition.node[-1].attr["T"].type = tf.float32.as_datatype_enum
    found = _private.grappler(definition, ["r"], "arithmetic", [cpu])
    by_name = {node.name: node for node in found.node}
    assert by_name["x"].op == "_Arg"
    assert "x" in by_name["add"].input
    assert "Reshape" in {node.op for node in definition.node}


@pytest.mark.parametrize("jit", [True, False, None])
def test_a_function_says_whether_xla_must_compile_it(jit):
    f = tf.function(lambda x: x * 2.0, jit_compile=jit)
    concrete = f.get_concrete_function(tf.constant(1.0))
    called = []

    def wrapper(original, function, args):
        called.append(_private.must_compile_with_xla(function))
        return original(function, *args)

    with _private.every_function_call(wrapper):
        f(tf.constant(1.0))
    assert (_private.must_compile_with_xla(concrete), called) == (bool(jit), [bool(jit)])


def test_a_resource_says_what_is_behind_it():
    v = tf.Variable(tf.ones((2, 3)))
    graph = tf.function(lambda: v + 1.0).get_concrete_function().graph
    (handle,) = graph.inputs
    dtypes, shapes = _private.behind_handle(handle)
    assert dtypes == [tf.float32.as_datatype_enum]
    assert [tf.TensorShape(shape) for shape in shapes] == [(2, 3)]


def test_a_handle_tells_what_it_is_of():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    iterator = tf.raw_ops.AnonymousIteratorV3(output_types=[tf.int64], output_shapes=[[]])
    found = [_private.kind_of_resource(each) for each in (table.resource_handle, iterator)]
    assert found == ["tensorflow::lookup::LookupInterface", "tensorflow::data::IteratorResource"]
    assert _private.kind_of_resource(tf.constant(1)) == ""


def test_an_eager_tensor_is_made_also_while_a_graph_is_built():
    with tf.Graph().as_default() as graph:
        made = _private.eager_tensor([1.0, 2.0], tf.float64)
        assert graph.get_operations() == []
        assert not _private.is_eager_tensor(tf.constant(1.0))
    assert _private.is_eager_tensor(made)
    assert (made.numpy().tolist(), made.dtype) == ([1.0, 2.0], tf.float64)
    with pytest.raises((TypeError, ValueError)):
        _private.eager_tensor("a", tf.float32)


def test_all_ops_are_listed_and_those_that_can_run_are_told():
    ops = {op.name for op in _private.all_op_defs()}
    assert {"MatMul", "VariableV2", "_Arg", "BoostedTreesBucketize"} <= ops
    runs = _private.ops_with_kernels()
    assert ("MatMul" in runs, "BoostedTreesBucketize" in runs) == (True, False)


def test_a_session_casts_and_takes_feeds_apart_as_we_do():
    assert _private.session_value([1.7, -2.9], tf.int32).tolist() == [1, -2]
    assert _private.session_value(["a", b"b\0"], tf.string).tolist() == ["a", b"b\0"]
    with pytest.raises(ValueError):
        _private.session_value("a", tf.float32)
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, name="x")
        sparse = tf1.sparse_placeholder(tf.float32, [4], name="s")
        feeds = {"y:0": 3, (x,): (1.0,), sparse: ([[0]], [2.0], [4])}
        found = [(getattr(k, "name", k), v) for k, v in _private.session_feeds(feeds)]
        assert sorted(found, key=lambda pair: pair[0]) == [
            ("s/indices:0", [[0]]),
            ("s/shape:0", [4]),
            ("s/values:0", [2.0]),
            ("x:0", 1.0),
            ("y:0", 3),
        ]
        with tf1.Session() as session:
            handle = session.run(tf1.get_session_handle(x), {x: 1.0})
    found = [_private.is_session_handle(each) for each in (handle, handle.to_numpy_array(), 1.0)]
    assert found == [True, True, False]


def test_a_session_knows_its_config_and_takes_that_of_the_process_where_it_is_given_none():
    config = tf1.ConfigProto(allow_soft_placement=True, log_device_placement=True)
    with tf.Graph().as_default(), tf1.Session(config=config) as given, tf1.Session() as plain:
        assert _private.session_config(given) == config
        assert _private.session_config(plain) == _private.eager_config()


def test_a_loaded_function_knows_its_concrete_functions_in_the_order_of_the_file(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x, k: x * k)
    for k in (3, 1, 2):
        module.f(tf.constant([1.0]), k)
    module.one = module.f.get_concrete_function(tf.TensorSpec([2], tf.float32), 7)
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    found = _private.concrete_functions(loaded.f)
    assert [each.structured_input_signature[0][1] for each in found] == [3, 1, 2, 7]
    (one,) = _private.concrete_functions(loaded.one)
    assert one(x=tf.ones(2)).numpy().tolist() == [7.0, 7.0]


def test_the_program_of_a_compiled_function_can_be_had_for_the_arguments_of_a_call():
    v = tf.Variable([1.0, 2.0])
    kept = []

    def wrapper(original, function, args):
        kept.append((function, args))
        return original(function, *args)

    with _private.every_function_call(wrapper):
        tf.function(lambda n, x: tf.fill([n], 2.0) + x * v, jit_compile=True)(
            tf.constant(2), tf.constant(3.0)
        )
    device = "/job:localhost/replica:0/task:0/device:CPU:0"
    text = _private.compiled_program(*kept[0], device)
    assert text.startswith("HloModule ") and "ENTRY " in text
    assert "f32[2]" in text
    begun = _private.compiled_program(*kept[0], device, "hlo")
    assert begun.startswith("HloModule ") and begun != text


def test_keras_names_are_a_programs_own_and_go_on_after_it():
    def name():
        return tf.keras.layers.Dense(1, name=None).name

    with _private.own_keras_names():
        first = name()
        with _private.own_keras_names():
            inside = [name(), name()]
        assert [first, *inside, name()] == ["dense", "dense", "dense_1", "dense_1"]


def test_random_numbers_are_a_programs_own_and_go_on_after_it():
    def draw():
        return [float(tf.random.uniform([])), float(np.random.rand()), random.random()]

    def seed():
        tf.random.set_seed(3)
        np.random.seed(3)
        random.seed(3)

    with _private.own_seeds():
        seed()
        drawn = [draw() for _ in range(3)]
        seed()
        first = draw()
        with _private.own_seeds():
            unseeded = draw()
            with _private.own_seeds():
                again = draw()
            seed()
            inside = draw()
        assert [first, draw(), draw()] == drawn and inside == drawn[0]
    pairs = zip(unseeded, again, drawn[0], strict=True)
    assert all(len({one, other, third}) == 3 for one, other, third in pairs)


def test_functions_of_equal_code_in_two_files_are_converted_each_by_itself(tmp_path):
    def file_of_op(name):
        path = str(tmp_path / name)
        (tmp_path / name).write_text("def f(x):\n    return tf.sin(x)\n")
        space = {"tf": tf}
        exec(compile((tmp_path / name).read_text(), path, "exec"), space)
        function = tf.function(space["f"]).get_concrete_function(tf.constant(1.0))
        return source_of(next(op for op in function.graph.get_operations() if op.type == "Sin"))

    def source_of(op):
        files = [frame.filename for frame in reversed(op.traceback)]
        return next(file for file in files if Path(file).parent == tmp_path)

    with _private.own_conversions():
        first = file_of_op("first.py")
    with _private.own_conversions():
        second = file_of_op("second.py")
    assert [first, second] == [str(tmp_path / "first.py"), str(tmp_path / "second.py")]


@pytest.mark.parametrize("asked", "01")
def test_whether_onednn_computes_is_what_its_variable_says(asked):
    program = "from graphlab import _private; print(_private.onednn())"
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": asked}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(asked == "1")]


def test_tensorflow_tells_what_its_upgrade_script_renames():
    renames = _private.renames_of_tf1()
    assert renames["tf.log"] == "tf.math.log"
    assert renames["tf.contrib.rnn.GRUCell"] == "tf.compat.v1.nn.rnn_cell.GRUCell"


def test_ops_that_draw_get_numbered_seeds_in_the_order_in_which_they_are_made():
    with tf.Graph().as_default(), _private.numbered_seeds(7):
        drawn = [tf.random.uniform([2]), tf.random.normal([2], seed=3)]
        with tf.compat.v1.Session() as session:
            first = session.run(drawn[0])
    ops = drawn[0].graph.get_operations()
    seeds = [(o.get_attr("seed"), o.get_attr("seed2")) for o in ops if o.type.startswith("Random")]
    assert seeds == [(7, 0), (7, 1)]
    with tf.Graph().as_default():
        op = tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32, seed=7, seed2=0)
        with tf.compat.v1.Session() as session:
            assert session.run(op).tolist() == first.tolist()
