"""What devices there are, and how to ask for one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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


def is_gpu(device: str) -> bool:
    """Whether a device is a GPU, by its short name."""
    return device.rpartition("/")[2].startswith("GPU:")


def available() -> list[str]:
    """The devices there are, physical ones and the logical ones made so far: `["CPU:0"]`."""
    import tensorflow as tf

    names = [
        device.name.removeprefix("/physical_device:")
        for device in tf.config.list_physical_devices()
    ]
    if _initialized():
        names += [short(device.name) for device in tf.config.list_logical_devices()]
    kinds = {name: name.partition(":")[0] for name in names}
    there = [name for name, kind in kinds.items() if kind in ("CPU", "GPU", "TPU")]
    return sorted(there, key=lambda name: (kinds[name], int(name.partition(":")[2])))


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
        there = available()
        verb = "is" if len(there) == 1 else "are"
        alike = [each for each in there if each.startswith(f"{kind}:")]
        why = f" ({no_gpu()})" if kind == "GPU" and not alike else ""
        raise GraphlabError(
            f"device {name} is not on this machine{why}; there {verb} {', '.join(there)};"
            f" choose {alike[-1] if alike else there[0]}, or CPU:1 and up, which are made on"
            " request"
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


def no_gpu() -> str:
    """Why TensorFlow has no GPU here, as it says itself when it starts: a few words."""
    import tensorflow as tf

    if not tf.test.is_built_with_gpu_support():
        return "this TensorFlow was built without support for GPUs"
    return why_no_gpu(_said_at_start())


def why_no_gpu(said: str) -> str:
    """The reason in what TensorFlow writes when it starts and finds no GPU.

    >>> why_no_gpu("I0 cudart_stub.cc:31] Could not find cuda drivers on your machine")
    'TensorFlow finds no driver for one'
    """
    libraries = re.findall(r"Could not load dynamic library '([^']+)'", said)
    missing = [name for name in dict.fromkeys(libraries) if not name.startswith("libnvinfer")]
    if "Could not find cuda drivers" in said or "libcuda.so.1" in missing:
        return "TensorFlow finds no driver for one"
    if "Cannot dlopen some GPU libraries" in said or missing:
        return f"CUDA libraries are missing{': ' if missing else ''}{', '.join(missing)}"
    refused = re.search(r"failed call to cuInit: (.*)", said)
    if refused is not None:
        return f"the driver refuses: {refused[1].strip()}"
    return "TensorFlow does not say why it sees none"


def _said_at_start() -> str:
    """What a TensorFlow that is started anew, in a process of its own, writes to file 2."""
    code = "import tensorflow as tf; tf.config.list_physical_devices('GPU')"
    loud = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], env=loud, capture_output=True, timeout=180, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr.decode(errors="replace")


def share_gpus() -> None:
    """Have graphlab's own work take no more of a GPU's memory than it needs.

    TensorFlow takes the whole card unless it is told otherwise, and two programs side by side
    then fail. For what is ours alone: a user's script keeps its own setting. It must be called
    before TensorFlow first uses a GPU.
    """
    # The one setting that also speaks to sessions with a ConfigProto of their own.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


@contextmanager
def memory_told(device: str) -> Iterator[None]:
    """Say in one line that a GPU's memory is taken, where that ends the block.

    GraphlabError in the place of TensorFlow's own error. Nothing else is changed. TensorFlow starts
    every GPU there is: with a CPU asked for, too, one whose memory is taken may be in the way.
    """
    import tensorflow as tf

    try:
        if is_gpu(device):  # the first thing on a card asks for memory
            with tf.device(device):
                tf.zeros([1])
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.InternalError) as error:
        said = _of_memory(str(error.message))
        at_start = isinstance(error, tf.errors.InternalError) and "CUDA" in said
        if not said or not (is_gpu(device) or at_start):
            raise
        whose, instead = (
            (device, "choose CPU:0")
            if is_gpu(device)
            else ("a GPU", "hide it from TensorFlow with CUDA_VISIBLE_DEVICES=-1")
        )
        raise GraphlabError(
            f"the memory of {whose} is taken: {said[:160]}; end what else runs on it (nvidia-smi"
            f" lists it), or {instead}"
        ) from error


def _of_memory(message: str) -> str:
    """The line that says that it was for want of memory; "" where none does.

    A session puts others above it: "2 root error(s) found."
    """
    words = ("out of memory", "out_of_memory", "oom when", "failed to allocate", "alloc_failed")
    lines = (line.strip() for line in message.splitlines())
    return next((line for line in lines if any(word in line.lower() for word in words)), "")


def tf32() -> bool:
    """Whether there is a GPU that may multiply float32 in TF32, with 10 bits of mantissa.

    One from before compute capability 8.0 has none, and NVIDIA_TF32_OVERRIDE=0 turns it off from
    outside.
    """
    import tensorflow as tf

    on = tf.config.experimental.tensor_float_32_execution_enabled()
    if not on or os.environ.get("NVIDIA_TF32_OVERRIDE") == "0":
        return False
    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    return any(each.get("compute_capability", _HAS_TF32) >= _HAS_TF32 for each in details)


_HAS_TF32 = (8, 0)


@contextmanager
def float32(keep_tf32: bool = False) -> Iterator[None]:
    """While a lesson runs, GPUs multiply float32 in float32, unless TF32 is to be kept.

    Afterwards it is as it was. Where there is no GPU nothing is touched.
    """
    import tensorflow as tf

    if keep_tf32 or not tf32():
        yield
        return
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)


def gpu_facts() -> list[dict[str, str]]:
    """What is known of each GPU: its name, memory, driver, compute capability and TF32.

    Also the CUDA and cuDNN that TensorFlow was built for. Memory and driver are known where there
    is an `nvidia-smi` that knows a card of this name, and else said not to be.
    """
    import tensorflow as tf

    built = tf.sysconfig.get_build_info()
    facts = []
    for number, gpu in enumerate(tf.config.list_physical_devices("GPU")):
        details = tf.config.experimental.get_device_details(gpu)
        capability = details.get("compute_capability")
        name = str(details.get("device_name", UNKNOWN))
        total, free, driver = _card(number, name)
        facts.append(
            {
                "device": f"GPU:{number}",
                "name": name,
                "compute capability": ".".join(map(str, capability)) if capability else UNKNOWN,
                "memory": f"{total} MiB, {free} MiB free" if total else UNKNOWN,
                "driver": driver or UNKNOWN,
                "CUDA": f"{built.get('cuda_version', UNKNOWN)} (built for)",
                "cuDNN": f"{built.get('cudnn_version', UNKNOWN)} (built for)",
                "TF32": "on" if tf32() else "off",
            }
        )
    return facts


UNKNOWN = "not known"


def _card(number: int, name: str) -> tuple[str, str, str]:
    """MiB in all, MiB free, and the driver's version, by `nvidia-smi`; "" for what it does not say.

    It numbers all cards, TensorFlow those that CUDA_VISIBLE_DEVICES leaves, by number or by a name
    such as GPU-0a1b; a slice of a card (MIG) is none that it knows the memory of.
    """
    visible = [each.strip() for each in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    card = visible[number] if number < len(visible) and visible[number] else str(number)
    asked = ["--query-gpu=memory.total,memory.free,driver_version,name", f"--id={card}"]
    try:
        done = subprocess.run(
            ["nvidia-smi", *asked, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", "", ""
    found = [cell.strip() for cell in done.stdout.split(",")]
    if done.returncode or len(found) != 4:
        return "", "", ""
    total, free, driver, theirs = found
    if theirs != name or not (total.isdigit() and free.isdigit()):  # [N/A] where all is shared
        return "", "", driver
    return total, free, driver


def line_of(device: str) -> str:
    """One line on a GPU that is about to be used, and on TF32; "" for a CPU."""
    if not is_gpu(device):
        return ""
    facts = next((each for each in gpu_facts() if each["device"] == device), None)
    name = facts["name"] if facts else "a GPU"
    on = (
        "TF32 is on: products of float32 keep 10 bits of mantissa, and ways may disagree"
        if tf32()
        else "TF32 is off, so that products of float32 are float32's; --tf32 leaves it on"
    )
    return f"{device} is {name}; {on}"


def _initialized() -> bool:
    """Whether TensorFlow's devices are fixed already: then a new configuration is refused."""
    from graphlab import _private

    return _private.devices_are_fixed()
