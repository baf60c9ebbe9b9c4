"""What a layer of Keras gives, told from its settings and what it takes, without Keras.

    outputs.given(Asked("Dense", {"units": 3, "dtype": "float32"}, (Known("float32", (None, 4)),)))
    [Known(dtype='float32', shape=(None, 3))]

A kind of layer a file; what no rule tells is told as not known.
"""
