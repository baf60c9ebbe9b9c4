"""Tagged sentences: IOB files, the grammar of flight questions, and the F1 of slots."""

import random
import re

import pytest

from graphlab.errors import GraphlabError
from graphlab.lesson import data_file, slots

NEW_YORK = (("to", "new", "york"), ("O", "B-city", "I-city"))
MONDAY = (("on", "monday"), ("O", "B-day"))
GRAMMAR = data_file("flight_questions.txt")


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "some.iob"
    path.write_text(slots.iob_text([NEW_YORK, MONDAY]), encoding="utf-8")
    assert path.read_text() == "to O\nnew B-city\nyork I-city\n\non O\nmonday B-day\n"
    assert slots.read_iob(path) == [NEW_YORK, MONDAY]


@pytest.mark.parametrize(
    "text",
    [
        "to\tTO\tO\nnew\tNNP\tB-city\nyork\tNNP\tI-city\n\n\n\non IN O\nmonday NNP B-day",
        "-DOCSTART- -X- O O\n\nto O\nnew B-city\nyork I-city\n\non O\nmonday B-day\n\n",
        "\ufeffto O\r\nnew B-city\r\nyork I-city\r\n\r\non O\r\nmonday B-day\r\n",
    ],
)
def test_files_of_conll_are_read_whatever_stands_between(tmp_path, text):
    path = tmp_path / "some.iob"
    path.write_bytes(text.encode())
    assert slots.read_iob(path) == [NEW_YORK, MONDAY]


def test_a_token_may_have_a_space_that_separates_nothing(tmp_path):
    sentence = (("10\u00a0000", "a\u2028b"), ("B-number", "O"))
    path = tmp_path / "some.iob"
    path.write_text(slots.iob_text([sentence]), encoding="utf-8")
    assert slots.read_iob(path) == [sentence]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"to O\nboston\n", r"some.iob:2: 'boston' is no token with its tag; write them in one"),
        (b"to O\nboston city\n", r"some.iob:2: 'boston city' is no token with its tag"),
        (b"to O\n\nboston B-\n", r"some.iob:3: 'boston B-' is no token with its tag"),
        (b"\n\n", r"some.iob has no sentences; give a token and its tag a line"),
        (b"\xff\xfe O\n", r"some.iob: 'utf-8' codec .*; give an IOB file in UTF-8"),
    ],
)
def test_a_file_that_is_no_iob_is_told_where(tmp_path, text, message):
    path = tmp_path / "some.iob"
    path.write_bytes(text)
    with pytest.raises(GraphlabError, match=message) as failure:
        slots.read_iob(path)
    assert len(str(failure.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(GraphlabError, match=r"none\.iob.*give an IOB file"):
        slots.iob_splits(tmp_path / "none.iob")


def test_of_one_file_every_tenth_sentence_is_held_out(tmp_path):
    sentences = [((str(number),), ("O",)) for number in range(25)]
    path = tmp_path / "some.iob"
    path.write_text(slots.iob_text(sentences))
    learnt, held_out = slots.iob_splits(path)
    assert held_out == [sentences[9], sentences[19]]
    assert sorted(learnt + held_out, key=lambda s: int(s[0][0])) == sentences


def test_of_a_folder_the_files_say_which(tmp_path):
    (tmp_path / "train.iob").write_text(slots.iob_text([NEW_YORK]))
    with pytest.raises(GraphlabError, match=r"valid\.iob"):
        slots.iob_splits(tmp_path)
    (tmp_path / "valid.iob").write_text(slots.iob_text([MONDAY]))
    assert slots.iob_splits(tmp_path) == ([NEW_YORK], [MONDAY])


def test_a_file_too_short_to_hold_anything_out_is_refused(tmp_path):
    path = tmp_path / "some.iob"
    path.write_text(slots.iob_text([NEW_YORK, MONDAY]))
    with pytest.raises(GraphlabError, match="has 2 sentences, and every tenth is to be held out"):
        slots.iob_splits(path)


def test_slots_inside_of_slots_and_words_outside():
    rules = {"question": ["from {city:town} please"], "town": ["new {which}"], "which": ["york"]}
    (drawn,) = slots.draw_sentences(rules, 1, seed=0)
    assert drawn == (("from", "new", "york", "please"), ("O", "B-city", "I-city", "O"))


def test_a_rule_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "grammar.txt"
    path.write_text("question = to {city:town}\n    | hello\ntwon = york\n")
    with pytest.raises(GraphlabError, match="rule question names town, which is no rule"):
        slots.read_grammar(path)


def test_words_are_numbered_by_the_alphabet_where_they_occur_often_enough():
    words = "to be or not to be that is to".split()
    assert slots.numbered(words, 2) == {"be": 2, "to": 3}
    assert list(slots.numbered(words)) == ["be", "is", "not", "or", "that", "to"]


def test_batches_have_sentences_of_like_lengths_and_zeros_after_their_ends():
    some = [((5, 6, 7), (1, 2, 3)), ((8,), (4,)), ((9, 9), (5, 6))]
    first, last = slots.pad(some, rows=2)
    assert [column.tolist() for column in first] == [[[8, 9], [0, 9]], [[4, 5], [0, 6]]]
    assert [column.tolist() for column in last] == [[[5], [6], [7]], [[1], [2], [3]]]


# What the lesson says of its grammar.


def questions(held_out, count=4000):
    return slots.draw_sentences(slots.read_grammar(GRAMMAR, held_out), count, seed=0)


def form(question):
    """A question with the names of its slots in place of their words."""
    words = zip(*question, strict=True)
    return " ".join(w if tag == "O" else f"{{{tag[2:]}}}" for w, tag in words if tag[0] != "I")


def test_held_out_words_never_occur_in_questions_to_learn_from():
    tried, learnt = (slots.read_grammar(GRAMMAR, held_out) for held_out in (True, False))
    changed = [name for name in learnt if learnt[name] != tried[name]]
    assert changed == ["city", "airline"]
    names = {word for name in changed for text in tried[name] for word in text.split()}
    told = {word for choices in learnt.values() for text in choices for word in text.split()}
    assert names & told == set()
    assert names & {word for words, _ in questions(False) for word in words} == set()
    assert len(tried["city"]) + len(tried["airline"]) > 30


def test_the_grammar_has_hundreds_of_surface_forms():
    assert len({form(question) for question in questions(False)}) > 1000


def test_every_question_has_rows_of_one_length_and_tags_that_begin_with_b():
    for words, tags in questions(False) + questions(True, 500):
        assert len(words) == len(tags)
        assert not re.search(r"\bO I-", " ".join(tags)) and tags[0][0] != "I"


def test_a_seed_draws_the_same_questions_and_another_seed_others():
    rules = slots.read_grammar(GRAMMAR)
    first, again, other = (slots.draw_sentences(rules, 50, seed) for seed in (0, 0, 1))
    assert first == again and len(set(first)) == 50 and first != other


# The F1 of slots. The second way to compute it follows the chunks as conlleval does, tag by tag.


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O B-a I-a O B-a", {("a", 1, 3), ("a", 4, 5)}),
        ("B-a B-a I-a", {("a", 0, 1), ("a", 1, 3)}),
        ("I-a I-a O I-b", {("a", 0, 2), ("b", 3, 4)}),
        ("B-a I-b I-b", {("a", 0, 1), ("b", 1, 3)}),
        ("O O", set()),
        ("", set()),
    ],
)
def test_slots_are_cut_by_the_rule_of_conlleval(tags, found):
    assert slots.slots_of(tags.split()) == found


