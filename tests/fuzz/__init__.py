"""Hostile files, made by the thousand: every reader, `info`, every picture, page and text.

    python -m tests.fuzz --minutes 10 --seed 7      as many cases as there is time for
    python -m tests.fuzz --seed 7 --case 1234       one of them again

A case is a number: with the seed it says which small real file is taken, and what is done to its
bits, fields, lengths, names and nesting. Nothing may come of it but a drawing or one line: no
traceback, no control character, nothing half written, no more than 5 s and 2 GB.

    materials.py   small real files of each kind, made here
    messages.py    what is done to a protocol buffer
    documents.py   what is done to JSON, and to the archives that hold it
    bits.py        what is done to bytes
    making.py      a case's number becomes a file
    trying.py      a file becomes a verdict
    child.py       the process in which cases are tried
    watch.py       starts it, and ends it where it hangs or takes too much
"""
