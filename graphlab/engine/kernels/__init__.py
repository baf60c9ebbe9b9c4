"""How one op is run: through TensorFlow's own kernel, or, where an op needs the engine's help
(it keeps state, calls a function, steers the control flow), by the few lines here.

    nodes.py         NodeDefs as the engine reads them
    table.py         which kernel an op gets; why an op cannot be run
    placement.py     the device of an op
    dispatch.py      one op through the eager dispatch
    variables.py     variables, resource and reference
    lookups.py       hash tables
    arrays.py        TensorArrays and stacks
    control_flow.py  Switch, Merge and their kin
    gradients.py     SymbolicGradient
    functions.py     ops that call functions: PartitionedCall, If, Case, While
    outward.py       what a call that is executed again has done outside already
"""
