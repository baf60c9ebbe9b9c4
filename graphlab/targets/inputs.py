"""The same inputs for two models: drawn once, or read from a file, and fed to both."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec, node_of
from graphlab.sources import files
from graphlab.sources.choice import defaults_of, needed_by, signature_of
from graphlab.sources.ends import ends, some
from graphlab.targets import feeds
from graphlab.targets.choices import choices
from graphlab.targets.target import Target
from visualize.words import shape_text

BATCH = 3  # of what is drawn: in a batch of one a mean is a sum, and a square one may be turned


@dataclass(frozen=True, slots=True)
class Input:
    """What a model may be fed."""

    spec: TensorSpec
    node: str  # what the graph calls it, where the signature has a name of its own
    default: bool = False  # whether it has a value where nothing is fed
    below: int | None = None  # among how many things it chooses, where the graph tells


Inputs = Mapping[str, Input]  # by the names that `--feed` knows


@contextmanager
def shared(
    a: Target, b: Target, given: Path | None, seed: int | None
) -> Iterator[tuple[Target, Target, list[str]]]:
    """Both targets with the inputs that they are to be given, and what is to be said of that.

    Scripts and lessons bring their own. A placeholder with a default keeps it, unless the file has
    a value for it, or the other model has to be fed what is its partner. GraphlabError where the
    file cannot be read, lacks an input or has one that does not fit, or two models do not take the
    same.
    """
    models = [target for target in (a, b) if target.model is not None]
    if given is not None and not models:
        raise GraphlabError(
            f"--inputs {given} is for models; {a.text} and {b.text} bring their own inputs"
        )
    held = _read(given) if given is not None else {}
    models, untrained = _trained_alike(models)
    open_ones = [target for target in models if not target.ask.feeds]
    taken = [inputs_of(target) for target in open_ones]
    pairs = _pairs(*taken) if len(taken) == 2 else {}
    partners = [{mine: theirs for theirs, mine in pairs.items()}, pairs]
    generator = np.random.default_rng(0 if seed is None else seed)
    values: list[dict[str, np.ndarray]] = [{} for _ in taken]
    used: set[str] = set()
    for n, inputs in enumerate(taken):
        for name, each in inputs.items():
            partner = partners[n].get(name)
            other = each if partner is None else taken[1 - n][partner]
            names = [name, each.node, *([] if partner is None else [partner, other.node])]
            found = next((one for one in names if one in held), None)
            if found is not None:
                used.add(found)
                values[n][name] = held[found]
                if problem := feeds.misfit(held[found], each.spec):
                    raise GraphlabError(
                        f"--inputs {given}: {found} {problem}; {open_ones[n].text} takes"
                        f" {_described(name, each)}: write one that fits"
                    )
            elif n and partner in values[0]:
                values[n][name] = values[0][partner]
            elif given is not None and not each.default:
                raise GraphlabError(_lacking(given, held, open_ones[n], name, each))
            elif given is None and not (each.default and other.default):
                spec = each.spec
                if partner is not None:
                    spec = _drawn_for(open_ones, (name, partner), each, other)
                below = min((b for b in (each.below, other.below) if b is not None), default=None)
                values[n][name] = feeds.random(spec, generator, BATCH, below)
    told = [*untrained, *_differing(open_ones, taken, pairs)]
    if left := [name for name in held if name not in used]:
        told.append(f"--inputs {given} has {', '.join(left)}, which nothing takes")
    with tempfile.TemporaryDirectory() as folder:
        fed = {id(t): _feeding(t, v, Path(folder)) for t, v in zip(open_ones, values, strict=True)}
        given_to = iter([fed.get(id(target), target) for target in models])
        a, b = (each if each.model is None else next(given_to) for each in (a, b))
        yield a, b, told


def _trained_alike(models: Sequence[Target]) -> tuple[list[Target], list[str]]:
    """Two models, of which neither trains where one of them does not, and what is to be said of
    that."""
    trainings = [_training(target) for target in models]
    if len(models) < 2 or all(trainings) or not any(trainings):
        return list(models), []
    told = [
        f"{target.text} is not trained ({name} is left out), as the other has no training"
        for target, name in zip(models, trainings, strict=True)
        if name
    ]
    return [replace(each, ask=replace(each.ask, train=False)) for each in models], told


def _training(target: Target) -> str:
    """In words what of a model trains it when nothing is named."""
    assert target.model is not None
    model = files.read_model(target.model)
    if target.ask.fetches or model.signatures:
        return ""
    training = ends(model.graph).training
    return some(training) if training else ""


def with_random(target: Target) -> Target:
    """A model that is fed random values for all that it needs and `--feed` does not give."""
    if target.model is None:
        return target
    given = feeds.parse(target.ask.feeds)
    lacking = tuple(f"{name}=random" for name in needs(target) if name not in given)
    if not lacking:
        return target
    return replace(
        target, ask=replace(target.ask, feeds=(*target.ask.feeds, *lacking), batch=BATCH)
    )


def needs(target: Target) -> dict[str, TensorSpec]:
    """What a model has to be fed, by the names that `--feed` knows."""
    return {name: each.spec for name, each in inputs_of(target).items() if not each.default}


def inputs_of(target: Target) -> dict[str, Input]:
    """What a model may be fed, by the names that `--feed` knows."""
    assert target.model is not None
    model = files.read_model(target.model)
    among = choices(model.graph)

    def taken(spec: TensorSpec, default: bool = False) -> Input:
        return Input(spec, node_of(spec.name), default, among.get(spec.name))

    if model.signatures:
        ports = signature_of(model, target.ask.signature).inputs
        return {port.key: taken(port.tensor) for port in ports}
    fetches = tuple(target.ask.fetches or ends(model.graph, target.ask.train).fetches)
    defaults = defaults_of(model.graph, fetches)
    found = needed_by(model.graph, fetches, set()) | defaults
    places = {name: place for place, name in enumerate(model.graph.by_name)}
    return {
        name: taken(found[name], name in defaults)
        for name in sorted(found, key=lambda name: places[node_of(found[name].name)])
    }


def names_of(target: Target) -> dict[str, str]:
    """What the signature of a graph calls what it takes and gives, by tensor; {} of what has no
    signature, or of a function's, which says it by itself."""
    model = files.read_model(target.model) if target.model is not None else None
    if model is None or not model.signatures:
        return {}
    signature = signature_of(model, target.ask.signature)
    if signature.function:
        return {}
    found: dict[str, str] = {}
    for port in (*signature.inputs, *signature.outputs):
        key = port.key.replace("/", "_")
        parts = {part.tensor.name: f"{key}_{part.role}" for part in port.parts}
        found = {**(parts if port.kind else {port.tensor.name: key}), **found}
    return found


