"""What a GPU did, from recordings of a real one: every number is held against the protos."""

import collections
import re

import pytest
import tensorflow as tf
from recorded_gpu import PROFILES, SESSIONS, call_steps, metadata_of, session_steps, trace_of

from graphlab import _private, observe
from graphlab.model import Kernel, Run, Step, from_json, to_json
from graphlab.watch import claims, compiled, eager, kernels, runtime, sessions
from graphlab.watch.profile import HERE, Profile, Span, profile_of
from graphlab.watch.recording import EagerOps
from graphlab.watch.windows import Window
from visualize.busy import busy
from visualize.lanes import lanes
from visualize.words import of_kernel


def streams_of(metadata):
    """The entries of the streams with a number, and those that say the same again."""
    numbered, again = [], []
    for entry in metadata.step_stats.dev_stats:
        if re.search(r"/stream:\d", entry.device):
            numbered += [(entry.device, stats) for stats in entry.node_stats]
        elif entry.device.endswith(("/stream:all", "/memcpy")):
            again += entry.node_stats
    return numbered, again


@pytest.mark.parametrize("name", SESSIONS)
def test_every_entry_of_a_sessions_streams_is_a_kernel_of_its_node_with_its_times(name):
    metadata = metadata_of(name)
    zero = runtime.zero_of(metadata.step_stats)
    numbered, _ = streams_of(metadata)
    expected = collections.Counter()
    for device, stats in numbered:
        start = ((stats.all_start_micros + stats.op_start_rel_micros) * 1000 - zero) / 1000
        end = ((stats.all_start_micros + stats.op_end_rel_micros) * 1000 - zero) / 1000
        stream = re.search(r"stream:(\d+)", device)[1]
        node = stats.node_name.rpartition(":")[0]
        expected[node, stream, round(start, 3), round(end, 3), stats.timeline_label] += 1
    steps, unclaimed = session_steps(name)
    labels = {kernel: step.node for step in steps for kernel in step.kernels}
    actual = collections.Counter()
    for kernel, node in labels.items():
        # The label begins with the name, and says each of the numbers that were taken from it.
        (label,) = {
            key[4] for key in expected if key[:4] == (node, *_place(kernel)) and _said(key, kernel)
        }
        actual[(node, *_place(kernel), label)] += 1
    assert actual == expected
    assert unclaimed == ()


def _place(kernel):
    return kernel.stream, kernel.start_us, kernel.end_us


def _said(key, kernel):
    label = key[4]
    if kernel.bytes is not None:
        source, target = kernel.memory
        rest = f" kind_src:{source} kind_dst:{target} size:{kernel.bytes} "
    else:
        grid, block = (",".join(map(str, sizes)) for sizes in (kernel.grid, kernel.block))
        rest = f" grid:{grid} block:{block} occ_pct:{kernel.occupancy:g}"
        static, dynamic = re.search(r"static_shared:(\d+) dynamic_shared:(\d+)", label).groups()
        assert kernel.shared_bytes == int(static) + int(dynamic)
        assert f" regs:{kernel.registers} " in label
    return label.startswith(f"{kernel.name} ") and rest in f"{label} "


@pytest.mark.parametrize("name", SESSIONS)
def test_the_streams_without_a_number_say_nothing_that_the_others_do_not(name):
    numbered, again = streams_of(metadata_of(name))
    said = {stats.SerializeToString() for _, stats in numbered}
    assert [stats.node_name for stats in again if stats.SerializeToString() not in said] == []


@pytest.mark.parametrize("name", SESSIONS)
def test_the_times_of_a_launch_are_those_that_the_device_itself_says(name):
    metadata = metadata_of(name)
    zero = runtime.zero_of(metadata.step_stats)
    expected = collections.defaultdict(list)
    for entry in metadata.step_stats.dev_stats:
        if not entry.device.endswith("device:GPU:0") or not entry.device.startswith("/job"):
            continue
        for stats in entry.node_stats:
            base = stats.all_start_nanos
            start, end = base + stats.op_start_rel_nanos, base + stats.op_end_rel_nanos
            expected[stats.node_name].append(
                (round((start - zero) / 1000, 3), round((end - zero) / 1000, 3))
            )
    del expected["_SOURCE"]
    actual = collections.defaultdict(list)
    for step in session_steps(name)[0]:
        times = (step.start_us, step.end_us) if step.on_host else step.launch
        if step.device == "GPU:0" and times and times[0] is not None:
            actual[step.node].append(times)
    assert {node: sorted(times) for node, times in actual.items()} == {
        node: sorted(times) for node, times in expected.items()
    }


