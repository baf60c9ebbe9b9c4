"""Lab 0: what is on this machine, and whether everything graphlab needs works here."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlab import devices
from graphlab.course import document


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    name: str
    ok: bool
    found: str  # what came out, or what went wrong, on one line


def examine() -> dict[str, Any]:
    """Versions, devices and checks, as JSON has them; `ok` says whether every check passed."""
    checks = [_try(name, each) for name, each in CHECKS.items()]
    import tensorflow as tf

    return {
        "versions": document.versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpus": _cpus(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "devices": devices.available(),
        "gpu_facts": devices.gpu_facts(),
        "checks": [{"name": c.name, "ok": c.ok, "found": c.found} for c in checks],
        "ok": all(check.ok for check in checks),
    }


def _cpus() -> int:
    """The CPUs that this process may use; a container often has fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _try(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except Exception as error:  # a doctor reports whatever is wrong
        first, *_ = str(error).splitlines() or [""]
        return Check(name, False, f"{type(error).__name__}: {first}")


def place() -> str:
    """Where what TensorFlow computes is tried: on the first GPU, if there is one."""
    gpus = [device for device in devices.available() if devices.is_gpu(device)]
    return gpus[0] if gpus else "CPU:0"


def _on_gpu() -> str:
    return f" on {place()}" if devices.is_gpu(place()) else ""


X = np.array([[1, 2], [3, 4]], np.float32)


def _graph() -> str:
    import tensorflow as tf

    with tf.Graph().as_default() as graph, tf.device(place()):
        product = tf.matmul(tf.constant(X), tf.constant(X))
        with tf.compat.v1.Session(graph=graph) as session:
            return _same(session.run(product))


def _eager() -> str:
    import tensorflow as tf

    with tf.device(place()):
        return _same(tf.matmul(X, X).numpy())


def _function() -> str:
    import tensorflow as tf

    with tf.device(place()):
        return _same(tf.function(tf.matmul)(tf.constant(X), tf.constant(X)).numpy())


def _same(product: np.ndarray) -> str:
    """The product as text; ValueError where NumPy has another."""
    if not np.array_equal(product, X @ X):
        raise ValueError(f"{product.tolist()} came out, and NumPy has {(X @ X).tolist()}")
    return f"{product.tolist()}{_on_gpu()}"


IMAGE, MASK = (
    np.arange(16.0, dtype=np.float32).reshape(1, 4, 4, 1),
    np.array([[1, 2], [3, 4]], np.float32),
)


def _convolve(image: Any, mask: Any) -> Any:
    import tensorflow as tf

    return tf.nn.conv2d(image, tf.reshape(mask, [2, 2, 1, 1]), 1, "VALID")


def _graph_convolution() -> str:
    import tensorflow as tf

    with tf.Graph().as_default() as graph, tf.device(place()):
        found = _convolve(tf.constant(IMAGE), tf.constant(MASK))
        with tf.compat.v1.Session(graph=graph) as session:
            return _slid(session.run(found))


def _eager_convolution() -> str:
    import tensorflow as tf

    with tf.device(place()):
        return _slid(_convolve(IMAGE, MASK).numpy())


def _function_convolution() -> str:
    import tensorflow as tf

    with tf.device(place()):
        return _slid(tf.function(_convolve)(tf.constant(IMAGE), tf.constant(MASK)).numpy())


def _slid(found: np.ndarray) -> str:
    """What a convolution gave, as text; ValueError where NumPy has another."""
    windows = np.lib.stride_tricks.sliding_window_view(IMAGE[0, :, :, 0], (2, 2))
    wanted = np.einsum("ijkl,kl->ij", windows, MASK)
    if not np.array_equal(found[0, :, :, 0], wanted):
        raise ValueError(f"{found[0, :, :, 0].tolist()} came out, NumPy has {wanted.tolist()}")
    return f"{wanted[0].tolist()} in the first row{_on_gpu()}"


def _drawing() -> str:
    from visualize.pictures.picture import FORMATS, picture

    sizes = [len(picture("digraph { x -> MatMul }", each)) for each in FORMATS]
    return ", ".join(f"{n:,} bytes of {each}" for n, each in zip(sizes, FORMATS, strict=True))


CHECKS: dict[str, Callable[[], str]] = {
    "a MatMul in a session (graph)": _graph,
    "a MatMul line by line (eager)": _eager,
    "a MatMul in a tf.function": _function,
    "a convolution in a session (graph)": _graph_convolution,
    "a convolution line by line (eager)": _eager_convolution,
    "a convolution in a tf.function": _function_convolution,
    "drawing a graph": _drawing,
}
