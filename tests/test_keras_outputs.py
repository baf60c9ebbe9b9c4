"""What a Keras layer or op gives: as many tensors as Keras says, of its dtypes and shapes."""

from __future__ import annotations

import keras
import pytest
from keras2_made import layer, model, takes, written

from graphlab.model import check
from graphlab.sources import files

L, ops = keras.layers, keras.ops
ENDINGS = ("keras", "h5", "json")


def read(net, path):
    """A model that was saved in a file of the kind that the path's ending says."""
    if path.suffix == ".json":
        path.write_text(net.to_json())
    else:
        net.save(path)
    found = files.read_model(path)
    check(found.graph)
    return found


def outputs(found) -> list:
    """(tensor, dtype, shape) of what the model gives."""
    ports = found.signatures[0].outputs
    return [(port.tensor.name, port.tensor.dtype, port.tensor.shape) for port in ports]


def kinds(tensors) -> list:
    return [(each.dtype, tuple(each.shape)) for each in tensors]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_states_of_an_encoder_arrive_at_the_decoder(tmp_path, ending):
    text, target = keras.Input((6, 4), name="text"), keras.Input((5, 4), name="target")
    _, h, c = L.LSTM(3, return_state=True, name="enc")(text)
    y = L.LSTM(3, return_sequences=True, name="dec")(target, initial_state=[h, c])
    net = keras.Model([text, target], L.Dense(2, name="out")(y))
    found = read(net, tmp_path / f"m.{ending}")
    assert found.graph["dec"].inputs == ("target:0", "enc:1", "enc:2")
    assert outputs(found) == [("out:0", "float32", (None, 5, 2))]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_output_of_a_layer_is_told(tmp_path, ending):
    x = keras.Input((6, 4), name="x")
    sequence, h, c = L.LSTM(3, return_state=True, return_sequences=True, name="enc")(x)
    _, state = L.GRU(2, return_state=True, name="g")(x)
    _, scores = L.MultiHeadAttention(2, 4, name="mha")(x, x, return_attention_scores=True)
    gives = [sequence, h, c, state, scores]
    found = outputs(read(keras.Model(x, gives), tmp_path / f"m.{ending}"))
    assert [name for name, *_ in found] == ["enc:0", "enc:1", "enc:2", "g:1", "mha:1"]
    assert [tuple(each) for _, *each in found] == kinds(gives)


OPS = {
    "split": lambda x, _: ops.split(x, [2, 5], axis=1),
    "unstack": lambda x, _: ops.unstack(x, axis=1),
    "argmax": lambda x, _: [ops.argmax(x, axis=-1)],
    "top k": lambda x, _: ops.top_k(x, 3),
    "comparison": lambda x, n: [ops.greater(x, 0), ops.logical_not(ops.equal(n, 1))],
    "cast": lambda x, _: [ops.cast(x, "int64")],
    "true division": lambda _, n: [n / 2, n // 2, n * 2],
    "float and int": lambda x, n: [x + n],
    "functions of whole numbers": lambda _, n: [
        ops.rsqrt(n),
        ops.erfc(n),
        ops.sin(n),
        ops.gcd(n, n),
    ],
    "one hot": lambda _, n: [ops.one_hot(n, 5)],
    "mean and sum": lambda x, n: [ops.mean(n, axis=1), ops.sum(x, axis=1, keepdims=True)],
    "matmul": lambda x, _: [ops.matmul(x, ops.transpose(x))],
    "slice": lambda x, _: [x[:, 1:5], x[:, -1], x[:, None]],
    "concatenate": lambda x, n: [ops.concatenate([x, ops.cast(n, "float32")], axis=1)],
    "stack": lambda x, _: [ops.stack([x, x], axis=1)],
    "where": lambda x, n: [ops.where(x > 0, x, ops.cast(n, "float32"))],
    "reshape": lambda x, _: [ops.reshape(x, (-1, 2, 4)), ops.expand_dims(x, 1)],
    "einsum": lambda x, _: [ops.einsum("ab,ac->abc", x, x)],
    "pad and tile": lambda x, _: [ops.pad(x, [[0, 0], [1, 2]]), ops.tile(x, [1, 2])],
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("call", OPS.values(), ids=OPS)
def test_an_op_of_keras_gives_what_keras_says(tmp_path, ending, call):
    x, n = keras.Input((8,), name="x"), keras.Input((8,), name="n", dtype="int32")
    gives = list(call(x, n))
    found = outputs(read(keras.Model([x, n], gives), tmp_path / f"m.{ending}"))
    assert [tuple(each) for _, *each in found] == kinds(gives)


# Keras 2, which notes no shapes


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("kind", "config", "shape"),
    [
        ("ZeroPadding2D", {"padding": [[1, 1], [0, 2]]}, (None, 14, 14, 3)),
        ("Cropping2D", {"cropping": [[1, 1], [0, 2]]}, (None, 10, 10, 3)),
        ("UpSampling2D", {"size": [2, 3]}, (None, 24, 36, 3)),
        ("Resizing", {"height": 5, "width": 6}, (None, 5, 6, 3)),
        ("Rescaling", {"scale": 0.5}, (None, 12, 12, 3)),
        ("Normalization", {"axis": [-1]}, (None, 12, 12, 3)),
        ("BatchNormalization", {"axis": [3]}, (None, 12, 12, 3)),
        ("Reshape", {"target_shape": [-1, 9]}, (None, 48, 9)),
        ("Permute", {"dims": [3, 1, 2]}, (None, 3, 12, 12)),
        ("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2}, (None, 10, 10, 6)),
        ("GlobalAveragePooling2D", {"keepdims": True}, (None, 1, 1, 3)),
    ],
)
def test_a_layer_of_keras_2_gives_the_shape_that_its_settings_tell(
    tmp_path, ending, kind, config, shape
):
    layers = [
        takes("img", 12, 12, 3),
        layer(kind, "own", [["img", 0, 0]], **config),
        layer("Multiply", "twice", [["own", 0, 0], ["own", 0, 0]]),
    ]
    net = model("net", layers, [["twice", 0, 0]])
    found = files.read_model(written(tmp_path / f"m.{ending}", net))
    assert outputs(found) == [("twice:0", "float32", shape)]
