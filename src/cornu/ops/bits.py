"""Random bits: what every random number is made of."""

from __future__ import annotations

from collections.abc import Sequence

from cornu.graph.dim import size
from cornu.ops.axes import shape_argument
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op
from cornu.primitives import random
from cornu.primitives.shape import reshape

__all__ = ["random_bits"]


@op
def random_bits(key: ArrayLike, shape: Sequence[int]) -> Tensor:
    """Return random 32-bit words, a function of the key alone.

    Words 2 j and 2 j + 1 are Threefry-2x32-20 of the counter (j, 0), so a shorter result is the
    beginning of a longer one.

    Args:
        key: Two words; as uint32, or other integers which are taken modulo 2**32.
        shape: Shape of the result.

    Returns:
        uint32 words, each value equally likely.

    Shapes:
        key: (2,) -> shape

    References:
        Salmon and others 2011, "Parallel Random Numbers: As Easy as 1, 2, 3".

    Example:
        >>> random_bits([0, 0], (2,))
        Array([1797259609, 2579123966], dtype=uint32)
    """
    dims = shape_argument("random_bits", shape)
    words = random.random_bits(as_tensor(key, "uint32"), size=size(dims))
    return reshape(words, shape=dims)