@pytest.mark.parametrize("name", SESSIONS)
def test_an_op_of_a_gpu_has_the_time_of_its_kernels_or_of_the_host_or_none(name):
    for step in session_steps(name)[0]:
        if step.kernels:
            assert step.start_us == min(k.start_us for k in step.kernels), step.node
            assert step.end_us == max(k.end_us for k in step.kernels), step.node
            assert step.duration_us == pytest.approx(
                sum(k.end_us - k.start_us for k in step.kernels)
            ), step.node
            assert not step.on_host
        elif step.device == "GPU:0" and not step.on_host:
            assert (step.start_us, step.end_us, step.duration_us) == (None, None, None), step.node


def test_what_each_op_of_the_recorded_training_step_did_is_told_apart():
    steps = {step.node: step for step in session_steps("session_train_5")[0]}
    on_host = {node for node, step in steps.items() if step.on_host}
    assert on_host == {
        "gradients/loss_grad/mod",
        "gradients/loss_grad/GatherV2/axis",
        "gradients/SparseSoftmaxCrossEntropyWithLogits/SparseSoftmaxCrossEntropyWithLogits_grad"
        "/ExpandDims/dim",
        "gradients/add_grad/Shape_1",
        "gradients/loss_grad/Shape",
        "W",
        "b",
    }
    without = [
        step.op
        for step in steps.values()
        if step.device == "GPU:0" and step.launch and not step.kernels
    ]
    assert sorted(without) == [
        "Const", "Const", "ExpandDims", "NoOp", "Prod", "ReadVariableOp", "ReadVariableOp",
        "Reshape",
    ]  # fmt: skip
    mean = steps["loss"]
    assert (mean.op, len(mean.kernels), mean.duration_us) == ("Mean", 1, 1.0)
    product = steps["MatMul"]
    assert [kernel.duration_us for kernel in product.kernels] == [6.0, 2.0]
    assert product.duration_us == 8.0
    assert product.end_us - product.start_us == pytest.approx(38.0)  # with the time between the two
    assert product.launch[1] - product.launch[0] == pytest.approx(216.494)
    assert product.kernels[0].grid == (8, 1, 18)
    assert (product.kernels[0].registers, product.kernels[0].shared_bytes) == (80, 25600)


def test_copies_are_of_the_transfers_that_made_them_with_their_bytes_and_rate():
    steps = [step for step in session_steps("session_train_5")[0] if step.kernels]
    copies = [(s.node, s.op, k.name, k.bytes, k.duration_us) for s in steps for k in s.kernels
              if k.bytes is not None]  # fmt: skip
    assert sorted(copies) == [
        ("_arg_images_0_0/_1", "_Recv", "MemcpyH2D", 256 * 784 * 4, 17.0),
        ("_arg_labels_0_1/_2", "_Send", "MemcpyH2D", 256 * 8, 0.0),
        ("gradients/loss_grad/Shape/_5", "_Recv", "MemcpyH2D", 4, 0.0),
        ("gradients/loss_grad/mod/_7", "_Recv", "MemcpyH2D", 4, 0.0),
        ("loss/_8", "_Send", "MemcpyD2H", 4, 1.0),
    ]
    rates = {s.node: k.rate for s in steps for k in s.kernels if k.bytes is not None}
    assert rates["_arg_images_0_0/_1"] == pytest.approx(802816 / 17e-6)
    assert rates["_arg_labels_0_1/_2"] is None  # shorter than the clock's tick


def test_each_round_of_a_loop_has_its_own_kernels():
    steps, _ = session_steps("session_conv_loop")
    rounds = [step for step in steps if step.node == "while/body/_1/Sum"]
    assert [(step.frame, len(step.kernels)) for step in rounds] == [(str(i), 2) for i in range(5)]
    for step in rounds:
        assert step.launch[0] <= step.kernels[0].start_us
    firsts = [step.kernels[0].start_us for step in rounds]
    assert firsts == sorted(set(firsts))


