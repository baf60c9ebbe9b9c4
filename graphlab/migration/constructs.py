"""What becomes of each thing that a TensorFlow 1 program does, and which lesson teaches it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of construct."""

    title: str
    of: str  # what is counted
    becomes: str
    lesson: str
    numbers: str = ""  # which other numbers its TF2 form gives
    ops: str = ""  # the op types by which it is known, a regular expression; "": by calls
    only: str = ""  # what one of the names must have for the numbers to be others

    def is_op(self, op: str) -> bool:
        """Whether an op of this type is one."""
        return bool(self.ops) and re.fullmatch(self.ops, op) is not None


_RANDOM = (
    r"Random(Uniform|StandardNormal|Shuffle(?!Queue)|UniformInt|Poisson|Gamma)\w*|TruncatedNormal"
    r"|Multinomial|ParameterizedTruncatedNormal"
)

KINDS = {
    "sessions": Kind(
        "Session.run",
        "call",
        "a call of a tf.function that takes what is fed and returns what is fetched",
        "1.4",
    ),
    "partial_runs": Kind(
        "partial_run",
        "call",
        "two functions, the second of which takes what the first returned",
        "21.1",
    ),
    "placeholders": Kind(
        "placeholders",
        "op",
        "arguments of the tf.function; an input_signature casts what is fed, as a placeholder does",
        "1.3",
        ops=r"Placeholder\w*",
    ),
    "inner_feeds": Kind(
        "feeds of inner tensors",
        "tensor",
        "an argument: a function that begins where the feed cuts, or wrap_function(...).prune",
        "21.1",
    ),
    "variables": Kind(
        "reference variables",
        "variable",
        "tf.Variable, made once and outside of the function",
        "1.2",
        "a reference is read when it is used, a tf.Variable when read_value is called: a read"
        " that no control dependency orders may give another number",
        ops="Variable|VariableV2|TemporaryVariable",
    ),
    "resources": Kind(
        "resource variables",
        "variable",
        "tf.Variable, made once and outside of the function",
        "1.2",
        ops="VarHandleOp",
    ),
    "scopes": Kind(
        "variable scopes with reuse",
        "scope",
        "one layer object, or one tf.Module, that is called twice",
        "20.2",
        "two objects in place of one shared variable train apart from the first step on",
    ),
    "collections": Kind(
        "collections",
        "use",
        "attributes: module.trainable_variables, layer.losses, lists of your own",
        "20.3",
        "what nobody fetches from a collection is not run: regularization losses and the updates"
        " of batch normalisation",
        only="losses|update_ops",
    ),
    "control": Kind(
        "control dependencies",
        "line",
        "the order of the lines in a tf.function",
        "20.1",
    ),
    "queues": Kind(
        "queues and readers",
        "op",
        "tf.data: from_tensor_slices, shuffle, batch",
        "25.1",
        "another shuffling: another order of the examples",
        ops=r"(FIFO|RandomShuffle|PaddingFIFO|Priority)Queue(V2)?|Queue\w+|\w*Reader(V2)?"
        r"|Reader\w+",
        only="RandomShuffleQueue",
    ),
    "iterators": Kind(
        "iterators of tf.data",
        "op",
        "for batch in dataset",
        "25.1",
        ops=r"(OneShot|Anonymous)?Iterator(V\d)?|MakeIterator|IteratorGetNext\w*",
    ),
    "savers": Kind(
        "savers",
        "op",
        "tf.train.Checkpoint; the old files by name, with the names written down once",
        "24.1",
        "tf.train.Checkpoint finds by attributes, not by names: an old file restores nothing and"
        " says so only to assert_consumed",
        ops="SaveV2|RestoreV2|Save|Restore|SaveSlices|RestoreSlice|MergeV2Checkpoints",
    ),
    "saved_models": Kind(
        "SavedModel of a session", "call", "tf.saved_model.save of a tf.Module", "24.2"
    ),
    "summaries": Kind(
        "summaries",
        "op",
        "tf.summary.scalar and its kin, with a step, in a writer's as_default()",
        "24.3",
        "a histogram has other buckets, and a picture of floats is cut off at 0 and 1, where"
        " TensorFlow 1 stretches it to its largest value",
        ops=r"(Scalar|Histogram|Image|Audio|Tensor|Merge)Summary(V2)?",
        only="HistogramSummary|ImageSummary",
    ),
    "writers": Kind("summary writers", "call", "tf.summary.create_file_writer", "24.3"),
    "loops": Kind(
        "v1 loops and conditions",
        "op",
        "while, for and if in a tf.function: AutoGraph",
        "25.2",
        ops="(Ref)?(LoopCond|Switch)|StatelessWhile|While|StatelessIf|If",
    ),
    "gradients": Kind("tf.gradients", "call", "tf.GradientTape", "22.1"),
    "optimizers": Kind(
        "optimizers", "call", "tf.keras.optimizers, with the numbers of TensorFlow 1", "22.3"
    ),
    "randoms": Kind(
        "random numbers",
        "op",
        "tf.random.stateless_*, or tf.random.Generator",
        "22.2",
        "other draws; the same only of tf.random.* with a seed of the op's own, where"
        " tf.random.set_seed is given the graph's",
        ops=_RANDOM,
    ),
    "seeds": Kind(
        "graph-level seeds",
        "call",
        "tf.random.set_seed, or stateless ops with seeds of their own",
        "22.2",
        "other draws from the same seed",
    ),
    "layers": Kind(
        "layers and cells that are gone from Keras 3",
        "call",
        "tf.keras.layers, made once and called often",
        "27.3",
    ),
    "slim": Kind(
        "contrib.slim and contrib.layers (tf_slim)",
        "line",
        "tf.keras.layers, with slim's own defaults written out",
        "27.1",
        "slim's layers have a ReLU by default, those of Keras none",
    ),
    "py_func": Kind(
        "py_func",
        "op",
        "tf.numpy_function, or tf.py_function where a gradient is wanted",
        "21.2",
        ops="PyFunc|PyFuncStateless|EagerPyFunc",
    ),
    "devices": Kind(
        "devices that are asked for", "device", "tf.device as before, or a strategy", "26.1"
    ),
    "servers": Kind(
        "servers and clusters",
        "call",
        "tf.distribute",
        "26.2",
        "not compared: replicas take parts of a batch, workers of a cluster took turns",
    ),
}
# Of layers and cells, by what their names have in them, whatever the capitals.
OF_LAYERS = {
    "lstmcell": "LSTM cells: another order of the gates, and the forget bias is a weight",
    "grucell": "GRU cells: another order of the gates, and reset_after",
    "batch": (
        "batch normalisation: its means move by themselves, and of images the variance that it"
        " keeps is not multiplied by n/(n-1)"
    ),
    "dropout": "dropout: other draws",
}
# Of a name that is gone, by how it begins.
LESSONS = {
    "contrib.": "27.1",
    "estimator": "27.2",
    "layers": "27.3",
    "keras": "27.3",
    "nn.rnn_cell": "27.3",
    "placeholder": "1.3",
    "Session": "1.4",
    "InteractiveSession": "1.4",
}


def lesson_of(name: str) -> str:
    """The part that teaches what becomes of a name of TensorFlow 1; "" where none does."""
    return next((part for start, part in LESSONS.items() if name.startswith(start)), "")


def parts() -> tuple[str, ...]:
    """Every part of the course that is named here."""
    named = {kind.lesson for kind in KINDS.values()} | set(LESSONS.values())
    return tuple(sorted(named, key=lambda part: tuple(map(int, part.split(".")))))
