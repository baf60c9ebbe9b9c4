"""How shapes, times and names are written, the same in every drawing.

>>> shape_text((None, 784)), shape_text((10,)), shape_text(()), shape_text(None)
('?x784', '[10]', 'scalar', 'any shape')
>>> duration(12.34), duration(1234.5), duration(2_500_000)
('12.3 µs', '1.23 ms', '2.50 s')
>>> middle("gradients/logits_grad/MatMul", 16)
'gradient…/MatMul'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a list of lessons is written without a graph
    from graphlab.model import Kernel, Shape, Step

# Pictures of control characters: a name may hold any of them, no format takes them all. With them
# go those that turn the direction of what is written after them, or break its line.
_CONTROLS = {i: chr(0x2400 + i) for i in range(32)} | {0x7F: "\N{SYMBOL FOR DELETE}"}
_TURNS = [0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
_CONTROLS |= dict.fromkeys(
    [*range(0x80, 0xA0), *_TURNS, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF],
    "\N{REPLACEMENT CHARACTER}",
)
_BUT_NEWLINES = {i: text for i, text in _CONTROLS.items() if i != 0x0A}

# What is drawn with lines and signs, where there are only letters.
ASCII = str.maketrans("●│─╯╰╮╭├┤┼┴┬µ…◂▸\N{MULTIPLICATION SIGN}", "*|-/\\\\/+++++u~<>x")


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "layer"), counted(1200, "op")
    ('1 layer', '1,200 ops')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def size_text(size: int | None) -> str:
    """Memory with its unit, as `static/words.js` has it for the page.

    >>> size_text(400), size_text(3 << 20), size_text(946_000), size_text(None)
    ('400 B', '3.00 MiB', '924 KiB', 'size not known')
    """
    if size is None:
        return "size not known"
    if size < 1024:
        return f"{size} B"
    number, units = size / 1024, ["TiB", "GiB", "MiB", "KiB"]
    while number >= 1023.5 and len(units) > 1:
        number /= 1024
        units.pop()
    digits = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:,.{digits}f} {units[-1]}"


def shape_text(shape: Shape) -> str:
    """`"64x784"`, a `?` for each dimension that is not known."""
    if shape is None:
        return "any shape"
    text = "x".join("?" if d is None else str(d) for d in shape) or "scalar"
    return f"[{text}]" if len(shape) == 1 else text  # a bare 10 reads like a count


HANDLES = ("resource", "variant")  # they stand for something, and have no shape of their own


def tensor_text(dtype: str, shape: Shape) -> str:
    """A tensor's shape, its dtype where that is not float32, and of a handle the dtype alone.

    >>> tensor_text("float32", (2, None)), tensor_text("int64", (10,)), tensor_text("resource", ())
    ('2x?', '[10] int64', 'resource')
    """
    if dtype in HANDLES:
        return dtype
    return shape_text(shape) + ("" if dtype in ("float32", "") else f" {dtype}")


def duration(us: float) -> str:
    """A time with three digits and its unit."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if us >= size * 0.9995:
            return f"{_three(us / size)} {unit}"
    return f"{_three(us)} µs"


def took(step: Step | None) -> str:
    """How long a step took, or why that is not known.

    >>> from graphlab.model import Step
    >>> took(Step("y", "Relu", "GPU:0", launch=(3.0, 5.0))), took(None)
    ('no kernel', 'not timed')
    """
    if step is None or step.duration_us is None:
        return "no kernel" if step is not None and step.launch else "not timed"
    if step.kernels and not step.duration_us:
        return "under 1 µs"  # the clock of a session's streams has whole µs
    return duration(step.duration_us)


def ran_on(step: Step, device: str) -> str:
    """The device of a step by its short name, and whether it ran on the host all the same."""
    return f"{device}, on the host" if step.on_host else device


def of_kernel(kernel: Kernel) -> str:
    """What a GPU did, on one line: how large it was, how long, how fast."""
    took = duration(kernel.duration_us) if kernel.duration_us else "under 1 µs"
    if kernel.bytes is not None:
        ways = " to ".join(kernel.memory)
        rate = f", {kernel.rate / 1e9:.3g} GB/s" if kernel.rate else ""
        size = f", {kernel.bytes:,} bytes" if kernel.bytes else ""
        return f"{kernel.name}{size}{f', {ways}' if ways else ''}, {took}{rate}"
    said = [took]
    if kernel.grid:
        grid, block = (" x ".join(map(str, sizes)) for sizes in (kernel.grid, kernel.block))
        said.append(f"grid {grid} of {block} threads")
    if kernel.registers is not None:
        said.append(f"{kernel.registers} registers")
    if kernel.shared_bytes:
        said.append(f"{kernel.shared_bytes:,} bytes shared")
    if kernel.occupancy is not None:
        said.append(f"occupancy {kernel.occupancy:.3g}%")
    made = f" of {kernel.made_from}" if kernel.made_from else ""
    return f"{middle(kernel.name, 60)}{made}: {', '.join(said)}"


def _three(value: float) -> str:
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def printable(text: str, newlines: bool = True) -> str:
    """The text with a picture or a mark in the place of every character that cannot be drawn."""
    if text.isprintable():  # as nearly every one, and quickly asked
        return text
    return text.translate(_BUT_NEWLINES if newlines else _CONTROLS)


def cleaned(value: Any) -> Any:
    """Plain data with every text in it printable and on one line.

    >>> cleaned({"a\\x1b": ["b\\n", 1]})
    {'a␛': ['b␊', 1]}
    """
    if isinstance(value, str):
        return printable(value, newlines=False)
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    if not isinstance(value, dict):
        return value
    made: dict[Any, Any] = {}
    for key, each in value.items():
        name = cleaned(key)
        while name in made:  # two names that differ in what cannot be printed are still two
            name += "\N{REPLACEMENT CHARACTER}"
        made[name] = cleaned(each)
    return made


def middle(text: str, most: int, mark: str = "\N{HORIZONTAL ELLIPSIS}") -> str:
    """The text, cut in the middle to `most` characters: both ends of a name tell most."""
    text = printable(text, newlines=False)
    if len(text) <= most:
        return text
    keep = max(most - len(mark), 0)
    head = (keep + 1) // 2
    return text[:head] + mark[: most - keep] + text[len(text) - (keep - head) :]
