from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.training.data.order import permutation, shuffle_within, window


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**64 - 1), st.integers(0, 1000), st.integers(0, 300))
def test_a_permutation_has_every_number_once(seed, epoch, size):
    order = permutation(seed, epoch, size)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(size))


def test_every_place_is_as_likely():
    size, epochs = 8, 4000
    counts = np.zeros((size, size))
    for epoch in range(epochs):
        counts[np.arange(size), permutation(11, epoch, size)] += 1
    expected = epochs / size
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    assert 20 < chi_squared < 90  # 49 degrees of freedom


def test_the_order_never_changes_between_versions():
    # Resuming a killed training and comparing backends both stand on these.
    assert permutation(0, 0, 10).tolist() == [8, 2, 6, 9, 0, 3, 7, 4, 5, 1]
    assert permutation(2**63 + 5, 7, 10).tolist() == [0, 7, 2, 8, 5, 9, 3, 1, 6, 4]
    assert shuffle_within(0, 0, 7, 3).tolist() == [2, 0, 1, 3, 4, 5, 6]


@pytest.mark.parametrize("high", [1, 1 << 20])
def test_all_64_bits_of_a_seed_count(high):
    assert permutation(high << 32, 0, 50).tolist() != permutation(0, 0, 50).tolist()


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 50))
def test_the_windows_of_a_pass_cover_it_once(batches, steps):
    seen = []
    epoch = 0
    while (found := window(epoch, batches, steps))[0] == 0:
        seen += range(found[1], found[2])
        epoch += 1
    assert seen == list(range(batches))
    assert found == (1, 0, min(steps, batches))