def test_f1_of_a_case_counted_by_hand():
    wanted = ["O B-a I-a O B-b".split(), "B-a O".split()]
    found = ["O B-a I-a O B-a".split(), "B-a B-b".split()]
    assert slots.slot_f1(wanted, found) == 2 * 2 / (3 + 4)
    assert slots.slot_f1(wanted, wanted) == 1.0
    assert slots.slot_f1([["O"]], [["O"]]) == 0.0


def counted(wanted, found):
    """F1 in one walk over pairs of tags, with flags for a chunk that is open in both."""
    right = in_wanted = in_found = 0
    for want, have in zip(wanted, found, strict=True):
        before, open_in_both = ("O", "O"), False
        for pair in [*zip(want, have, strict=True), ("O", "O")]:
            begins, ends = [], []
            for last, tag in zip(before, pair, strict=True):
                same = tag[2:] == last[2:]
                ends.append(last != "O" and (tag == "O" or tag[0] == "B" or not same))
                begins.append(tag != "O" and (tag[0] == "B" or last == "O" or not same))
            if open_in_both:
                if all(ends):
                    right, open_in_both = right + 1, False
                elif any(ends) or pair[0][2:] != pair[1][2:]:
                    open_in_both = False
            if all(begins) and pair[0][2:] == pair[1][2:]:
                open_in_both = True
            in_wanted += begins[0]
            in_found += begins[1]
            before = pair
    precision, recall = right / max(in_found, 1), right / max(in_wanted, 1)
    return 2 * precision * recall / (precision + recall) if right else 0.0


def test_f1_is_what_a_walk_over_the_tags_gives():
    draw = random.Random(0)
    tags = ["O", "O", "B-a", "I-a", "B-b", "I-b"]
    for _ in range(300):
        wanted = [[draw.choice(tags) for _ in range(draw.randint(0, 12))] for _ in range(3)]
        found = [[t if draw.random() < 0.7 else draw.choice(tags) for t in row] for row in wanted]
        assert slots.slot_f1(wanted, found) == pytest.approx(counted(wanted, found))
