#!/usr/bin/env bash
# The gradient of an op of a complex number.
#
# A good guess expects what `*`, reduce_prod, sqrt and linalg.solve give: the slope of the real part along
# 1, plus i times its slope along i, as differences show it. For a product that is the conjugate of the
# other factor.
# TensorFlow 2.21.0: the gradients of these ops forget to conjugate, without a word, where the same number
# written with other ops has the right one; that of a determinant conjugates one of its two factors, and the
# sign of slogdet has none.
# Seen, with a = 1+2i and b = 2+i, by the tape and by differences:
#   a * b: 2-1i, 2-1i
#   reduce_prod: 2-1i, 2-1i
#   cumprod: 2+1i, 2-1i
#   segment_prod: 2+1i, 2-1i
#   unsorted_segment_prod: 2+1i, 2-1i
#   multiply_no_nan: 2+1i, 2-1i
#   b * log(a): 0.8+0.6i, 0.8+0.6i
#   xlogy: 0.8-0.6i, 0.8+0.6i
#   xlog1py: 0.75-0.25i, 0.75+0.25i
#   b / a: 0.08-0.44i, 0.08-0.44i
#   xdivy: 0.08+0.44i, 0.08-0.44i
#   linalg.solve: 0.08-0.44i, 0.08-0.44i
#   linalg.tridiagonal_solve: 0.08+0.44i, 0.08-0.44i
#   sqrt: 0.284+0.176i, 0.284+0.176i
#   linalg.sqrtm: 0.284-0.176i, 0.284+0.176i
#   linalg.det: -2+1i, 2-1i
#   linalg.slogdet, its sign: 0+0i, 0.4-0.2i
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/complex_gradients.py" << 'PROGRAM'
import tensorflow as tf

A, E = 1 + 2j, 1e-6
b = tf.constant(2 + 1j, tf.complex128)
bs = tf.stack([[b], [b]])


def both(a):
    return tf.stack([a, b])


def twice(a):
    return tf.linalg.diag(tf.stack([a, a]))


OPS = {
    "a * b": lambda a: a * b,
    "reduce_prod": lambda a: tf.reduce_prod(both(a)),
    "cumprod": lambda a: tf.math.cumprod(both(a))[1],
    "segment_prod": lambda a: tf.math.segment_prod(both(a), [0, 0])[0],
    "unsorted_segment_prod": lambda a: tf.math.unsorted_segment_prod(both(a), [0, 0], 1)[0],
    "multiply_no_nan": lambda a: tf.math.multiply_no_nan(a, b),
    "b * log(a)": lambda a: b * tf.math.log(a),
    "xlogy": lambda a: tf.math.xlogy(b, a),
    "xlog1py": lambda a: tf.math.xlog1py(b, a),
    "b / a": lambda a: b / a,
    "xdivy": lambda a: tf.math.xdivy(b, a),
    "linalg.solve": lambda a: tf.linalg.solve(twice(a), bs)[0, 0],
    "linalg.tridiagonal_solve": lambda a: tf.linalg.tridiagonal_solve(
        twice(a), bs, diagonals_format="matrix"
    )[0, 0],
    "sqrt": tf.sqrt,
    "linalg.sqrtm": lambda a: tf.linalg.sqrtm(tf.reshape(a, [1, 1]))[0, 0],
    "linalg.det": lambda a: tf.linalg.det(tf.linalg.diag(both(a))),
    "linalg.slogdet, its sign": lambda a: tf.linalg.slogdet(tf.linalg.diag(both(a)))[0],
}


def told(op):
    a = tf.constant(A, tf.complex128)
    with tf.GradientTape() as tape:
        tape.watch(a)
        real = tf.math.real(op(a))
    return complex(tape.gradient(real, a).numpy())


def seen(op):
    def at(step):
        return float(tf.math.real(op(tf.constant(A + step, tf.complex128))))

    return complex(at(E) - at(-E), at(1j * E) - at(-1j * E)) / (2 * E)


def text(number):
    real, imaginary = (round(part, 3) + 0.0 for part in (number.real, number.imag))
    return f"{real:g}{imaginary:+g}i"


for name, op in OPS.items():
    print(f"{name}: {text(told(op))}, {text(seen(op))}")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/complex_gradients.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
