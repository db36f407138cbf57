"""From random words to random fractions, traced like any computation.

A draw takes a key, two uint32, and a shape; equal keys and shapes give equal bits on every backend.
Further keys come from a key by drawing words with it, see `split_key`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.errors import DtypeError
from cornu.graph.dtypes import is_float, standard_name
from cornu.ops.op import Tensor, as_tensor, to_dtype
from cornu.primitives.random import random_bits

__all__ = ["float_dtype", "fractions", "shape_for", "signed_fractions", "split_key", "words"]

# Bits of a fraction that each dtype holds exactly.
_BITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}


def float_dtype(where: str, dtype: Any) -> str:
    """Return the name of a floating dtype; None means `floatx`.

    Raises:
        TypeError: If it isn't floating.
    """
    name = settings.floatx() if dtype is None else standard_name(dtype)
    if not is_float(name):
        raise DtypeError(where, f"needs a floating dtype, not {name}")
    return name


def shape_for(shape: Any) -> tuple[Any, ...]:
    """Return a shape as a tuple of sizes, known or not."""
    if isinstance(shape, int):
        return (shape,)
    return tuple(shape)


def words(key: Tensor, shape: Sequence[Any]) -> Tensor:
    """Return random uint32.

    Args:
        key: Two uint32.
        shape: Shape of the result.
    """
    return ops.reshape(random_bits(as_tensor(key), size=math.prod(shape)), tuple(shape))


def split_key(key: Tensor, count: int) -> list[Tensor]:
    """Return `count` keys made from one, which must not be used any more.

    Args:
        key: Two uint32.
        count: How many.
    """
    return ops.unstack(words(key, (count, 2)), axis=0)


def fractions(key: Tensor, shape: Sequence[Any], dtype: str) -> Tensor:
    """Return multiples of the dtype's unit in [0, 1), each as likely as the others."""
    bits = _BITS[dtype]
    if bits > 32:
        pairs = words(key, (2, *shape))
        high = to_dtype(ops.right_shift(pairs[0], 5), dtype)
        low = to_dtype(ops.right_shift(pairs[1], 6), dtype)
        return (high * 2.0**26 + low) * 2.0**-53
    whole = to_dtype(ops.right_shift(words(key, shape), 32 - bits), "float32")
    return to_dtype(whole * 2.0**-bits, dtype)


def signed_fractions(key: Tensor, shape: Sequence[Any], dtype: str) -> Tensor:
    """Return odd multiples of half the dtype's unit in (-1, 1): never -1, 0 or 1.

    Made of the same words as `fractions`: 2 fraction - 1, in the middle of its interval.
    """
    unit = 2.0 ** -_BITS[dtype]
    return fractions(key, shape, dtype) * 2.0 - (1.0 - unit)
