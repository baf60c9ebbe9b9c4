"""Right ports in other styles: a right port's text, or the original's, changed in how it is written
and in nothing that it computes.

STYLES["compiled"](Source(port=text, original=text))      # the text of another port

What only one exercise has, `RIGHT` in its own file says, as pairs of texts; `LEFT_OUT` names the
styles in which its port is none.
"""

from __future__ import annotations

import re
import runpy
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphlab.exercises.exercise import Exercise, exercises

BUILD = "def build():\n    return Port()\n"


@dataclass(frozen=True)
class Source:
    """What a port in another style is made of."""

    port: str  # a right one: a class Port
    original: str


def right_ports(only: int | None = None) -> Iterator[tuple[Exercise, str, str]]:
    """Each exercise whose program is its own, with the name and text of every right port of it."""
    for each in exercises():
        if each.original.parent != each.folder or only not in (None, each.number):
            continue
        right = each.start if each.turned else each.solution
        source = Source(right.read_text("utf-8"), each.original.read_text("utf-8"))
        more = own(each.number)
        for name, style in STYLES.items():
            if name not in more.get("LEFT_OUT", ()):
                yield each, name, style(source)
        for path in sorted(each.folder.glob("right_*.py")):
            yield each, path.stem, path.read_text("utf-8")
        for name, pairs in more.get("RIGHT", {}).items():
            yield each, name, edited(source.port, pairs)


def own(number: int) -> Mapping[str, Any]:
    """What stands in an exercise's own file; nothing where it has none."""
    file = Path(__file__).with_name(f"exercise_{number:02}.py")
    return runpy.run_path(str(file)) if file.exists() else {}


