"""Lesson 9: Style transfer.

What makes two pictures alike: that they show the same thing, or that they are made of the same
stuff? A network that has learned to name clothes can measure both. Then a picture is trained, not
a network, until it shows the one and is made of the other, and at last a network that does so in
one go.
"""
