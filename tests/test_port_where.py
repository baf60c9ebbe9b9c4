"""Where a port and its original are run to be compared: on the CPU, whatever ran the original."""

import subprocess

import pytest
from click.testing import CliRunner

from graphlab.commands.port import port
from graphlab.port import proof
from graphlab.watch.replay import Replay


@pytest.mark.parametrize("target", ["1.1:graph", "script"])
def test_both_are_run_where_no_gpu_is_asked(monkeypatch, tmp_path, target):
    """There is no GPU here: the call is said to have run on one, and to ask for that fails."""
    seen, run = [], subprocess.run

    def watched(command, **named):
        seen.append(named["env"]["CUDA_VISIBLE_DEVICES"])
        return run(command, **named)

    monkeypatch.setattr(Replay, "_gpu", lambda self: "GPU:0")
    monkeypatch.setattr(proof.subprocess, "run", watched)
    script = tmp_path / "script.py"
    script.write_text(
        "import tensorflow as tf\ntf1 = tf.compat.v1\nwith tf.Graph().as_default():\n"
        "    y = tf.square(tf1.placeholder(tf.float32, [2], name='x'))\n"
        "    tf1.Session().run(y, {'x:0': [1.0, 2.0]})\n"
    )
    named = str(script) if target == "script" else target
    done = CliRunner().invoke(port, [named, "-o", str(tmp_path / "ported.py")])
    assert "bit-equal" in done.output, done.output
    assert seen == ["-1"]
