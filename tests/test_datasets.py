"""Fashion-MNIST as it comes along, or from the idx files that the reader has."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from graphlab import cli
from graphlab.errors import GraphlabError
from graphlab.lesson import datasets


def idx(array: np.ndarray) -> bytes:
    """An idx file of bytes, as its description has it."""
    header = np.array([0x800 + array.ndim, *array.shape], ">u4")
    return header.tobytes() + array.astype(np.uint8).tobytes()


IMAGES = np.arange(3 * 784).reshape(3, 28, 28) % 256
LABELS = np.array([7, 8, 9])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for prefix in ("train", "t10k"):
        (tmp_path / f"{prefix}-images-idx3-ubyte").write_bytes(idx(IMAGES))
        (tmp_path / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS)))
    return tmp_path


def test_what_comes_along_has_a_thousand_pictures_of_each_kind_to_train_on():
    images, labels = datasets.fashion_mnist("train")
    assert (images.shape, images.dtype, images.min(), images.max()) == (
        (10000, 28, 28),
        np.float32,
        0.0,
        1.0,
    )
    assert np.bincount(labels).tolist() == [1000] * 10
    assert np.bincount(datasets.fashion_mnist("test")[1]).tolist() == [200] * 10


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_folder_of_idx_files_is_read_packed_or_not(folder, split):
    with datasets.data_given(folder):
        images, labels = datasets.fashion_mnist(split)
    np.testing.assert_array_equal(images, IMAGES.astype(np.float32) / np.float32(255))
    assert labels.tolist() == [7, 8, 9]
    assert len(datasets.fashion_mnist(split)[1]) > 3


def test_full_is_the_folder_of_keras(folder, tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setattr(Path, "home", lambda: home)
    (home / ".keras" / "datasets").mkdir(parents=True)
    folder.rename(home / ".keras" / "datasets" / "fashion-mnist")
    with datasets.data_given("full"):
        assert datasets.fashion_mnist("test")[1].tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t10k-images-idx3-ubyte", None, "no t10k-images-idx3-ubyte"),
        ("t10k-images-idx3-ubyte", b"", "is not an idx file of bytes in 3 axes"),
        ("t10k-images-idx3-ubyte", b"text", "is not an idx file of bytes in 3 axes"),
        (
            "t10k-images-idx3-ubyte",
            idx(IMAGES)[:-1],
            "has 2351 bytes where its header says 3x28x28",
        ),
        ("t10k-labels-idx1-ubyte.gz", b"no gzip", "get the file again"),
        ("t10k-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS))[:-4], "get the file again"),
        ("t10k-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS[:2])), "3 images and 2 labels"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line_that_names_it(folder, name, content, said):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with datasets.data_given(folder), pytest.raises(GraphlabError) as error:
        datasets.fashion_mnist("test")
    assert said in str(error.value)
    assert str(folder) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("part", "place", "said"),
    [
        ("3.4", "nowhere", "no train-images-idx3-ubyte (or train-images-idx3-ubyte.gz) in nowhere"),
        ("3.1", "full", "--data: 3.1 reads no data that could be given; 3"),
    ],
)
def test_data_that_a_lesson_cannot_read_is_said_before_it_begins(
    part, place, said, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        cli.main(["lesson", part, "--data", place])
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "")
    assert err.startswith(f"graphlab: {said}") and err.count("\n") == 1
