"""A case's number becomes a file, the same each time."""

from __future__ import annotations

from pathlib import Path
from random import Random

from . import bits, documents, materials
from .messages import spoil


def random_of(seed: int, case: int) -> Random:
    """All that is left to chance in a case."""
    return Random(f"{seed}:{case}")


def make(folder: Path, random: Random) -> Path:
    """Write the file of a case, or its files; the one to be read."""
    kinds = [_graph] * 6 + [_saved_model] * 4 + [_meta_graph] * 2 + [_text] * 2
    kinds += [_checkpoint] * 3 + [_keras] * 6
    if random.random() < 0.02:  # read in a process of its own
        kinds = [_hdf5]
    return random.choice(kinds)(folder, random)


def _written(message: object, random: Random) -> bytes:
    """A message that is spoiled in its fields, in its bits, or in both."""
    how = random.randrange(8)
    if how:
        spoil(message, random)
    data = message.SerializeToString()  # type: ignore[attr-defined]
    return bits.spoiled(data, random) if how < 2 else data


def _graph(folder: Path, random: Random) -> Path:
    path = folder / "a.pb"
    path.write_bytes(_written(materials.graphs(random), random))
    return path


def _saved_model(folder: Path, random: Random) -> Path:
    message = materials.saved_model(materials.graphs(random))
    (folder / "m").mkdir()
    (folder / "m" / "saved_model.pb").write_bytes(_written(message, random))
    if random.random() < 0.5:
        (folder / "m" / "variables").mkdir()
        _checkpoint(folder / "m" / "variables", random, "variables")
    return folder / "m"


def _meta_graph(folder: Path, random: Random) -> Path:
    message = materials.meta_graph(materials.graphs(random))
    (folder / "a.meta").write_bytes(_written(message, random))
    if random.random() < 0.5:
        _checkpoint(folder, random)
    return folder / "a.meta"


def _text(folder: Path, random: Random) -> Path:
    message = materials.graphs(random)
    if random.random() < 0.3:
        message = materials.meta_graph(message)
    if random.random() < 0.6:
        spoil(message, random)
    data = materials.pbtxt(message)
    path = folder / random.choice(("a.pbtxt", "a.pbtxt", "a.pb"))
    path.write_bytes(bits.spoiled(data, random) if random.random() < 0.3 else data)
    return path


def _checkpoint(folder: Path, random: Random, name: str = "a") -> Path:
    entries = materials.entries()
    for key, entry in list(entries.items()):
        if random.random() < 0.5:
            spoil(entry, random)
        if random.random() < 0.2:
            entries[bits.name(random, "w").encode("utf-8", "surrogatepass")] = entries.pop(key)
    data = materials.bundle(entries)
    path = folder / f"{name}.index"
    path.write_bytes(bits.spoiled(data, random) if random.random() < 0.3 else data)
    (folder / f"{name}.data-00000-of-00001").write_bytes(bytes(16))
    return path


def _keras(folder: Path, random: Random) -> Path:
    document = random.choice((materials.network, materials.sequential))()
    if random.random() < 0.9:
        document = documents.spoiled(document, random)
    members = {
        "config.json": documents.text(document, random).encode("utf-8", "surrogatepass"),
        "metadata.json": materials.metadata(),
    }
    if random.random() < 0.02:
        members["model.weights.h5"] = materials.weights()
    path = folder / "a.keras"
    path.write_bytes(documents.archive(members, random))
    return path


def _hdf5(folder: Path, random: Random) -> Path:
    document = documents.spoiled(materials.sequential(), random)
    data = materials.hdf5(documents.text(document, random))
    path = folder / "a.h5"
    path.write_bytes(bits.spoiled(data, random) if random.random() < 0.6 else data)
    return path