@pytest.mark.parametrize("name", ["session_train_5", "session_conv_loop"])
def test_the_registered_kernels_say_of_the_host_what_the_recorded_allocators_say(name):
    if _private.host_memory("Shape", "GPU", {"T": "float32", "out_type": "int32"}) is None:
        pytest.skip("this TensorFlow was built without kernels for a GPU")
    metadata = metadata_of(name)
    executed = runtime.executed_graph(metadata.partition_graphs, {})
    told = {step.node: step.on_host for step in session_steps(name)[0] if step.device == "GPU:0"}
    bare = [Step(node.name, node.op, node.device) for node in executed.nodes]
    asked = {step.node: step.on_host for step in runtime.on_host(bare, executed)}
    seen = {
        stats.node_name
        for entry in metadata.step_stats.dev_stats
        for stats in entry.node_stats
        if stats.output and entry.device.startswith("/job")
    }
    differ = [(n, executed[n].op, told[n], asked[n]) for n in told if n in seen]
    assert [each for each in differ if each[2] != each[3]] == []


def events_of(trace):
    """Every event of a GPU's plane, and the host's launches by their number."""
    (gpu,) = [number for number, entry in trace.devices.items() if "GPU" in entry.name]
    ran = [event for event in trace.trace_events if event.device_id == gpu]
    launches = {
        event.args["correlation_id"]: event
        for event in trace.trace_events
        if event.device_id != gpu and "correlation_id" in event.args
    }
    return ran, launches


@pytest.mark.parametrize("name", PROFILES)
def test_every_event_of_a_profiles_gpu_is_a_kernel_with_its_launch(name):
    trace = trace_of(name)
    ran, launches = events_of(trace)
    expected = []
    for event in sorted(ran, key=lambda event: event.timestamp_ps):
        launch = launches[event.args["correlation_id"]]
        expected.append(
            (
                event.name.removesuffix(" 3"),  # the kind of memory that a Memset was of
                str(event.resource_id),
                *(us / 1e6 for us in (event.timestamp_ps, launch.timestamp_ps)),
                event.duration_ps / 1e6,
                launch.duration_ps / 1e6,
                event.args["tf_op"].rpartition(":")[0],
            )
        )
    found = profile_of(trace).gpu
    assert [
        (
            each.kernel.name,
            each.kernel.stream,
            each.kernel.start_us,
            each.kernel.launch[0],
            pytest.approx(each.kernel.end_us - each.kernel.start_us, abs=1e-3),
            pytest.approx(each.kernel.launch[1] - each.kernel.launch[0], abs=1e-3),
            each.node,
        )
        for each in found
    ] == expected
    assert {each.kernel.device for each in found} == {"GPU:0"}
    assert {each.thread for each in found} <= {"python3", "tf_Compute/-7074222406501721514"}


def test_the_ops_of_a_function_have_the_kernels_that_name_them():
    (steps, unclaimed), found, _ = call_steps("function")
    expected = collections.Counter(
        event.args["tf_op"] for event in events_of(trace_of("function"))[0] if event.args["tf_op"]
    )
    actual = {f"{step.node}:{step.op}": len(step.kernels) for step in steps}
    assert actual == expected
    assert unclaimed == ()
    assert [step.device for step in steps] == ["GPU:0"] * len(steps)
    assert sum(step.duration_us for step in steps) == pytest.approx(
        sum(each.kernel.duration_us for each in found), abs=1e-3
    )
    launches = [step.launch for step in steps]
    assert launches == sorted(launches)
    for step in steps:
        assert step.launch[0] == min(kernel.launch[0] for kernel in step.kernels)
        assert step.launch[1] == max(kernel.launch[1] for kernel in step.kernels)


def test_a_copy_behind_a_call_is_not_of_the_call():
    _, found, profile = call_steps("function")
    outside = [each.kernel for each in profile.gpu if each not in found]
    assert [(kernel.name, kernel.bytes, kernel.memory) for kernel in outside] == [
        ("MemcpyD2H", 4, ("device", "pageable"))  # the reading of the loss
    ]


