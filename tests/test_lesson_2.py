"""What lesson 2 promises beyond the contract of a part.

What the prose says of forgotten fetches and of seeds is run.
"""

import importlib.util
from pathlib import Path

import numpy as np

import lessons
from lessons.lesson_02_logistic_regression import part_4_logistic_regression as classifier

FOLDER = Path(lessons.__file__).parent / "lesson_02_logistic_regression"
PERCEPTRON = "part_1_perceptron"
CLASSIFIER = "part_4_logistic_regression"


def changed(tmp_path, part, there, instead):
    """The part with one line changed, from a file of its own, which `tf.function` reads."""
    text = (FOLDER / f"{part}.py").read_text(encoding="utf-8")
    assert there in text
    path = tmp_path / f"{part}.py"
    path.write_text(text.replace(there, instead), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(part, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_perceptron_whose_learn_is_not_fetched_stays_at_zero(tmp_path):
    part = changed(tmp_path, PERCEPTRON, "[loss, error, learn], fed)[:2]", "[loss, error], fed)")
    assert not part.graph(part.CASES, "CPU:0")["W"].any()


def test_a_classifier_whose_train_is_not_fetched_stays_at_log_10(tmp_path):
    part = changed(tmp_path, CLASSIFIER, "[loss, train], fed)", "[loss], fed)")
    losses = part.graph(part.cases()[:40], "CPU:0")["loss"]
    np.testing.assert_allclose(losses, np.log(10), rtol=1e-6)


def test_an_epoch_shows_every_training_picture_once():
    epoch = classifier.cases()[:40]
    shown = np.concatenate([images for images, _ in epoch])
    images, labels = classifier.pictures("train")
    assert [pixels.shape for pixels, _ in epoch] == [(250, 784)] * 40
    assert np.array_equal(np.sort(shown.sum(axis=1)), np.sort(images.sum(axis=1)))
    assert np.bincount(np.concatenate([kinds for _, kinds in epoch])).tolist() == [1000] * 10
    assert len(images) == len(labels) == 10000


def test_another_seed_shuffles_otherwise_and_is_as_good():
    first, other = classifier.cases(), classifier.cases(seed=1)
    assert np.array_equal(first[0][0], classifier.cases()[0][0])
    assert not np.array_equal(first[0][0], other[0][0])
    assert classifier.graph(other, "CPU:0")["accuracy"] >= 0.81


def test_training_and_test_pictures_share_none():
    train, test = (classifier.pictures(split)[0] for split in ("train", "test"))
    assert len(test) == 2000
    assert not {row.tobytes() for row in train} & {row.tobytes() for row in test}
