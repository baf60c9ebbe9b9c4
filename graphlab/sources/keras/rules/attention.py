"""Attention: what was asked for, weighed, and the weights where they are asked for too."""

from __future__ import annotations

from graphlab.sources.keras.rules.known import Asked, Known, Sizes


def plain(asked: Asked) -> list[Sizes]:
    """Attention, AdditiveAttention: called on [query, value] or [query, value, key]."""
    query, value = asked.shape(0), asked.shape(1)
    key = asked.shape(2) if len(_first(asked)) > 2 else value
    given = (*query[:-1], value[-1])
    return [given, (*query[:-1], key[-2])] if _scores(asked) else [given]


def _first(asked: Asked) -> list[object]:
    first = asked.args[0] if asked.args else asked.kwargs.get("inputs")
    return first if isinstance(first, list) else []


def many_headed(asked: Asked) -> list[Sizes]:
    """MultiHeadAttention, GroupQueryAttention: called on a query and a value, maybe a key."""
    query = asked.x
    told = asked.config.get("output_shape")
    told = [told] if type(told) is int else told
    if told is not None and not isinstance(told, list):
        raise ValueError("output_shape")
    given = (*query[:-1], *told) if told else query
    if not _scores(asked):
        return [given]
    heads = asked.config.get("num_heads", asked.config.get("num_query_heads"))
    if type(heads) is not int or len(query) != 3:
        raise ValueError("num_heads")
    return [given, (query[0], heads, query[1], _value(asked)[1])]


def _value(asked: Asked) -> Sizes:
    value = asked.kwargs.get("value", asked.args[1] if len(asked.args) > 1 else None)
    if not isinstance(value, Known) or value.shape is None:
        raise ValueError("value")
    return value.shape


def _scores(asked: Asked) -> bool:
    return asked.kwargs.get("return_attention_scores") is True
