"""Which of Grappler's passes run, by the settings of a session or of the process."""

from __future__ import annotations

from typing import Any

from tensorflow.core.protobuf.config_pb2 import ConfigProto
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig

from graphlab import _private

# The meta optimizer's passes in its order: by their name in RewriterConfig.optimizers, and the
# setting that switches each. Those of WANTED run only where they are switched on. (In between it
# sorts the nodes, which changes no node. One more, scoped_allocator, is for collectives alone.)
SETTINGS = {
    "pruning": "disable_model_pruning",
    "implementation_selector": "implementation_selector",
    "function": "function_optimization",
    "common_subgraph_elimination": "common_subgraph_elimination",
    "debug_stripper": "debug_stripper",
    "constfold": "constant_folding",
    "shape": "shape_optimization",
    "auto_mixed_precision": "auto_mixed_precision",
    "auto_mixed_precision_onednn_bfloat16": "auto_mixed_precision_onednn_bfloat16",
    "auto_mixed_precision_cpu": "auto_mixed_precision_cpu",
    "pin_to_host_optimization": "pin_to_host_optimization",
    "arithmetic": "arithmetic_optimization",
    "layout": "layout_optimizer",
    "remap": "remapping",
    "loop": "loop_optimization",
    "dependency": "dependency_optimization",
    "memory": "memory_optimization",
}
WANTED = (
    "debug_stripper",
    "auto_mixed_precision",
    "auto_mixed_precision_onednn_bfloat16",
    "auto_mixed_precision_cpu",
    "pin_to_host_optimization",
)
ONEDNN = "auto_mixed_precision_onednn_bfloat16"  # runs only where oneDNN does
_MIXED = tuple(name for name in SETTINGS if name.startswith("auto_mixed_precision"))
ONCE = ("layout", "loop", "memory", *_MIXED)  # left out of a second round
FEWEST_NODES = 4  # smaller graphs are not optimized


def passes_of(config: Any = None) -> list[tuple[str, str]]:
    """The passes that a ConfigProto lets run, in order, each with the name of its stage.

    A second round's are named `"constfold 2"`. None is the default: all but those of WANTED.
    """
    if config is None:
        config = ConfigProto()
    options = config.graph_options.rewrite_options
    if options.disable_meta_optimizer or config.graph_options.place_pruned_graph:
        return []
    names = [name for name in SETTINGS if _runs(name, options)]
    if options.optimizers or options.custom_optimizers:  # then these, and no others
        names = [*options.optimizers, *(each.name for each in options.custom_optimizers)]
    rounds = [(name, name) for name in names]
    for number in range(2, (options.meta_optimizer_iterations or 2) + 1):
        rounds += [(name, f"{name} {number}") for name in names if name not in ONCE]
    return rounds


def is_small(nodes: int, config: Any = None) -> bool:
    """Whether a graph of so many nodes is left as it is."""
    fewest = config.graph_options.rewrite_options.min_graph_nodes if config is not None else 0
    return fewest >= 0 and nodes < (fewest or FEWEST_NODES)


def told(config: Any) -> str:
    """What a ConfigProto has run otherwise than TensorFlow's default, "" where nothing."""
    mine = [name for name, label in passes_of(config) if name == label]
    default = [name for name, label in passes_of() if name == label]
    if mine == default:
        return ""
    if not mine:
        return "its config lets no pass of Grappler's run"
    out = [name for name in default if name not in mine]
    more = [name for name in mine if name not in default]
    said = [f"leaves out {', '.join(out)}"] * bool(out) + [f"adds {', '.join(more)}"] * bool(more)
    return f"its config {' and '.join(said) or 'orders the passes otherwise'}"


def _runs(name: str, options: Any) -> bool:
    value = getattr(options, SETTINGS[name])
    if name == "pruning":
        return not value
    if name == "memory":
        return value != RewriterConfig.NO_MEM_OPT
    if name == ONEDNN and not _private.onednn():
        return False
    if name in WANTED:
        return value in (RewriterConfig.ON, RewriterConfig.AGGRESSIVE)
    return value != RewriterConfig.OFF
