"""Lesson 0: Setup.

Which TensorFlow this is, and which devices it found to compute on. Nothing is computed yet; we
only ask, three times, and see that the session, the runtime and a traced function know the
same machine.
"""
