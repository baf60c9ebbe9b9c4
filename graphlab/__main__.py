"""`python -m graphlab` is `graphlab`."""

from graphlab.cli import main

main()
