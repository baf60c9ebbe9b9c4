"""Every use of TensorFlow that is not public, each pinned by a test in tests/test_private.py.

Nothing else in the project may import `tensorflow.python` or touch an underscored attribute of
a TensorFlow object. When a TensorFlow release breaks graphlab, it breaks here.
"""

from __future__ import annotations

import collections
import copy
import functools
import inspect
import itertools
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
from tensorflow.core.function.trace_type import default_types
from tensorflow.core.protobuf import device_properties_pb2
from tensorflow.python import pywrap_tfe
from tensorflow.python.autograph.impl import api
from tensorflow.python.autograph.pyct import cache
from tensorflow.python.client import pywrap_tf_session, session
from tensorflow.python.eager import context
from tensorflow.python.eager.polymorphic_function import (
    atomic_function,
    attributes,
    tracing_compilation,
)
from tensorflow.python.framework import (
    constant_op,
    function_def_to_graph,
    kernels,
    op_callbacks,
    op_def_registry,
    ops,
    random_seed,
)
from tensorflow.python.grappler import cluster as grappler_cluster
from tensorflow.python.grappler import tf_optimizer
from tensorflow.python.ops import handle_data_util, session_ops
from tensorflow.python.profiler.internal import _pywrap_profiler
from tensorflow.python.util import _pywrap_util_port, nest, numpy_compat
from tensorflow.tools.compatibility import all_renames_v2
from tensorflow.tsl.profiler.protobuf import trace_events_pb2

_ProfilerSession = _pywrap_profiler.ProfilerSession
XLA_COMPILE = attributes.XLA_COMPILE  # an attribute of functions, and of the ops that call them
EagerTensor = ops.EagerTensor  # the type itself, so that nothing need be made to know it


class Profile:
    """The runtime's own event recorder, kept in memory.

    The public `tf.profiler.experimental` can only write a folder. Starting and stopping takes
    under a millisecond; kernels of sessions, functions and eager ops are all seen.
    """

    def __init__(self) -> None:
        """RuntimeError where the user is profiling already: there is one recorder a process.

        How much is taken down cannot be chosen: TensorFlow 2.21 drops every option with a warning
        (findings/profiler_options.sh).
        """
        self._session = _ProfilerSession()
        try:
            self._session.start("", {})
        except tf.errors.AlreadyExistsError as error:
            raise RuntimeError("another profiler is running") from error

    def stop(self) -> bytes:
        """End the recording; the serialized events, for `profile_events`."""
        return self._session.stop()


def profiler_is_free() -> bool:
    """Whether nobody is profiling: a session with a full trace raises while somebody is."""
    try:
        Profile()  # gone at once, and so not stopped: that takes longer
    except RuntimeError:
        return False
    return True


def profile_events(data: bytes) -> trace_events_pb2.Trace:
    """What `Profile.stop` gave, as devices with threads and `trace_events` (picoseconds)."""
    trace = trace_events_pb2.Trace()
    trace.ParseFromString(data)
    return trace


def host_memory(op: str, device_type: str, attrs: Mapping[str, Any]) -> frozenset[str] | None:
    """The arguments of an op that its kernel for a type of device keeps in the host's memory.

    `attrs` names its types, as `{"T": "int32"}`. None where no such kernel is registered.
    """
    for kernel in _kernels_of(op):
        fits = kernel.device_type in (device_type, "DEFAULT") and not kernel.label
        if fits and all(_allows(constraint, attrs) for constraint in kernel.constraint):
            return frozenset(kernel.host_memory_arg)
    return None


@functools.cache
def _kernels_of(op: str) -> tuple[Any, ...]:
    """The registered kernels of an op, those for every type of device last."""
    found = kernels.get_registered_kernels_for_op(op).kernel
    return tuple(sorted(found, key=lambda kernel: kernel.device_type == "DEFAULT"))


def _allows(constraint: Any, attrs: Mapping[str, Any]) -> bool:
    allowed = {tf.dtypes.as_dtype(number).name for number in constraint.allowed_values.list.type}
    return attrs.get(constraint.name) in allowed


