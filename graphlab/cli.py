"""The command line: `graphlab COMMAND`. The commands are in `graphlab.commands`, a file each.

Exit codes: 0 done, 1 the answer is no, 2 the request was wrong, 3 the program that was watched
failed by itself, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import importlib
import sys

import click

from graphlab.commands import streams, talk
from graphlab.errors import GraphlabError, is_interrupt
from graphlab.targets.process import Forked

# Each is a file of that name in graphlab/commands/, and the function in it.
COMMANDS = tuple(
    (
        "check compare course doctor exercise info lesson lessons migrate port render step trace"
    ).split()
)

CLOSED_PIPE = 141  # what a shell calls a program that a closed pipe ended


class _Commands(click.Group):
    """Imports the module of a command when it is asked for, so that none waits for another's."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return getattr(importlib.import_module(f"graphlab.commands.{name}"), name)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 92},
)
@click.version_option(package_name="graphlab", message="graphlab %(version)s")
def graphlab() -> None:
    """See what TensorFlow does.

    graphlab runs the same small program three ways (a TF1 session graph, TF2 eager and
    tf.function), shows that they agree, draws each graph, and says which op ran where and for
    how long.

    \b
    Learn:
      graphlab lessons                what there is to learn
      graphlab lesson 1               a lesson, part by part
      graphlab exercise               programs to port, and a checker for the ports
    \b
    Look:
      graphlab trace train.py         what a program runs, where, for how long
      graphlab render MODEL -o x.svg  a lesson, a script or a model as a picture
      graphlab info MODEL             what is in a model's file
    \b
    Migrate:
      graphlab migrate train.py       what a TF1 program needs, and its next form, proved
      graphlab port MODEL -o model.py a graph whose code is lost, as TensorFlow 2 code
      graphlab compare old.py new.py  whether two programs compute the same, or where they part
      graphlab check port.py          a port of an exercise, by nine probes
    \b
    graphlab doctor says whether everything works on this machine; every command has -h.

    Exit codes: 0 done; 1 the answer is no; 2 the request was wrong; 3 the program that was
    watched failed by itself; 130 stopped by Ctrl-C.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    if arguments is not None:
        sys.exit(_run(arguments))
    streams.prepare()
    code = _run(sys.argv[1:])
    streams.finish()
    sys.exit(code)


def _no_option(error: click.NoSuchOption) -> str:
    """What is said of an option that a command does not have: which commands have it, if any."""
    path = error.ctx.command_path if error.ctx else "graphlab"
    group = click.Context(graphlab)
    commands = {name: graphlab.get_command(group, name) for name in COMMANDS}
    having = [
        name
        for name, command in commands.items()
        if command and any(error.option_name in each.opts for each in command.params)
    ]
    said = error.format_message().rstrip(".")
    if having:
        verb = "has" if len(having) == 1 else "have"
        said = f"{path} has no {error.option_name}; {', '.join(having)} {verb} it"
    return f"{said}; see: {path} --help"


def _run(arguments: list[str]) -> int:
    """Run one command; its exit code, with one line on stderr for what went wrong."""
    try:
        # Not click's own main: it answers a usage error with three lines, a closed pipe with 1.
        with graphlab.make_context("graphlab", arguments or ["--help"]) as context:
            code = graphlab.invoke(context) or 0
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.NoSuchOption as error:
        return talk.complain(_no_option(error))
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "graphlab"
        return talk.complain(f"{error.format_message().rstrip('.')}; see: {path} --help")
    except (click.ClickException, GraphlabError) as error:
        return talk.complain(str(error))
    except Forked as child:
        if child.problem is None:
            return 0
        raise child.problem from None
    except BrokenPipeError:
        streams.to_nowhere()
        return CLOSED_PIPE
    except OSError as error:  # a path that nobody can ask about: its name is too long, it is gone
        if error.filename is None:
            raise
        return talk.complain(f"cannot use {error.filename}: {error.strerror}")
    except (KeyboardInterrupt, click.Abort) as stopped:
        return talk.complain(f"stopped by Ctrl-C {stopped or 'before anything ran'}", 130)
    except SystemError as error:
        if not is_interrupt(error):
            raise
        return talk.complain("stopped by Ctrl-C", 130)
