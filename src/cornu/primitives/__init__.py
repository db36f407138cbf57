"""The primitives: what must be known of each operation, one expression each.

A family is a file: `elementwise`, `shape` and `slicing`, `index`, `cumulative` and `reduce`,
`sort`, `linear` and `decompositions`, `conv`, `pool`, `random`, `control`. Beside them stand what
several share (`rules`, `precision`, `window`) and the longer NumPy implementations (`special`,
`rows`, `convolve`). Importing this package fills `cornu.graph.primitive.PRIMITIVES`. Ops are not
here, nor is how any backend but NumPy runs a primitive. Start with `elementwise`.
"""

from cornu.primitives import (
    control,
    conv,
    cumulative,
    decompositions,
    elementwise,
    index,
    linear,
    pool,
    random,
    reduce,
    shape,
    slicing,
    sort,
)

__all__ = [
    "control",
    "conv",
    "cumulative",
    "decompositions",
    "elementwise",
    "index",
    "linear",
    "pool",
    "random",
    "reduce",
    "shape",
    "slicing",
    "sort",
]
