"""TensorFlow's messages without TensorFlow: TensorBoard's copies, and the few it has none of.

    graph_def = parse(GraphDef, data)

The copies are in a package of their own ("tensorboard"), so TensorFlow may be imported beside
them.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.graph_debug_info_pb2 import GraphDebugInfo
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.meta_graph_pb2 import AssetFileDef, MetaGraphDef
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.trackable_object_graph_pb2 import TrackableObjectGraph
from tensorboard.compat.proto.variable_pb2 import VariableDef

__all__ = [
    "AssetFileDef",
    "BundleEntry",
    "BundleHeader",
    "CheckpointState",
    "DecodeError",
    "GraphDebugInfo",
    "GraphDef",
    "MetaGraphDef",
    "SavedModel",
    "SavedTensorSlices",
    "TrackableObjectGraph",
    "VariableDef",
    "parse",
]

_FIELD = descriptor_pb2.FieldDescriptorProto
_PLAIN = {
    "int64": _FIELD.TYPE_INT64,
    "int32": _FIELD.TYPE_INT32,
    "fixed32": _FIELD.TYPE_FIXED32,
    "double": _FIELD.TYPE_DOUBLE,
    "string": _FIELD.TYPE_STRING,
}


def _compiled() -> Any:
    """saved_model.proto, checkpoint_state.proto, and what tells of tensors in tensor_bundle.proto
    and saved_tensor_slice.proto."""
    meta_graph, shape = MetaGraphDef.DESCRIPTOR, TensorShapeProto.DESCRIPTOR
    file = descriptor_pb2.FileDescriptorProto(
        name="graphlab/messages.proto",
        package="graphlab",
        syntax="proto3",
        dependency=[meta_graph.file.name, shape.file.name],
    )
    fields: dict[str, list[tuple[str, int, str, bool]]] = {
        "SavedModel": [
            ("saved_model_schema_version", 1, "int64", False),
            ("meta_graphs", 2, f".{meta_graph.full_name}", True),
        ],
        "CheckpointState": [
            ("model_checkpoint_path", 1, "string", False),
            ("all_model_checkpoint_paths", 2, "string", True),
            ("all_model_checkpoint_timestamps", 3, "double", True),
            ("last_preserved_timestamp", 4, "double", False),
        ],
        "Extent": [("start", 1, "int64", False), ("length", 2, "int64", False)],
        "TensorSlice": [("extent", 1, ".graphlab.Extent", True)],
        "BundleHeader": [("num_shards", 1, "int32", False), ("endianness", 2, "int32", False)],
        "BundleEntry": [
            ("dtype", 1, "int32", False),
            ("shape", 2, f".{shape.full_name}", False),
            ("shard_id", 3, "int32", False),
            ("offset", 4, "int64", False),
            ("size", 5, "int64", False),
            ("crc32c", 6, "fixed32", False),
            ("slices", 7, ".graphlab.TensorSlice", True),
        ],
        "SavedSlices": [
            ("name", 1, "string", False),
            ("shape", 2, f".{shape.full_name}", False),
            ("type", 3, "int32", False),
            ("slice", 4, ".graphlab.TensorSlice", True),
        ],
        "SavedTensors": [("tensor", 1, ".graphlab.SavedSlices", True)],
        "SavedTensorSlices": [("meta", 1, ".graphlab.SavedTensors", False)],
    }
    for message, entries in fields.items():
        made = file.message_type.add(name=message)
        for name, number, kind, repeated in entries:
            field = made.field.add(name=name, number=number)
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            field.type = _PLAIN.get(kind, _FIELD.TYPE_MESSAGE)
            if kind not in _PLAIN:
                field.type_name = kind
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"graphlab.{name}"))
        for name in fields
    }


_classes = _compiled()
SavedModel: Any = _classes["SavedModel"]
BundleHeader: Any = _classes["BundleHeader"]
BundleEntry: Any = _classes["BundleEntry"]
CheckpointState: Any = _classes["CheckpointState"]
SavedTensorSlices: Any = _classes["SavedTensorSlices"]


def parse(kind: Any, data: bytes) -> Any:
    """A message out of its bytes. DecodeError where they are not one."""
    message = kind()
    message.ParseFromString(data)
    return message