def test_a_compiled_call_has_all_kernels_that_the_compiler_made_and_what_they_are_of():
    (steps, unclaimed), found, profile = call_steps("xla")
    (step,) = steps
    assert (step.node, unclaimed) == ("__inference_body_414", ())
    zero = profile.ops[0].start_us
    assert step.kernels == tuple(kernels.since(each.kernel, zero) for each in found)
    assert [kernel.made_from for kernel in step.kernels if kernel.bytes is None] == [
        "MatMul",
        "fusion.15",
        "input_reduce_fusion",
        "loop_multiply_fusion",
        "fusion.20",
        "loop_subtract_fusion",
        "gradient_tape/MatMul/MatMul",
        "AssignSubVariableOp",
    ]
    run = Run("function", "body", 5, steps=steps, wall_us=900.0)
    told = compiled.one_kernel(run, "__inference_body_414", "GPU:0")
    assert [(s.node, s.device, len(s.kernels)) for s in told.steps] == [("body", "GPU:0", 10)]


def test_eager_ops_have_the_kernels_launched_while_they_were_dispatched():
    profile = profile_of(trace_of("eager"))
    dispatched = sorted(profile.eager + profile.calls, key=lambda span: span.start_us)
    mine, unclaimed = claims.by_dispatch(dispatched, profile.gpu)
    ops = [(s.name, len(ks)) for s, ks in zip(dispatched, mine, strict=True) if ks]
    assert ops == [
        ("MatMul", 2),
        ("AddV2", 1),
        ("SparseSoftmaxCrossEntropyWithLogits", 6),
        ("Mean", 1),
        ("Tile", 1),
        ("RealDiv", 1),
        ("Mul", 1),
        ("Sum", 2),
        ("MatMul", 1),
        ("Mul", 1),
        ("AssignSubVariableOp", 1),
        ("Mul", 1),
        ("AssignSubVariableOp", 1),
    ]
    assert [(kernel.name, kernel.bytes) for kernel in unclaimed] == [("MemcpyD2H", 4)]
    claimed = [kernel for kernels_of_one in mine for kernel in kernels_of_one]
    assert len(claimed) + len(unclaimed) == len(events_of(trace_of("eager"))[0])


def test_steps_with_kernels_go_to_json_and_back_and_steps_without_them_are_as_before():
    steps, _ = session_steps("session_train_0")
    run = Run("graph", "Session.run", 1, steps=steps, unclaimed=steps[-1].kernels)
    assert from_json(Run, to_json(run)) == run
    old = '{"way":"graph","name":"f","call":1,"steps":[{"node":"y","op":"Add","device":"CPU:0"}]}'
    assert from_json(Run, old).steps == (Step("y", "Add", "CPU:0"),)
    assert to_json(Step("y", "Add", "CPU:0")) == '{"node": "y", "op": "Add", "device": "CPU:0"}'


def test_kernels_of_a_node_that_do_not_come_out_even_go_to_the_last_launch_before_them():
    steps = [Step("y", "Mul", "GPU:0", float(start), start + 5.0) for start in (0, 10)]
    found = [
        kernels.Found(Kernel("k", "GPU:0", "1", start, start + 1.0), "y")
        for start in (3.0, 12.0, 14.0)
    ]
    told, unclaimed = claims.joined(steps, found)
    assert [[kernel.start_us for kernel in step.kernels] for step in told] == [[3.0], [12.0, 14.0]]
    assert unclaimed == ()


def test_a_kernel_of_a_node_that_is_no_step_is_claimed_by_none():
    kernel = Kernel("k", "GPU:0", "1", 0.0, 1.0)
    _, unclaimed = claims.joined([Step("y", "Mul", "GPU:0")], [kernels.Found(kernel, "z")])
    assert unclaimed == (kernel,)


def launched(at, thread="python"):
    return kernels.Found(
        Kernel("k", "GPU:0", "1", at + 5.0, at + 6.0, (at, at + 1.0)), "", "", "", thread
    )


def test_an_eager_op_has_what_was_launched_from_its_dispatch_on_and_on_its_thread():
    spans = [
        Span("f", 0.0, 100.0, "python"),  # a call, in which Python dispatches an op
        Span("Sin", 25.0, 30.0, "python", asked_us=20.0),
        Span("Add", 110.0, 120.0, "python", asked_us=105.0),
    ]
    elsewhere = [launched(50.0, "another"), launched(115.0, "another")]
    here = [launched(at) for at in (22.0, 60.0, 106.0, 130.0)]
    found = sorted(elsewhere + here, key=lambda each: each.kernel.start_us)
    mine, unclaimed = claims.by_dispatch(spans, found)
    assert [[kernel.launch[0] for kernel in kernels] for kernels in mine] == [
        [50.0, 60.0],
        [22.0],
        [106.0],
    ]
    assert [kernel.launch[0] for kernel in unclaimed] == [115.0, 130.0]


