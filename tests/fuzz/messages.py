"""What is done to a protocol buffer: any field of any message in it, by what the field is."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Field

from . import bits

MOST = 3000  # copies of an item, all together
INTS = {Field.CPPTYPE_INT32, Field.CPPTYPE_INT64, Field.CPPTYPE_UINT32, Field.CPPTYPE_UINT64}


def spoil(message: Any, random: Random) -> None:
    """Change some fields of a message, or of those in it."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        inner = random.choice([each for each in within(message) if each.DESCRIPTOR.fields])
        field = random.choice(inner.DESCRIPTOR.fields)
        _change(inner, field, random)


def within(message: Any, depth: int = 0) -> Iterator[Any]:
    """The message and all in it, as deep as files nest them."""
    yield message
    if depth > 12:
        return
    for field, value in message.ListFields():
        if field.type != Field.TYPE_MESSAGE:
            continue
        if _is_map(field):
            values = field.message_type.fields_by_name["value"]
            items = list(value.values()) if values.type == Field.TYPE_MESSAGE else []
        else:
            items = list(value) if _is_repeated(field) else [value]
        for item in items[:50]:
            yield from within(item, depth + 1)


def _is_repeated(field: Any) -> bool:
    return bool(field.is_repeated)


def _is_map(field: Any) -> bool:
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _change(message: Any, field: Any, random: Random) -> None:
    if random.random() < 0.15:
        message.ClearField(field.name)
    elif field.type == Field.TYPE_MESSAGE and _is_map(field):
        _change_map(getattr(message, field.name), field, random)
    elif _is_repeated(field):
        _change_list(getattr(message, field.name), field, random)
    elif field.type == Field.TYPE_MESSAGE:
        inner = getattr(message, field.name)
        inner.SetInParent()
        if inner.DESCRIPTOR is message.DESCRIPTOR:
            inner.CopyFrom(message)
        elif inner.DESCRIPTOR.fields:
            _change(inner, random.choice(inner.DESCRIPTOR.fields), random)
    else:
        setattr(message, field.name, _value(field, getattr(message, field.name), random))


def _change_map(items: Any, field: Any, random: Random) -> None:
    keys = sorted(items)
    key_field, value = (field.message_type.fields_by_name[each] for each in ("key", "value"))
    old = random.choice(keys) if keys else None
    key = _value(key_field, old if old is not None else key_field.default_value, random)
    if old is not None and random.random() < 0.3:
        del items[old]
    if value.type != Field.TYPE_MESSAGE:
        items[key] = _value(value, value.default_value, random)
    elif old is not None and old in items and key != old:
        items[key].CopyFrom(items[old])
    else:
        _change(items[key], random.choice(items[key].DESCRIPTOR.fields), random)


def _change_list(items: Any, field: Any, random: Random) -> None:
    how = random.randrange(4)
    if how == 0 and len(items):
        del items[random.randrange(len(items))]
    elif how == 1 and len(items):
        copies = [items[random.randrange(len(items))] for _ in range(random.choice((1, 2, 30)))]
        items.extend(copies[: MOST // len(items)])
    elif field.type == Field.TYPE_MESSAGE:
        new = items.add()
        if new.DESCRIPTOR.fields:
            _change(new, random.choice(new.DESCRIPTOR.fields), random)
    else:
        like = items[0] if len(items) else field.default_value
        many = random.choice((1, 1, 3, *bits.SIZES)) if field.cpp_type in INTS else 1
        items.extend([_value(field, like, random)] * many)


def _value(field: Any, like: Any, random: Random) -> Any:
    kind = field.cpp_type
    if kind == Field.CPPTYPE_STRING:
        if field.type == Field.TYPE_BYTES:
            made = bits.text(random, "a").encode("utf-8", "surrogatepass")
            return random.choice((made, bits.spoiled(like or b"a", random)))
        return bits.name(random, (like or "a")[:40])
    if kind == Field.CPPTYPE_BOOL:
        return random.random() < 0.5
    if kind in (Field.CPPTYPE_FLOAT, Field.CPPTYPE_DOUBLE):
        return random.choice((0.0, -0.0, 1e300, float("inf"), float("-inf"), float("nan")))
    number = random.choice((*bits.NUMBERS, random.randrange(300)))
    if kind in (Field.CPPTYPE_INT32, Field.CPPTYPE_ENUM):
        return (number + 2**31) % 2**32 - 2**31
    if kind == Field.CPPTYPE_UINT32:
        return number % 2**32
    return number % 2**64 if kind == Field.CPPTYPE_UINT64 else number
