"""The same inputs for two models: drawn once, or read from a file, and fed to both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec, node_of
from graphlab.sources import files
from graphlab.sources.choice import ends, needed_by, signature_of
from graphlab.targets import feeds
from graphlab.targets.target import Target
from visualize.words import shape_text

BATCH = 3  # of what is drawn: in a batch of one a mean is a sum, and a square one may be turned


@contextmanager
def shared(
    a: Target, b: Target, given: Path | None, seed: int | None
) -> Iterator[tuple[Target, Target, list[str]]]:
    """Both targets with the inputs that they are to be given, and what is to be said of that.

    Scripts and lessons bring their own. GraphlabError where the file cannot be read, lacks an
    input, or two models do not take the same.
    """
    models = [target for target in (a, b) if target.model is not None]
    if given is not None and not models:
        raise GraphlabError(
            f"--inputs {given} is for models; {a.text} and {b.text} bring their own inputs"
        )
    with tempfile.TemporaryDirectory() as folder:
        known = _read(given) if given is not None else {}
        common = _common([t for t in models if not t.ask.feeds]) if given is None else {}
        generator = np.random.default_rng(0 if seed is None else seed)
        fed, told = [], []
        for target in (a, b):
            if target.model is None or target.ask.feeds:
                fed.append(target)
                continue
            needed = needs(target)
            if given is not None:
                feeds.missing(needed, known)
            values = {}
            for n, (name, spec) in enumerate(needed.items()):
                if name not in known:
                    array = _like(known, n, spec)
                    if array is None:
                        array = feeds.random(common.get(name, spec), generator, BATCH)
                    known[name] = array
                values[name] = known[name]
            fed.append(_feeding(target, values, Path(folder)))
        names = [list(needs(target)) for target in models]
        if len(names) == 2 and len(names[0]) != len(names[1]):
            told.append(
                f"inputs differ: {a.text} takes {', '.join(names[0]) or 'none'}, {b.text} takes"
                f" {', '.join(names[1]) or 'none'}"
            )
        yield fed[0], fed[1], told


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
    assert target.model is not None
    model = files.read_model(target.model)
    if model.signatures:
        signature = signature_of(model, target.ask.signature)
        return {port.key: port.tensor for port in signature.inputs}
    fetches = target.ask.fetches or ends(model.graph)
    return dict(needed_by(model.graph, tuple(fetches), set()))


def _common(models: list[Target]) -> dict[str, TensorSpec]:
    """What fits both of two models, by name; GraphlabError where no shape of an input can.

    A size that one of them leaves open is the other's.
    """
    if len(models) != 2:
        return {}
    mine, theirs = (needs(target) for target in models)
    found = dict(mine)
    for n, (name, spec) in enumerate(theirs.items()):
        partner = name if name in mine else next(iter(list(mine)[n : n + 1]), "")
        if not partner or _kind(mine[partner]) != _kind(spec):
            continue
        a, b = mine[partner].shape, spec.shape
        if a is None or b is None:
            found[partner] = replace(mine[partner], shape=b if a is None else a)
            continue
        agree = all(x is None or y is None or x == y for x, y in zip(a, b, strict=False))
        if len(a) != len(b) or not agree:
            raise GraphlabError(
                f"inputs differ: {models[0].text} takes {partner} {shape_text(a)},"
                f" {models[1].text} takes {name} {shape_text(b)}; the two cannot be given the same"
            )
        shape = tuple(y if x is None else x for x, y in zip(a, b, strict=True))
        found[partner] = replace(mine[partner], shape=shape)
    return found


def _like(known: Mapping[str, np.ndarray], n: int, spec: TensorSpec) -> np.ndarray | None:
    """Of the other model's inputs the one in the same place, where it fits."""
    for at, array in enumerate(known.values()):
        if at == n and feeds.fits(array.shape, spec.shape) and _kind(spec) == array.dtype.kind:
            return array
    return None


def _kind(spec: TensorSpec) -> str:
    return feeds.numpy_dtype(spec.dtype).kind


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