def in_eager(spans, found, *ops):
    """The Run of eager ops of these types, as a window has it that saw the spans and kernels."""
    mark = Span("graphlab call", 0.0, 0.0, "python")
    window = Window(0, 0.0, eager.Recorder({}, 9, lambda: None), None, b"events")
    window.recorder.ops = [
        eager.EagerOp(op, "", (), (), (), "GPU:0", None, gradient=False) for op in ops
    ]
    window.spans = Profile(tuple(spans), (), (), tuple(found), {HERE: mark})
    return EagerOps(window, {}).run(lambda *_: None)


def test_times_count_from_the_copy_that_comes_before_the_first_op():
    """What an eager op is given is copied to the GPU while it is dispatched."""
    spans = [Span("MatMul", 30.0, 40.0, "python", asked_us=10.0)]
    run = in_eager(spans, [launched(12.0), launched(33.0)], "MatMul")
    (step,) = run.steps
    assert step.launch == (18.0, 28.0)
    assert [(k.launch, k.start_us) for k in step.kernels] == [
        ((0.0, 1.0), 5.0),
        ((21.0, 22.0), 26.0),
    ]
    call = Span("__inference_f_1", 0.0, 90.0, "python")
    inside = [Span("mm", 30.0, 40.0, "python", "MatMul")]
    found = claims.in_call([launched(12.0), launched(33.0)], call)
    (step,), (copy,) = runtime.steps_of_kernels(inside, None, None, found)
    assert (step.launch, copy.launch, copy.start_us) == ((18.0, 28.0), (0.0, 1.0), 5.0)


def test_what_a_gpu_did_for_an_op_that_only_the_runtime_knows_is_claimed_by_none():
    spans = [
        Span("Cast", 10.0, 20.0, "python", asked_us=10.0),  # Python dispatched no such op
        Span("MatMul", 30.0, 40.0, "python", asked_us=30.0),
    ]
    run = in_eager(spans, [launched(12.0), launched(33.0)], "MatMul")
    assert [[kernel.start_us for kernel in step.kernels] for step in run.steps] == [[28.0]]
    assert [kernel.start_us for kernel in run.unclaimed] == [7.0]


def test_a_launch_is_of_the_innermost_op_around_it():
    spans = [Span("call", 0.0, 100.0, "t"), Span("mm", 10.0, 20.0, "t"), Span("y", 30.0, 40.0, "t")]
    told, unclaimed = claims.by_span(
        spans, [launched(12.0, "t"), launched(50.0, "t"), launched(12.0, "u")]
    )
    assert [(span.name, len(kernels)) for span, kernels in told] == [
        ("call", 1),
        ("mm", 1),
        ("y", 0),
    ]
    assert len(unclaimed) == 1


def test_a_compiled_call_of_which_no_kernel_was_seen_has_a_launch_and_no_time():
    step = Step("__inference_f_1", "__inference_f_1", "", 1.0, 9.0)
    run = Run("function", "f", 2, steps=(step,), wall_us=10.0)
    (told,) = compiled.one_kernel(run, "__inference_f_1", "GPU:0").steps
    assert (told.start_us, told.duration_us, told.launch) == (None, None, (1.0, 9.0))
    (told,) = compiled.one_kernel(run, "__inference_f_1", "CPU:0").steps
    assert (told.start_us, told.duration_us, told.launch) == (1.0, 8.0, None)


@pytest.mark.parametrize(
    ("device", "memory", "told"),
    [("GPU:0", "CPU:0", True), ("GPU:0", "GPU:0", False), ("CPU:0", "CPU:0", False)],
)
def test_an_eager_op_ran_on_the_host_where_its_output_is_there_though_its_device_is_a_gpu(
    monkeypatch, device, memory, told
):
    """There is no GPU here: only what a tensor says of itself is another."""
    local = "/job:localhost/replica:0/task:0/device:"
    monkeypatch.setattr(eager, "short", lambda name: device if name == local + "CPU:0" else memory)
    recorder = eager.Recorder({}, 9, lambda: None)
    tensor = tf.constant([1])
    monkeypatch.setattr(type(tensor), "backing_device", property(lambda self: "its memory"))
    recorder("Shape", [], (), [tensor], "size")
    (op,) = recorder.ops
    assert (op.device, op.on_host) == (device, told)


