"""What of a name says what a thing is, without the numbers that only keep names apart."""

from __future__ import annotations

import functools
import re

_TRACE = re.compile(r"^(__(?:inference|forward|backward)_.*?)_\d+(?=/|$)")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"_\d+(?=/|$)")


@functools.cache
def plain_name(name: str) -> str:
    """A name without the counters of traces, layers and ops, and without an output's number.

    >>> plain_name("__inference_train_23"), plain_name("dense_1/kernel:0")
    ('__inference_train', 'dense/kernel')
    """
    name, colon, index = _TRACE.sub(r"\1", name).rpartition(":")
    return _NUMBER.sub("", name if colon and index.isdigit() else name + colon + index)


def without_digits(name: str) -> str:
    """A name without all its numbers: names that are then alike were perhaps only counted.

    >>> without_digits("w1") == without_digits("w2"), without_digits("block_1/w2")
    (True, 'block_/w')
    """
    return _DIGITS.sub("", name)
