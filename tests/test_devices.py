"""Asking for a device: what is made, what is there, and what is refused in one line."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from graphlab import devices
from graphlab.errors import GraphlabError
from graphlab.exercises import worker


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("CPU:0", ("CPU", 0)),
        ("cpu:1", ("CPU", 1)),
        ("/device:GPU:3", ("GPU", 3)),
        ("/cpu:0", ("CPU", 0)),
        ("CPU", ("CPU", 0)),
    ],
)
def test_a_device_may_be_written_as_tensorflow_does(asked, name):
    assert devices.parse(asked) == name


@pytest.mark.parametrize("asked", ["", "cpu:x", "CPU:-1", "CPU:1:2", "disk:0", "/job:ps/CPU:0"])
def test_what_is_no_device_is_refused(asked):
    with pytest.raises(GraphlabError, match="is no device name"):
        devices.parse(asked)


def test_logical_cpus_are_made_once_and_listed():
    assert devices.prepare("/device:cpu:1") == "CPU:1"
    assert devices.available()[:2] == ["CPU:0", "CPU:1"]


def test_a_missing_gpu_is_refused_with_what_is_missing_and_the_devices_there_are(monkeypatch):
    monkeypatch.setattr(devices, "_said_at_start", lambda: "Could not find cuda drivers on your")
    monkeypatch.setattr(tf.test, "is_built_with_gpu_support", lambda: True)
    with pytest.raises(GraphlabError) as refused:
        devices.prepare("GPU:7")
    assert str(refused.value) == (
        "device GPU:7 is not on this machine (TensorFlow finds no driver for one); there are CPU:0,"
        " CPU:1; choose CPU:0, or CPU:1 and up, which are made on request"
    )


def test_a_fourth_gpu_of_one_is_refused_with_the_nearest_device(monkeypatch):
    """There is no GPU here: only the choice is tried, on a list that names one."""
    monkeypatch.setattr(devices, "available", lambda: ["CPU:0", "GPU:0"])
    with pytest.raises(GraphlabError) as refused:
        devices.prepare("GPU:3")
    assert str(refused.value) == (
        "device GPU:3 is not on this machine; there are CPU:0, GPU:0; choose GPU:0, or CPU:1 and"
        " up, which are made on request"
    )


NO_LIBRARIES = """
W0000 dso_loader.cc] Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: no
W0000 dso_loader.cc] Could not load dynamic library 'libcublas.so.12'; dlerror: libcublas.so.12: no
W0000 gpu_device.cc] Cannot dlopen some GPU libraries. Please make sure the missing libraries
"""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("I0000 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be "
         "used.", "TensorFlow finds no driver for one"),
        (NO_LIBRARIES, "CUDA libraries are missing: libcudnn.so.9, libcublas.so.12"),
        ("Cannot dlopen some GPU libraries.", "CUDA libraries are missing"),
        ("E0000 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: no device (100)",
         "the driver refuses: INTERNAL: CUDA error: no device (100)"),
        ("", "TensorFlow does not say why it sees none"),
    ],
)  # fmt: skip
def test_what_a_gpu_would_need_is_told_by_what_tensorflow_says_when_it_starts(said, why):
    assert devices.why_no_gpu(said) == why


def test_what_tensorflow_here_says_when_it_starts_is_understood():
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here, so nothing is missing")
    assert devices.no_gpu() != "TensorFlow does not say why it sees none"


def test_a_tensorflow_that_was_built_without_gpus_is_told_so(monkeypatch):
    monkeypatch.setattr(tf.test, "is_built_with_gpu_support", lambda: False)
    assert devices.no_gpu() == "this TensorFlow was built without support for GPUs"


@pytest.fixture
def pretended(monkeypatch):
    """A list of physical devices that names a GPU; nothing is run on it."""
    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")
    monkeypatch.delenv("NVIDIA_TF32_OVERRIDE", raising=False)
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: {})
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [gpu])
    return gpu


def test_tf32_is_off_while_a_lesson_runs_on_a_gpu_and_then_as_it_was(pretended):
    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    assert enabled()
    with devices.float32():
        assert not enabled()
    with devices.float32(keep_tf32=True):
        assert enabled()
    with pytest.raises(ZeroDivisionError), devices.float32():
        raise ZeroDivisionError
    assert enabled()


def test_tf32_is_left_alone_where_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    assert not devices.tf32()
    with devices.float32():
        assert tf.config.experimental.tensor_float_32_execution_enabled()


def test_the_line_of_a_device_says_its_name_and_whether_tf32_is_on(pretended, monkeypatch):
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda gpu: {"device_name": "a card", "compute_capability": (9, 0)},
    )
    assert devices.line_of("CPU:0") == ""
    with devices.float32():
        assert devices.line_of("GPU:0") == (
            "GPU:0 is a card; TF32 is off, so that products of float32 are float32's; --tf32 leaves"
            " it on"
        )
    assert "TF32 is on" in devices.line_of("GPU:0")
    (facts,) = devices.gpu_facts()
    assert (facts["name"], facts["compute capability"], facts["TF32"]) == ("a card", "9.0", "on")


@pytest.mark.parametrize(
    ("capability", "override", "told"),
    [((9, 0), None, True), ((8, 0), "1", True), ((7, 5), None, False), ((9, 0), "0", False)],
)
def test_tf32_is_not_on_where_a_card_has_none_or_it_is_off_from_outside(
    pretended, monkeypatch, capability, override, told
):
    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    if override is not None:
        monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", override)
    assert devices.tf32() == told


SMI = """#!/bin/sh
case "$*" in
  *--id=0*) echo "81559, 80000, 580.159, NVIDIA H100 80GB HBM3" ;;
  *--id=3*) echo "15360, 15000, 550.54, Tesla T4" ;;
  *--id=GPU-0a1b*) echo "[N/A], [N/A], 580.95, NVIDIA GB10" ;;
  *) echo "No devices were found"; exit 6 ;;
