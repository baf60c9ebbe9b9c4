"""Tagged sentences: read as IOB files, drawn from a grammar, made numbers, scored by slots.

A sentence is a pair of tuples of text, its words and their tags:

    (("to", "new", "york"), ("O", "B-toloc.city_name", "I-toloc.city_name"))

Plain enough for Python 3.7, as all that a part imports.
"""

from __future__ import annotations

import collections
import functools
import re
from pathlib import Path

import numpy as np

from graphlab.errors import GraphlabError, shown
from graphlab.lesson.datasets import data_file, given_data

EVERY = 10  # of a single file, each tenth sentence is held out

_TAG = re.compile(r"O|[BI]-.+")
_PIECE = re.compile(r"\{(?:([^{}:]+):)?([^{}:]+)\}|([^{}\s]+)")


def read_iob(path):
    """The sentences of an IOB file: a token and its tag a line, an empty line after a sentence.

    Of more than two columns the first is the token and the last its tag. GraphlabError, with the
    line, where the file is no such thing.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GraphlabError(f"{path}: {error}; give an IOB file in UTF-8") from error
    sentences: list = []
    rows: list = []
    for number, line in enumerate([*lines, ""], start=1):
        columns = re.findall(r"[^ \t\r]+", line)  # a token may have other kinds of spaces in it
        if not columns:
            if rows:
                sentences.append(tuple(zip(*rows)))
            rows = []
        elif columns[0] != "-DOCSTART-":
            if len(columns) < 2 or not _TAG.fullmatch(columns[-1]):
                raise GraphlabError(
                    f"{path}:{number}: {shown(line)} is no token with its tag; write them in one "
                    "line, `boston B-city`, the tag being O, B-slot or I-slot"
                )
            rows.append((columns[0], columns[-1]))
    if not sentences:
        raise GraphlabError(f"{path} has no sentences; give a token and its tag a line")
    return sentences


def iob_text(sentences):
    """The text of an IOB file that `read_iob` reads these sentences from."""
    rows = [["%s %s\n" % row for row in zip(*sentence)] for sentence in sentences]  # noqa: UP031
    return "\n".join("".join(each) for each in rows)


def iob_splits(place):
    """The sentences to learn from and those to be tried on, of what was given with `--data`.

    A folder has them as train.iob and valid.iob; of a single file, every tenth is held out.
    GraphlabError where there are not both.
    """
    folder = Path(place)
    if folder.is_dir():
        return read_iob(folder / "train.iob"), read_iob(folder / "valid.iob")
    sentences = read_iob(folder)
    if len(sentences) < EVERY:
        raise GraphlabError(
            f"{place} has {len(sentences)} sentences, and every tenth is to be held out; give a "
            f"file of {EVERY} or more, or a folder with train.iob and valid.iob"
        )
    held_out = sentences[EVERY - 1 :: EVERY]
    del sentences[EVERY - 1 :: EVERY]
    return sentences, held_out


def brown(split):
    """The sentences of the Brown corpus in lessons/data, "train" or "test": (words, classes)."""
    return [(list(words), list(classes)) for words, classes in _brown(split)]


@functools.lru_cache(maxsize=2)  # the file takes a quarter of a second, and a part asks five times
def _brown(split):
    table = np.loadtxt(
        data_file("brown_tagged.tsv.gz"), str, comments=None, delimiter="\t", encoding="utf-8"
    )
    return [(row[2].split(), row[4].split()) for row in table if row[0] == split]


def numbered(words, least=1):
    """A number for each word that occurs so often, from 2 on: a dict in alphabetical order.

    0 is left for padding, and 1 for words that have no number.
    """
    counts = collections.Counter(words)
    kept = sorted(word for word in counts if counts[word] >= least)
    return {word: number for number, word in enumerate(kept, 2)}


def pad(sentences, rows):
    """Sentences of like lengths in batches of so many rows.

    A sentence is a sequence of columns of whole numbers, one a word (its words, its tags). A
    batch is a tuple with an array [time, rows] int32 for each column, 0 after a sentence's end.
    """
    by_length = sorted(sentences, key=lambda sentence: len(sentence[0]))
    batches = []
    for at in range(0, len(by_length), rows):
        group = by_length[at : at + rows]
        batch = np.zeros([len(group[0]), len(group[-1][0]), len(group)], np.int32)
        for row, sentence in enumerate(group):
            batch[:, : len(sentence[0]), row] = sentence
        batches.append(tuple(batch))
    return batches


def read_grammar(path, held_out=False):
    """The rules of a grammar, by name: what a rule may give, each a text with {rules} in it.

    With `held_out`, rules called `name, held out` take the place of those called `name`. The
    file itself tells how a rule is written. GraphlabError where a rule names one that is not.
    """
    text = re.sub(r"^#.*\n", "", Path(path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    rules = {}
    for rule in re.findall(r"^(\S.*(?:\n +.*)*)", text, re.MULTILINE):
        name, _, choices = rule.partition(" = ")
        rules[name] = [choice.strip() for choice in re.split(r"\|", choices)]
    for name in [name for name in rules if name.endswith(", held out")]:
        choices = rules.pop(name)
        if held_out:
            rules[name[: -len(", held out")]] = choices
    for name, choices in rules.items():
        for _, wanted, _ in _PIECE.findall(" ".join(choices)):
            if wanted and wanted not in rules:
                raise GraphlabError(f"{path}: rule {name} names {wanted}, which is no rule")
    return rules


def draw_sentence(rules, random, rule="question"):
    """One sentence of the grammar; every choice of a rule is as likely as the others."""
    words: list = []
    tags: list = []
    choices = rules[rule]
    for slot, name, word in _PIECE.findall(choices[random.randint(len(choices))]):
        more, inner = ((word,), ("O",)) if word else draw_sentence(rules, random, name)
        words += more
        tags += [f"{'I' if at else 'B'}-{slot}" for at in range(len(more))] if slot else inner
    return tuple(words), tuple(tags)


def draw_sentences(rules, count, seed):
    """So many different sentences of the grammar, in the order they were drawn."""
    random = np.random.RandomState(seed)
    drawn: dict = {}
    while len(drawn) < count:
        sentence = draw_sentence(rules, random)
        if sentence[0]:
            drawn[sentence] = None
    return list(drawn)


def questions(held_out):
    """The questions of lesson 7.3, (words, tags) between BOS and EOS, in lower case.

    To learn from, or `held_out`: 6,000 and 500 of the grammar in lessons/data, or the sentences
    of what was given with `--data`. GraphlabError where those cannot be read.
    """
    if given_data() is None:
        return list(_flight_questions(bool(held_out)))
    return _asked(iob_splits(given_data())[bool(held_out)])


@functools.lru_cache(maxsize=2)  # a part asks for them some ten times, and each takes half a second
def _flight_questions(held_out):
    rules = read_grammar(data_file("flight_questions.txt"), held_out)
    return _asked(draw_sentences(rules, 500 if held_out else 6000, seed=0))


def _asked(sentences):
    lower = [tuple(word.lower() for word in words) for words, _ in sentences]
    return [(("BOS", *a, "EOS"), ("O", *b, "O")) for a, (_, b) in zip(lower, sentences)]


def hidden(sentences, share, random):
    """The sentences, in a share of whose slots, drawn by `random`, every word is `<unk>`."""
    shown = []
    for words, tags in sentences:
        words = list(words)
        for begin, end in _places(tuple(tags)):
            if random.uniform() < share:
                words[begin:end] = ["<unk>"] * (end - begin)
        shown.append((tuple(words), tags))
    return shown


@functools.lru_cache(maxsize=8192)  # every epoch asks for those of all sentences
def _places(tags):
    return sorted((begin, end) for _, begin, end in slots_of(tags))


def slots_of(tags):
    """The slots in a row of tags: a set of (name, first word, word after the last).

    By the rule of the CoNLL shared tasks: B begins a slot, and so does an I that goes on with
    none of its name.

    >>> sorted(slots_of(["O", "B-city", "I-city", "I-day"]))
    [('city', 1, 3), ('day', 3, 4)]
    """
    found, begin, name = set(), 0, None
    for at, tag in enumerate([*tags, "O"]):
        goes_on = tag[0] == "I" and tag[2:] == name
        if not goes_on:
            if name is not None:
                found.add((name, begin, at))
            begin, name = at, None if tag == "O" else tag[2:]
    return found


def slot_f1(wanted, found):
    """How well slots were found, from 0 to 1: 2 x both / (wanted + found), as conlleval does.

    `wanted` and `found` are lists of rows of tags. A slot counts when its name, its first and
    its last word are right. 0.0 where there are no slots at all.
    """
    both = zip(wanted, found)
    pairs = [(slots_of(want), slots_of(have)) for want, have in both]
    slots = sum(len(want) + len(have) for want, have in pairs)
    return 2 * sum(len(want & have) for want, have in pairs) / max(slots, 1)
