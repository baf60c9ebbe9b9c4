"""The data that lessons read: what comes along, or what the reader gave with `--data`.

Plain enough for Python 3.7, as all that a part imports.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path

import numpy as np

from graphlab.errors import GraphlabError

DATA = Path(__file__).resolve().parents[2] / "lessons" / "data"  # installed beside us


def data_file(name):
    """The path of a file in lessons/data, as text."""
    return str(DATA / name)


def recorded_gpu():
    """What was recorded of a GPU, for where there is none: a dict that names machine and date."""
    return json.loads((DATA / "gpu_recorded.json").read_text(encoding="utf-8"))


def given_data():
    """The file or folder that the reader gave with `--data`, as text; None: nothing was given."""
    return _given[-1] if _given else None


_given: list = []


@contextlib.contextmanager
def data_given(place):
    """While the block runs, the parts read their data from this place; None: their own."""
    _given.append(None if place is None else str(place))
    try:
        yield
    finally:
        _given.pop()


def fashion_mnist(split):
    """The pictures, [n, 28, 28] float32 from 0 to 1, and their kinds, [n] int64 from 0 to 9.

    Of `split`, "train" or "test": the 12,000 pictures of lessons/data, or the 70,000 of the
    folder that was given with `--data` (`--data full`: that of Keras). GraphlabError where the
    folder has them not.
    """
    if given_data() is None:
        with np.load(data_file("fashion_mnist_12k.npz")) as data:
            images, labels = data[split + "_images"], data[split + "_labels"]
    else:
        prefix = Path(_fashion_mnist_folder()) / {"train": "train", "test": "t10k"}[split]
        images = _idx(f"{prefix}-images-idx3-ubyte").reshape(-1, 28, 28)
        labels = _idx(f"{prefix}-labels-idx1-ubyte")
        if len(images) != len(labels):
            raise GraphlabError(
                f"{prefix}-*: {len(images)} images and {len(labels)} labels; give a folder whose "
                "files belong together"
            )
    return images / np.float32(255), labels.astype(np.int64)


def _fashion_mnist_folder():
    if given_data() != "full":
        return given_data()
    return Path.home() / ".keras" / "datasets" / "fashion-mnist"


def _idx(path):
    """The bytes of an idx file after its header, as it is or with .gz behind its name."""
    path = Path(path)
    packed = path.with_name(path.name + ".gz")
    name = next((each for each in (path, packed) if each.is_file()), None)
    if name is None:
        raise GraphlabError(
            f"no {path.name} (or {path.name}.gz) in {path.parent}; give a folder with the four "
            "files of Fashion-MNIST, or leave --data out for the 12,000 pictures that come along"
        )
    axes = {"images": 3, "labels": 1}[path.name.split("-")[1]]
    try:
        with (gzip.open if name == packed else open)(str(name), "rb") as file:
            raw = file.read()
    except (OSError, EOFError) as error:
        raise GraphlabError(f"{name}: {error}; get the file again") from error
    size = 4 + 4 * axes
    header = np.frombuffer(raw[:size].ljust(size, b"\0"), ">u4")
    if len(raw) < size or header[0] != 0x800 + axes:
        raise GraphlabError(f"{name} is not an idx file of bytes in {axes} axes; get it again")
    if len(raw) - header.nbytes != int(np.prod(header[1:].astype(np.int64))):
        raise GraphlabError(
            f"{name} has {len(raw) - header.nbytes} bytes where its header says "
            f"{'x'.join(map(str, header[1:]))}; get it again"
        )
    return np.frombuffer(raw, np.uint8, offset=header.nbytes)
