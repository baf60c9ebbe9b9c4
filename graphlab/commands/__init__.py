"""The commands of `graphlab`, a file each; what is printed is printed here.

In come the words of a command line; out come an answer on stdout, complaints on stderr and an
exit code. To add a command, add a file here and name it in `graphlab/cli.py`.

    talk.py      what is said, and where
    streams.py   stdin, stdout and stderr, also where they are closed or full
    options.py   options that several commands have
    watching.py  running or reading a target
    teaching.py  a lesson, part by part
"""