@contextmanager
def every_function_call(wrapper: Callable) -> Iterator[None]:
    """Route each runtime call of a traced function through `wrapper(original, function, args)`.

    The place that `tf.function`, concrete functions and the halves of a differentiated call
    (`__forward_f_1`, `__backward_f_1`) all go through, also while a graph is being built.
    """
    original = atomic_function.AtomicFunction.call_flat

    def call_flat(self: Any, *args: Any) -> Any:
        return wrapper(original, self, args)

    atomic_function.AtomicFunction.call_flat = call_flat
    try:
        yield
    finally:
        if atomic_function.AtomicFunction.call_flat is call_flat:
            atomic_function.AtomicFunction.call_flat = original


@contextmanager
def every_trace(tick: Callable[..., None]) -> Iterator[None]:
    """Call `tick(key, name, function, arguments)` before a `tf.function`'s body is traced.

    `key` is the same for all traces of one `tf.function` while that lives, `function` is its Python
    function, `arguments` maps each argument to its type as tracing has it.
    """
    original = tracing_compilation._create_concrete_function

    def create(function_type: Any, context: Any, graph: Any, options: Any) -> Any:
        arguments = {
            name: parameter.type_constraint for name, parameter in function_type.parameters.items()
        }
        function = inspect.unwrap(options.python_function)
        tick(options.function_cache, options.name, function, arguments)
        return original(function_type, context, graph, options)

    tracing_compilation._create_concrete_function = create
    try:
        yield
    finally:
        if tracing_compilation._create_concrete_function is create:
            tracing_compilation._create_concrete_function = original


class _ByFile:
    """AutoGraph's cache of converted functions, one for each file."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._files: dict[str, Any] = {}

    def _of(self, function: Any) -> Any:
        code = getattr(function, "__code__", None)
        return self._files.setdefault(code.co_filename if code else "", self._kind())

    def has(self, function: Any, key: Any) -> bool:
        return self._of(function).has(function, key)

    def __getitem__(self, function: Any) -> Any:
        return self._of(function)[function]


@contextmanager
def own_conversions() -> Iterator[None]:
    """Inside, AutoGraph takes functions of two files for two, also where their code is equal.

    Else it says of the second that it stands in the first.
    """
    transpiler = api._TRANSPILER
    before = transpiler._cache
    transpiler._cache = _by_file()
    try:
        yield
    finally:
        transpiler._cache = before


@functools.cache
def _by_file() -> _ByFile:
    return _ByFile(cache.CodeObjectCache)


@contextmanager
def own_keras_names() -> Iterator[None]:
    """Name layers and optimizers inside as in a new process, and go on after it as before."""
    key, place = "object_name_uids", "keras.src.backend.common.global_state"
    state = sys.modules.get(place)
    before = state.get_global_attribute(key) if state else None
    if state:
        state.set_global_attribute(key, collections.defaultdict(int))
    try:
        yield
    finally:
        state = sys.modules.get(place)  # Keras may have been imported inside
        if state:
            state.set_global_attribute(key, before or collections.defaultdict(int))


@contextmanager
def own_seeds() -> Iterator[None]:
    """Draw random numbers inside as in a new process, unseeded, and go on after it as before.

    TensorFlow's, NumPy's and Python's. An eager op that has a seed of its own begins its numbers
    anew, inside and after it, as after `tf.random.set_seed`.
    """
    ours = context.context()
    seed, generator = ours._seed, getattr(ours, "_rng", None)  # none before the first seed
    numpy_before, python_before = np.random.get_state(), random.getstate()
    ours._set_global_seed(None)
    np.random.seed()
    random.seed()
    try:
        yield
    finally:
        ours._set_global_seed(seed)  # which forgets the kernels that have begun to draw
        ours._rng = generator
        np.random.set_state(numpy_before)
        random.setstate(python_before)


def onednn() -> bool:
    """Whether oneDNN computes for TensorFlow: by the processor, or TF_ENABLE_ONEDNN_OPTS."""
    return _pywrap_util_port.IsMklEnabled()


def python_value(kind: Any) -> Any:
    """The Python value that an argument's type stands for (a list of one), None for a tensor's."""
    return [kind.value] if isinstance(kind, default_types.Literal) else None


@contextmanager
def session_methods(**around: Callable[[Callable], Callable]) -> Iterator[None]:
    """Put `around(original)` in the place of methods of every session; both take the session first.

    By name: `run`, `make_callable`, `partial_run`, `_do_run`. The last is what all runs go through
    at the end, with tensors, operations and arrays only, however the program wrote them.
    """
    kind = session.BaseSession
    originals = {name: getattr(kind, name) for name in around}
    ours = {
        name: functools.wraps(originals[name])(make(originals[name]))
        for name, make in around.items()
    }
    for name, call in ours.items():
        setattr(kind, name, call)
    try:
        yield
    finally:
        for name, call in ours.items():
            if getattr(kind, name) is call:  # else somebody has put a method of his own over it
                setattr(kind, name, originals[name])


def asked_of_session(fetches: Any, graph: tf.Graph) -> tuple[str, ...]:
    """The tensors, then the operations, that a session finds in whatever it is told to fetch.

    TypeError or ValueError where it finds what it cannot fetch.
    """
    handler = session._FetchHandler(graph, fetches, {})
    return tuple([item.name for item in (*handler.fetches(), *handler.targets())])


@contextmanager
def profiler_lent(lend: Callable[[], None]) -> Iterator[None]:
    """Call `lend` before anybody but us starts the one profiler there is."""
    original = _pywrap_profiler.ProfilerSession

    class ProfilerSession(original):  # type: ignore[misc, valid-type]
        def start(self, *args: Any) -> Any:
            lend()
            return super().start(*args)

    _pywrap_profiler.ProfilerSession = ProfilerSession
    try:
        yield
    finally:
        _pywrap_profiler.ProfilerSession = original


def add_op_callback(callback: Callable) -> None:
    """Call `callback(op_type, inputs, attrs, outputs, op_name, graph)` after each Python-made op.

    Eager ops of this thread, and ops put into a graph (then `graph` is that graph).
    """
    op_callbacks.add_op_callback(callback)


def remove_op_callback(callback: Callable) -> None:
    """Undo `add_op_callback`."""
    op_callbacks.remove_op_callback(callback)


def tensor_id(tensor: Any) -> int:
    """A number that is this eager tensor's alone for as long as the process lives."""
    return tensor._id


