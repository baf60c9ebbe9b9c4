"""What lesson 2 promises beyond the contract of a part.

Each claim is broken once: a line of its part is changed to what a mistaken reader would write,
and the claim must go red. What the prose says of forgotten fetches and of seeds is run, too.
"""

import importlib.util
import inspect
from pathlib import Path

import numpy as np
import pytest

import lessons
from lessons.lesson_02_logistic_regression import part_4_logistic_regression as classifier

FOLDER = Path(lessons.__file__).parent / "lesson_02_logistic_regression"
PERCEPTRON = "part_1_perceptron"
LOSS = "part_2_sigmoid_softmax_loss"
DESCENT = "part_3_gradient_descent"
CLASSIFIER = "part_4_logistic_regression"
LOG_OF_SOFTMAX = 'rows = -tf.reduce_sum(target * tf.math.log(found["softmax"]), axis=1)'

# part, claim, what stands there, what would be wrong
BROKEN = [
    (PERCEPTRON, "and_and_or_are_learned", "error = target - answer", "error = answer - target"),
    (PERCEPTRON, "xor_is_not", "[1, 1, 0]]", "[1, 1, 1]]"),
    (PERCEPTRON, "a_python_if", "tf1.placeholder(tf.float32, [])", "np.float32(1)"),
    (LOSS, "rows_of_softmax", "tf.nn.softmax(z)", "tf.sigmoid(z)"),
    (LOSS, "rows_of_softmax", "rows = surprise(labels=target, logits=z)", LOG_OF_SOFTMAX),
    (LOSS, "the_formula_as_written", "[1000.0, 0.0]", "[10.0, 0.0]"),
    (LOSS, "the_sum_must_run_over_j", "sum(np.exp(y[i])", "sum(np.exp(y[j])"),
    (LOSS, "squared_error_shrugs", "ONE_HOT[[1]])", "ONE_HOT[[0]])"),
    (DESCENT, "the_gradient_equals", "tf.square(error)", "tf.abs(error)"),
    (DESCENT, "descent_ends_at", "* 200", "* 20"),
    (DESCENT, "a_rate_too_large", "in (0.9, 1.1)", "in (0.9, 0.95)"),
    (DESCENT, "a_yes_or_no", "tf.cast(W > 0, tf.float32)", "tf.sigmoid(W)"),
    (CLASSIFIER, "81_of_100", "self.W.assign_sub", "self.W.assign_add"),
    (CLASSIFIER, "pixels_from_0_to_255", "255 * images", "1 * images"),
    (CLASSIFIER, "a_tf_data_pipeline", ".batch(250)", ".shuffle(10000).batch(250)"),
]


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


def red(module, beginning):
    """Whether the claim fails; the ways give what it speaks of."""
    (claim,) = (f for name, f in vars(module).items() if name.startswith("claim_" + beginning))
    arguments = []
    if inspect.signature(claim).parameters:
        cases = module.CASES if hasattr(module, "CASES") else module.cases()
        arguments = [{"function": module.function(cases, "CPU:0")}]
    try:
        claim(*arguments)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize(("part", "claim", "there", "instead"), BROKEN)
def test_a_claim_goes_red_when_its_subject_is_broken(tmp_path, part, claim, there, instead):
    assert not red(changed(tmp_path, part, there, there), claim)
    assert red(changed(tmp_path, part, there, instead), claim)


def test_every_claim_is_broken():
    claims = {
        (path.stem, line.partition("(")[0].partition("claim_")[2])
        for path in FOLDER.glob("part_*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("def claim_")
    }
    spared = {c for c in claims if not any(c[0] == b[0] and c[1].startswith(b[1]) for b in BROKEN)}
    assert spared == set()


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