def entry_of(stats, device, *nodes):
    """An entry of StepStats as TensorFlow's converter writes it: (node, label) after another."""
    entry = stats.dev_stats.add(device=device)
    for at, (name, label) in enumerate(nodes):
        entry.node_stats.add(
            node_name=name, timeline_label=label, all_start_micros=at, op_end_rel_micros=1
        )


def test_a_kernel_whose_name_has_blanks_is_read_from_a_sessions_label():
    stats = tf.compat.v1.RunMetadata().step_stats
    label = "void f<int, 2>(int*) regs:8 grid:2,1,1"
    entry_of(stats, "/job:worker/replica:0/task:1/device:GPU:2/stream:7", ("y:Add", label))
    assert [each.kernel for each in kernels.of_stats(stats, 0)] == [
        Kernel("void f<int, 2>(int*)", "worker:1/GPU:2", "7", 0.0, 1.0, grid=(2, 1, 1), registers=8)
    ]


def test_what_a_session_tells_of_no_stream_is_there_without_a_name_of_its_own():
    """A Memset: TensorFlow writes the node's name in the place of its own, size and stream."""
    stats = tf.compat.v1.RunMetadata().step_stats
    entry_of(stats, "/device:GPU:0/stream:", ("mean:Mean", "mean:Mean"), ("Memset 3", "Memset 3"))
    found = kernels.of_stats(stats, 0)
    assert [(each.kernel, each.node) for each in found] == [
        (Kernel(kernels.OTHER, "GPU:0", "", 0.0, 1.0, bytes=0), "mean"),
        (Kernel(kernels.OTHER, "GPU:0", "", 1.0, 2.0, bytes=0), ""),
    ]
    steps, unclaimed = claims.joined([Step("mean", "Mean", "GPU:0", 0.0, 1.0)], found)
    run = Run("graph", "Session.run", 2, steps=steps, unclaimed=unclaimed)
    assert [lane.name for lane in lanes(run)] == ["GPU:0 launches", "GPU:0 a stream not told"]
    assert [(told.computed_us, told.copied_us) for told in busy(run)] == [(0.0, 2.0)]
    assert of_kernel(unclaimed[0]) == "Memset or the like, 1.00 µs"


def test_a_host_that_waits_for_a_stream_is_no_op_and_no_device():
    metadata = metadata_of("session_train_5")
    before = runtime.steps_of_stats(metadata.step_stats, {})
    entry_of(metadata.step_stats, "/device:GPU:0/sync", ("cuStreamSynchronize", "ThreadId 1234"))
    assert runtime.steps_of_stats(metadata.step_stats, {}) == before


FULL, SOFTWARE = tf.compat.v1.RunOptions.FULL_TRACE, tf.compat.v1.RunOptions.SOFTWARE_TRACE


def asked_of_session(monkeypatch, gpu=True):
    """The level of tracing that the first call of a session was recorded with."""
    asked, traced = [], sessions._traced
    monkeypatch.setattr(sessions, "_has_gpu", lambda: gpu)
    monkeypatch.setattr(
        sessions, "_traced", lambda options: asked.append(traced(options)) or asked[-1]
    )
    with tf.Graph().as_default(), tf.compat.v1.Session() as session, observe() as seen:
        x = tf.compat.v1.placeholder(tf.float32, [2])
        session.run(tf.square(x, name="y"), {x: [1.0, 2.0]})
    (run,) = seen.runs
    assert "y" in [step.node for step in run.steps]
    return asked[0].trace_level


def test_only_a_full_trace_tells_what_a_gpu_did(monkeypatch):
    """There is no GPU here: that there is one is pretended, and the trace tells of the CPU."""
    assert asked_of_session(monkeypatch, gpu=False) == SOFTWARE
    assert asked_of_session(monkeypatch) == FULL


def test_where_another_full_trace_or_profile_is_made_none_is_asked_for(monkeypatch, tmp_path):
    with sessions._full_trace:
        assert asked_of_session(monkeypatch) == SOFTWARE
    tf.profiler.experimental.start(str(tmp_path))
    try:
        assert asked_of_session(monkeypatch) == SOFTWARE
    finally:
        tf.profiler.experimental.stop()
    assert asked_of_session(monkeypatch) == FULL