def must_compile_with_xla(function: Any) -> bool:
    """Whether XLA makes one kernel of a concrete function, or of what the runtime has of one."""
    definition = getattr(function, "cached_definition", None)
    if definition is None:  # a ConcreteFunction; the other is an AtomicFunction
        definition = function.function_def
    return XLA_COMPILE in definition.attr and definition.attr[XLA_COMPILE].b


def compiled_program(
    function: Any, args: Sequence[Any], device: str, stage: str = "optimized_hlo"
) -> str:
    """What XLA compiles a function to for these arguments: its optimised HLO, as text.

    `function` is the runtime's, `args` are all that it is called with, captures last; `device` is
    a full name. Compiles, and runs nothing; at the stage "hlo" it gives what XLA begins with, in
    a twentieth of the time. What XLA refuses is raised.
    """
    given = len(args) - len(function.graph.external_captures)
    text = context.context().get_compiler_ir(
        device_name=device,
        platform_name=None,
        function_name=function.name,
        flat_args=list(args[:given]),
        captured_inputs=list(args[given:]),
        stage=stage,
    )
    return text.decode()


def start_collecting_graphs() -> None:
    """Have the runtime keep the graphs of each function that it instantiates from now on."""
    context.context().enable_graph_collection()


def stop_collecting_graphs() -> None:
    """Undo `start_collecting_graphs`."""
    context.context().disable_graph_collection()


def collected_graphs() -> Any:
    """The RunMetadata.function_graphs collected since the last call."""
    return context.context().export_run_metadata().function_graphs


def function_graph(graph: tf.Graph, name: str) -> tf.Graph | None:
    """The live body of a function in a graph's library; None where only its definition is left."""
    function = graph._get_function(name)
    return getattr(function, "graph", None)


def defined_graph(graph: tf.Graph, definition: Any) -> tf.Graph:
    """The body that a FunctionDef describes, which may call functions of the graph's library.
    ValueError, or a `tf.errors` error, where TensorFlow cannot make it."""
    bare = copy.deepcopy(definition)
    for node in bare.node_def:
        node.attr.pop("_output_shapes", None)  # another TensorFlow's; this one finds its own
    with graph.as_default():
        return function_def_to_graph.function_def_to_graph(bare)


def frames(operation: tf.Operation) -> Iterator[tuple[str, int]]:
    """Where an op of a graph was made: (file, line) from the innermost frame outwards."""
    trace = operation.traceback or ()
    # One by one: whoever asks wants the first few, and each of them is put into words when taken.
    for index in range(len(trace) - 1, -1, -1):
        frame = trace[index]
        yield frame.filename, frame.lineno


