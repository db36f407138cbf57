"""Random words without a plan, as the torch backend takes them: the bits that NumPy computes."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.loader import core
from cornu.primitives.random import random_bits

WORD = st.integers(0, 2**32 - 1)
KEY = np.array([3, 2**32 - 1], np.uint32)


@given(WORD, WORD, st.integers(0, 3000))
@settings(deadline=None, max_examples=300)
def test_words_are_those_of_the_reference(low: int, high: int, size: int) -> None:
    key = np.array([low, high], np.uint32)
    words = np.full(size, 7, np.uint32)
    core().random_words(key, words)
    np.testing.assert_array_equal(words, random_bits.reference(key, size=size))


@pytest.mark.parametrize("size", [65_536, 65_537, 1_000_003])  # with and without the GIL
def test_many_words_and_nothing_beside_them(size: int) -> None:
    memory = np.full(size + 2, 7, np.uint32)
    core().random_words(KEY, memory[1:-1])
    np.testing.assert_array_equal(memory[1:-1], random_bits.reference(KEY, size=size))
    assert memory[0] == memory[-1] == 7


def test_several_threads_at_once() -> None:
    keys = [np.array([i, 5], np.uint32) for i in range(4)]
    found = [np.empty(100_001, np.uint32) for _ in keys]

    def draw(i: int) -> None:
        for _ in range(20):
            core().random_words(keys[i], found[i])

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for key, words in zip(keys, found, strict=True):
        np.testing.assert_array_equal(words, random_bits.reference(key, size=100_001))


@pytest.mark.parametrize(
    ("key", "words", "error"),
    [
        (np.zeros(3, np.uint32), np.zeros(4, np.uint32), ValueError),
        (KEY, np.zeros(5, np.uint8), ValueError),
        (KEY, np.zeros(9, np.uint8)[1:], ValueError),  # not aligned
        (KEY, b"12345678", BufferError),  # not writable
        (KEY, np.zeros(8, np.uint32)[::2], (ValueError, BufferError)),  # not contiguous
        ("key", np.zeros(4, np.uint32), TypeError),
    ],
)
def test_wrong_memory_is_refused(key: Any, words: Any, error: Any) -> None:
    with pytest.raises(error):
        core().random_words(key, words)
