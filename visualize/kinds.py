"""What a node is to a drawing: its kind, its size, its device's short name."""

from __future__ import annotations

import re

from graphlab.model import Graph, Node, TensorSpec, node_of

VARIABLES = frozenset({"VarHandleOp", "VariableV2", "Variable", "TemporaryVariable"})
PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "_Arg"})
PLACEHOLDERS |= {"parameter"}  # of a program that XLA made, whose ops are written small
CONSTANTS = frozenset({"Const", "HostConst", "constant"})
# Of one element, where it takes whole bytes; of a dtype that is not here nobody knows.
BYTES = {
    **dict.fromkeys("bool int8 uint8 qint8 quint8".split(), 1),
    **dict.fromkeys("float8_e5m2 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz".split(), 1),
    "float8_e5m2fnuz": 1,
    **dict.fromkeys("half float16 bfloat16 int16 uint16 qint16 quint16".split(), 2),
    **dict.fromkeys("float32 int32 uint32 qint32".split(), 4),
    **dict.fromkeys("float64 int64 uint64 complex64".split(), 8),
    "complex128": 16,
}


def is_read(graph: Graph, node: Node) -> bool:
    """Whether the op does nothing but read a variable."""
    if node.op == "ReadVariableOp":
        return True
    if node.op != "Identity" or not node.inputs:
        return False
    return graph[node_of(node.inputs[0])].op in {"VariableV2", "Variable"}


def is_aside(node: Node) -> bool:
    """Whether an op only waits or reports: it is moved aside where a picture is large.

    >>> is_aside(Node("init", "NoOp")), is_aside(Node("s", "ScalarSummary"))
    (True, True)
    """
    return node.op == "NoOp" or "Summary" in node.op


def is_gradient(name: str) -> bool:
    """Whether a name is in the scope of `tf.gradients` or of a GradientTape.

    >>> is_gradient("train/gradients_1/mul_grad/Mul"), is_gradient("gradient_tape/MatMul")
    (True, True)
    >>> is_gradient("gradients_of_my_loss/Mul")
    False
    """
    if "gradient" not in name:  # a million names are asked
        return False
    return any(re.fullmatch(r"gradients(_\d+)?|gradient_tape", part) for part in name.split("/"))


def kind_of(node: Node) -> str:
    """`"variable"`, `"placeholder"`, `"constant"` or `"op"`."""
    if node.op in VARIABLES:
        return "variable"
    if node.op in PLACEHOLDERS:
        # A tf.function takes each variable it uses as an argument that holds a resource.
        holds = {spec.dtype for spec in node.outputs}
        return "variable" if holds == {"resource"} else "placeholder"
    return "constant" if node.op in CONSTANTS else "op"


def short_device(device: str) -> str:
    """A device's name without what says nothing here; a task stays in front of its device.

    >>> short_device("/job:localhost/replica:0/task:0/device:GPU:1"), short_device("/gpu:1")
    ('GPU:1', 'GPU:1')
    >>> short_device("ps:0/CPU:0")
    'ps:0/CPU:0'
    """
    if not device.startswith("/"):
        return device
    return device.rpartition("/")[2].removeprefix("device:").upper()


def size_of(spec: TensorSpec) -> int | None:
    """How many bytes a tensor takes, None where it cannot be known.

    >>> size_of(TensorSpec("x:0", "float32", (64, 784)))
    200704
    """
    size = BYTES.get(spec.dtype.removesuffix("_ref"))
    if size is None or spec.shape is None:
        return None
    for dimension in spec.shape:
        if dimension is None or dimension < 0:
            return None
        size *= dimension
    return size
