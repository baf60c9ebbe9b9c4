"""What is to be run of a model, and with which values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.errors import GraphlabError, shown
from graphlab.model import TensorSpec, node_of
from graphlab.sources import outside
from graphlab.sources.ends import Ends, ends
from graphlab.sources.modelfile import ModelFile, Port
from graphlab.sources.outside import Start
from graphlab.targets import composite, examples, feeds
from graphlab.targets.choices import choices
from graphlab.targets.target import Ask, Target
from graphlab.watch import user_error
from graphlab.watch.observer import observe
from graphlab.watch.seen import Seen

CALLS = 2
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, OSError, ImportError)
_NODE = re.compile(r"Detected at node '?([^'\s]+)")
_NO_KERNEL = re.compile(r"No OpKernel was registered to support Op '(\w+)'")


@dataclass(frozen=True)
class Job:
    """What is to be run."""

    target: Target
    model: ModelFile
    device: str | None
    generator: np.random.Generator
    values_kept: bool  # for a replay
    until_bad: bool

    @property
    def ask(self) -> Ask:
        """How it is to be run."""
        return self.target.ask

    @cached_property
    def ends(self) -> Ends:
        """What is asked of the graph where nobody named anything."""
        return ends(self.model.graph, self.ask.train)

    @cached_property
    def choices(self) -> Mapping[str, int]:
        """Among how many things what is fed chooses."""
        return choices(self.model.graph)

    @contextmanager
    def observed(self) -> Iterator[Seen]:
        """Where the calls are made: on the device, and watched."""
        with tf.device(self.device), observe(self.values_kept, self.until_bad) as seen:
            yield seen

    def trusted(self, starts: Sequence[Start]) -> None:
        """GraphlabError where what is run from there reaches outside, and is not trusted to."""
        found = outside.reached(self.model.graph, starts)
        if found and not self.ask.trust:
            raise GraphlabError(
                f"{self.target.text} reaches outside when it is run: {outside.told(found)};"
                " --trust lets it, so be sure that you know where the file is from"
            )

    def values(self, needed: Mapping[str, TensorSpec], known: Mapping[str, TensorSpec]) -> dict:
        """The value of each feed by its name; all that is needed must be among them."""
        asked = feeds.parse(self.ask.feeds)
        feeds.unknown(asked, known, "feed")
        feeds.missing(needed, asked)
        return {name: self._value(each, known[name]) for name, each in asked.items()}

    def values_of(
        self,
        ports: Sequence[Port],
        needed: Mapping[str, TensorSpec],
        known: Mapping[str, TensorSpec],
    ) -> dict[str, Any]:
        """The value of each tensor that is fed, by the tensor's name.

        `ports` are the inputs of a signature; of a sparse or ragged one all parts are given, or
        none. `needed` are the tensors that must be fed and `known` those that may be, each by all
        the names that it has.
        """
        asked = feeds.parse(self.ask.feeds)
        whole = [port for port in ports if port.kind]
        names = {**known, **_parts(whole)}
        feeds.unknown(asked, [*names, *(port.key for port in whole)], "feed")
        found: dict[str, Any] = {}
        for port in whole:
            if port.key in asked:
                drawn = composite.whole(asked[port.key], port, self.generator, self.ask.batch)
                found |= {part.tensor.name: drawn[part.role] for part in port.parts}
        for name, each in asked.items():
            if name not in {port.key for port in whole}:
                found.setdefault(names[name].name, self._value(each, names[name]))
        self._complete(whole, needed, found)
        feeds.missing(_left(needed, found), ())
        for port in whole:
            if port.parts[0].tensor.name in found:
                composite.check(port, {p.role: found[p.tensor.name] for p in port.parts})
        return found

    def _complete(
        self, whole: Sequence[Port], needed: Mapping[str, TensorSpec], found: Mapping[str, Any]
    ) -> None:
        """GraphlabError where a sparse or ragged input is needed or given, and not all of it."""
        wanted = {spec.name for spec in needed.values()}
        for port in whole:
            lost = [part for part in port.parts if part.tensor.name not in found]
            if not lost or not ({spec.name for spec in port.tensors} & (wanted | set(found))):
                continue
            roles = ", ".join(f"{port.key}/{part.role}" for part in lost)
            what = f"{port.kind} {port.tensor.dtype}"
            raise GraphlabError(
                f"nothing is fed for {roles} of {port.key} ({what}), which takes all of its"
                f" {len(port.parts)} parts; try --feed {port.key}=random"
            )

    def _value(self, asked: feeds.Asked, spec: TensorSpec) -> Any:
        if asked.text == feeds.RANDOM and spec.dtype == "string":
            parser = examples.parser_of(self.model.graph)
            if parser is not None:  # a random word would be no Example
                shape = tuple(self.ask.batch if n is None else n for n in spec.shape or (None,))
                return examples.random_examples(parser, shape, self.generator)
        below = self.choices.get(spec.name)
        return feeds.value(asked, spec, self.generator, self.ask.batch, below)


def _parts(whole: Sequence[Port]) -> dict[str, TensorSpec]:
    """The parts of sparse and ragged inputs by every name that they have.

    What has the name of the whole input as well stands for that.
    """
    found: dict[str, TensorSpec] = {}
    for port in whole:
        for part in port.parts:
            spec = part.tensor
            names = (f"{port.key}/{part.role}", spec.name, node_of(spec.name), part.key)
            found |= {name: spec for name in names if name and name != port.key}
    return found


def _left(needed: Mapping[str, TensorSpec], found: Mapping[str, Any]) -> dict[str, TensorSpec]:
    return {name: spec for name, spec in needed.items() if spec.name not in found}


@contextmanager
def one_line(target: Target) -> Iterator[None]:
    """What TensorFlow or Keras refuses, as one line."""
    try:
        yield
    except GraphlabError:
        raise
    except tf.errors.OpError as error:
        if lacking := _NO_KERNEL.search(error.message or ""):
            raise GraphlabError(
                f"{target.text} cannot be run: TensorFlow {tf.__version__} has no kernel for"
                f" {lacking[1]} on this device; graphlab render {target.text} draws it"
            ) from error
        node = _NODE.search(error.message or "")
        where = f" at {shown(node[1])}" if node else ""
        raise GraphlabError(
            f"{target.text} stopped{where}: {user_error.said(error)[:300]}{_drawn(target)}"
        ) from error
    except REFUSALS as error:
        raise GraphlabError(
            f"TensorFlow refuses {target.text}: {user_error.said(error)[:300]}"
        ) from error


def _drawn(target: Target) -> str:
    """What was drawn and may be nothing that a program takes, as labels are that no class has."""
    pairs = [feed.rpartition("=") for feed in target.ask.feeds]
    drawn = [name for name, _, value in pairs if value == "random"]
    if not drawn:
        return ""
    names = ", ".join(map(shown, drawn))
    are = "is" if len(drawn) == 1 else "are"
    return f"; {names} {are} random: --feed NAME=VALUE gives another"


def called(job: Job, call: Callable[[], Any]) -> Seen:
    """What was seen while it was called."""
    with one_line(job.target), job.observed() as seen:
        for _ in range(CALLS):
            call()
    return seen
