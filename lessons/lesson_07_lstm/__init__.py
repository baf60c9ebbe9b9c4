"""Lesson 7: LSTM.

A memory that decides for itself what to write, what to keep and what to show: the gates of a
long short-term memory, the class of every word of a sentence, and the slots of a question, such
as the town somebody wants to fly to, even if no one has ever heard of it.
"""
