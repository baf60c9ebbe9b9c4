#!/usr/bin/env bash
# compute_average_loss of losses in float64.
#
# A good guess: float64 in, float64 out means that the sum was made in float64, with weights as without.
# TensorFlow 2.21.0: with sample_weight the losses are cast to float32, multiplied, and cast back: what comes
# out says float64 and has 24 bits, and 1e39 is inf.
# Seen:
#   without weights 16777217.0, float64
#   with weights of 1 16777216.0, float64
#   of 1e39, with weights of 1: inf
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/average_loss_of_float64.py" << 'PROGRAM'
import tensorflow as tf

losses = tf.constant([16777217.0], tf.float64)
weights = tf.constant([1.0], tf.float64)
plain = tf.nn.compute_average_loss(losses, global_batch_size=1)
weighted = tf.nn.compute_average_loss(losses, sample_weight=weights, global_batch_size=1)
print(f"without weights {plain.numpy():.1f}, {plain.dtype.name}")
print(f"with weights of 1 {weighted.numpy():.1f}, {weighted.dtype.name}")
huge = tf.constant([1e39], tf.float64)
print(f"of 1e39, with weights of 1: {tf.nn.compute_average_loss(huge, sample_weight=weights, global_batch_size=1).numpy()}")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/average_loss_of_float64.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
