"""Keras files, read without Keras: .keras archives and .h5, their layers, weights and shapes."""
