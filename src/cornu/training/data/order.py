"""In which order an epoch sees its samples: a function of the seed and the epoch alone.

So a run that was killed can go on inside any epoch, and the same seed gives the same batches on
every backend. NumPy's own random state is neither read nor changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.primitives.random import random_bits
from cornu.training.data.source import Index

__all__ = ["permutation", "shuffle_within", "window"]

# Keeps shuffling apart from initial weights and dropout, which may have the same seed.
_PURPOSE = 0x73687566  # "shuf"


def permutation(seed: int, epoch: int, size: int) -> Index:
    """Shuffle the numbers below `size`.

    The order is that of as many random words; where two words are equal the lower number is first.

    Args:
        seed: Any integer; 64 bits of it count.
        epoch: Index of the epoch, below 2**32.
        size: How many numbers, below 2**32.

    Returns:
        int64[size].
    """
    # Word and number in one integer: sorting these is several times as fast as an argsort.
    keyed = _words(seed, epoch, size).astype(np.uint64) << np.uint64(32)
    keyed |= np.arange(size, dtype=np.uint64)
    keyed.sort()
    keyed &= np.uint64(0xFFFFFFFF)
    return keyed.view(np.int64)


def shuffle_within(seed: int, epoch: int, size: int, batch_size: int) -> Index:
    """Shuffle the numbers below `size` inside of each batch only (`shuffle="batch"`).

    For data that is slow to read out of order: every batch holds the samples it would hold without
    shuffling.

    Args:
        seed: Any integer; 64 bits of it count.
        epoch: Index of the epoch, below 2**32.
        size: How many numbers.
        batch_size: Numbers in a full batch.

    Returns:
        int64[size].
    """
    batch = np.arange(size, dtype=np.uint64) // np.uint64(batch_size)
    keyed = batch << np.uint64(32) | _words(seed, epoch, size)
    return np.argsort(keyed, kind="stable").astype(np.int64, copy=False)


def window(epoch: int, batches: int, steps: int | None) -> tuple[int, int, int]:
    """Say which part of the data an epoch covers when it has fewer steps than there are batches.

    Epochs of `steps_per_epoch` steps go on where the one before ended; the last one of a pass over
    the data may be shorter, and the next begins a new pass.

    Args:
        epoch: Index of the epoch, counted from the first one of this training.
        batches: Batches in the whole data.
        steps: `steps_per_epoch`, or `None` for one pass per epoch.

    Returns:
        (index of the pass, its first batch in this epoch, the one behind its last).

    Example:
        >>> [window(epoch, 5, 2) for epoch in range(4)]
        [(0, 0, 2), (0, 2, 4), (0, 4, 5), (1, 0, 2)]
    """
    if steps is None:
        return epoch, 0, batches
    number, part = divmod(epoch, max(-(-batches // steps), 1))
    return number, part * steps, min((part + 1) * steps, batches)


def _words(seed: int, epoch: int, size: int) -> np.ndarray[Any, Any]:
    low, high = seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF
    key = random_bits.reference(np.array([low, high ^ _PURPOSE], np.uint32), size=2)
    key = key ^ np.array([0, epoch & 0xFFFFFFFF], np.uint32)
    words: np.ndarray[Any, Any] = random_bits.reference(key, size=size)
    return words
