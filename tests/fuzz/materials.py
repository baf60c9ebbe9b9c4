"""Small real files of each kind, made here: what cases are made of."""

from __future__ import annotations

import functools
import io
import json
from random import Random
from typing import Any

import h5py
import numpy as np
from google.protobuf import text_format
from models_made import FLOAT, INT32, add, affine, functional, graph_def, layer
from test_files_checkpoint import block, table

from graphlab.sources import messages, ops

BOOL, RESOURCE, VARIANT = 10, 20, 21


def calls() -> messages.GraphDef:
    """A graph that calls: a branch, a case, a loop, a dataset, a function by its name."""
    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}),
        ("flag", "Placeholder", [], {"dtype": BOOL}),
        ("k", "Const", [], {"dtype": INT32}),
        ("if", "If", ["flag", "x"], {}),
        ("case", "Case", ["k", "if"], {}),
        ("loop", "While", ["case", "k"], {}),
        ("data", "RangeDataset", ["k", "k", "k"], {}),
        ("map", "MapDataset", ["data", "x"], {}),
        ("g", "g", ["loop:1"], {}),
        ("y", "Identity", ["g"], {"T": FLOAT}),
    )
    by_name = {node.name: node for node in graph.node}
    for node, attr, function in (
        ("if", "then_branch", "g"),
        ("if", "else_branch", "h"),
        ("loop", "cond", "h"),
        ("loop", "body", "g"),
        ("map", "f", "g"),
    ):
        by_name[node].attr[attr].func.name = function
    by_name["case"].attr["branches"].list.func.add(name="g")
    by_name["case"].attr["branches"].list.func.add(name="h")
    for node in ("if", "case"):
        by_name[node].attr["Tin"].list.type.append(FLOAT)
        by_name[node].attr["Tout"].list.type.append(FLOAT)
    by_name["loop"].attr["T"].list.type.extend([FLOAT, INT32])
    by_name["map"].attr["Targuments"].list.type.append(FLOAT)
    for name, inner in (("g", "Relu"), ("h", "Neg")):
        body = graph.library.function.add()
        body.signature.name = name
        body.signature.input_arg.add(name="a", type=FLOAT)
        body.signature.output_arg.add(name="r", type=FLOAT)
        add(
            body.node_def,
            ("n", inner, ["a"], {"T": FLOAT}),
            ("m", "Identity", ["n:0"], {"T": FLOAT}),
        )
        body.ret["r"] = "m:output:0"
    return graph


def training() -> messages.GraphDef:
    """Scopes, a variable, a series, gradients, a loop of TF1, a saver: what drawing groups."""
    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}),
        ("layer/W", "VariableV2", [], {"dtype": FLOAT}),
        ("layer/W/read", "Identity", ["layer/W"], {"T": FLOAT}),
        ("layer/mm", "MatMul", ["x", "layer/W/read"], {"T": FLOAT}),
        *((f"clip_{k}", "Relu", ["layer/mm"], {"T": FLOAT}) for k in range(7)),
        ("gradients/mm_grad/g", "MatMul", ["layer/mm", "x", "^clip_1"], {"T": FLOAT}),
        ("enter", "Enter", ["x"], {"T": FLOAT}),
        ("merge", "Merge", ["enter", "next"], {"T": FLOAT}),
        ("next", "NextIteration", ["merge"], {"T": FLOAT}),
        ("train", "ApplyGradientDescent", ["layer/W", "x", "gradients/mm_grad/g"], {"T": FLOAT}),
        ("save/s", "SaveV2", ["x", "x", "x", "layer/W/read"], {}),
        ("init", "NoOp", ["^train"], {}),
    )
    graph.node[1].attr["shape"].shape.dim.add(size=3)
    graph.node[13].attr["N"].i = 2
    value = graph.node.add(name="c", op="Const").attr["value"].tensor
    value.dtype = FLOAT
    value.tensor_content = np.float32(1.5).tobytes()
    graph.node[-1].attr["_output_shapes"].list.shape.add()
    graph.node[0].device = "/job:ps/task:1/device:GPU:0"
    return graph


@functools.cache
def every_op() -> list[str]:
    """The ops that TensorFlow has."""
    return sorted(ops.table())