def edited(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """A text with the second of each pair in place of the first. ValueError: it is not there."""
    for old, new in pairs:
        if old not in text:
            raise ValueError(f"there is no {old!r}")
        text = text.replace(old, new)
    return text


def _decorated(text: str, given: str) -> str:
    """Each `tf.function` with another argument."""
    text = text.replace("@tf.function(", f"@tf.function({given}, ")
    return text.replace("@tf.function\n", f"@tf.function({given})\n")


def _built(source: Source, build: str, imports: str = "") -> str:
    """The port, built in another way."""
    text = edited(source.port, ((BUILD, textwrap.dedent(build).lstrip()),))
    return text.replace("import tensorflow as tf\n", f"{imports}import tensorflow as tf\n", 1)


def _eager(source: Source) -> str:
    return re.sub(r" *@tf\.function(\(.*\))?\n", "", source.port)


FUNCTIONS = """
    def build():
        port = Port()
        step = tf.function(port.train_step, reduce_retracing=True)
        looked = tf.function(port.predict, reduce_retracing=True)
        return SimpleNamespace(
            train_step=lambda **feeds: step(**feeds),
            predict=lambda **feeds: looked(**feeds),
            variables=lambda: port.variables,
            save=port.save,
            restore=port.restore,
        )
"""

LAYER = """
    class Called(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.port = Port()

        def call(self, feeds, training=False):
            return self.port.train_step(**feeds) if training else self.port.predict(**feeds)


    def build():
        layer = Called()
        return SimpleNamespace(
            train_step=lambda **feeds: layer(feeds, training=True),
            predict=lambda **feeds: layer(feeds),
            variables=lambda: layer.port.variables,
            save=layer.port.save,
            restore=layer.port.restore,
        )
"""

MODEL = """
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.port = Port()

        def call(self, feeds):
            return self.port.predict(**feeds)

        def train_step(self, data):
            return self.port.train_step(**data[0])


    def build():
        model = Model()
        model.compile(jit_compile=False)
        return SimpleNamespace(
            train_step=lambda **feeds: model.train_on_batch(feeds, return_dict=True),
            predict=lambda **feeds: model.predict_on_batch(feeds),
            variables=lambda: model.port.variables,
            save=model.port.save,
            restore=model.port.restore,
        )
"""

# As double as Python's own numbers are, and writable, which a tensor's array is not.
NUMPY = """
    def in_numpy(method):
        def called(**feeds):
            given = method(**{name: np.array(value) for name, value in feeds.items()})
            given = given if isinstance(given, dict) else {"": given}
            return {name: np.array(value, np.float64) for name, value in given.items()}

        return called


    def build():
        port = Port()
        return SimpleNamespace(
            train_step=in_numpy(port.train_step),
            predict=in_numpy(port.predict),
            variables=port.variables,
            save=port.save,
            restore=port.restore,
        )
"""

ORDER = """
    class Named(Port):
        def __init__(self):
            super().__init__()
            self.seed = tf.Variable([1, 2], dtype=tf.uint32)
            self.iterations = tf.Variable(0, dtype=tf.int64)

        @property
        def variables(self):
            named = _variables(self)
            own = {f"model/{name}": named[name] for name in reversed(named)}
            return {"seed_generator": self.seed, **own, "iterations": self.iterations}

        @variables.setter
        def variables(self, given):
            self.given = given


    def _variables(port):
        given = port.given if hasattr(port, "given") else super(Named, port).variables
        return given if isinstance(given, dict) else {each.name[:-2]: each for each in given}


    def build():
        return Named()
"""

# The session of a graph that was built in a function of compat.v1: what it runs is pruned out.
WRAPPED = '''

class Wrapped:
    """A graph of TensorFlow 1 in TensorFlow 2: built by wrap_function, called by prune."""

    def __init__(self, made):
        self.function = tf1.wrap_function(made, [])
        self.pruned = {}

    def run(self, fetches, feeds):
        key = id(fetches)
        if key not in self.pruned:
            flat = tf.nest.flatten(fetches)
            ops = [each for each in flat if isinstance(each, tf.Operation)]
            kept = [each for each in flat if not isinstance(each, tf.Operation)]
            step = self.function.prune([each.deref() for each in feeds], [kept, ops])
            self.pruned[key] = step, fetches
        given = self.pruned[key][0](*(tf.constant(v, k.deref().dtype) for k, v in feeds.items()))
        values = iter(tf.nest.flatten(given))
        return tf.nest.map_structure(
            lambda each: None if isinstance(each, tf.Operation) else next(values), fetches
        )
'''


def _wrapped(source: Source) -> str:
    text = source.original.replace("with tf.Graph().as_default() as graph:", "def made():")
    text = text.replace("self.saver = tf1.train.Saver()", "self.kept = tf1.global_variables()")
    text = re.sub(r" *init = .*\n", "", text)
    text = text.replace("        self.session.run(init)\n", "")
    text = text.replace("tf1.Session(graph=graph)", "Wrapped(made)").replace("session", "wrapped")
    text = re.sub(r"(self\.\w+): (?=\w)", r"\1.ref(): ", text)  # a tensor is no key any more
    saver = "tf.train.Checkpoint(all=self.kept)"
    text = text.replace("self.saver.save(self.wrapped, path)", f"{saver}.write(path)")
    text = text.replace(
        "self.saver.restore(self.wrapped, path)", f"{saver}.read(path).assert_consumed()"
    )
    return text.replace("tf1 = tf.compat.v1\n", f"tf1 = tf.compat.v1\n{WRAPPED}", 1)


SPACE = "from types import SimpleNamespace\n\n"
STYLES: Mapping[str, Callable[[Source], str]] = {
    "a class": lambda source: source.port,
    "compiled": lambda source: _decorated(source.port, "jit_compile=True"),
    "without AutoGraph": lambda source: _decorated(source.port, "autograph=False"),
    "eager": _eager,
    "functions": lambda source: _built(source, FUNCTIONS, SPACE),
    "a Keras layer": lambda source: _built(source, LAYER, f"{SPACE}import keras\n"),
    "a Keras model": lambda source: _built(source, MODEL, f"{SPACE}import keras\n"),
    "NumPy in and out": lambda source: _built(source, NUMPY, f"{SPACE}import numpy as np\n"),
    "another order, more state": lambda source: _built(source, ORDER),
    "wrapped compat.v1": _wrapped,
}
