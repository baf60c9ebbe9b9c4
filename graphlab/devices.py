"""What devices there are, and how to ask for one."""

from __future__ import annotations

import re

from graphlab.errors import GraphlabError

MOST_CPUS = 64  # logical CPU devices that may be asked for; each has its own thread pool

_ASKED = re.compile(r"(?:/?(?:device:)?)(CPU|GPU|TPU)(?::(\d+))?$", re.IGNORECASE)
_FULL = re.compile(
    r"(?:/job:(\w+))?(?:/replica:\d+)?(?:/task:(\d+))?(?:/device:|/)?(\w+:\d+|\w+:\*|)$"
)


def short(device: str) -> str:
    """TensorFlow's name of a device in the words of this project.

    >>> short("/job:localhost/replica:0/task:0/device:CPU:1"), short("/device:GPU:0")
    ('CPU:1', 'GPU:0')
    >>> short("/job:ps/task:0/cpu:0"), short("")
    ('ps:0/CPU:0', '')
    """
    match = _FULL.match(device)
    if match is None:
        return device
    job, task, rest = match.groups()
    rest = rest.upper()
    if job is None or job == "localhost":
        return rest
    return f"{job}:{task or 0}/{rest}" if rest else f"{job}:{task or 0}"


def parse(asked: str) -> tuple[str, int]:
    """What the user means by a device: `"cpu:1"` and `"/device:CPU:1"` are `("CPU", 1)`.

    GraphlabError where it is no device name at all.
    """
    match = _ASKED.match(asked.strip())
    if match is None:
        raise GraphlabError(
            f"device {asked!r} is no device name; expected CPU:0, CPU:1, ... or GPU:0"
        )
    return match[1].upper(), int(match[2] or 0)


def available() -> list[str]:
    """The devices there are, physical ones and the logical ones made so far: `["CPU:0"]`."""
    import tensorflow as tf

    names = [
        device.name.removeprefix("/physical_device:")
        for device in tf.config.list_physical_devices()
    ]
    if _initialized():
        names += [short(device.name) for device in tf.config.list_logical_devices()]
    return sorted(
        dict.fromkeys(name for name in names if name.split(":")[0] in ("CPU", "GPU", "TPU"))
    )


def prepare(asked: str) -> str:
    """Make sure that a device is there and give its name, `"CPU:1"`.

    `CPU:n` is made as a logical device of the one CPU, which TensorFlow allows only before its
    first operation. GraphlabError where there is no such device, or it is too late to make it.
    """
    import tensorflow as tf

    kind, index = parse(asked)
    name = f"{kind}:{index}"
    if name in available():
        return name
    if kind != "CPU":
        verb = "is" if len(available()) == 1 else "are"
        raise GraphlabError(
            f"device {name} is not on this machine; there {verb} {', '.join(available())};"
            " choose one of them, or CPU:1 and up, which are made on request"
        )
    if index >= MOST_CPUS:
        raise GraphlabError(f"device {name} is too many; logical CPUs go up to CPU:{MOST_CPUS - 1}")
    if _initialized():
        raise GraphlabError(
            f"device {name} cannot be made any more: TensorFlow has already started with"
            f" {', '.join(available())}; ask for it first"
        )
    cpu = tf.config.list_physical_devices("CPU")[0]
    configuration = [tf.config.LogicalDeviceConfiguration()] * (index + 1)
    tf.config.set_logical_device_configuration(cpu, configuration)
    tf.config.list_logical_devices()  # now they exist, and stay
    return name


def _initialized() -> bool:
    """Whether TensorFlow's devices are fixed already: then a new configuration is refused."""
    from graphlab import _private

    return _private.devices_are_fixed()