def forward_op(operation: tf.Operation) -> str | None:
    """The op whose gradient this one is part of, where TensorFlow kept it."""
    original = getattr(operation, "_original_op", None)
    return original.name if original is not None else None


def devices_are_fixed() -> bool:
    """Whether TensorFlow has started its devices, so that no logical device can be added."""
    return context.context()._initialized


def execute(op: str, outputs: int, inputs: list, attrs: tuple, device: str) -> list:
    """Run one op on its kernel, as every eager call does: `outputs` eager tensors.

    `inputs` is flat, `attrs` alternates names and values and leaves out no type, `device` is a
    full name. What the kernel refuses is raised as a `tf.errors` error.
    """
    # `_handle` would look once more if it is there: where only sessions ran so far, it is not.
    handle = context.context()._context_handle or _started()._context_handle
    return pywrap_tfe.TFE_Py_Execute(handle, device, op, inputs, attrs, outputs)


def op_def(name: str) -> Any:
    """TensorFlow's own definition of an op type (an OpDef), None where it knows no such op."""
    return op_def_registry.get(name)


def kernel_devices(op: str) -> tuple[str, ...]:
    """The types of device that have a kernel for an op type: `("CPU", "GPU")`."""
    found = kernels.get_registered_kernels_for_op(op).kernel
    return tuple(sorted({kernel.device_type for kernel in found}))


def register_function(definition: Any) -> None:
    """Put a FunctionDef where eager ops find it by its name, unless one is there already."""
    name = definition.signature.name
    if not context.context().has_function(name):
        context.context().add_function_def(definition)


def forget_function(name: str) -> None:
    """Undo `register_function`."""
    context.context().remove_function(name)


def shape_of(tensor: Any) -> tuple[int, ...]:
    """An eager tensor's shape, without the objects that `tensor.shape` makes of it."""
    return tensor._shape_tuple()


def behind_handle(tensor: Any) -> tuple[list[int], list[Any]]:
    """What a resource tensor stands for: the dtypes and shapes (as protos) of its variables."""
    found = handle_data_util.get_resource_handle_data(tensor)
    known = found.shape_and_type if found is not None and found.is_set else ()
    return [one.dtype for one in known], [one.shape for one in known]


def kind_of_resource(handle: Any) -> str:
    """What an eager resource tensor is a handle of, by TensorFlow's name for it in C++, as
    `"tensorflow::lookup::LookupInterface"`; "" where it does not say."""
    found = re.search(r'ResourceHandle\(.*type="([^"]*)"', repr(handle))
    return found[1] if found else ""


def eager_config() -> Any:
    """The ConfigProto by which functions are optimized: what `tf.config.optimizer` was told."""
    return context.context().config


def grappler(
    graph_def: Any,
    keep: list[str],
    optimizer: str,
    devices: list[str],
    small: bool = False,
    rewriter: Any = None,
) -> Any:
    """A GraphDef after one pass of TensorFlow's graph optimizer by itself, run once.

    `keep` are the nodes whose values are asked for. `optimizer` is the name that the setting
    `RewriterConfig.optimizers` has for the pass; one that it does not know changes nothing.
    Every node says its device, by full name; `devices` are all there are. Graphs under four
    nodes are left alone unless `small`. `rewriter` is the RewriterConfig that says how far a pass
    goes (AGGRESSIVE, ...). What the pass refuses is raised as a `tf.errors` error or ValueError.
    """
    meta_graph = tf.compat.v1.MetaGraphDef(graph_def=graph_def)
    # What is noted in `_output_shapes` is thrown away, which leaves an argument without any
    # shape; a FakeParam is another op that nobody knows the value of, and says its shape itself.
    arguments = {}
    for node in meta_graph.graph_def.node:
        if node.op == "_Arg" and node.attr["_output_shapes"].list.shape:
            arguments[node.name] = copy.deepcopy(node)
            node.op = "FakeParam"
            node.attr["dtype"].type = node.attr["T"].type
            node.attr["shape"].shape.CopyFrom(node.attr["_output_shapes"].list.shape[0])
            del node.attr["T"], node.attr["index"]
            node.attr["_argument"].s = node.name.encode()  # no two are the same
    meta_graph.collection_def["train_op"].node_list.value.extend(keep)
    config = tf.compat.v1.ConfigProto()
    options = config.graph_options.rewrite_options
    if rewriter is not None:
        options.CopyFrom(rewriter)
        options.disable_meta_optimizer = False
        for field in ("optimizers", "custom_optimizers"):
            options.ClearField(field)
    options.optimizers.append(optimizer)
    options.meta_optimizer_iterations = options.ONE
    options.min_graph_nodes = -1 if small else 0
    there = []
    for name in devices:
        there.append(device_properties_pb2.NamedDevice(name=name))
        there[-1].properties.type = name.rpartition(":")[0].rpartition(":")[2]
        there[-1].properties.num_cores = 1
    cluster = grappler_cluster.Cluster(devices=there)
    try:
        result = tf_optimizer.OptimizeGraph(config, meta_graph, verbose=False, cluster=cluster)
    finally:
        cluster.Shutdown()
    for node in result.node:
        if node.name in arguments:
            node.CopyFrom(arguments[node.name])
    return result


