"""From a primitive to the instruction that computes it, one file for each family.

`LOWER` has a function for each primitive with a kernel of its own; element-wise ones run in block
programs (`blocks`), products and control flow are lowered by `build` itself.
"""

from cornu.backends.native.lower import conv, cumulative, index, pool, reduce, slicing, sort
from cornu.backends.native.lower.op import Lower, Op

__all__ = ["LOWER", "Lower", "Op"]

LOWER: dict[str, Lower] = {
    **conv.LOWER,
    **cumulative.LOWER,
    **index.LOWER,
    **pool.LOWER,
    **reduce.LOWER,
    **slicing.LOWER,
    **sort.LOWER,
}
