"""Lesson 24.2: a SavedModel has the functions that were traced.

`tf.saved_model.save(port, folder)` takes any `tf.Module`, and says that all is well. Loaded, this
one has its variable, not one function, and no signature: a server that asks for
`serving_default` has nothing to call. A module is saved with its variables and with the traces of
its `tf.function`s. Plain Python is not saved, and a trace for three rows answers three rows.

TF1 had no such doubt. A **signature** is written by hand, as a table of names: what the client
calls "x" and "y", and which tensor of the graph that is. In TF2 a function gives both: its
arguments are the inputs' names, the keys of the dict it returns are the outputs'.

`W` is [2, 1]. A case is what a client sends, `x` of [rows, 2], with one, three or four rows; it
gets back `y`, [rows, 1]. `outputs` are the names of the signature's outputs. Look at the eager way,
which calls a SavedModel that TF1 wrote.
"""

import tempfile

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
W = np.float32([[1], [2]])
CASES = [np.ones([rows, 2], np.float32) for rows in (1, 3, 4)]
RTOL = ATOL = 0.0  # sums of small whole numbers: bit-equal


def export(folder, device="CPU:0"):
    """The program of TF1, exported: variables by name, and a signature written by hand."""
    with tf.Graph().as_default() as g, tf.device(device):
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        w = tf1.get_variable("w", initializer=W)
        y = tf.matmul(x, w, name="y")
        signature = tf1.saved_model.predict_signature_def({"x": x}, {"y": y})
    with g.as_default(), tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        builder = tf1.saved_model.Builder(folder + "/model")
        table = {"serving_default": signature}
        builder.add_meta_graph_and_variables(session, ["serve"], table)
        builder.save()
    return folder + "/model"


# The client of TF1 loads the graph with its variables into a session, and finds in the signature
# how the tensors are called that it feeds and fetches.
def graph(cases, device):
    with tempfile.TemporaryDirectory() as folder:
        # export
        path = export(folder, device)
        # load
        with tf.Graph().as_default() as g, tf1.Session(graph=g) as session:
            model = tf1.saved_model.load(session, ["serve"], path)
            served = model.signature_def["serving_default"]
            x, y = served.inputs["x"].name, served.outputs["y"].name
            # run
            ys = [session.run(y, {x: case}) for case in cases]
    return {"y": ys, "outputs": np.array(sorted(served.outputs))}


# TF2 loads what TF1 wrote. There is no module to call and no class; there are the variables, and a
# function for each signature, which takes its inputs by name and gives a dict.
def eager(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):
        # export
        path = export(folder, device)
        # load
        model = tf.saved_model.load(path)
        served = model.signatures["serving_default"]
        # run
        ys = [served(x=tf.constant(case))["y"].numpy() for case in cases]
    return {"y": ys, "outputs": np.array(sorted(served.structured_outputs))}


class Product(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(W, name="w")

    def __call__(self, x):
        return {"y": tf.matmul(x, self.w)}


# The port: a `tf.function` whose number of rows is open, and which is named as the signature when
# the module is saved. The module keeps it as an attribute, so that it can be called as before, too.
def function(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):
        # export
        port, x = Product(), tf.TensorSpec([None, 2], name="x")
        port.served = tf.function(port.__call__, input_signature=[x])
        tf.saved_model.save(port, folder, signatures=port.served)
        # load
        model = tf.saved_model.load(folder)
        served = model.signatures["serving_default"]
        # run
        ys = [served(x=tf.constant(case))["y"].numpy() for case in cases]
    return {"y": ys, "outputs": np.array(sorted(served.structured_outputs))}


def _saved(port):
    """The port as it comes back, saved as it is."""
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(port, folder)
        return tf.saved_model.load(folder)


def claim_plain_python_is_not_saved():
    """A module whose `__call__` is plain Python comes back with its variable, with 0 signatures,
    and cannot be called."""
    model = _saved(Product())
    assert np.array_equal(model.w, W) and len(model.signatures) == 0
    with raises(TypeError, match="object is not callable"):
        model(CASES[0])


def claim_what_was_traced_for_three_rows_answers_three():
    """A `tf.function` that was called with three rows comes back with this one trace. It answers
    three rows and refuses four, for which the original would have traced once more."""
    port = Product()
    port.served = tf.function(port.__call__)
    port.served(CASES[1])
    model = _saved(port)
    assert model.served(CASES[1])["y"].shape == [3, 1]
    with raises(ValueError, match="Could not find matching concrete function"):
        model.served(CASES[2])


def claim_an_output_without_a_name_gets_one():
    """Return the tensor instead of a dict, and the signature calls it `output_0`. A client that
    asks for "y" fails when it is run, and not when the model is saved."""
    port, x = Product(), tf.TensorSpec([None, 2], name="x")
    port.served = tf.function(lambda x: port(x)["y"], input_signature=[x])
    assert [*_saved(port).signatures["serving_default"].structured_outputs] == ["output_0"]


def claim_a_client_of_tf1_reads_the_new_one_by_its_signature():
    """A session loads what TF2 saved, and the signature has "x" and "y" as before. The tensors have
    other names: who fed "x:0" past the signature finds nothing."""
    port, x = Product(), tf.TensorSpec([None, 2], name="x")
    port.served = tf.function(port.__call__, input_signature=[x])
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(port, folder, signatures=port.served)
        with tf.Graph().as_default(), tf1.Session() as session:
            model = tf1.saved_model.load(session, ["serve"], folder)
            served = model.signature_def["serving_default"]
            x, y = served.inputs["x"].name, served.outputs["y"].name
            assert (x, session.run(y, {x: CASES[0]})) == ("serving_default_x:0", [[3.0]])


def quiz_how_many_signatures_has_a_module_of_plain_python():
    """A `tf.Module` with a variable and a `__call__` in plain Python is saved and loaded. How many
    signatures has it?

    What is saved is variables and traces, and Python is neither. The save says that all is well.
    """
    return len(_saved(Product()).signatures)


def quiz_what_does_a_loaded_trace_say_to_four_rows():
    """A `tf.function` without a signature was called with three rows, and saved. It is loaded and
    called with four. What happens?

    - it is traced once more
    - an error

    The Python that could be traced is not in the file. Leave the number of rows open in a
    signature.
    """
    port = Product()
    port.served = tf.function(port.__call__)
    port.served(CASES[1])
    try:
        _saved(port).served(CASES[2])
    except ValueError:
        return "an error"
    return "it is traced once more"
