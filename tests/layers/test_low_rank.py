"""Low-rank adaptation of Dense, EinsumDense, Embedding, Conv2D."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cornu
from cornu import layers

MAKERS: dict[str, tuple[Callable[[], cornu.Layer], np.ndarray]] = {
    "dense": (lambda: layers.Dense(3), np.ones((2, 4), "float32")),
    "einsum": (
        lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, 3)),
        np.ones((2, 5, 4), "float32"),
    ),
    "embedding": (lambda: layers.Embedding(6, 3), np.array([[1, 2]])),
    "conv": (lambda: layers.Conv2D(3, 2), np.ones((1, 3, 3, 2), "float32")),
}


def values(x: object) -> np.ndarray:
    return cornu.ops.convert_to_numpy(x)


def enabled(name: str) -> tuple[cornu.Layer, np.ndarray, np.ndarray]:
    """Return the layer, its input, and what it gave before."""
    make, x = MAKERS[name]
    layer = make()
    before = values(layer(x))
    layer.enable_lora(2)
    return layer, x, before


@pytest.mark.parametrize("name", MAKERS)
def test_enabling_changes_nothing_and_freezes_the_weight(name: str) -> None:
    layer, x, before = enabled(name)
    np.testing.assert_allclose(values(layer(x)), before, rtol=1e-6)
    assert [v.name for v in layer.trainable_variables if "lora" not in v.name] in ([], ["bias"])
    assert sum("lora" in v.name for v in layer.trainable_variables) == 2


@pytest.mark.parametrize("name", MAKERS)
def test_corrected_weight_is_what_the_layer_computes_with(name: str, tmp_path: Path) -> None:
    layer, x, before = enabled(name)
    for v in layer.trainable_variables:
        v.assign(np.random.default_rng(1).standard_normal(v.shape))
    corrected = values(layer(x))
    assert not np.allclose(corrected, before)
    path = tmp_path / "corrected.weights.h5"
    cornu.saving.save_weights(layer, path)
    plain = MAKERS[name][0]()
    plain(x)
    cornu.saving.load_weights(plain, path)
    np.testing.assert_allclose(values(plain(x)), corrected, rtol=1e-5, atol=1e-6)


def test_enabling_twice_or_before_building_is_refused() -> None:
    layer, _, _ = enabled("dense")
    with pytest.raises(ValueError, match="already"):
        layer.enable_lora(2)
    with pytest.raises(ValueError, match="built"):
        layers.Dense(2).enable_lora(2)
    with pytest.raises(ValueError, match="kernel_constraint"):
        layers.Dense(2, kernel_constraint="non_neg").enable_lora(2)
