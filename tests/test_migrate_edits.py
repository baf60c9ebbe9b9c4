"""The edits that bring a TensorFlow 1 script to compat.v1."""

from __future__ import annotations

import sys

import pytest
import tensorflow as tf

from graphlab.errors import GraphlabError
from graphlab.migration.edits import edit
from graphlab.migration.names import V1, Text

HEAD = "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\n"

PAIRS = {
    "the import alone, with its comment": (
        "import tensorflow as tf  # the usual\nx = 1\n",
        "import tensorflow.compat.v1 as tf  # the usual\ntf.disable_v2_behavior()\nx = 1\n",
    ),
    "without an alias": (
        "import tensorflow\ntensorflow.Session()\n",
        "import tensorflow.compat.v1 as tensorflow\ntensorflow.disable_v2_behavior()\n"
        "tensorflow.Session()\n",
    ),
    "one of several": (
        "import numpy as np, tensorflow as tf\n",
        "import numpy as np, tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\n",
    ),
    "names of it": (
        "from tensorflow import (\n    Session,  # one\n    placeholder,\n)\n",
        "from tensorflow.compat.v1 import (\n    Session,  # one\n    placeholder,\n)\n"
        "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\n",
    ),
    "in a block": (
        "try:\n    import tensorflow as tf\nexcept ImportError:\n    pass\n",
        "try:\n    import tensorflow.compat.v1 as tf\n    tf.disable_v2_behavior()\n"
        "except ImportError:\n    pass\n",
    ),
    "compat.v1 without a switch": (
        "import tensorflow.compat.v1 as tf\nx = 1\n",
        f"{HEAD}x = 1\n",
    ),
    "compat.v1 with one": (HEAD, HEAD),
    "a switch of its own": (
        "import tensorflow.compat.v1 as tf\ntf.disable_eager_execution()\n",
        "import tensorflow.compat.v1 as tf\ntf.disable_eager_execution()\n",
    ),
    "cells of contrib, and their import": (
        "import tensorflow as tf\nfrom tensorflow.contrib import rnn  # cells\n"
        "c = rnn.GRUCell(3)  # keep\n",
        f"{HEAD}# cells\nc = tf.nn.rnn_cell.GRUCell(3)  # keep\n",
    ),
    "slim under its name": (
        "import tensorflow as tf\nimport tensorflow.contrib.slim as slim\nslim.conv2d(1)\n",
        f"{HEAD}import tf_slim as slim\nslim.conv2d(1)\n",
    ),
    "slim by way of tf": (
        "import tensorflow as tf\ntf.contrib.slim.conv2d(1)\ntf.contrib.layers.flatten(2)\n",
        f"{HEAD}import tf_slim\ntf_slim.conv2d(1)\ntf_slim.layers.flatten(2)\n",
    ),
    "names of contrib.layers": (
        "import tensorflow as tf\nfrom tensorflow.contrib.layers import flatten\nflatten(1)\n",
        f"{HEAD}from tf_slim.layers import flatten\nflatten(1)\n",
    ),
    "what has no successor stays": (
        "import tensorflow as tf\ntf.contrib.crf.viterbi_decode(1)\n",
        f"{HEAD}tf.contrib.crf.viterbi_decode(1)\n",
    ),
    "what looks alike is another's": (
        "import tensorflow as tf\ndef f(tf):\n    return tf.contrib.rnn.GRUCell\nx.tf.log\n",
        f"{HEAD}def f(tf):\n    return tf.contrib.rnn.GRUCell\nx.tf.log\n",
    ),
    "no end of line, tabs, CRLF": (
        "if 1:\r\n\timport tensorflow as tf",
        "if 1:\r\n\timport tensorflow.compat.v1 as tf\r\n\ttf.disable_v2_behavior()\r\n",
    ),
    "no TensorFlow": ("import numpy as np\n", "import numpy as np\n"),
}


def has_all(name: str) -> bool:
    return not name.startswith("tf_slim.contrib")


@pytest.mark.parametrize("name", PAIRS)
def test_a_text_before_and_after(name):
    before, after = PAIRS[name]
    assert edit(Text(before.encode()), has_all).text == after


def test_an_edited_text_needs_no_more_edits():
    for before, _ in PAIRS.values():
        once = edit(Text(before.encode()), has_all)
        assert edit(Text(once.text.encode()), has_all).edits == ()


def test_slim_is_left_where_it_is_not_installed():
    text = "import tensorflow as tf\nimport tensorflow.contrib.slim as slim\nslim.conv2d(1)\n"
    edited = edit(Text(text.encode()), lambda name: name.startswith(V1))
    assert edited.text == HEAD + "".join(text.splitlines(keepends=True)[1:])


def test_legacy_keras_is_asked_for_before_tensorflow_is_imported():
    edited = edit(Text(b"import sys\nimport tensorflow as tf\n"), has_all, legacy=True)
    assert edited.text == (
        'import sys\nimport os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n' + HEAD
    )


def test_edited_code_has_the_lines_of_the_text_that_it_was_made_from():
    text = b"import tensorflow as tf\n\ndef f():\n    raise ValueError\n"
    code = edit(Text(text), has_all).code("made.py")
    space: dict = {}
    exec(code, space)
    tf.compat.v1.enable_v2_behavior()  # which the code has turned off for all tests to come
    try:
        space["f"]()
    except ValueError:
        trace = sys.exc_info()[2]
    assert trace is not None and trace.tb_next is not None
    assert (space["f"].__code__.co_filename, trace.tb_next.tb_lineno) == ("made.py", 4)


def test_each_edit_says_its_line_and_what_stood_there():
    text = b"# one\nimport tensorflow as tf\nx = tf.contrib.data.unbatch()\n"
    found = edit(Text(text), has_all, path="a.py").edits
    assert [(each.line, each.old, each.new) for each in found] == [
        (("a.py", 2), "tensorflow as tf", "tensorflow.compat.v1 as tf"),
        (("a.py", 2), "", "tf.disable_v2_behavior()"),
        (("a.py", 3), "tf.contrib.data.unbatch", "tf.data.experimental.unbatch"),
    ]


def test_python_2_is_told_with_its_lines():
    text = b"import tensorflow as tf\nprint 'a'\nif 1:\n    print x, y\nprint(2)\n"
    with pytest.raises(GraphlabError, match=r"^t.py:2 is Python 2: print .*\(line 2, 4\)"):
        Text(text, "t.py")


def test_what_is_no_python_at_all_is_told_with_its_line():
    with pytest.raises(GraphlabError, match=r"^t.py:2 is not Python 3$"):
        Text(b"x = 1\ny = = 2\n", "t.py")


def test_an_import_behind_a_colon_cannot_be_edited():
    with pytest.raises(GraphlabError, match="put that on a line of its own"):
        edit(Text(b"if 1: import tensorflow as tf\n"), has_all)
