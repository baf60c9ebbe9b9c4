"""Which public function makes which op.

Where TensorFlow's public function is the op's own, it is found in TensorFlow itself; what Python
has written around others stands here. Nothing here is trusted: `graphlab.port.exact` asks
TensorFlow of each call whether it makes the op.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

SIGNS = {
    "Add": "+",
    "AddV2": "+",
    "Sub": "-",
    "Mul": "*",
    "RealDiv": "/",
    "FloorDiv": "//",
    "FloorMod": "%",
    "Pow": "**",
    "Less": "<",
    "LessEqual": "<=",
    "Greater": ">",
    "GreaterEqual": ">=",
    "LogicalAnd": "&",
    "LogicalOr": "|",
}

# What tf.raw_ops calls some inputs and attrs otherwise than the op does.
_RENAMED = {
    **dict.fromkeys(("dim", "reduction_indices", "split_dim", "squeeze_dims"), "axis"),
    "e": "y",
    "input": "condition",
    "t": "x",
}

# An op: the function, and what it takes of the op, `keyword=argument` where it has a name.
FUNCTIONS = {
    "Abs": "tf.abs x",
    "AddN": "tf.add_n inputs",
    "All": "tf.reduce_all input axis=reduction_indices keepdims=keep_dims",
    "Any": "tf.reduce_any input axis=reduction_indices keepdims=keep_dims",
    "ArgMax": "tf.argmax input axis=dimension output_type=output_type",
    "ArgMin": "tf.argmin input axis=dimension output_type=output_type",
    "Assert": "tf.debugging.Assert condition data summarize=summarize",
    "AvgPool": "tf.nn.avg_pool2d value ksize strides padding data_format=data_format",
    "BatchMatMul": "tf.matmul x y adjoint_a=adj_x adjoint_b=adj_y",
    "BatchMatMulV2": "tf.matmul x y adjoint_a=adj_x adjoint_b=adj_y",
    "BiasAdd": "tf.nn.bias_add value bias data_format=data_format",
    "Cast": "tf.cast x DstT",
    "Ceil": "tf.math.ceil x",
    "ClipByValue": "tf.clip_by_value t clip_value_min clip_value_max",
    "ConcatV2": "tf.concat values axis=axis",
    "Conv2D": "tf.nn.conv2d input filter strides padding"
    " data_format=data_format dilations=dilations",
    "Conv2DBackpropInput": "tf.nn.conv2d_transpose out_backprop filter input_sizes strides=strides"
    " padding=padding data_format=data_format dilations=dilations",
    "Conv2DBackpropFilter": "tf.compat.v1.nn.conv2d_backprop_filter input filter_sizes out_backprop"
    " strides=strides padding=padding data_format=data_format dilations=dilations",
    "Cumsum": "tf.cumsum x axis=axis exclusive=exclusive reverse=reverse",
    "Cumprod": "tf.math.cumprod x axis=axis exclusive=exclusive reverse=reverse",
    "DepthwiseConv2dNative": "tf.nn.depthwise_conv2d input filter strides padding"
    " data_format=data_format",
    "Div": "tf.compat.v1.div x y",
    "DivNoNan": "tf.math.divide_no_nan x y",
    "Einsum": "tf.einsum equation *inputs",
    "EnsureShape": "tf.ensure_shape input shape",
    "Equal": "tf.equal x y",
    "Exp": "tf.exp x",
    "ExpandDims": "tf.expand_dims input axis=dim",
    "Fill": "tf.fill dims value",
    "Floor": "tf.floor x",
    **dict.fromkeys(
        ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"),
        "tf.compat.v1.nn.fused_batch_norm x scale offset mean=mean variance=variance"
        " epsilon=epsilon data_format=data_format is_training=is_training",
    ),
    "GatherNd": "tf.gather_nd params indices",
    "GatherV2": "tf.gather params indices axis=axis batch_dims=batch_dims",
    "Identity": "tf.identity input",
    "InTopKV2": "tf.math.in_top_k targets predictions k",
    "LeakyRelu": "tf.nn.leaky_relu features alpha=alpha",
    "LinSpace": "tf.linspace start stop num",
    "LogUniformCandidateSampler": "tf.random.log_uniform_candidate_sampler true_classes num_true"
    " num_sampled unique range_max seed=seed2",
    "LogSoftmax": "tf.nn.log_softmax logits",
    "MatMul": "tf.matmul a b transpose_a=transpose_a transpose_b=transpose_b",
    "Max": "tf.reduce_max input axis=reduction_indices keepdims=keep_dims",
    "MaxPool": "tf.nn.max_pool2d input ksize strides padding data_format=data_format",
    "Mean": "tf.reduce_mean input axis=reduction_indices keepdims=keep_dims",
    "Min": "tf.reduce_min input axis=reduction_indices keepdims=keep_dims",
    "MirrorPad": "tf.pad input paddings mode=mode",
    "Multinomial": "tf.random.categorical logits num_samples dtype=output_dtype",
    "NotEqual": "tf.not_equal x y",
    "OneHot": "tf.one_hot indices depth on_value off_value axis=axis",
    "OnesLike": "tf.ones_like x",
    "Pack": "tf.stack values axis=axis",
    "Pad": "tf.pad input paddings",
    "PadV2": "tf.pad input paddings constant_values=constant_values",
    "Prod": "tf.reduce_prod input axis=reduction_indices keepdims=keep_dims",
    "RandomUniform": "tf.random.uniform shape dtype=dtype seed=seed2",
    "Range": "tf.range start limit delta",
    "Rank": "tf.rank input",
    "Relu6": "tf.nn.relu6 features",
    "Reshape": "tf.reshape tensor shape",
    "ResizeBilinear": "tf.compat.v1.image.resize_bilinear images size align_corners=align_corners"
    " half_pixel_centers=half_pixel_centers",
    "ResizeNearestNeighbor": "tf.compat.v1.image.resize_nearest_neighbor images size"
    " align_corners=align_corners half_pixel_centers=half_pixel_centers",
    "ReverseSequence": "tf.reverse_sequence input seq_lengths seq_axis=seq_dim"
    " batch_axis=batch_dim",
    "Round": "tf.round x",
    "Rsqrt": "tf.math.rsqrt x",
    "Select": "tf.compat.v1.where condition t e",
    "SelectV2": "tf.where condition t e",
    "Shape": "tf.shape input out_type=out_type",
    "Sigmoid": "tf.sigmoid x",
    "Sign": "tf.sign x",
    "Size": "tf.size input out_type=out_type",
    "Slice": "tf.slice input begin size",
    "Softmax": "tf.nn.softmax logits",
    "Softplus": "tf.math.softplus features",
    "SparseToDense": "tf.compat.v1.sparse_to_dense sparse_indices output_shape sparse_values"
    " default_value=default_value validate_indices=validate_indices",
    "SparseSoftmaxCrossEntropyWithLogits": "tf.nn.sparse_softmax_cross_entropy_with_logits"
    " labels=labels logits=features",
    "Split": "tf.split value num_split axis=split_dim",
    "SplitV": "tf.split value size_splits axis=split_dim",
    "Sqrt": "tf.sqrt x",
    "Squeeze": "tf.squeeze input axis=squeeze_dims",
    "StopGradient": "tf.stop_gradient input",
    "StridedSlice": "tf.strided_slice input begin end strides begin_mask=begin_mask"
    " end_mask=end_mask ellipsis_mask=ellipsis_mask new_axis_mask=new_axis_mask"
    " shrink_axis_mask=shrink_axis_mask",
    "Sum": "tf.reduce_sum input axis=reduction_indices keepdims=keep_dims",
    "TopKV2": "tf.math.top_k input k sorted=sorted",
    "Transpose": "tf.transpose x perm",
    "UnsortedSegmentSum": "tf.math.unsorted_segment_sum data segment_ids num_segments",
    "Unique": "tf.unique x out_idx=out_idx",
    "UniqueWithCounts": "tf.unique_with_counts x out_idx=out_idx",
    "Unpack": "tf.unstack value num=num axis=axis",
    **{
        f"SparseSegment{kind}{ending}": f"tf.sparse.segment_{name} data indices segment_ids{more}"
        " sparse_gradient=sparse_gradient"
        for kind, name in (("Mean", "mean"), ("SqrtN", "sqrt_n"), ("Sum", "sum"))
        for ending, more in (("", ""), ("WithNumSegments", " num_segments=num_segments"))
    },
    "StaticRegexReplace": "tf.strings.regex_replace input pattern rewrite"
    " replace_global=replace_global",
    "Where": "tf.where input",
    "ZerosLike": "tf.zeros_like x",
}

# The same of ops on sparse tensors, of which a public function takes or gives the three parts as
# one: where they are of another rank, as those of TensorFlow 1 may be, it does not.
SPARSE = {
    "SparseDenseCwiseDiv": "/ sp_indices+sp_values+sp_shape dense",
    "SparseDenseCwiseMul": "* sp_indices+sp_values+sp_shape dense",
    "SparseReduceMax": "tf.sparse.reduce_max input_indices+input_values+input_shape"
    " axis=reduction_axes keepdims=keep_dims",
    "SparseReduceSum": "tf.sparse.reduce_sum input_indices+input_values+input_shape"
    " axis=reduction_axes keepdims=keep_dims",
    "SparseReorder": "tf.sparse.reorder input_indices+input_values+input_shape",
    "SparseSlice": "tf.sparse.slice indices+values+shape start size",
    "SparseSoftmax": "tf.sparse.softmax sp_indices+sp_values+sp_shape",
    "SparseTensorDenseAdd": "tf.sparse.add a_indices+a_values+a_shape b",
    "SparseTensorDenseMatMul": "tf.sparse.sparse_dense_matmul a_indices+a_values+a_shape b"
    " adjoint_a=adjoint_a adjoint_b=adjoint_b",
    "StringSplit": "tf.compat.v1.string_split input sep=delimiter skip_empty=skip_empty",
    "StringSplitV2": "tf.compat.v1.strings.split input sep=sep maxsplit=maxsplit",
    "SparseToDense": "tf.sparse.to_dense sparse_indices+sparse_values+output_shape"
    " default_value=default_value validate_indices=validate_indices",
}


@functools.cache
def own_functions() -> dict[str, str]:
    """The public function of each op for which TensorFlow's is the op's own, by op.

    Of several names the shortest: `tf.tanh` and not `tf.math.tanh`.
    """
    raw = {
        _inner(getattr(tf.raw_ops, name)): name for name in dir(tf.raw_ops) if name[:1].isupper()
    }
    found: dict[str, str] = {}
    for name, function in _functions(tf, "tf"):
        op = raw.get(_inner(function))
        if op is not None and (op not in found or len(name) < len(found[op])):
            found[op] = name
    return found


def _inner(function: Any) -> Any:
    """The code behind decorators, which is one object for all names of a function."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return getattr(function, "__code__", None)


_NO_NAMES = ("raw_ops", "compat", "keras", "experimental", "estimator", "summary")


def _functions(module: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name in sorted(dir(module)):
        value = getattr(module, name, None)
        if name.startswith("_") or name in _NO_NAMES:
            continue
        if isinstance(value, types.ModuleType):
            if value.__name__.startswith("tensorflow._api"):
                yield from _functions(value, f"{path}.{name}")
        elif callable(value):
            yield f"{path}.{name}", value


def raw_name(op: str, name: str) -> str:
    """What `tf.raw_ops` calls an input or an attr of an op type."""
    return name if name in _raw_names(op) else _RENAMED.get(name, name)


@functools.cache
def _raw_names(op: str) -> frozenset[str]:
    return frozenset(inspect.signature(getattr(tf.raw_ops, op)).parameters)
