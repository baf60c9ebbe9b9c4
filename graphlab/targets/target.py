"""Whatever the command line can be pointed at: a lesson's part, a script, a model's file.

parse("2.3:eager").part, parse("train.py:model").script, parse("exported/1").model
"""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.sources import read
from graphlab.sources.named import named
from visualize.kinds import is_gradient

if TYPE_CHECKING:  # recording imports TensorFlow, and the command line starts without the model
    from graphlab.model import Graph, Run
    from graphlab.watch.calls import Calls
    from graphlab.watch.replay import Replay
    from graphlab.watch.retracing import Traced


@dataclass(frozen=True)
class Ask:
    """How a model's file is to be run."""

    feeds: tuple[str, ...] = ()  # each as `feeds.parse` takes it
    fetches: tuple[str, ...] = ()
    signature: str = ""
    batch: int = 1  # for a random value's unknown dimensions
    trust: bool = False  # run code that the file brings along, and what reaches outside
    tags: tuple[str, ...] | None = None  # of the graph of a SavedModel; None: the one to serve
    train: bool = True  # where nothing is named and the graph trains


NO_ASK = Ask()
_READ_WITH_IT = ("variables", "assets", "assets.extra")  # folders of a SavedModel


@dataclass(frozen=True)
class Target:
    """What a text means. One of `part`, `script` and `model` is given."""

    text: str
    part: outline.Part | None = None
    way: str = "graph"  # of a part
    script: Path | None = None
    function: str = ""  # of a script; "" for the whole of it
    arguments: tuple[str, ...] = ()  # of a script: its sys.argv[1:]
    # Of a script: how the text of its files becomes code, where it is not as Python does it.
    compiled: Callable[[bytes, str], CodeType] | None = None
    model: Path | None = None
    ask: Ask = NO_ASK  # of a model

    @property
    def title(self) -> str:
        """What a page about it is called: a part's number and title, or a file's own name."""
        if self.part is not None:
            return f"{self.part.name}  {self.part.title}"
        path = self.script or self.model
        if path is None:
            return self.text
        return path.resolve().name + (f":{self.function}" if self.function else "")

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that are read, and folders of such files: no output may take their place."""
        found = [path for path in (self.script, self.model) if path is not None]
        if self.model is not None and self.model.is_dir():
            found = [self.model / name for name in (*read.SAVED, *_READ_WITH_IT)]
        elif self.model is not None and self.model.suffix in (".meta", ".index"):
            found += sorted(self.model.parent.glob(f"{glob.escape(self.model.stem)}.*"))
        fed = (feed.partition("=")[2] for feed in self.ask.feeds)
        return (*found, *(Path(text[1:]) for text in fed if text.startswith("@")))


@dataclass(frozen=True)
class Watched:
    """What was seen while a target ran."""

    target: Target
    runs: tuple[Run, ...]
    calls: tuple[Calls, ...]
    graph: Graph | None  # built and not run: where there is no run, all that there is to draw
    note: str = ""  # how the target was run, where it was not run as it stands
    failure: str = ""  # one line: the script's own error
    traceback: str = ""  # of the failure, the user's own lines
    interrupted: bool = False
    replays: tuple[Replay, ...] = ()  # of the runs, where values were asked for
    live: Callable[[Run], Any] = lambda run: None  # the TensorFlow graph of a run, if there is one
    metadata: Callable[[Run], Any] = lambda run: None  # its RunMetadata, if there is one
    config: Callable[[Run], Any] = lambda run: None  # its session's ConfigProto, if it had one
    traced: tuple[Traced, ...] = ()  # functions whose body was run to trace it
    results: Mapping[str, Any] = field(default_factory=dict)  # of a part: what its way gave
    full: bool = False  # of a part: whether later steps were not recorded, for want of room
    left_out: str = ""  # of a model, what nothing takes and was not asked for, in words

    @property
    def call_raised(self) -> bool:
        """Whether the script ended in a call that raised when it was made for the first time."""
        return bool(self.failure) and any(not calls.count for calls in self.calls)

    @property
    def main(self) -> Run | None:
        """The run to show where only one can be: of the most ops, and of its calls the last.

        An op that a loop runs a hundred times is one op, or the loop would hide the training. A
        run that only gives variables their values, or saves them, is none to show while there are
        others; nor is what Python dispatches around a training, however much it sets up.
        """
        runs = self.runs[::-1]
        runs = tuple(run for run in runs if not (run.only_assigns or run.only_saves)) or runs
        trains = {id(run) for run in runs if any(is_gradient(step.node) for step in run.steps)}
        if trains:
            runs = tuple(run for run in runs if id(run) in trains or not _is_around(run))
        largest = max(runs, key=lambda run: len({step.node for step in run.steps}), default=None)
        return next((run for run in runs if _same_call(run, largest)), None)


def _is_around(run: Run) -> bool:
    """Whether it is what Python dispatches outside of steps, which is no call that repeats."""
    return run.way == "eager" and not run.step


def _same_call(run: Run, other: Run | None) -> bool:
    if other is None or _is_around(other):
        return run is other
    names = ("way", "name", "source", "fetches")
    return bool(run.step) == bool(other.step) and all(
        getattr(run, name) == getattr(other, name) for name in names
    )


def parse(
    text: str, way: str | None = None, ask: Ask = NO_ASK, arguments: tuple[str, ...] = ()
) -> Target:
    """`"2.3"`, `"2.3:graph"`, `"script.py"`, `"script.py:function"`, `"model.pb"` or
    `"folder:signature"` as a Target.

    GraphlabError where it is none of them, names what does not exist, or is given arguments and
    is no script.
    """
    lesson = re.match(r"\d+(\.\d*)?(:|$)", text)
    model = None if lesson else named(text)
    if arguments and (lesson or model is not None):
        raise GraphlabError(
            f"{' '.join(arguments)}: arguments are for a script (script.py -- ARGUMENTS), and"
            f" {text} is {'a lesson' if lesson else 'a model'}"
        )
    if model is not None:
        return _model(text, *model, way, ask)
    if ask != NO_ASK and (lesson or re.search(r"\.py(:|$)", text)):
        raise GraphlabError(
            f"--feed, --fetch, --signature, --tags and --trust are for a model's file, not {text}"
        )
    if lesson:
        number, chosen = outline.split_target(text)
        parts = outline.find(number)
        if len(parts) > 1:
            names = ", ".join(part.name for part in parts)
            raise GraphlabError(f"lesson {number} has {len(parts)} parts; name one of {names}")
        chosen = way or chosen or "graph"
        return Target(text, part=parts[0], way=outline.ways_of(parts[0], chosen)[0])
    path, colon, function = text.rpartition(":")
    if not colon or not path.endswith(".py"):
        path, function = text, ""
    elif not function:
        raise GraphlabError(f"target {text!r} names no function behind the colon; try {path}")
    script = Path(path)
    if script.suffix != ".py":
        raise GraphlabError(
            f"target {text!r} is neither a lesson (2.3, 2.3:graph) nor Python (script.py,"
            f" script.py:function) nor a model ({read.EXPECTED})"
        )
    if not script.is_file():
        there = sorted(p.name for p in script.parent.glob("*.py"))[:5]
        listed = f"{'is' if len(there) == 1 else 'are'} {', '.join(there)}"
        hint = f"; there {listed if there else 'is no Python file in that folder'}"
        raise GraphlabError(f"script {path} does not exist{hint}")
    if way is not None:
        raise GraphlabError(f"--way {way} is for a lesson; {text} runs the way it is written")
    return Target(text, script=script, function=function, arguments=arguments)


def _model(text: str, path: Path, signature: str, way: str | None, ask: Ask) -> Target:
    if not path.exists():
        raise GraphlabError(f"{path} does not exist; expected {read.EXPECTED}")
    if not signature and text == f"{path}:":
        raise GraphlabError(f"{text} names no signature behind the colon; try {path}")
    if way is not None:
        raise GraphlabError(f"--way {way} is for a lesson; {text} runs the way it is written")
    return Target(text, model=path, ask=replace(ask, signature=ask.signature or signature))
