"""What plain TensorFlow code did, seen from outside, and the same calls once more.

    with observe(values=True) as seen:
        ...
    seen.runs, seen.replays

In comes a block of anybody's Python; out come Runs of `graphlab.model`, and Replays, which the
engine executes again. Nothing is run twice for it, nothing is fed or fetched that the program did
not ask for, and results are the same to the last bit.

    observer.py    the block, and the calls that it sees
    recording.py   what is kept of a call until somebody asks
    kernels.py     what a GPU did, kernel by kernel and copy by copy
    claims.py      the ops that it did it for
    replay.py      a recorded call, executed again
    nonfinite.py   the first NaN or Inf of an execution
    user_error.py  an error of the user's own code, in the user's terms
"""

KEEP = 512 << 20  # bytes of recordings, where nothing else is asked for
