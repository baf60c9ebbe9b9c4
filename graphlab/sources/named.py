"""Which model's file a text on the command line means, and what stands behind its colon."""

from __future__ import annotations

from pathlib import Path

from graphlab.sources import read


def named(text: str) -> tuple[Path, str] | None:
    """A model's path and what stands behind a colon, `"exported:predict"`; None if it is neither.

    A folder, a file with a model's ending, or a checkpoint by its prefix.
    """
    if _is_model(Path(text)):
        return Path(text), ""
    for at in (at for at, letter in enumerate(text) if letter == ":"):
        left = Path(text[:at])
        if at and _is_model(left):  # what is behind may have colons of its own
            return left, text[at + 1 :]
    found = _of_prefix(text)
    return None if found is None else (found, "")


def _is_model(path: Path) -> bool:
    return read.is_folder(path) or read.ending(path) in read.ENDINGS


def _of_prefix(text: str) -> Path | None:
    path = Path(text)
    for ending in (".meta", ".index"):
        if not read.is_file(path) and read.is_file(Path(f"{text}{ending}")):
            return Path(f"{text}{ending}")
    if path.suffix == ".py" or not read.is_folder(path.parent):
        return None
    from graphlab.sources.checkpoint import place  # which reads protobufs

    return place.of_prefix(text)
