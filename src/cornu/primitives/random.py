"""Random bits from a key: the counter-based generator Threefry-2x32 with 20 rounds.

References: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11.
"""

from __future__ import annotations

import numpy as np

from cornu.errors import DtypeError, ShapeError
from cornu.graph.dim import DimLike, same_dim
from cornu.graph.primitive import Primitive, zero
from cornu.graph.spec import Spec
from cornu.primitives.rules import NDArray

__all__ = ["random_bits", "threefry"]

_PARITY = 0x1BD11BDA
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_BLOCK = 65536  # counters at once: the buffers stay in the cache (27 M words/s with 1k, 203 so)


def threefry(key: NDArray, x0: NDArray, x1: NDArray) -> None:
    """Encrypt the counters (x0, x1), uint32 arrays, in place: 20 rounds, keys mixed in every four.

    Args:
        key: Two uint32.
        x0: First words of the counters.
        x1: Second words.
    """
    k0, k1 = int(key[0]), int(key[1])
    keys = [np.uint32(k) for k in (k0, k1, _PARITY ^ k0 ^ k1)]
    turned = np.empty_like(x0)
    x0 += keys[0]
    x1 += keys[1]
    for r in range(5):
        for rotation in _ROTATIONS[r % 2]:
            x0 += x1
            np.left_shift(x1, np.uint32(rotation), out=turned)
            np.right_shift(x1, np.uint32(32 - rotation), out=x1)
            x1 |= turned
            x1 ^= x0
        x0 += keys[(r + 1) % 3]
        x1 += np.uint32((int(keys[(r + 2) % 3]) + r + 1) & 0xFFFFFFFF)


def _rule(key: Spec, *, size: DimLike) -> Spec:
    if key.dtype != "uint32":
        raise DtypeError("random_bits", "the key must be uint32", key=key)
    if key.ndim != 1 or not same_dim(key.shape[0], 2):
        raise ShapeError("random_bits", "the key must be two words", key=key)
    return Spec((size,), "uint32")


def _random_bits(key: NDArray, *, size: int) -> NDArray:
    """Words 2 j and 2 j + 1 are the result for the counter (j, 0): prefixes agree."""
    if key.dtype != np.uint32 or key.shape != (2,):
        raise ValueError("wrong key")  # the rule says it better
    counters = (size + 1) // 2
    words = np.empty((counters, 2), np.uint32)
    for start in range(0, counters, _BLOCK):
        stop = min(start + _BLOCK, counters)
        x0 = np.arange(start, stop, dtype=np.uint32)
        x1 = np.zeros(stop - start, np.uint32)
        threefry(key, x0, x1)
        words[start:stop, 0] = x0
        words[start:stop, 1] = x1
    return words.reshape(-1)[:size]


random_bits: Primitive = Primitive("random_bits", rule=_rule, reference=_random_bits, gradient=zero)
