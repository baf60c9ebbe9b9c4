"""graphlab port."""

from __future__ import annotations

from pathlib import Path

import click

from graphlab import devices
from graphlab.commands import options, talk
from graphlab.commands.watching import say_failure
from graphlab.errors import shown
from graphlab.output import files
from graphlab.targets.target import Ask, parse


@click.command()
@click.argument("target")
@options.arguments
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE.py",
    help="The file; its arrays go beside it, into FILE.npz.",
)
@options.signature
@options.fetch
@click.option(
    "--feed", multiple=True, metavar="NAME=VALUE", help="Of a model: as for trace; else random."
)
@options.tags
@options.trust
@click.option(
    "--explain", is_flag=True, help="Write above each statement the ops that it stands for."
)
@click.option("--keras", is_flag=True, help="Write Keras 3 layers where whole patterns are layers.")
@options.way
@options.seed
def port(
    target: str,
    arguments: tuple[str, ...],
    output: Path,
    signature: str,
    fetch: tuple[str, ...],
    feed: tuple[str, ...],
    tags: tuple[str, ...] | None,
    trust: bool,
    explain: bool,
    keras: bool,
    way: str | None,
    seed: int | None,
) -> int:
    """Write the graph of TARGET as TensorFlow 2 code that computes the same.

    TARGET is whatever trace takes. It is run once; of what it called, the call of the most ops is
    ported: a tf.Module with its variables as attributes, its inputs as a signature, its scopes as
    classes or functions, equal ones as one, and its functions as methods, by public names and
    operators. A backward graph is a call of a tape, or of tf.gradients where a tape makes others.
    With --keras whole patterns are layers of Keras, those one behind the other a keras.Sequential.
    Their weights are saved with the module, but are not among its `variables`: layers of Keras 3
    are no tf.Modules, so ask them for their `weights`.
    Where TensorFlow has no public name for an op it is written by tf.raw_ops, and counted.
    TensorFlow has been asked of each call, but those on variables, whether it makes exactly that
    op. A placeholder that says nothing of its shape has as many axes as what was fed, where that
    makes less code. What the graph takes from a queue or an iterator is an argument of its own.
    File and output say both.

    The file is then run in a process of its own and held against the original, executed op by op:
    results and variables, of each recorded call. Run by itself it does the same with the answers
    that were recorded.

    Exit codes: 0 it computes the same, to the last bit or within 1e-6 of the largest number; 1 it
    does not, or has ops that could not be ported: each is a method that raises with its reason;
    2 the request was wrong.

    \b
    Examples:
      graphlab port 2.4:graph -o regression.py
      graphlab port frozen.pb -o model.py
      graphlab port exported/1 --signature serving_default -o model.py
      graphlab port train.py -o training.py -- --steps 20
    """
    asked = parse(target, way, Ask(feed, fetch, signature, 1, trust, tags), arguments)
    beside = output.with_suffix(".npz")
    files.check(output, ("py",), asked.inputs)
    files.check(beside, ("npz",), asked.inputs)
    talk.start_tensorflow()
    from graphlab.port import proof, run
    from graphlab.targets import inputs
    from graphlab.targets.run import watch_alone

    if asked.script is None:
        devices.share_gpus()
    if asked.part is not None:
        click.get_current_context().with_resource(devices.float32())
    place = devices.prepare("CPU:0") if asked.script is None else None
    asked = inputs.with_random(asked)
    watched = watch_alone(asked, place, seed, values=True, first=run.CALLS)
    if told := watched.note if fetch else watched.left_out:
        talk.note(told)
    if asked.script is not None:  # it is done: what follows is ours
        click.get_current_context().with_resource(devices.float32())
    code = say_failure(watched)
    if code and not watched.replays:
        return code
    done = run.port(watched, beside.name, explain, keras, inputs.names_of(asked))
    files.write_whole(beside, done.packed)
    files.write_whole(output, done.text.encode())
    click.echo(f"{output}: {done.summary}")
    for note in done.module.notes:
        talk.note(note)
    for lost in done.module.unported:
        click.echo(f"not ported: {shown(lost.op)}: {lost.reason}; {lost.method} raises")
    if done.module.unported:
        return 1
    try:
        proved = proof.prove(output, done.module, done.calls)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"in the proof: {output} is written but not proved") from None
    click.echo(proved.text())
    if done.module.layers and proved.ok and not proved.equal:
        click.echo(
            "what layers of Keras do by other ops than the graph, as adding a bias or"
            " normalizing, may round in another way"
        )
    return 0 if proved.ok else 1
