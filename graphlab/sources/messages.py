"""TensorFlow's messages without TensorFlow: TensorBoard's copies, and the few it has none of.

    graph_def = parse(GraphDef, data)

The copies are in a package of their own ("tensorboard"), so TensorFlow may be imported beside
them.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.meta_graph_pb2 import AssetFileDef, MetaGraphDef
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.trackable_object_graph_pb2 import TrackableObjectGraph
from tensorboard.compat.proto.variable_pb2 import VariableDef

__all__ = [
    "AssetFileDef",
    "BundleEntry",
    "BundleHeader",
    "DecodeError",
    "GraphDef",
    "MetaGraphDef",
    "SavedModel",
    "TrackableObjectGraph",
    "VariableDef",
    "parse",
]

_FIELD = descriptor_pb2.FieldDescriptorProto
_NUMBERS = {"int64": _FIELD.TYPE_INT64, "int32": _FIELD.TYPE_INT32, "fixed32": _FIELD.TYPE_FIXED32}


def _compiled() -> Any:
    """saved_model.proto and the parts of tensor_bundle.proto that say what there is."""
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
        "BundleHeader": [("num_shards", 1, "int32", False), ("endianness", 2, "int32", False)],
        "BundleEntry": [
            ("dtype", 1, "int32", False),
            ("shape", 2, f".{shape.full_name}", False),
            ("shard_id", 3, "int32", False),
            ("offset", 4, "int64", False),
            ("size", 5, "int64", False),
            ("crc32c", 6, "fixed32", False),
        ],
    }
    for message, entries in fields.items():
        made = file.message_type.add(name=message)
        for name, number, kind, repeated in entries:
            field = made.field.add(name=name, number=number)
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            field.type = _NUMBERS.get(kind, _FIELD.TYPE_MESSAGE)
            if kind not in _NUMBERS:
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


def parse(kind: Any, data: bytes) -> Any:
    """A message out of its bytes. DecodeError where they are not one."""
    message = kind()
    message.ParseFromString(data)
    return message