def all_op_defs() -> list[Any]:
    """Every op type that TensorFlow's runtime knows, as OpDefs sorted by name."""
    ops = op_def_pb2.OpList()
    ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    return sorted(ops.op, key=lambda op: op.name)


def function_definition(name: str) -> Any:
    """The FunctionDef that the eager runtime has under a name."""
    return context.context().get_function_def(name)


def eager_tensor(value: Any, dtype: Any = None) -> Any:
    """An eager tensor of a value, also while a graph is being built or eager execution is off.

    TypeError or ValueError where the value is none of that type.
    """
    return constant_op.convert_to_eager_tensor(value, _started(), dtype)


def is_eager_tensor(value: Any) -> bool:
    """Whether it is an eager tensor: a value, not a promise of one."""
    return isinstance(value, EagerTensor)


def _started() -> Any:
    context.context().ensure_initialized()
    return context.context()


def session_value(value: Any, dtype: tf.DType) -> np.ndarray:
    """What `Session.run` makes of a value that is fed for a tensor: it casts, whatever is lost.

    TypeError or ValueError where NumPy cannot.
    """
    return numpy_compat.np_asarray(value, dtype.as_numpy_dtype)


def session_feeds(feed_dict: Any) -> list[tuple[Any, Any]]:
    """A `feed_dict` as `Session.run` takes it apart: one tensor (or its name) and value at a time.

    Sparse and ragged tensors are fed by their parts, tuples of tensors by tuples of values.
    """
    flat = nest.flatten_dict_items(feed_dict or {})
    pairs = []
    for feed, value in flat.items():
        _, _, parts, _ = next(e for e in session._REGISTERED_EXPANSIONS if isinstance(feed, e[0]))
        pairs += parts(feed, value)
    return pairs


def session_config(session: tf.compat.v1.Session) -> Any:
    """The ConfigProto that a session was made with, None where it was given none."""
    return session._config


def is_session_handle(value: Any) -> bool:
    """Whether it stands for a tensor that a session keeps (`tf.compat.v1.get_session_handle`), as
    the program has it or as the session makes an array of it."""
    fields = getattr(getattr(value, "dtype", None), "names", None)
    return fields == ("resource",) or isinstance(value, session_ops.TensorHandle)


def ops_with_kernels() -> frozenset[str]:
    """The op types that a CPU or a GPU can run as they are.

    What only XLA compiles is not among them: its kernels appear when XLA is first used.
    """
    found = kernels.get_all_registered_kernels().kernel
    return frozenset(each.op for each in found if not each.device_type.startswith("XLA_"))


def concrete_functions(function: Any) -> list[Any]:
    """The concrete functions of a function that `tf.saved_model.load` made, as they were saved.

    A concrete function that was saved by itself is its only one.
    """
    return getattr(function, "concrete_functions", None) or [function]


def renames_of_tf1() -> dict[str, str]:
    """TensorFlow's own table of what its upgrade script renames: `{"tf.log": "tf.math.log"}`."""
    return dict(all_renames_v2.symbol_renames)


@contextmanager
def numbered_seeds(first: int) -> Iterator[None]:
    """Give every op that draws random numbers the seeds (`first`, 0), (`first`, 1), and so on.

    In the order in which they are made, whatever seeds the program asks for. TensorFlow 1 takes
    its seeds from the same place, so that a program draws there what it draws here.
    """
    original = random_seed.get_seed
    numbers = itertools.count()
    random_seed.get_seed = lambda op_seed: (first, next(numbers))
    try:
        yield
    finally:
        random_seed.get_seed = original