def random_graph(random: Random) -> messages.GraphDef:
    """Nodes of any ops that take any tensors, with attributes that may fit."""
    graph = calls() if random.random() < 0.3 else messages.GraphDef()
    names = [node.name for node in graph.node] or ["x"]
    for number in range(random.choice((1, 3, 10, 40, 200))):
        op = (
            random.choice(every_op()) if random.random() < 0.7 else random.choice(("Identity", "g"))
        )
        definition = ops.definition(op)
        scope = random.choice(("", "", "a/", "a/b/", "gradients/"))
        node = graph.node.add(name=f"{scope}n{number}", op=op)
        for _ in range(len(definition.inputs) if definition else random.randrange(4)):
            node.input.append(random.choice(names) + random.choice(("", "", ":0", ":1")))
        if random.random() < 0.1:
            node.input.append("^" + random.choice(names))
        for argument in (*definition.inputs, *definition.outputs) if definition else ():
            if argument.each:
                node.attr[argument.each].list.type.extend([FLOAT] * random.randrange(4))
            if argument.count:
                node.attr[argument.count].i = random.randrange(4)
            if argument.dtype[:1] == "$":
                node.attr[argument.dtype[1:]].type = FLOAT
        names.append(node.name)
    if random.random() < 0.2:
        graph.node[0].input.append(names[-1])
    return graph


def saved_model(graph: messages.GraphDef) -> Any:
    """A SavedModel message with a signature, an object graph and an asset."""
    message = messages.SavedModel(saved_model_schema_version=1)
    meta = message.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.meta_info_def.tensorflow_version = "2.21.0"
    meta.meta_info_def.stripped_op_list.op.add(name="Mystery")
    meta.graph_def.CopyFrom(graph)
    meta.asset_file_def.add(filename="words.txt").tensor_info.name = "x:0"
    signature = meta.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    signature.inputs["in"].name = "x:0"
    signature.inputs["in"].dtype = FLOAT
    signature.outputs["out"].name = f"{graph.node[-1].name}:0" if graph.node else "x:0"
    objects = meta.object_graph_def
    root = objects.nodes.add()
    root.children.add(node_id=1, local_name="w")
    variable = objects.nodes.add().variable
    variable.name, variable.dtype = "w", FLOAT
    variable.shape.dim.add(size=3)
    return message


def meta_graph(graph: messages.GraphDef) -> messages.MetaGraphDef:
    """A MetaGraph with its collections."""
    meta = messages.MetaGraphDef()
    meta.graph_def.CopyFrom(graph)
    variable = messages.VariableDef(variable_name="layer/W:0")
    for name in ("variables", "trainable_variables"):
        meta.collection_def[name].bytes_list.value.append(variable.SerializeToString())
    return meta


def bundle(keys: dict[bytes, Any]) -> bytes:
    """A checkpoint's index of these entries."""
    rows = [(0, key, entry.SerializeToString()) for key, entry in sorted(keys.items())]
    return table(block(*rows))


def entries() -> dict[bytes, Any]:
    """What a checkpoint of two variables lists."""
    header = messages.BundleHeader(num_shards=1)
    first = messages.BundleEntry(dtype=FLOAT, size=12)
    first.shape.dim.add(size=3)
    second = messages.BundleEntry(dtype=INT32, size=4, offset=12)
    return {b"": header, b"layer/W": first, b"step": second}


def network() -> Any:
    """The JSON of a Keras model: layers, a model within, one layer called twice."""
    inner = functional(layer("InputLayer", "i"), layer("Dense", "d", "i", units=2), outputs="d")
    nested = {**layer("Functional", "inner", "a"), "config": inner["config"]}
    return functional(
        layer("InputLayer", "a", batch_shape=[None, 3]),
        layer("Dense", "b", "a", units=3, activation="relu"),
        nested,
        layer("Add", "sum", "b", "inner"),
        layer("LSTM", "rnn", "sum", units=2, return_sequences=True),
        outputs="rnn",
    )


def sequential() -> Any:
    """The JSON of a Sequential model, as Keras 2 wrote it."""
    layers = [
        {"class_name": "Dense", "config": {"name": f"d{k}", "units": 2, "dtype": "float32"}}
        for k in range(3)
    ]
    layers[0]["config"]["batch_input_shape"] = [None, 3]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


@functools.cache
def weights() -> bytes:
    """An HDF5 file of a layer's arrays."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        file["layers/dense/vars/0"] = np.zeros((2, 3), np.float32)
        file["layers/dense/vars/1"] = np.zeros(3, np.float32)
    return data.getvalue()


def hdf5(config: str) -> bytes:
    """A whole model in HDF5, around a configuration."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        file.attrs["model_config"] = np.bytes_(config.encode("utf-8", "surrogatepass")[:60_000])
        file.attrs["keras_version"] = "2.15.0"
        file["model_weights/d0/d0/kernel:0"] = np.zeros((3, 2), np.float32)
    return data.getvalue()


def graphs(random: Random) -> messages.GraphDef:
    """One of the graphs above."""
    return random.choice((affine, calls, training, lambda: random_graph(random)))()


def pbtxt(message: Any) -> bytes:
    """A message as text."""
    return text_format.MessageToString(message).encode("utf-8", "surrogatepass")


def metadata() -> bytes:
    """What stands beside a Keras model's configuration."""
    return json.dumps({"keras_version": "3.0.0", "date_saved": "2026-01-01"}).encode()
