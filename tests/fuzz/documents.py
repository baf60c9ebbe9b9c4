"""What is done to JSON, and to the archives that hold it."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from random import Random
from typing import Any

from . import bits

WORDS = (
    "class_name config name layers inbound_nodes input_layers output_layers module dtype"
    " registered_name build_config input_shape batch_shape units keras_history args kwargs shape"
).split()


def spoiled(document: Any, random: Random) -> Any:
    """A JSON value with some of the values in it changed."""
    document = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 2, 4))):
        places = list(_places(document))
        if not places:
            return _value(random, None)
        holder, key = random.choice(places)
        _change(holder, key, random)
    return document


def _places(value: Any, depth: int = 0) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items)[:60]:
        yield value, key
        if isinstance(inner, dict | list) and depth < 20:
            yield from _places(inner, depth + 1)


def _change(holder: Any, key: Any, random: Random) -> None:
    how = random.randrange(7)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        holder[bits.text(random, str(key)[:20])] = holder[key]
    elif how == 2 and isinstance(holder, list):
        holder.extend([holder[key]] * random.choice((1, 2, 300)))
    elif how == 3:
        for _ in range(random.choice((1, 3, 40, 3000))):
            holder[key] = random.choice(([holder[key]], {random.choice(WORDS): holder[key]}))
    else:
        holder[key] = _value(random, holder[key])


def _value(random: Random, like: Any) -> Any:
    kinds = [
        lambda: bits.text(random, like[:40] if isinstance(like, str) and like else "a"),
        lambda: random.choice(bits.NUMBERS),
        lambda: 10 ** random.choice((20, 400, 4000)),
        lambda: random.choice((None, True, False, 0.5, float("inf"), float("nan"), 1e308)),
        lambda: [random.choice((None, 1, -1, 2**63, "a", [], {}))] * random.choice(bits.SIZES),
        lambda: {random.choice(WORDS): random.choice((None, 1, "a", [], {}, [[]], {"a": 1}))},
        lambda: [["a", 0, 0]],
    ]
    return random.choice(kinds)()


def text(document: Any, random: Random) -> str:
    """A JSON value as text; nested too deep for Python's own writer, brackets."""
    try:
        written = json.dumps(document)
    except (RecursionError, ValueError):
        written = "[" * 50_000
    if random.random() < 0.1:
        at = random.randrange(len(written) + 1)
        more = random.choice(("9" * 5000, "[" * 100_000, '"\\ud800"', "\\u0000", "}", ",", "NaN"))
        written = written[:at] + more + written[at:]
    return written


def archive(members: dict[str, bytes], random: Random) -> bytes:
    """A zip archive of the members, or of what was made of them."""
    members = dict(members)
    how = random.randrange(8)
    if how == 0:
        members.pop(random.choice(list(members)))
    elif how == 1:
        members[bits.name(random, "config.json")] = b"{}"
    elif how == 2:
        old = random.choice(list(members))
        members[old] = bits.spoiled(members[old], random)
    elif how == 3:
        members[random.choice(list(members))] = b"\0" * random.choice((0, 1, 70 << 20))
    data = io.BytesIO()
    kind = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED if how == 3 else kind) as made:
        for name, content in members.items():
            written = name[:60_000].encode("utf-8", "replace").decode()
            # A name ends at its first zero byte, and Python writes none that is empty.
            made.writestr(written if zipfile.ZipInfo(written).filename else "a", content)
    whole = data.getvalue()
    return bits.spoiled(whole, random) if how in (4, 5) else whole