esac
"""


@pytest.mark.parametrize(
    ("visible", "name", "memory", "driver"),
    [
        (None, "NVIDIA H100 80GB HBM3", "81559 MiB, 80000 MiB free", "580.159"),
        ("3", "Tesla T4", "15360 MiB, 15000 MiB free", "550.54"),
        ("GPU-0a1b", "NVIDIA GB10", "not known", "580.95"),
        ("0", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "not known", "580.159"),
        ("MIG-77", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "not known", "not known"),
    ],
)
def test_what_nvidia_smi_says_is_of_the_card_that_tensorflow_has(
    pretended, monkeypatch, tmp_path, visible, name, memory, driver
):
    """The nvidia-smi is a script of ours: it answers as the real one does, of three cards."""
    smi = tmp_path / "nvidia-smi"
    smi.write_text(SMI)
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    details = {"device_name": name, "compute_capability": (9, 0)}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)
    (facts,) = devices.gpu_facts()
    assert (facts["memory"], facts["driver"]) == (memory, driver)


def test_devices_are_in_the_order_of_their_numbers(monkeypatch):
    names = [f"/physical_device:GPU:{n}" for n in (0, 1, 10, 2)]
    there = [tf.config.PhysicalDevice(name, "GPU") for name in names]
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: there)
    gpus = [name for name in devices.available() if name.startswith("GPU")]
    assert gpus == ["GPU:0", "GPU:1", "GPU:2", "GPU:10"]
    with pytest.raises(GraphlabError, match="choose GPU:10,"):
        devices.prepare("GPU:12")


def test_our_own_work_lets_a_gpus_memory_grow_unless_the_user_has_said_otherwise(monkeypatch):
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    devices.share_gpus()
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    monkeypatch.setenv("TF_FORCE_GPU_ALLOW_GROWTH", "false")
    devices.share_gpus()
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "false"


@pytest.mark.parametrize(("target", "told"), [("1.1:eager", "true"), ("script.py", "None")])
def test_a_part_shares_a_gpu_and_a_script_keeps_its_own_setting(tmp_path, target, told):
    script = tmp_path / "script.py"
    script.write_text("import os; import tensorflow as tf; tf.add(1.0, 2.0)\n")
    code = (
        "import os, sys; from graphlab.commands import watching\n"
        "from graphlab.targets.target import parse; import click\n"
        "with click.Context(click.Command('trace')):\n"
        "    watching.watch(parse(sys.argv[1], None), None, None)\n"
        "print(os.environ.get('TF_FORCE_GPU_ALLOW_GROWTH'))"
    )
    named = str(script) if target == "script.py" else target
    unset = {k: v for k, v in os.environ.items() if k != "TF_FORCE_GPU_ALLOW_GROWTH"}
    done = subprocess.run(
        [sys.executable, "-c", code, named], env=unset, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == [told], done.stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["compare", "1.1:graph", "1.1:eager"], "true"),
        (["compare", "script.py", "script.py"], "None"),
        (["port", "1.1:graph", "-o", "ported.py"], "true"),
        (["port", "script.py", "-o", "ported.py"], "None"),
    ],
)
def test_what_is_compared_or_ported_shares_a_gpu_unless_it_is_a_script(tmp_path, command, told):
    (tmp_path / "script.py").write_text(
        "import tensorflow as tf\ntf1 = tf.compat.v1\nwith tf.Graph().as_default():\n"
        "    y = tf.square(tf1.placeholder(tf.float32, [2], name='x'))\n"
        "    tf1.Session().run(y, {'x:0': [1.0, 2.0]})\n"
    )
    code = (
        "import os, sys; from graphlab import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "finally: print(os.environ.get('TF_FORCE_GPU_ALLOW_GROWTH'))"
    )
    unset = {k: v for k, v in os.environ.items() if k != "TF_FORCE_GPU_ALLOW_GROWTH"}
    unset["PYTHONPATH"] = str(Path(devices.__file__).parents[1])
    line = [sys.executable, "-c", code, *command]
    done = subprocess.run(line, env=unset, cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout.splitlines()[-1:], done.returncode) == ([told], 0), done.stderr


def test_a_program_of_an_exercise_shares_a_gpu_with_the_one_beside_it(monkeypatch):
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    monkeypatch.setattr(worker, "_own_streams", lambda: (io.BytesIO(), io.BytesIO()))
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit):
        worker.main()
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


OOM = "OOM when allocating tensor with shape[9] and type float on GPU:0\nby allocator GPU_0_bfc\n"


def test_a_gpu_whose_memory_is_taken_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(tf, "zeros", lambda shape: None)
    with pytest.raises(GraphlabError) as told, devices.memory_told("GPU:0"):
        raise tf.errors.ResourceExhaustedError(None, None, OOM)
    assert str(told.value) == (
        "the memory of GPU:0 is taken: OOM when allocating tensor with shape[9] and type float on"
        " GPU:0; end what else runs on it (nvidia-smi lists it), or choose CPU:0"
    )
    with pytest.raises(tf.errors.InternalError), devices.memory_told("GPU:0"):
        raise tf.errors.InternalError(None, None, "something else")
    with pytest.raises(tf.errors.ResourceExhaustedError), devices.memory_told("CPU:0"):
        raise tf.errors.ResourceExhaustedError(None, None, OOM)


@pytest.mark.parametrize(
    ("kind", "message", "line"),
    [
        (
            tf.errors.ResourceExhaustedError,
            "2 root error(s) found.\n  (0) RESOURCE_EXHAUSTED: OOM when allocating tensor\n",
            "(0) RESOURCE_EXHAUSTED: OOM when allocating tensor",
        ),
        (
            tf.errors.ResourceExhaustedError,
            "Out of memory while trying to allocate 4096 bytes.",
            "Out of memory while trying to allocate 4096 bytes.",
        ),
        (
            tf.errors.InternalError,
            "Failed to create cuBLAS handle: CUBLAS_STATUS_ALLOC_FAILED",
            "Failed to create cuBLAS handle: CUBLAS_STATUS_ALLOC_FAILED",
        ),
    ],
)
def test_of_what_tensorflow_says_the_line_on_memory_is_told(monkeypatch, kind, message, line):
    monkeypatch.setattr(tf, "zeros", lambda shape: None)
    with pytest.raises(GraphlabError) as told, devices.memory_told("GPU:0"):
        raise kind(None, None, message)
    assert str(told.value).startswith(f"the memory of GPU:0 is taken: {line}; end what else")


def test_a_gpu_that_is_in_the_way_of_a_cpu_is_told_in_one_line():
    """TensorFlow starts all devices with the first op of any."""
    said = "CUDA runtime implicit initialization on GPU:0 failed. Status: out of memory"
    with pytest.raises(GraphlabError) as told, devices.memory_told("CPU:0"):
        raise tf.errors.InternalError(None, None, said)
    assert str(told.value) == (
        f"the memory of a GPU is taken: {said}; end what else runs on it (nvidia-smi lists it), or"
        " hide it from TensorFlow with CUDA_VISIBLE_DEVICES=-1"
    )


def test_a_cpu_that_comes_too_late_is_refused():
    with pytest.raises(GraphlabError, match="CPU:9 cannot be made any more"):
        devices.prepare("CPU:9")


def test_too_many_cpus_are_refused():
    with pytest.raises(GraphlabError, match="go up to CPU:63"):
        devices.prepare("CPU:64")


def test_a_gpu_is_taken_where_there_is_one(monkeypatch):
    """There is no GPU here: only the choice is tried, on a list that names one."""
    monkeypatch.setattr(devices, "available", lambda: ["CPU:0", "GPU:0"])
    assert devices.prepare("gpu:0") == "GPU:0"


def test_short_names_cover_what_the_runtime_writes():
    full = {
        "/job:localhost/replica:0/task:0/device:CPU:1": "CPU:1",
        "/job:worker/replica:0/task:3/device:GPU:0": "worker:3/GPU:0",
        "/job:ps/task:0": "ps:0",
        "/device:CPU:*": "CPU:*",
        "/gpu:2": "GPU:2",
        "": "",
    }
    assert {name: devices.short(name) for name in full} == full


def test_naming_a_device_needs_no_tensorflow():
    code = (
        "import sys, graphlab.devices as d; d.parse('CPU:1'); sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_watches_and_runs_leaves_the_devices_to_be_made_yet():
    code = (
        "from graphlab import devices, engine, observe, run_ways;"
        "from graphlab.course import report; from graphlab.output import notebook, pages;"
        "print(devices.prepare('CPU:1'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("CPU:1\n", 0), done.stderr