def _pairs(a: Inputs, b: Inputs) -> dict[str, str]:
    """For inputs of B those of A: by their names, by what their graphs call them, then the first
    that fits; at last what has to be fed, though it cannot be the same."""
    found: dict[str, str] = {}

    def fits(mine: str, theirs: str) -> bool:
        return _both(a[mine].spec, b[theirs].spec) is not None

    def fed(mine: str, theirs: str) -> bool:
        return not (a[mine].default or b[theirs].default)

    rules: tuple[Callable[[str, str], bool], ...] = (
        lambda mine, theirs: mine == theirs,
        lambda mine, theirs: {mine, a[mine].node}.intersection({theirs, b[theirs].node}) != set(),
        lambda mine, theirs: a[mine].default == b[theirs].default and fits(mine, theirs),
        fits,
        fed,
    )
    for rule in rules:
        for theirs in b:
            for mine in a:
                new = theirs not in found and mine not in found.values()
                if new and rule(mine, theirs) and (fed(mine, theirs) or fits(mine, theirs)):
                    found[theirs] = mine
    return found


def _both(a: TensorSpec, b: TensorSpec) -> TensorSpec | None:
    """What fits both: a size that one of them leaves open is the other's, whole numbers fit where
    real ones do, and short ones where long ones do. None where nothing fits."""
    kinds = {feeds.numpy_dtype(each.dtype).kind for each in (a, b)}
    if len(kinds) > 1 and not kinds <= set("iuf"):
        return None

    def room(spec: TensorSpec) -> tuple[bool, int]:
        dtype = feeds.numpy_dtype(spec.dtype)
        return dtype.kind == "f", dtype.itemsize

    least = min(a, b, key=room)
    if a.shape is None or b.shape is None:
        return replace(least, shape=b.shape if a.shape is None else a.shape)
    sizes = list(zip(a.shape, b.shape, strict=False))
    if len(a.shape) != len(b.shape) or not all(x is None or y is None or x == y for x, y in sizes):
        return None
    return replace(least, shape=tuple(y if x is None else x for x, y in sizes))


def _drawn_for(models: Sequence[Target], names: Sequence[str], a: Input, b: Input) -> TensorSpec:
    """What fits both of two inputs that are partners; GraphlabError where nothing does."""
    found = _both(a.spec, b.spec)
    if found is None:
        takes = [
            f"{target.text} takes {_described(name, each)}"
            for target, name, each in zip(models, names, (a, b), strict=True)
        ]
        raise GraphlabError(f"inputs differ: {', '.join(takes)}; the two cannot be given the same")
    return found


def _lacking(
    given: Path, held: Mapping[str, np.ndarray], target: Target, name: str, each: Input
) -> str:
    """That the file has nothing for an input."""
    return (
        f"--inputs {given} has no {_described(name, each)}, which {target.text} takes; it has"
        f" {', '.join(held) or 'nothing'}"
    )


def _described(name: str, each: Input) -> str:
    """What an input is: "x (float32 ?x4)"."""
    return f"{name} ({each.spec.dtype} {shape_text(each.spec.shape)})"


def _differing(models: Sequence[Target], taken: Sequence[Inputs], pairs: Mapping) -> list[str]:
    """A line where one of two models has to be fed what the other does not take."""
    paired = [set(pairs.values()), set(pairs)]
    needed = [[name for name, each in inputs.items() if not each.default] for inputs in taken]
    if len(models) != 2 or all(set(names) <= of for names, of in zip(needed, paired, strict=True)):
        return []
    takes = (
        f"{target.text} takes {', '.join(names) or 'none'}"
        for target, names in zip(models, needed, strict=True)
    )
    return [f"inputs differ: {', '.join(takes)}"]


def _feeding(target: Target, values: Mapping[str, np.ndarray], folder: Path) -> Target:
    """The target with each value as a `--feed NAME=@FILE`."""
    texts = []
    for name, array in values.items():
        path = folder / f"{len(list(folder.iterdir()))}.npy"
        np.save(path, array.astype("S") if array.dtype.kind == "O" else array)
        texts.append(f"{name}=@{path}")
    return replace(target, ask=replace(target.ask, feeds=tuple(texts)))


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        found = np.load(path, allow_pickle=False)  # a pickle would run what the file says
        if isinstance(found, np.ndarray):
            raise GraphlabError(
                f"--inputs {path} holds one array {shape_text(found.shape)} and no name; expected"
                " an .npz, as numpy.savez(FILE, x=...) writes it"
            )
        return {node_of(name): found[name] for name in found.files}
    except (OSError, ValueError, EOFError) as error:
        problem = getattr(error, "strerror", None) or str(error).split(".")[0]
        raise GraphlabError(f"--inputs {path} cannot be read: {problem}") from error
