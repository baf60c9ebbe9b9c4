"""What lesson 7 promises beyond the contract of a part: its data, its oracle, padding, `--data`."""

import numpy as np
import pytest

from graphlab.errors import GraphlabError
from graphlab.lesson import Cases, slots
from graphlab.lesson.datasets import data_file, data_given

tf = pytest.importorskip("tensorflow")

from lessons.lesson_07_lstm import part_1_lstm_cell as cell  # noqa: E402
from lessons.lesson_07_lstm import part_2_many_to_many as classes  # noqa: E402
from lessons.lesson_07_lstm import part_3_slot_tagging as tagging  # noqa: E402


@pytest.mark.parametrize("way", ["graph", "eager", "function"])
def test_the_hand_written_cell_is_the_lstm_of_keras_weight_for_weight(way):
    draw = np.random.RandomState(1).normal
    x, W, U, b = (np.float32(draw(size=size)) for size in ([20, 3, 3], [3, 28], [7, 28], 28))
    found = getattr(cell, way)([(x, W, U, b)], "CPU:0")["h"][0]
    layer = tf.keras.layers.LSTM(7, return_sequences=True)
    layer.build([3, 20, 3])
    layer.set_weights([W, U, b])
    wanted = np.swapaxes(layer(np.swapaxes(x, 0, 1)), 0, 1)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_the_memory_gives_what_numpy_gives_for_another_seed():
    results, expected = cell.graph(cell.cases(5), "CPU:0"), cell.expected(cell.cases(5))
    for name in expected:
        for found, wanted in zip(results[name], expected[name], strict=True):
            np.testing.assert_allclose(found, wanted, cell.RTOL, cell.ATOL)


def test_the_sentences_tried_are_from_other_files():
    table = np.loadtxt(
        data_file("brown_tagged.tsv.gz"), str, comments=None, delimiter="\t", encoding="utf-8"
    )
    train, test = (set(table[table[:, 0] == split, 1]) for split in ("train", "test"))
    assert (len(train), len(test), train & test) == (450, 50, set())


def test_an_epoch_has_every_word_once_and_class_0_only_after_the_end():
    epoch = classes.batches("train")
    count = sum(len(words) for words, _ in slots.brown("train"))
    for column in range(3):
        assert sum(int((step[column] > 0).sum()) for step in epoch) == count
    for words, _, found in epoch:
        assert np.array_equal(words > 0, found > 0)
        assert (np.diff((found > 0).astype(int), axis=0) <= 0).all()  # no word after a gap
    assert max(found.max() for _, _, found in epoch) == len(classes.CLASSES) == 12


def test_words_of_other_files_are_known_unknown_or_known_by_their_ending():
    words, ends, found = (
        np.concatenate([b[i].ravel() for b in classes.batches("test")]) for i in range(3)
    )
    there = found > 0
    assert 0.11 < np.mean(words[there] == 1) < 0.13
    assert np.mean(ends[there] == 1) < 0.02


def test_a_question_is_tagged_alike_alone_and_beside_a_longer_one():
    at = tagging.cases().start
    short, long = np.int32([[5], [6], [7]]), np.int32([[8], [9], [10], [11], [12]])
    batch = np.concatenate([np.pad(short, [(0, 2), (0, 0)]), long], axis=1)
    alone, both = (tagging.logits_of(at, x).numpy() for x in (short, batch))
    np.testing.assert_allclose(both[:3, 0], alone[:, 0], rtol=1e-5, atol=1e-6)


def test_the_second_direction_sees_what_comes_after():
    at = tagging.cases().start
    one, other = (tagging.logits_of(at, np.int32([[5], [6], [last]])).numpy() for last in (7, 8))
    assert np.abs(one[0] - other[0]).max() > 1e-6


def test_the_question_of_the_deck_is_none_that_training_shows():
    assert tagging.ASKED["deck"] not in {words for words, _ in slots.questions(held_out=False)}


def test_three_slots_of_ten_are_hidden_whole():
    plain = slots.questions(held_out=False)
    shown = slots.hidden(plain, 0.3, np.random.RandomState(0))
    hidden = whole = count = 0
    for (words, tags), (after, same) in zip(plain, shown, strict=True):
        assert tags == same and len(words) == len(after)
        for _, begin, end in slots.slots_of(tags):
            unknown = [word == "<unk>" for word in after[begin:end]]
            count, hidden, whole = count + 1, hidden + any(unknown), whole + all(unknown)
        outside = [at for at, tag in enumerate(tags) if tag == "O"]
        assert [after[at] for at in outside] == [words[at] for at in outside]
    assert hidden == whole and abs(hidden / count - 0.3) < 0.01


def test_hiding_is_drawn_from_the_seed():
    plain = slots.questions(held_out=False)[:50]
    first, again, other = (
        slots.hidden(plain, 0.3, np.random.RandomState(seed)) for seed in (0, 0, 1)
    )
    assert first == again != other


@pytest.fixture
def iob(tmp_path):
    """An IOB file of thirty sentences."""
    path = tmp_path / "lights.iob"
    rooms = ["Kitchen", "living room", "cellar", "bath", "roof"]
    sentences = []
    for number in range(30):
        room = rooms[number % 5].split()
        tags = ["B-room", "I-room"][: len(room)]
        words = ["Lights", "on", "in", "the", *room, "please"]
        sentences.append((tuple(words), ("O", "O", "O", "O", *tags, "O")))
    path.write_text(slots.iob_text(sentences), encoding="utf-8")
    return path


@pytest.mark.parametrize("way", ["graph", "function", "keras"])
def test_the_tagger_learns_from_a_given_file(iob, way):
    with data_given(iob):
        cases = tagging.cases()
        assert len(cases) == tagging.EPOCHS
        results = getattr(tagging, way)(Cases(cases * 8, **cases.start), "CPU:0")
        assert tagging.known()[1] == ["", "B-room", "I-room", "O"]
        assert slots.questions(held_out=True)[0][0][:3] == ("BOS", "lights", "on")
    assert len(results["loss"]) == 8 * tagging.EPOCHS
    assert results["f1"] == 1.0


def test_a_given_file_that_is_no_iob_is_told(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("just some words\n")
    with data_given(path), pytest.raises(GraphlabError, match=r"words\.txt:1: .* is no token"):
        tagging.cases()
