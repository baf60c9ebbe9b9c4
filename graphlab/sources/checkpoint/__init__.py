"""Checkpoints, read without TensorFlow: the table of an .index file, and what is in it."""
