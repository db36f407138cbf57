"""Random words of the torch backend: those of the reference, with the compiled core and without."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from cornu.backends import load
from cornu.backends.torch import random as words
from cornu.primitives.random import random_bits as BITS

KEYS = [np.array(k, np.uint32) for k in ([0, 0], [1, 2], [2**32 - 1, 2**31])]


def drawn(key: Any, size: int) -> torch.Tensor:
    found = load("torch").run(BITS, [key], {"size": size})
    assert isinstance(found, torch.Tensor)
    return found


@pytest.fixture(params=["as installed", "without the core"])
def _core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "without the core":
        monkeypatch.setattr(words, "core_or_none", lambda: None)


@pytest.mark.usefixtures("_core")
@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 63, 64, 65, 1000, 65_537, 300_001])
def test_words_are_those_of_the_reference(size: int) -> None:
    for key in KEYS:
        found = drawn(torch.from_numpy(key), size)
        assert found.dtype is torch.uint32
        np.testing.assert_array_equal(found.numpy(), BITS.reference(key, size=size))
        assert drawn(key, size).tolist() == found.tolist()


def test_key_that_lies_apart() -> None:
    memory = torch.from_numpy(np.array([5, 9, 6, 9], np.uint32))
    expected = BITS.reference(np.array([5, 6], np.uint32), size=9)
    np.testing.assert_array_equal(drawn(memory[::2], 9).numpy(), expected)


@pytest.mark.usefixtures("_core")
def test_wrong_keys_are_refused_in_our_words() -> None:
    with pytest.raises(TypeError, match="must be uint32"):
        drawn(torch.zeros(2), 3)
    with pytest.raises(ValueError, match="must be two words"):
        drawn(torch.from_numpy(np.zeros(3, np.uint32)), 3)


def test_several_threads_draw_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda key: drawn(key, 100_001), KEYS * 4))
    for key, got in zip(KEYS * 4, found, strict=True):
        np.testing.assert_array_equal(got.numpy(), BITS.reference(key, size=100_001))


def test_words_come_from_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    class Core:
        def random_words(self, key: Any, out: Any) -> None:
            out[:] = np.arange(out.size)

    monkeypatch.setattr(words, "core_or_none", Core)
    assert drawn(KEYS[0], 5).tolist() == [0, 1, 2, 3, 4]
