"""Which part of the course teaches what of TensorFlow: no part uses an idea before its lesson.

    too_early("2.1", ast.parse("tf.while_loop(...)"))
    # line 1 uses tf.while_loop, which part 6.1 teaches ...

Names that carry no idea of their own (tf.zeros, tf.reshape) stand in no row.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# A name stands for all beneath it, and of two the longer one counts. TF1's are written without
# the `compat.v1`. `name=` is an argument of a call.
TAUGHT = {
    "tf.matmul": "1.1",
    "tf.Variable": "1.2",
    "tf.Module": "1.2",
    "tf.get_variable": "1.2",
    "tf.global_variables_initializer": "1.2",
    "tf.placeholder": "1.3",
    "tf.TensorSpec": "1.3",
    "tf.nn.relu": "1.4",
    "tf.random": "1.4",
    "tf.variable_scope": "1.5",
    "tf.wrap_function": "1.5",
    "tf.import_graph_def": "1.6",
    "tf.nn.bias_add": "1.7",
    "tf.group": "2.1",
    "tf.variables_initializer": "2.1",
    "tf.sigmoid": "2.2",
    "tf.nn.sigmoid": "2.2",
    "tf.nn.softmax": "2.2",
    "tf.nn.softmax_cross_entropy_with_logits": "2.2",
    "tf.nn.softmax_cross_entropy_with_logits_v2": "2.2",
    "tf.nn.sigmoid_cross_entropy_with_logits": "2.2",
    "tf.gradients": "2.3",
    "tf.GradientTape": "2.3",
    "tf.nn.sparse_softmax_cross_entropy_with_logits": "2.4",
    "tf.train": "2.4",
    "tf.data": "2.4",
    "tf.name_scope": "3.1",
    "tf.Module.with_name_scope": "3.1",
    "tf.tanh": "3.2",
    "tf.nn.tanh": "3.2",
    "tf.cond": "3.3",
    "tf.placeholder_with_default": "3.3",
    "tf.nn.dropout": "3.3",
    "tf.keras": "3.4",
    "tf.keras.__version__": "0.1",
    "tf.nn.conv2d": "4.1",
    "tf.nn.conv2d_transpose": "4.3",
    "tf.nn.avg_pool": "4.4",
    "tf.nn.avg_pool2d": "4.4",
    "tf.nn.max_pool": "4.4",
    "tf.nn.max_pool2d": "4.4",
    "tf.nn.leaky_relu": "4.5",
    "tf.nn.elu": "4.5",
    "tf.nn.silu": "4.5",
    "tf.nn.swish": "4.5",
    "tf.custom_gradient": "4.5",
    "tf.keras.layers.Conv2D": "4.6",
    "tf.keras.layers.MaxPooling2D": "4.6",
    "tf.keras.layers.Lambda": "4.7",
    "tf.nn.lrn": "4.7",
    "tf.nn.local_response_normalization": "4.7",
    "tf.nn.max_pool_with_argmax": "4.8",
    "tf.train.AdamOptimizer": "5.1",
    "tf.keras.optimizers.Adam": "5.1",
    "tf.keras.layers.Conv2DTranspose": "5.1",
    "tf.AUTO_REUSE": "5.2",
    "reuse=": "5.2",
    "var_list=": "5.2",
    "tf.while_loop": "6.1",
    "tf.TensorArray": "6.1",
    "tf.scan": "6.1",
    "tf.map_fn": "6.1",
    "tf.nn.embedding_lookup": "6.2",
    "tf.keras.layers.Embedding": "6.2",
    "tf.keras.layers.SimpleRNN": "6.2",
    "tf.keras.layers.LSTM": "7.1",
    "tf.keras.layers.LSTMCell": "7.1",
    "tf.nn.softplus": "8.5",
    "tf.nn.moments": "10.2",
    "tf.keras.layers.BatchNormalization": "10.2",
    "tf.image.ssim": "10.5",
    "tf.image.total_variation": "10.5",
    "tf.raw_ops.ParameterizedTruncatedNormal": "11.1",
    "tf.keras.layers.Layer": "11.3",
    "tf.norm": "12.1",
    "tf.one_hot": "12.3",
    "maximum_iterations=": "12.3",
    "tf.control_dependencies": "20.1",
    "tf.GraphKeys": "20.3",
    "tf.add_to_collection": "20.3",
    "tf.get_collection": "20.3",
    "tf.losses.get_total_loss": "20.3",
    "regularizer=": "20.3",
    "tf.keras.regularizers": "20.3",
    "tf.py_func": "21.2",
    "tf.py_function": "21.2",
    "tf.numpy_function": "21.2",
    "stop_gradients=": "22.1",
    "tf.stop_gradient": "22.1",
    "tf.set_random_seed": "22.2",
    "tf.random.set_seed": "22.2",
    "tf.train.MomentumOptimizer": "22.3",
    "tf.train.RMSPropOptimizer": "22.3",
    "tf.keras.optimizers.RMSprop": "22.3",
    "tf.train.Saver": "24.1",
    "tf.train.Checkpoint": "24.1",
    "tf.train.load_checkpoint": "24.1",
    "tf.saved_model": "24.2",
    "tf.summary": "24.3",
    "tf.train.summary_iterator": "24.3",
    "tf.train.input_producer": "25.1",
    "tf.train.string_input_producer": "25.1",
    "tf.train.batch": "25.1",
    "tf.train.shuffle_batch": "25.1",
    "tf.train.Coordinator": "25.1",
    "tf.train.start_queue_runners": "25.1",
    "tf.train.QueueRunner": "25.1",
    "tf.FIFOQueue": "25.1",
    "tf.RandomShuffleQueue": "25.1",
    "tf.local_variables_initializer": "25.1",
    "tf.where": "25.2",
    "tf.distribute": "26.2",
    "tf.train.Server": "26.2",
    "tf.train.get_or_create_global_step": "23.2",
    "global_step=": "23.2",
    "tf.nn.l2_loss": "27.1",
    "tf.layers": "27.3",
    "tf.nn.fused_batch_norm": "27.3",
    "tf.disable_control_flow_v2": "28.3",
    "tf.enable_control_flow_v2": "28.3",
    "tf.control_flow_v2_enabled": "28.3",
}


def too_early(number: str, tree: ast.Module) -> Iterator[str]:
    """A complaint for each idea that the part "3.1" uses and a later part teaches."""
    for name, line in used(tree).items():
        taught = TAUGHT[name]
        if _order(taught) > _order(number):
            yield (
                f"line {line} uses {name}, which part {taught} teaches; do without, or teach it "
                "here and say so in graphlab/constructs.py"
            )


def used(tree: ast.Module) -> dict[str, int]:
    """The rows of the table that the part uses, each with its first line.

    To ask whether a name is there, as in `callable(tf.placeholder)`, is no use of it.
    """
    passed = set()  # the inner names of a longer one, and what is only asked for
    found: dict[str, int] = {}
    short = {"tf1": "tf.compat.v1"} | _short_names(tree)
    for node in ast.walk(tree):  # from the outside inwards
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "callable":
            passed |= {id(argument) for argument in node.args}
        if isinstance(node, ast.keyword) and f"{node.arg}=" in TAUGHT:
            argument, line = f"{node.arg}=", node.value.lineno
            found[argument] = min(line, found.get(argument, line))
        if isinstance(node, ast.Attribute):
            passed.add(id(node.value))
            row = None if id(node) in passed else _row(ast.unparse(node), short)
            if row is not None:
                found[row] = min(node.lineno, found.get(row, node.lineno))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _short_names(tree: ast.Module) -> dict[str, str]:
    """What the part calls by a shorter name: `layers = tf.keras.layers`, alone or in a tuple."""
    pairs: list[tuple[ast.expr, ast.expr]] = [
        (target, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    for target, value in list(pairs):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs += zip(target.elts, value.elts, strict=False)
    return {
        target.id: ast.unparse(value)
        for target, value in pairs
        if isinstance(target, ast.Name) and isinstance(value, ast.Attribute)
    }


def _row(name: str, short: dict[str, str]) -> str | None:
    """The longest row that the name is in."""
    while (root := name.partition(".")[0]) in short:
        name = short[root] + name[len(root) :]
        short = {other: value for other, value in short.items() if other != root}
    name = name.replace("tf.compat.v1.", "tf.")
    while "." in name:
        if name in TAUGHT:
            return name
        name = name.rpartition(".")[0]
    return None


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(each) for each in number.split("."))
