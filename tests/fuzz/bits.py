"""Bytes and texts that are not what they should be."""

from __future__ import annotations

from random import Random

CONTROLS = "\x00\x01\t\n\r\x1b[31m\x7f\x9b2J\u2028\u202e\ufffe"
NUMBERS = (
    0,
    1,
    -1,
    2,
    7,
    127,
    128,
    255,
    256,
    2**31 - 1,
    -(2**31),
    2**32,
    2**62,
    2**63 - 1,
    -(2**63),
)
SIZES = (0, 1, 2, 3, 10, 100, 1000, 20_000)


def spoiled(data: bytes, random: Random) -> bytes:
    """Some bytes changed, cut out, put in or doubled."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        at = random.randrange(len(made) + 1)
        length = random.choice((1, 1, 2, 4, 16, 200))
        how = random.randrange(7)
        if how == 0 and made:
            made[min(at, len(made) - 1)] ^= 1 << random.randrange(8)
        elif how == 1 and made:
            made[min(at, len(made) - 1)] = random.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif how == 2:
            del made[at : at + length]
        elif how == 3:
            made[at:at] = random.randbytes(length)
        elif how == 4:
            made[at:at] = made[at : at + length] * random.choice((1, 2, 50))
        elif how == 5:  # a length, as protocol buffers write it
            made[at : at + 1] = varint(random.choice(NUMBERS) & (2**64 - 1))
        else:
            del made[at:]
    return bytes(made)


def varint(number: int) -> bytes:
    """A number in groups of seven bits."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def name(random: Random, like: str = "a") -> str:
    """A name that a file may hold, and that no program gives."""
    how = random.randrange(16)
    if how == 0:
        return ""
    if how == 1:
        return random.choice(CONTROLS) + like + random.choice(CONTROLS)
    if how == 2:
        return like + "".join(random.choices(CONTROLS, k=8))
    if how == 3:
        return "/".join([like] * random.choice((2, 41, 200, 1200)))
    if how == 4:
        return like * random.choice((17, 400, 17_000))
    if how == 5:
        return random.choice(("/", "//", ":", ":0", "^", "^^a", "a:", "a:0:1", "a:99999", "a:-1"))
    if how == 6:
        return like + random.choice(("_1", "_99999999999", ":1", "/", "/read", "_²", ":٣"))
    if how == 7:
        return random.choice(
            ("__proto__", "constructor", "<b>&amp;", '"\\N\\l', "]]>", "-->", "%s{}")
        )
    if how == 8:
        return "".join(chr(random.randrange(1, 0x2FFF)) for _ in range(random.randrange(1, 12)))
    if how == 9:
        return random.choice("漢字😀é\u0301") * random.randrange(1, 60)
    if how == 10:
        return random.choice(
            ("missing", "variable", "verdict", "outside", "inlined", "gradient_of")
        )
    return random.choice(("a", "b", "c", "x", "y", like, "gradients/a", "while/a", "save/a", "a/b"))


def text(random: Random, like: str = "a") -> str:
    """A name, or one that is no valid text."""
    return name(random, like) + random.choice(("", "", "", "\ud800", "\udfff"))
